"""What the worker does beside its work, at most once an hour: letting go of what has to go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from triage.channels.protocol import Archive
from triage.clock import Clock
from triage.service.retention import Retention
from triage.service.sweeping import sweep
from triage.store import Store

_PAUSE: Final = timedelta(hours=1)
#: Messages of a channel in one transaction: few, so that nobody waits for it.
_BATCH: Final = 200


class Tidying:
    """Applies retention in small batches between the worker's rounds, and sweeps journals after each."""

    def __init__(self, store: Store, archives: Sequence[Archive], retention: Retention, clock: Clock) -> None:
        self._store = store
        self._archives = archives
        self._retention = retention
        self._clock = clock
        self._not_before: datetime | None = None

    def step(self) -> int:
        """Do one batch, if it is time; how many messages it let go. After an empty one comes the pause."""
        now = self._clock.now()
        if self._not_before is not None and now < self._not_before:
            return 0
        went = self._retention.apply(_BATCH)
        sweep(self._store, self._archives, self._clock)
        if went:
            self._store.forget_leftovers()
        else:
            self._not_before = now + _PAUSE
        return went
