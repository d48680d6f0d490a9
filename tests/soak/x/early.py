"""Calls before the time that X had named: which of them nobody could have known to be early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

#: How long, in the stand-in's milliseconds, calls may be on their way, and an answer until all have read it.
_ON_ITS_WAY_MS: Final = 60_000
#: Two processes, of which each may make a call of a kind from two threads: one was told, the others may have begun.
_MOST: Final = 3


def inexcusable(early: Sequence[Mapping[str, Any]], blows: Sequence[int]) -> list[str]:
    """In words, those that somebody could have known to be early.

    Excused are a few calls that were on their way when another was told to wait. And whoever is killed, or whose
    database is (at one of the moments ``blows``), right after being told has told nobody else.
    """
    found: list[str] = []
    excused: Counter[tuple[str, int]] = Counter()
    for call in early:
        endpoint, told_ms, came_ms = call["endpoint"], call["told_ms"], call["came_ms"]
        under_way = came_ms - told_ms <= _ON_ITS_WAY_MS
        forgotten = any(told_ms <= blow <= min(came_ms, told_ms + _ON_ITS_WAY_MS) for blow in blows)
        excused[endpoint, told_ms] += 1
        if not (under_way or forgotten) or excused[endpoint, told_ms] > _MOST:
            found.append(
                f"{endpoint} was called {(came_ms - told_ms) / 1000:.0f} s after X had said to wait for longer"
            )
    return found
