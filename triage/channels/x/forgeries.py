"""Deliveries that X did not sign: counted in memory, and told in the log now and then.

Anybody can send them, and as many as they like. So one costs neither a write nor a line.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from triage.clock import Clock

log = logging.getLogger(__name__)

#: The log is told at most this often; what comes meanwhile is counted.
PAUSE: Final = timedelta(minutes=10)


class Forgeries:
    """How many deliveries had a wrong signature since the log was last told. Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._untold = 0
        self._told_at: datetime | None = None

    def refused(self) -> None:
        """One more."""
        now = self._clock.now()
        with self._lock:
            self._untold += 1
            if self._told_at is not None and self._told_at <= now < self._told_at + PAUSE:
                return
            count, self._untold, self._told_at = self._untold, 0, now
        log.warning(
            "%s to the webhook refused for a wrong signature. If X sent them, TRIAGE_X_CONSUMER_SECRET is not the "
            "app's: `triage x webhook validate` finds out",
            "a delivery" if count == 1 else f"{count:,} deliveries",
        )
