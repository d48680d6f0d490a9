"""What the worker does beside its work, at most once an hour: letting go of what has to go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from triage.clock import Clock
from triage.service.erasure import Erasure
from triage.service.retention import Retention

_PAUSE: Final = timedelta(hours=1)
#: Messages of a channel in one transaction: few, so that nobody waits for it.
_BATCH: Final = 200


class Tidying:
    """Finishes interrupted erasures and applies retention, in small batches between the worker's rounds."""

    def __init__(self, erasure: Erasure, retention: Retention, clock: Clock) -> None:
        self._erasure = erasure
        self._retention = retention
        self._clock = clock
        self._not_before: datetime | None = None

    def step(self) -> int:
        """Do one batch, if it is time; how many messages it let go. After an empty one comes the pause."""
        now = self._clock.now()
        if self._not_before is not None and now < self._not_before:
            return 0
        self._erasure.finish()
        went = self._retention.apply(_BATCH)
        if not went:
            self._not_before = now + _PAUSE
        return went
