"""How soon somebody may try to sign in again: after a few failures in a row, each try has to wait longer.

Failures are counted by name and address together: who guesses an agent's password elsewhere does not keep
the agent out. The count is in this process's memory: a restart forgets it, several processes of one service
each keep their own, and behind a proxy that hides addresses it is by name alone.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: Failures in a row that cost nothing: people mistype.
FREE: Final = 5
_FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=5)
_MOST_DOUBLINGS: Final = 9  # by then the wait is the longest
_FORGOTTEN_AFTER: Final = timedelta(hours=1)
#: Names and addresses that are remembered; the one that tried longest ago is forgotten first.
MOST_REMEMBERED: Final = 10_000
#: No name is longer: of what was typed in its place no more is kept.
_MOST_NAME_CHARACTERS: Final = 64

_Who = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Failed:
    times: int
    last: datetime

    def wait(self, now: datetime) -> timedelta:
        """How long until the next try; zero or less where it may be made."""
        if self.times < FREE:
            return timedelta()
        doublings = min(self.times - FREE, _MOST_DOUBLINGS)
        return min(_FIRST_WAIT * (1 << doublings), LONGEST_WAIT) - (now - self.last)


class Attempts:
    """Who has failed to sign in, how often and when. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[_Who, _Failed] = OrderedDict()

    def begin(self, name: str, address: str, now: datetime) -> timedelta:
        """Zero where an attempt may be made now, else how long it has to wait.

        One that may be made counts as failed until :meth:`succeed`, so that many at once are no way round.
        """
        who = _who(name, address)
        with self._lock:
            before = self._remembered(who, now)
            if before and (wait := before.wait(now)) > timedelta():
                self._failed[who] = before
                return wait
            self._failed[who] = _Failed(before.times + 1 if before else 1, now)
            if len(self._failed) > MOST_REMEMBERED:
                self._failed.popitem(last=False)
        return timedelta()

    def succeed(self, name: str, address: str) -> None:
        """The attempt was good: forget those that failed before it."""
        with self._lock:
            self._failed.pop(_who(name, address), None)

    def _remembered(self, who: _Who, now: datetime) -> _Failed | None:
        before = self._failed.pop(who, None)
        if before is None or now - before.last >= _FORGOTTEN_AFTER:
            return None
        return _Failed(before.times, min(before.last, now))  # a clock that was set back keeps nobody out


def _who(name: str, address: str) -> _Who:
    return name.casefold()[:_MOST_NAME_CHARACTERS], address
