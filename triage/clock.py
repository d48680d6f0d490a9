"""Time, as a thing that is handed in: the system's, the traffic's, or a frozen one for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, and at which time a message counts as seen."""

    def now(self) -> datetime:
        """The present, timezone-aware, in UTC."""
        ...

    def seen(self, created_at: datetime) -> datetime:
        """The moment at which a message written at ``created_at`` counts as handled now."""
        ...


class SystemClock:
    """Real time: a message counts as handled when it is handled."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seen(self, created_at: datetime) -> datetime:  # noqa: ARG002 - the protocol's name
        return self.now()


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


class FrozenClock:
    """A clock that moves only when told to. Ships with the product: whoever extends it tests too."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def seen(self, created_at: datetime) -> datetime:  # noqa: ARG002 - the protocol's name
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by
