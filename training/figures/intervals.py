"""How far a figure may be off by the choice of its messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import metrics

Ints = NDArray[np.int64]
#: A figure from true and given labels, both as places in the head's list.
Formula = Callable[[Ints, Ints], float]

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95
_SEED: Final = 20261126


def interval(formula: Formula, true: Ints, said: Ints, seed: int = _SEED) -> tuple[float, float]:
    """The middle 95 % of the figure over bootstrap draws of the messages (Efron and Tibshirani 1993).

    Seeded: equal verdicts get equal intervals. Without messages it is the whole of 0 to 1.
    """
    if not len(true):
        return 0.0, 1.0
    chance = np.random.default_rng(seed)
    draws = [chance.integers(0, len(true), len(true)) for _ in range(RESAMPLES)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile([formula(true[draw], said[draw]) for draw in draws], (tail, 1 - tail))
    return float(low), float(high)


def accuracy(true: Ints, said: Ints) -> float:
    return float((true == said).mean())


def macro_f1(labels: int) -> Formula:
    """The mean F1 over those of the head's ``labels`` labels that occur, as :func:`training.metrics.macro_f1`."""

    def formula(true: Ints, said: Ints) -> float:
        hits = np.bincount(true[true == said], minlength=labels)
        either = np.bincount(true, minlength=labels) + np.bincount(said, minlength=labels)
        return float((2 * hits[either > 0] / either[either > 0]).mean())

    return formula


def quadratic_kappa(labels: int) -> Formula:
    return lambda true, said: metrics.quadratic_kappa(true, said, labels)
