"""How much of what a message says the questions of each snippet say too."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: The owner of a known text that has no answer.
NO_SNIPPET: Final = -1


@dataclass(frozen=True, slots=True)
class _Holders:
    """The snippets whose questions have a stem, in any order, and those of them that have it once; what it weighs."""

    snippets: NDArray[np.int64]
    once: frozenset[int]
    weight: float

    def without(self, snippet: int | None) -> NDArray[np.int64]:
        return self.snippets[self.snippets != snippet] if snippet in self.once else self.snippets


class Coverage:
    """How much of what a text says the questions of each snippet say too, rare words counting more."""

    def __init__(self, stems: Sequence[Sequence[str]], owner: NDArray[np.int64], snippets: int) -> None:
        """
        Args:
            stems: of each known text, each stem once.
            owner: the number of its snippet, or :data:`NO_SNIPPET`.
        """
        self._snippets = snippets
        self._documents = len(stems)
        counted: dict[str, Counter[int]] = {}
        for of_one, number in zip(stems, owner.tolist(), strict=True):
            for found in of_one if number != NO_SNIPPET else ():
                counted.setdefault(found, Counter())[number] += 1
        self._none: Final = self._holders_of(Counter())
        self._holders: Final = {found: self._holders_of(times) for found, times in counted.items()}

    def of(self, stems: Sequence[str], without: int | None = None) -> tuple[Floats, Floats]:
        """Share of the weight of ``stems`` that each snippet covers, and the number of stems that it does not.

        ``without`` names a snippet one of whose questions has these very stems and is not to count.
        """
        covered, count, total = np.zeros(self._snippets), np.zeros(self._snippets), 0.0
        for found in stems:
            holders = self._holders.get(found, self._none)
            total += holders.weight
            held = holders.without(without)
            covered[held] += holders.weight
            count[held] += 1
        return (covered / total if total else covered), len(stems) - count

    def _holders_of(self, times: Counter[int]) -> _Holders:
        once = frozenset(number for number, count in times.items() if count == 1)
        weight = math.log((1 + self._documents) / (1 + times.total())) + 1.0
        return _Holders(np.array(list(times), dtype=np.int64), once, weight)
