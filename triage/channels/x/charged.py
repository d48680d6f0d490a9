"""What X charges for: a post that is read several times on a day (UTC) counts once."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from triage.channels.x.endpoint import Endpoint

#: Ids that are remembered of each kind of call: more than a timeline gives back, and few enough for any memory.
_MOST: Final = 5_000


class Charged:
    """What this process has read today. What it does not remember counts again: rather too much than too little."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = date.min
        self._read: defaultdict[Endpoint, dict[str, None]] = defaultdict(dict)

    def again(self, endpoint: Endpoint, ids: Iterable[str], day: date) -> int:
        """How many of these were read on this day before; from now on all of them were."""
        with self._lock:
            if day != self._day:
                self._day = day
                self._read.clear()
            read = self._read[endpoint]
            wanted = dict.fromkeys(ids)
            before = len(wanted.keys() & read.keys())
            for one in wanted:
                read.pop(one, None)
            read |= wanted  # those that were read last are forgotten last
            for oldest in list(read)[: max(0, len(read) - _MOST)]:
                del read[oldest]
            return before
