"""Figures on labelled messages. Labels are numbers here: places in the head's list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One row of a per-class table; ``support`` counts the true ones."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def per_class(true: Ints, predicted: Ints, labels: tuple[str, ...]) -> list[ClassFigures]:
    """Precision, recall and F1 of each label; 0 where a denominator is 0."""
    rows = []
    for number, label in enumerate(labels):
        hits = int(np.sum((true == number) & (predicted == number)))
        said, support = int(np.sum(predicted == number)), int(np.sum(true == number))
        precision, recall = hits / said if said else 0.0, hits / support if support else 0.0
        f1 = 2 * hits / (said + support) if said + support else 0.0
        rows.append(ClassFigures(label, precision, recall, f1, support))
    return rows


def present(rows: list[ClassFigures], predicted: Ints) -> list[ClassFigures]:
    """The classes that macro averages are over: those that occur as truth or as prediction."""
    return [row for number, row in enumerate(rows) if row.support or np.any(predicted == number)]


def macro_f1(rows: list[ClassFigures]) -> float:
    return float(np.mean([row.f1 for row in rows])) if rows else 0.0


def macro_recall(rows: list[ClassFigures]) -> float:
    """Mean recall over the labels that truly occur."""
    recalls = [row.recall for row in rows if row.support]
    return float(np.mean(recalls)) if recalls else 0.0


def quadratic_kappa(true: Ints, predicted: Ints, labels: int) -> float:
    """Cohen's kappa with squared distances between steps as costs (Cohen 1968)."""
    observed = np.zeros((labels, labels))
    np.add.at(observed, (true, predicted), 1)
    steps = np.arange(labels)
    costs = np.square(steps[:, None] - steps[None, :])
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / max(1, len(true))
    worst = float((costs * expected).sum())
    return 1.0 - float((costs * observed).sum()) / worst if worst else 1.0


def calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean gap between confidence and accuracy over equal-width bins."""
    if not len(confidence):
        return 0.0
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            gap += float(inside.mean()) * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return gap


def auroc(score: Floats, positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive scores above a negative, ties half; ``None`` without both kinds."""
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return None
    ranks = rankdata(score)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def answerable(confidence: Floats, right: NDArray[np.bool_], most_wrong: float) -> float:
    """Largest share that could be answered with at most ``most_wrong`` of the answers wrong, in hindsight.

    Messages are answered from the most confident down; equal confidences stand or fall together.
    """
    best = 0.0
    for threshold in np.unique(confidence):
        answered = confidence >= threshold
        if 1 - float(right[answered].mean()) <= most_wrong:
            best = max(best, float(answered.mean()))
    return best
