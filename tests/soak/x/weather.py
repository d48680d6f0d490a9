"""Faults of the stand-in, a few at a time, others every few seconds; in the end each has had its turn."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.soak.x.plans import Kind
from tests.xsim.client import XSim

#: Name of the fault, endpoints that it may strike, and its parameters. Times are the stand-in's seconds, but those of
#: ``slow_…``, which are real ones.
_READS: Final = ("mentions", "timeline", "lookup")
_ANY: Final = ("*",)
_KINDS: Final[tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...]] = (
    ("rate_limited", (*_READS, "create"), {"seconds": 120, "lasting": True}),
    ("rate_limited_day", (*_READS, "create"), {"seconds": 300, "lasting": True}),
    ("rate_limited_bare", (*_READS, "create"), {}),
    ("unavailable_html", _ANY, {}),
    ("unavailable_json", _ANY, {}),
    ("lost_before", _ANY, {}),
    ("slow_before", (*_READS, "create"), {"seconds": 4}),
    ("duplicate", ("create",), {}),
    ("not_summoned", ("create",), {}),
    ("reply_to_deleted", ("create",), {}),
    ("reply_restricted", ("create",), {}),
    ("blocked", ("create",), {}),
    ("revoked", (*_READS, "create"), {}),
    ("unavailable_html_applied", _ANY, {}),
    ("unavailable_json_applied", _ANY, {}),
    ("lost_applied", _ANY, {}),
    ("slow_applied", (*_READS, "create"), {"seconds": 4}),
    ("truncated", _ANY, {}),
    ("partial_errors", _READS, {}),
    ("left_out", ("mentions", "timeline", "messages.read"), {"named": 0.5}),
    ("plain_dates", _ANY, {}),
    ("new_spelling", _ANY, {}),
    ("old_spelling", _ANY, {}),
    ("repeated", _READS, {}),
    ("stream_refused", _ANY, {}),
    ("stream_stalls", _ANY, {"seconds": 120}),
    ("stream_cut", _ANY, {"abort": True}),
    ("stream_closes", _ANY, {}),
    ("stream_disconnects", _ANY, {}),
    ("stream_untagged", ("stream",), {}),
    ("stream_drops", _ANY, {}),
    ("stream_repeats", _ANY, {}),
    ("stream_swaps", _ANY, {}),
    ("stream_no_heartbeat", _ANY, {}),
    ("webhook_repeats", ("webhook",), {}),
    ("webhook_drops", ("webhook",), {}),
    ("webhook_forged", ("webhook",), {}),
    ("webhook_late", ("webhook",), {"seconds": 30}),
    ("late_index", ("mentions",), {"seconds": [30, 840]}),
    ("late_own", ("timeline",), {"seconds": [30, 2400]}),
    ("late_sent", ("messages.read",), {"seconds": [30, 2400]}),
)
#: What matters only where the answer to the call is lost: that happens beside it, to this endpoint.
LOST_BESIDE: Final = {"late_own": "create", "late_sent": "messages.send"}
#: Probabilities of faults that end a connection, one chance for each line, and of what meets only who connects.
_PER_LINE: Final = dict.fromkeys(("stream_stalls", "stream_cut", "stream_closes", "stream_disconnects"), (0.01, 0.05))
_BY_NAME: Final = _PER_LINE | {"stream_refused": (0.8, 1.0)}
#: Some calls are made many times a second, some every few seconds.
_BY_ENDPOINT: Final = {
    "create": (0.2, 0.8),
    "timeline": (0.5, 1.0),
    "lookup": (0.2, 0.8),
    "messages.read": (0.5, 1.0),
    "messages.send": (0.5, 1.0),
}
_ELSE: Final = (0.05, 0.5)
_AT_ONCE: Final = (2, 6)
NAMES: Final = tuple(name for name, _, _ in _KINDS)


def meets(kind: Kind) -> frozenset[str]:
    """The faults that can strike in a soak of a kind."""
    streams = {name for name in NAMES if name.startswith("stream_") and kind.streams}
    rules = {"stream_untagged"} if "stream" not in kind.streams else set()
    hooks = {name for name in NAMES if name.startswith("webhook_") and kind.webhook}
    calls = {name for name in NAMES if not name.startswith(("stream_", "webhook_"))}
    return frozenset(calls | hooks | streams - rules)


@dataclass
class Weather:
    """What goes wrong now. ``struck`` counts how often each fault has happened."""

    x: XSim
    dice: random.Random
    names: frozenset[str]
    struck: Counter[str] = field(default_factory=Counter)
    _left: list[tuple[str, tuple[str, ...], dict[str, Any]]] = field(default_factory=list)

    def change(self) -> None:
        """Other faults than before; those that have never struck come first."""
        self.clear()
        for _ in range(self.dice.randint(*_AT_ONCE)):
            if not self._left:
                kinds = [kind for kind in _KINDS if kind[0] in self.names]
                self._left = sorted(self.dice.sample(kinds, len(kinds)), key=lambda kind: not self.struck[kind[0]])
            name, endpoints, params = self._left.pop()
            self._switch_on(name, self.dice.choice(endpoints), params)
            if name in LOST_BESIDE:
                self._switch_on("lost_applied", LOST_BESIDE[name], {})

    def _switch_on(self, name: str, endpoint: str, params: dict[str, Any]) -> None:
        likely = _BY_NAME.get(name) or _BY_ENDPOINT.get(endpoint, _ELSE)
        self.x.fault(
            name,
            endpoint,
            probability=self.dice.uniform(*likely) if self.struck[name] else likely[1],
            seed=self.dice.randrange(1 << 30),
            params=params,
        )

    def owed(self) -> frozenset[str]:
        """What has not struck yet."""
        return self.names - {name for name, times in self.struck.items() if times}

    def clear(self) -> None:
        self.struck.update(self.x.fired())
        self.x.no_faults()
