"""Counting calls so that no window of time has more than it may, wherever it begins.

A window is cut into parts, and calls are counted by part: a few numbers instead of a list of moments. Calls of a
part count until the last moment at which one of them could still lie in a window with the present. So never more
than the allowance falls into any window, and at most one part of the time is given away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from triage.channels.x.budget import Limit
from triage.channels.x.endpoint import Allowance
from triage.store.budgets import Calls, Parts

_PARTS: Final = 30
#: A limit that begins anew later than this is one of a day.
_LONGEST_SHORT_WINDOW: Final = timedelta(hours=1)


def spent(calls: Calls, allowances: Sequence[Allowance], now: datetime) -> Calls:
    """With one call more, made now."""
    counts = {}
    for allowance in allowances:
        parts = dict(_counting(calls.counts.get(_seconds(allowance), {}), allowance, now))
        part = int(now.timestamp() / _width(allowance))
        parts[part] = parts.get(part, 0) + 1
        counts[_seconds(allowance)] = parts
    told = calls.remaining is not None and calls.resets_at is not None and now < calls.resets_at
    remaining = calls.remaining - 1 if told and calls.remaining is not None else None
    return replace(calls, counts=counts, remaining=remaining, resets_at=calls.resets_at if told else None)


def next_call(calls: Calls, allowances: Sequence[Allowance], now: datetime) -> datetime | None:
    """The moment before which no call may be made, or ``None`` if one may be made now."""
    moments = [_free_at(calls.counts.get(_seconds(one), {}), one, now) for one in allowances]
    if calls.remaining is not None and calls.remaining <= 0:
        moments.append(calls.resets_at)
    moments.append(calls.rests_until)
    return max((moment for moment in moments if moment is not None and moment > now), default=None)


def left(calls: Calls, allowances: Sequence[Allowance], now: datetime) -> list[int]:
    """How many calls are left now, for each allowance; of the shortest window no more than X said are."""
    counted = [
        max(0, one.calls - sum(_counting(calls.counts.get(_seconds(one), {}), one, now).values())) for one in allowances
    ]
    told = calls.remaining is not None and calls.resets_at is not None and now < calls.resets_at
    if told and calls.remaining is not None and counted:
        counted[0] = max(0, min(counted[0], calls.remaining))
    return counted


def learnt(calls: Calls, limit: Limit, now: datetime) -> Calls:
    """With what X said in an answer.

    Answers may arrive in another order than X gave them: of one window, the least number counts. Of a limit of a
    day only that it is used up is kept: it must not hide the short one, which X tells in the same answer.
    """
    if limit.remaining <= 0 and limit.resets_at > now:
        calls = replace(calls, rests_until=max(calls.rests_until or limit.resets_at, limit.resets_at))
    if limit.resets_at - now > _LONGEST_SHORT_WINDOW:
        return calls
    if limit.resets_at <= now or (calls.resets_at is not None and limit.resets_at < calls.resets_at):
        return calls
    same_window = calls.remaining is not None and calls.resets_at == limit.resets_at
    remaining = min(calls.remaining or 0, limit.remaining) if same_window else limit.remaining
    return replace(calls, remaining=remaining, resets_at=limit.resets_at)


def _free_at(parts: Parts, allowance: Allowance, now: datetime) -> datetime | None:
    counting = _counting(parts, allowance, now)
    left = sum(counting.values())
    for part in sorted(counting):
        if left < allowance.calls:
            return None
        left -= counting[part]
        if left < allowance.calls:
            return _counts_until(part, allowance)
    return None


def _counting(parts: Parts, allowance: Allowance, now: datetime) -> Parts:
    return {part: calls for part, calls in parts.items() if _counts_until(part, allowance) > now}


def _counts_until(part: int, allowance: Allowance) -> datetime:
    return datetime.fromtimestamp((part + 1) * _width(allowance), UTC) + allowance.window


def _seconds(allowance: Allowance) -> int:
    return int(allowance.window / timedelta(seconds=1))


def _width(allowance: Allowance) -> float:
    return _seconds(allowance) / _PARTS
