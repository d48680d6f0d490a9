"""What X charges for: each thing once a day (UTC), however often it is read."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date

from triage.channels.x.endpoint import Endpoint
from triage.clock import Clock


class Charged:
    """Remembers what was read today, for one process. Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day: date | None = None
        self._read: set[tuple[Endpoint, str]] = set()
        self._lock = threading.Lock()

    def new(self, endpoint: Endpoint, ids: Iterable[str]) -> int:
        """How many of these things this call is the first of today to read."""
        today = self._clock.now().date()
        with self._lock:
            if today != self._day:
                self._day, self._read = today, set()
            before = len(self._read)
            self._read.update((endpoint, one) for one in ids)
            return len(self._read) - before
