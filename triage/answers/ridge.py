"""Kernel ridge regression, and what it would have said of an example that it had not seen."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Floats = NDArray[np.float64]


class KernelRidge:
    """Scores of n examples for m outputs: ``f(x) = k(x) (K + penalty I)^-1 Y``.

    Args:
        kernel: ``K``, symmetric, shape (n, n). It need not be positive semi-definite, though ``K + penalty I`` should.
        target: ``Y``, shape (n, m).
    """

    def __init__(self, kernel: Floats, target: Floats, penalty: float) -> None:
        self._target: Final = target
        self._inverse: Final = _inverse(kernel + penalty * np.eye(len(kernel)))
        self._dual: Final[Floats] = self._inverse @ target

    def scores(self, alike: Floats) -> Floats:
        """Scores of a new example, given its kernel with each known one: (n,) to (m,)."""
        found: Floats = alike @ self._dual
        return found

    def without_itself(self) -> Floats:
        """Row i: what a fit without example i says of example i. Shape (n, m).

        The residual is ``dual[i] / inverse[i, i]`` (leave-one-out identity of linear smoothers).
        """
        found: Floats = self._target - self._dual / np.diag(self._inverse)[:, None]
        return found

    def without_group(self, group: NDArray[np.int64]) -> Floats:
        """What a fit without a whole group of examples says of each of them. Shape (len(group), m).

        The same identity for a block: the residual is ``inverse[group, group]^-1 dual[group]``.
        """
        found: Floats = self._target[group] - np.linalg.solve(self._inverse[np.ix_(group, group)], self._dual[group])
        return found


def _inverse(symmetric: Floats) -> Floats:
    """By Cholesky's factor, in a third of the time; by the general way for a matrix that has none."""
    factor, failed = lapack.dpotrf(symmetric.T, lower=True)  # transposed, as LAPACK wants it to lie in memory
    if failed:
        return np.asarray(np.linalg.inv(symmetric), dtype=np.float64)
    lower, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
    inverse: Floats = lower + lower.T
    np.fill_diagonal(inverse, lower.diagonal())
    return inverse
