"""Time, as a thing that is handed in: the system's, the traffic's, or a frozen one for tests."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

#: Seconds after which who waits sees whether time was skipped.
_GLANCE: Final = 0.02


class Clock(Protocol):
    """What time it is, and at which time a message counts as seen."""

    def now(self) -> datetime:
        """The present, timezone-aware, in UTC."""
        ...

    def seen(self, created_at: datetime) -> datetime:
        """The moment at which a message written at ``created_at`` counts as handled now."""
        ...

    def wait(self, stop: threading.Event, duration: timedelta) -> bool:
        """Let time pass, by this clock, or less if ``stop`` is set meanwhile; whether it is."""
        ...


class SystemClock:
    """Real time: a message counts as handled when it is handled."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seen(self, created_at: datetime) -> datetime:  # noqa: ARG002 - the protocol's name
        return self.now()

    def wait(self, stop: threading.Event, duration: timedelta) -> bool:
        return stop.wait(duration.total_seconds())


class TrafficClock:
    """The time of replayed traffic: a message counts as handled the moment it was written.

    This makes a replay repeatable: an interrupted run and an uninterrupted one write equal events.
    """

    def __init__(self) -> None:
        self._latest: datetime | None = None

    def now(self) -> datetime:
        return self._latest or datetime.now(UTC)

    def seen(self, created_at: datetime) -> datetime:
        if self._latest is None or created_at > self._latest:
            self._latest = created_at
        return created_at

    def wait(self, stop: threading.Event, duration: timedelta) -> bool:
        return stop.wait(duration.total_seconds())


class FrozenClock:
    """A clock that moves only when told to. Ships with the product: whoever extends it tests too."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def seen(self, created_at: datetime) -> datetime:  # noqa: ARG002 - the protocol's name
        return self._at

    def wait(self, stop: threading.Event, duration: timedelta) -> bool:
        """Time passes at once."""
        self._at += duration
        return stop.is_set()

    def advance(self, by: timedelta) -> None:
        self._at += by


class FastClock:
    """Real time from a moment on, ``factor`` times as fast: for trying in minutes what takes hours.

    Clocks of several processes agree if they are given the same ``began`` and ``since``, the real moment at
    which their time was ``began``. Where nothing happens for long, time can be skipped.
    """

    def __init__(self, factor: float, began: datetime, since: datetime) -> None:
        self._factor = factor
        self._began = began
        self._since = since

    def now(self) -> datetime:
        return self._began + (datetime.now(UTC) - self._since) * self._factor

    def seen(self, created_at: datetime) -> datetime:  # noqa: ARG002 - the protocol's name
        return self.now()

    def wait(self, stop: threading.Event, duration: timedelta) -> bool:
        until = self.now() + duration
        while (left := (until - self.now()).total_seconds() / self._factor) > 0:
            if stop.wait(min(left, _GLANCE)):
                return True
        return stop.is_set()

    def advance(self, by: timedelta) -> None:
        """Skip some time; who waits notices soon."""
        self._began += by
