"""What goes wrong on command. A fault's name says what; where, how often and for how long come with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from tests.xsim.clock import Clock
from tests.xsim.limits import published

#: Instead of the call: nothing is applied.
BEFORE: Final = {
    "rate_limited": "429 with the headers of a window of 15 minutes (params: seconds; lasting: until then)",
    "rate_limited_day": "429 with the headers of a 24-hour limit beside a window with calls left (params: the same)",
    "rate_limited_bare": "429 without any of these headers",
    "unavailable_html": "503 with a page of HTML",
    "unavailable_json": "503 with a problem",
    "lost_before": "the connection is closed without a byte",
    "slow_before": "no answer, and nothing applied (params: seconds of real time, default an hour)",
    "duplicate": "403 duplicate content",
    "not_summoned": "403 the author did not address the account",
    "reply_to_deleted": "403 the post answered is gone",
    "reply_restricted": "403 the author restricts who may reply",
    "blocked": "403 the author has blocked the account",
    "revoked": "401",
}
#: After the call was applied.
AFTER: Final = {
    "unavailable_html_applied": "503 with a page of HTML",
    "unavailable_json_applied": "503 with a problem",
    "lost_applied": "the connection is closed without a byte",
    "slow_applied": "no answer (params: seconds of real time, default an hour)",
    "truncated": "the body ends in its middle",
    "partial_errors": "an error beside the data, and the last post or person of the includes is missing",
    "left_out": "the last post or message of a page is not in it; errors name posts (params: named, how probably, 1)",
    "plain_dates": "dates without fractions of a second",
    "new_spelling": "field names of the specification 2.167, whatever was asked for",
    "old_spelling": "field names of the specification 2.166, whatever was asked for",
    "repeated": "the first post of a page is in it twice",
}
#: For endpoint ``stream`` or ``activity``, at the next line or at once.
STREAM: Final = {
    "stream_refused": "429: too many connections",
    "stream_stalls": "the connection stays open and silent, heartbeats too (params: seconds, default for ever)",
    "stream_cut": "the stream ends in the middle of a line (params: abort closes the connection too)",
    "stream_closes": "the stream ends cleanly",
    "stream_disconnects": "an operational-disconnect object, then the end",
    "stream_untagged": "matching_rules without a tag",
    "stream_drops": "a line is not sent",
    "stream_repeats": "a line is sent twice",
    "stream_swaps": "a line is sent after the next one, or after two seconds",
    "stream_no_heartbeat": "a heartbeat is left out",
}
#: For endpoint ``webhook``.
WEBHOOK: Final = {
    "webhook_repeats": "a delivery comes twice",
    "webhook_drops": "a delivery does not come",
    "webhook_forged": "a delivery has a wrong signature",
    "webhook_late": "a delivery comes late (params: seconds, default 30)",
}
#: For endpoints ``mentions``, ``timeline`` and ``messages.read``, in this order: while something is written.
INDEX: Final = {
    "late_index": "a post is in the mentions timeline only later, behind newer ones "
    "(params: seconds, default 20, or the least and the most)",
    "late_own": "a post by the API is in timelines only later (params: the same, default 90)",
    "late_sent": "a private message by the API is in the conversation only later (params: the same, default 90)",
}
_INDEXES: Final = dict(zip(INDEX, ("mentions", "timeline", "messages.read"), strict=True))
_LATE_S: Final = {"late_index": 20, "late_own": 90, "late_sent": 90}
ENDPOINTS: Final = frozenset(published()) | {"webhook", "*"}
NAMES: Final = BEFORE | AFTER | STREAM | WEBHOOK | INDEX


@dataclass(slots=True)
class Fault:
    """One that is switched on: for the next ``times`` calls, with a ``probability``, until a time, or all of these.

    ``endpoint`` is a name of limits.published(), ``webhook``, or ``*``.
    """

    name: str
    endpoint: str = "*"
    times: int | None = None
    probability: float = 1.0
    until: float | None = None
    params: dict[str, Any] = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)
    fired: int = 0

    def strikes(self, endpoint: str, now: float) -> bool:
        """Whether it happens now; counts it."""
        if self.endpoint not in ("*", endpoint) or self.is_over(now):
            return False
        if self.probability < 1 and self.dice.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def is_over(self, now: float) -> bool:
        return (self.times is not None and self.fired >= self.times) or (self.until is not None and now >= self.until)

    def body(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "dice"}


class Faults:
    """All faults that are switched on; the first that strikes is the one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all: list[Fault] = []
        #: Called when one is switched on, so that streams need no line to notice.
        self.noticed: list[Callable[[], None]] = []

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Switches one on: ``name``, and any of ``endpoint``, ``times``, ``probability``, ``seed``, ``seconds`` and
        ``params``; raises ValueError for a name or an endpoint that there is not."""
        if wanted["name"] not in NAMES:
            raise ValueError(f"no fault is called {wanted['name']!r}; there are {', '.join(NAMES)}")
        endpoint = wanted.get("endpoint", "*")
        if endpoint not in ENDPOINTS:
            raise ValueError(f"no endpoint is called {endpoint!r}; there are {', '.join(sorted(ENDPOINTS))}")
        seconds = wanted.get("seconds")
        fault = Fault(
            name=wanted["name"],
            endpoint=endpoint,
            times=wanted.get("times"),
            probability=wanted.get("probability", 1.0),
            until=None if seconds is None else self._clock.now() + seconds,
            params=wanted.get("params", {}),
            dice=random.Random(wanted.get("seed", 0)),
        )
        self.all.append(fault)
        for notice in self.noticed:
            notice()
        return fault

    def clear(self, name: str | None = None) -> None:
        """Switches off those of a name, or all."""
        self.all = [fault for fault in self.all if name is not None and fault.name != name]

    def strike(self, kinds: Collection[str], endpoint: str) -> Fault | None:
        """The fault of these kinds that happens to this call, if any."""
        if not self.all:
            return None
        now = self._clock.now()
        return next((fault for fault in self.all if fault.name in kinds and fault.strikes(endpoint, now)), None)

    def lateness(self, name: str) -> float:
        """Seconds by which what was just written comes late, by the fault of that name."""
        fault = self.strike((name,), _INDEXES[name])
        if fault is None:
            return 0.0
        seconds = fault.params.get("seconds", _LATE_S[name])
        return fault.dice.uniform(*seconds) if isinstance(seconds, list) else float(seconds)
