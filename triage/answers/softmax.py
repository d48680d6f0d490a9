"""Multinomial logistic regression, fitted when a large knowledge base is loaded."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

Floats = NDArray[np.float64]

#: Inverse strength of the penalty, and the length that features of length 1 are brought to.
_C: Final = 10.0
_LENGTH: Final = 5.0
#: Steps of the optimiser; more change little, and each takes a third of a second for 15,000 texts.
_STEPS: Final = 20


class SoftmaxRegression:
    """Probabilities of m classes from features of length 1: ``softmax(x W + b)``.

    Minimises the log loss plus ``|W|^2 / (2 C)`` by L-BFGS (Liu and Nocedal 1989), in single precision.

    Args:
        features: shape (n, d).
        classes: the number of each row's class, ``0 … m - 1``, shape (n,).
    """

    def __init__(self, features: Floats, classes: NDArray[np.int64], count: int) -> None:
        inputs = _inputs(features).astype(np.float32)
        rows = np.arange(len(inputs))
        shape = (inputs.shape[1], count)

        def loss(flat: Floats) -> tuple[float, Floats]:
            weights = flat.reshape(shape).astype(np.float32)
            values = inputs @ weights
            values -= values.max(axis=1, keepdims=True)
            own = values[rows, classes]
            np.exp(values, out=values)
            total = values.sum(axis=1, keepdims=True)
            values /= total
            values[rows, classes] -= 1.0
            slope = (inputs.T @ values).astype(np.float64) + weights / _C
            return float(np.log(total).sum() - own.sum()) + float(np.square(weights).sum()) / (2 * _C), slope.ravel()

        found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
        self._weights: Final[Floats] = found.reshape(shape)

    def probabilities(self, features: Floats) -> Floats:
        """Shape (d,) to (m,)."""
        found: Floats = softmax(_inputs(features[None]) @ self._weights, axis=1)[0]
        return found


def _inputs(features: Floats) -> Floats:
    return np.column_stack([_LENGTH * features, np.ones(len(features))])
