"""Kernel ridge regression, and what it would have said of an example that it had not seen."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class KernelRidge:
    """Scores of n examples for m outputs: ``f(x) = k(x) (K + penalty I)^-1 Y``.

    Args:
        kernel: ``K``, symmetric and positive semi-definite, shape (n, n).
        target: ``Y``, shape (n, m).
    """

    def __init__(self, kernel: Floats, target: Floats, penalty: float) -> None:
        self._target: Final = target
        self._inverse: Final[Floats] = np.asarray(
            np.linalg.inv(kernel + penalty * np.eye(len(kernel))), dtype=np.float64
        )
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
