"""From evidence to confidence: a logistic curve with signs that cannot be wrong.

What speaks for a match can only raise the confidence and what speaks against it can only lower it: the fit
is bounded accordingly, so confidence is monotone in each piece of evidence whatever the data say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

#: Columns of an evidence matrix, in order.
FOR: Final = ("score", "score_margin", "nearest", "nearest_margin", "coverage")
SIGNS: Final = ("personal", "venting", "several", "statement")
AGAINST: Final = ("uncovered", "negated", *SIGNS)
EVIDENCE: Final = FOR + AGAINST

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of :data:`EVIDENCE` and the bias of ``confidence = 1 / (1 + exp(-(bias + weights . evidence)))``."""

    weights: tuple[float, ...]
    bias: float

    def __post_init__(self) -> None:
        if len(self.weights) != len(EVIDENCE):
            raise ValueError(f"{len(EVIDENCE)} weights are needed, one for each of {', '.join(EVIDENCE)}")

    def confidence(self, evidence: Floats) -> Floats:
        """Probability, from 0 to 1, that each row's snippet is the right answer: shape (n, evidence) to (n,)."""
        found: Floats = expit(evidence @ np.array(self.weights) + self.bias)
        return found


def fit(
    evidence: Floats,
    right: Floats,
    prior: Calibration,
    strength: float,
    *,
    sample_weight: Floats | None = None,
    pinned: Collection[str] = (),
) -> Calibration:
    """The most probable calibration, given cases whose outcome is known.

    Minimises the log loss plus ``strength / 2`` times the squared distance of the weights from the prior's
    (the bias is free), with each weight bounded to its sign.

    Args:
        evidence: shape (n, len(EVIDENCE)).
        right: shape (n,), 1 where the snippet was the right answer, else 0.
        sample_weight: shape (n,); all 1 if not given.
        pinned: names of evidence whose weights stay as in the prior, because the cases cannot tell.
    """
    inputs = np.column_stack([evidence, np.ones(len(evidence))])
    centre = np.array([*prior.weights, prior.bias])
    share = np.ones(len(evidence)) if sample_weight is None else sample_weight
    towards = 2 * right - 1

    def loss(weights: Floats) -> tuple[float, Floats]:
        decision = inputs @ weights
        away = weights - centre
        away[-1] = 0.0
        value = float(share @ np.logaddexp(0.0, -towards * decision) + strength / 2 * away @ away)
        slope: Floats = inputs.T @ (share * (expit(decision) - right)) + strength * away
        return value, slope

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=_bounds(prior, pinned)).x
    return Calibration(tuple(float(weight) for weight in found[:-1]), float(found[-1]))


def _bounds(prior: Calibration, pinned: Collection[str]) -> list[tuple[float | None, float | None]]:
    bounds: list[tuple[float | None, float | None]] = []
    for name, weight in zip(EVIDENCE, prior.weights, strict=True):
        free = (0.0, None) if name in FOR else (None, 0.0)
        bounds.append((weight, weight) if name in pinned else free)
    return [*bounds, (None, None)]
