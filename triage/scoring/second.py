"""A second look at what the first leaves in doubt: the encoder's vector of the text beside the first values.

The first look is linear and costs a tenth of a millisecond. Where it is sure it has the last word; where
it is not, an output's value becomes

    value = first * (value of the first look) + (vector of the text) · weights + bias

which is a sum over words again. Whether a text gets a second look depends on that text alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage.artifact import Artifact
from triage.errors import ArtifactError
from triage.scoring import encoder
from triage.scoring.encoder import Encoder
from triage.scoring.features import Reading
from triage.scoring.heads import HeadSpec
from triage.scoring.linear import Batch, Second

Floats = NDArray[np.float64]

ARRAYS: Final = "second.npz"
ENTRY: Final = "second_look"


@dataclass(frozen=True, slots=True)
class Doubt:
    """When a text is looked at again: the weighted sum over heads of one minus the confidence is over ``limit``.

    ``shares`` are limits at which, of held-out messages, 0 %, 5 %, … 100 % would be looked at again.
    """

    weights: Mapping[str, float]
    limit: float
    shares: tuple[float, ...] = ()

    def at(self, share: float) -> Doubt:
        """The same doubt with the limit for a share of messages between 0 and 1; 0 and 1 mean none and all.

        Raises:
            ArtifactError: the artifact does not say what the limits are.
        """
        if share in (0.0, 1.0):
            return replace(self, limit=inf if share == 0.0 else -1.0)
        if not self.shares:
            raise ArtifactError("the model does not say how much doubt leads to which share of second looks")
        return replace(self, limit=float(np.interp(share, np.linspace(0, 1, len(self.shares)), self.shares)))

    def of(self, values: Floats, heads: Iterable[HeadSpec]) -> Floats:
        """The doubt about each row of first ``values``: ``(texts,)``."""
        total = np.zeros(len(values))
        for head in heads:
            weight = self.weights.get(head.name, 0.0)
            if weight:
                total += weight * (1.0 - head.probabilities(values).max(axis=1))
        return total


@dataclass(frozen=True, slots=True)
class SecondLook:
    """``first`` and ``bias`` are ``(outputs,)``, ``weights`` ``(width of the encoder, outputs)``."""

    encoder: Encoder
    doubt: Doubt
    first: Floats
    weights: Floats
    bias: Floats

    def refine(self, batch: Batch, readings: Sequence[Reading], heads: Sequence[HeadSpec]) -> Batch:
        """``batch`` with new values for the texts in doubt, and what they were made of."""
        texts = np.flatnonzero(self.doubt.of(batch.values, heads) > self.doubt.limit)
        if not len(texts):
            return batch
        read = self.encoder.encode([readings[text].words for text in texts.tolist()])
        values = batch.values.copy()
        for text, own in zip(texts.tolist(), read, strict=True):
            values[text] = self.first * values[text] + own.vector @ self.weights + self.bias
        words = {text: own.words for text, own in zip(texts.tolist(), read, strict=True)}
        made_of = Second(words, self.first, self.weights, self.bias)
        return replace(batch, values=values, second=made_of)


def read_second(checked: Artifact, outputs: int, places: Iterable[Path]) -> SecondLook | None:
    """The second look that an artifact describes; ``None`` where it has none.

    ``places`` are the folders that may have the encoder.

    Raises:
        ArtifactError: the description or an array is not what it should be, or the encoder is not there.
    """
    if ENTRY not in checked.manifest:
        return None
    described = checked.get(ENTRY, dict)
    doubt = _read_doubt(described.get("doubt"))
    arrays = checked.arrays(ARRAYS)
    found = encoder.find(encoder.read_choice(described.get("encoder")), places)
    shapes = {"first": (outputs,), "weights": (found.width, outputs), "bias": (outputs,)}
    for name, shape in shapes.items():
        array = arrays.get(name)
        if array is None or array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ArtifactError(f"{ARRAYS} has no array {name!r} of shape {shape}, all numbers")
    return SecondLook(found, doubt, *(arrays[name].astype(np.float64) for name in shapes))


def _read_doubt(described: Any) -> Doubt:
    weights = described.get("weights") if isinstance(described, dict) else None
    limit = described.get("limit") if isinstance(described, dict) else None
    if not (isinstance(weights, dict) and all(isinstance(one, float) and 0 <= one < inf for one in weights.values())):
        raise ArtifactError("the manifest does not say what leaves a text in doubt")
    if not (isinstance(limit, float) and isfinite(limit)):
        raise ArtifactError("the manifest does not say how much doubt asks for a second look")
    shares = described.get("shares", [])
    if not (isinstance(shares, list) and all(isinstance(one, float) and isfinite(one) for one in shares)):
        raise ArtifactError("the manifest does not say which share of second looks a doubt leads to")
    return Doubt(weights, limit, tuple(shares))


def describe(folder: str, version: str, doubt: Doubt) -> dict[str, Any]:
    """The entry of a manifest that :func:`read_second` reads back; ``folder`` and ``version`` are the encoder's."""
    return {
        "encoder": {"folder": folder, "version": version},
        "doubt": {"weights": dict(doubt.weights), "limit": doubt.limit, "shares": list(doubt.shares)},
    }
