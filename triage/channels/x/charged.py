"""What X charges for: each thing once a day (UTC), however often it is read."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.clock import Clock

#: Ids that are remembered of each kind of call: more than a timeline gives back, and few enough for any memory.
_MOST: Final = 5_000


class Charged:
    """What this process has read today. What it does not remember counts again: rather too much than too little.

    Threads may share it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._day = date.min
        self._read: defaultdict[Endpoint, dict[str, None]] = defaultdict(dict)

    def new(self, endpoint: Endpoint, ids: Iterable[str]) -> int:
        """How many of these things this call is the first of today to read, as far as is remembered."""
        today = self._clock.now().date()
        wanted = dict.fromkeys(ids)
        with self._lock:
            if today != self._day:
                self._day = today
                self._read.clear()
            read = self._read[endpoint]
            new = len(wanted.keys() - read.keys())
            for one in wanted:
                read.pop(one, None)
            read |= wanted  # those that were read last are forgotten last
            for oldest in list(read)[: max(0, len(read) - _MOST)]:
                del read[oldest]
        return new
