"""How good an artifact is on labelled messages: the figures of the card and of ``evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.corpus import Example
from training.metrics import ClassFigures
from triage.domain.scores import LABELS, Head
from triage.scoring.heads import LEAST_COST
from triage.scoring.scorer import Scorer

#: Title of the test part of a recipe's own corpus, in cards and in the gate.
OWN_TEST: Final = "own, held out"
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """One head on one set of messages; only messages that have a label count.

    ``calibration_error`` is the expected calibration error over 15 bins of equal width.
    ``quadratic_kappa`` is given for heads whose labels are steps of a scale.
    """

    head: str
    messages: int
    accuracy: float
    macro_f1: float
    macro_recall: float
    calibration_error: float
    quadratic_kappa: float | None
    classes: tuple[ClassFigures, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What one model said of the messages that have a label for one head; labels as places in the head's list."""

    true: NDArray[np.int64]
    said: NDArray[np.int64]
    confidence: NDArray[np.float64]
    labels: int


def judge(scorer: Scorer, examples: Sequence[Example]) -> dict[Head, Verdicts]:
    """The verdicts on ``examples`` as the service would give them, for each head that they have labels for."""
    scores = []
    for start in range(0, len(examples), _BATCH):
        scores += scorer.score([one.utterance for one in examples[start : start + _BATCH]], explain=False)
    found = {}
    for head, labels in LABELS.items():
        judged = [
            (labels.index(one.labels[head]), labels.index(score.head(head).label), score.head(head).confidence)
            for one, score in zip(examples, scores, strict=True)
            if head in one.labels
        ]
        if judged:
            true, said, confidence = zip(*judged, strict=True)
            found[head] = Verdicts(np.array(true), np.array(said), np.array(confidence), len(labels))
    return found


def evaluate_scorer(scorer: Scorer, examples: Sequence[Example]) -> list[Figures]:
    """The heads that ``examples`` have labels for, as the service would judge: exposed items included."""
    return [
        figures(
            head, LABELS[head], one.true, one.said, one.confidence, ordinal=scorer.heads[head].decision == LEAST_COST
        )
        for head, one in judge(scorer, examples).items()
    ]


def figures(
    head: str,
    labels: tuple[str, ...],
    true: NDArray[np.int64],
    predicted: NDArray[np.int64],
    confidence: NDArray[np.float64],
    *,
    ordinal: bool = False,
) -> Figures:
    """All figures of one head from places of labels in ``labels``; macro averages are over classes that occur."""
    rows = metrics.per_class(true, predicted, labels)
    shown = metrics.present(rows, predicted)
    right = true == predicted
    return Figures(
        head=str(head),
        messages=len(true),
        accuracy=float(right.mean()) if len(true) else 0.0,
        macro_f1=metrics.macro_f1(shown),
        macro_recall=metrics.macro_recall(shown),
        calibration_error=metrics.calibration_error(confidence, right),
        quadratic_kappa=metrics.quadratic_kappa(true, predicted, len(labels)) if ordinal else None,
        classes=tuple(shown),
    )


def find(all_figures: Sequence[Figures], head: Head) -> Figures | None:
    """The figures of ``head``, where there are any."""
    return next((one for one in all_figures if one.head == head.value), None)
