"""How far two people agree on the labels: every message's writer, and a second reader who saw no labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sklearn.metrics import cohen_kappa_score

from training.corpus import numbered_rows
from triage.domain.scores import LABELS, Head
from triage.errors import InvalidInput

#: One line a message: its id, and the labels of both, in the order of :class:`Head`.
SECOND_READING: Final = Path(__file__).parent / "second_reading.jsonl"
#: Heads whose labels are steps of a scale, on which a near miss counts for more than a far one.
_SCALES: Final = (Head.URGENCY, Head.PRIVACY)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the writer and the second reader said of one message."""

    id: str
    writer: Mapping[Head, str]
    reader: Mapping[Head, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``kappa`` is Cohen's (1960), ``quadratic_kappa`` the same with squared distances as costs (1968)."""

    head: str
    messages: int
    share: float
    kappa: float
    quadratic_kappa: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_readings(path: Path = SECOND_READING) -> tuple[Reading, ...]:
    """The second reading.

    Raises:
        InvalidInput: the file cannot be read, or a line lacks a label of either; names file and line.
    """
    found = []
    for number, row in numbered_rows(path):
        writer, reader = _labels(row.get("writer")), _labels(row.get("reader"))
        if not isinstance(row.get("id"), str) or writer is None or reader is None:
            raise InvalidInput("is not an id and four labels of each reader", field=path.name, line=number)
        found.append(Reading(row["id"], writer, reader))
    return tuple(found)


def _labels(told: object) -> dict[Head, str] | None:
    if not isinstance(told, list) or len(told) != len(Head):
        return None
    labels = dict(zip(Head, told, strict=True))
    return labels if all(label in LABELS[head] for head, label in labels.items()) else None


def agreements(readings: Sequence[Reading]) -> list[Agreement]:
    """The agreement of each head."""
    found = []
    for head in Head:
        labels = list(LABELS[head])
        writer = [reading.writer[head] for reading in readings]
        reader = [reading.reader[head] for reading in readings]
        same = sum(one == other for one, other in zip(writer, reader, strict=True))
        found.append(
            Agreement(
                head=head.value,
                messages=len(readings),
                share=same / len(readings),
                kappa=float(cohen_kappa_score(writer, reader, labels=labels)),
                quadratic_kappa=(
                    float(cohen_kappa_score(writer, reader, labels=labels, weights="quadratic"))
                    if head in _SCALES
                    else None
                ),
            )
        )
    return found
