"""From decision values to verdicts: calibrated probabilities, and the label to act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError

Floats = NDArray[np.float64]

MOST_LIKELY: Final = "most likely"
LEAST_COST: Final = "least expected cost"
_LONGEST_LABEL: Final = 200


@dataclass(frozen=True, slots=True)
class HeadSpec:
    """One head: its labels in order, its columns, and how a verdict is made of its values.

    Probabilities are the softmax of the decision values over ``temperature``, which is fitted on
    messages that the weights were not fitted on. ``decision`` is :data:`MOST_LIKELY`, or, for labels
    that are steps of a scale, :data:`LEAST_COST`: the step whose expected squared distance from the
    true one is least, so that two neighbouring steps of 45 % each beat one far off.
    """

    name: str
    labels: tuple[str, ...]
    first_column: int
    temperature: float
    decision: str

    @property
    def columns(self) -> slice:
        return slice(self.first_column, self.first_column + len(self.labels))

    def probabilities(self, values: Floats) -> Floats:
        """``values`` of all outputs, ``(texts, outputs)``; returns ``(texts, labels)``, rows sum to 1."""
        own = values[:, self.columns] / self.temperature
        exponentials = np.exp(own - np.maximum.reduce(own, axis=1, keepdims=True))
        result: Floats = exponentials / np.add.reduce(exponentials, axis=1, keepdims=True)
        return result

    def choose(self, probabilities: Floats) -> NDArray[np.int64]:
        """The number of the label to act on, per row."""
        merit = probabilities if self.decision == MOST_LIKELY else -expected_costs(probabilities)
        best: NDArray[np.int64] = merit.argmax(axis=1)
        return best


def expected_costs(probabilities: Floats) -> Floats:
    """Expected squared distance between each label and the true one, labels being steps: ``(texts, labels)``."""
    squares = _squares(probabilities.shape[1])
    terms = probabilities.T[:, :, None] * squares[:, None, :]
    costs: Floats = np.add.reduce(terms, axis=0)  # step by step: no matrix product, whose order of adding may vary
    return costs


@cache
def _squares(steps: int) -> Floats:
    """Squared distances of the steps of a scale from each other, ``(steps, steps)``."""
    places = np.arange(steps, dtype=np.float64)
    return np.square(places - places[:, None])


def read_heads(described: Sequence[Any]) -> tuple[HeadSpec, ...]:
    """The heads that a manifest describes, columns in the order of the list.

    Raises:
        ArtifactError: a description is not one.
    """
    heads = placed([_read_head(one) for one in described])
    if not heads or len({head.name for head in heads}) != len(heads):
        raise ArtifactError("the manifest describes no heads, or one twice")
    return heads


def placed(heads: Iterable[HeadSpec]) -> tuple[HeadSpec, ...]:
    """The same heads with their columns side by side, in this order."""
    found: list[HeadSpec] = []
    column = 0
    for head in heads:
        found.append(replace(head, first_column=column))
        column += len(head.labels)
    return tuple(found)


def _read_head(described: Any) -> HeadSpec:
    if not isinstance(described, Mapping):
        raise ArtifactError("the manifest describes a head that is none")
    name, labels = described.get("name"), described.get("labels")
    temperature, decision = described.get("temperature"), described.get("decision")
    if not (isinstance(name, str) and isinstance(labels, list) and _are_labels(labels)):
        raise ArtifactError(f"the manifest gives head {name!r} labels that cannot be")
    if not (isinstance(temperature, float) and 0.01 <= temperature <= 100 and decision in (MOST_LIKELY, LEAST_COST)):
        raise ArtifactError(f"the manifest gives head {name!r} a temperature or decision that cannot be")
    return HeadSpec(name, tuple(labels), 0, temperature, str(decision))


def _are_labels(labels: list[Any]) -> bool:
    short = all(isinstance(label, str) and 0 < len(label) <= _LONGEST_LABEL for label in labels)
    return short and len(labels) > 1 and len(set(labels)) == len(labels)


def describe(head: HeadSpec) -> dict[str, Any]:
    """The entry of a manifest that :func:`read_heads` reads back."""
    return {
        "name": head.name,
        "labels": list(head.labels),
        "temperature": head.temperature,
        "decision": head.decision,
    }
