"""How long to pause before the next try: values, so that a rule can be read, compared and tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

#: A number from 0 (inclusive) to 1: the die of the jitter, handed in.
Chance = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow with every failure in a row, with full jitter.

    The n-th pause lies anywhere between ``least`` and ``first`` doubled n - 1 times, but at most ``most``.
    Jitter over the whole range keeps programs apart that failed at the same moment (Brooker, "Exponential
    Backoff and Jitter", AWS Architecture Blog, 2015).
    """

    first: timedelta
    most: timedelta
    least: timedelta = timedelta(0)

    def pause(self, failures: int, chance: Chance) -> timedelta:
        """How long to wait after so many failures in a row, 1 or more."""
        doubled = min(failures - 1, _MOST_DOUBLINGS)
        longest = min(self.most, self.first * (1 << doubled))
        return self.least + max(longest - self.least, timedelta(0)) * chance()


#: Enough for a second to become a month; more would overflow.
_MOST_DOUBLINGS = 21
