"""What is beside polling to be quicker: a stream of happenings that may have gaps, and says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.channels.x.happening import Happening
from triage.channels.x.watch import Source


@dataclass(frozen=True, slots=True)
class Missed:
    """From this moment on something may have happened that was not told. Only polling can fill it."""

    since: datetime


class Accelerator(Protocol):
    """One source of happenings. It may repeat itself and tell things out of order."""

    source: Source

    def happenings(self, stop: threading.Event) -> Iterator[Happening | Missed]:
        """What happens, as it happens, until ``stop`` is set.

        It connects again by itself and never raises for what X or the network do; the
        :class:`~triage.channels.x.watch.Watch` it was made with is told.
        """
        ...
