"""Putting what streams tell into small batches, in order, so that the rest of the product sees it as it was written."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from triage.channels.x.happening import Happening, PostDeleted, Posted
from triage.clock import Clock

#: How long a batch waits for more of it: what X tells out of order is mostly this close together.
BATCH_FOR: Final = timedelta(milliseconds=100)
_MOST_WAITING: Final = 10_000
_MOST_AT_ONCE: Final = 500


class Batches:
    """A queue that gives out batches. Full, it holds up whoever puts in: memory stays bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: queue.Queue[Happening | None] = queue.Queue(_MOST_WAITING)

    def put(self, happening: Happening) -> None:
        self._queue.put(happening)

    def end(self) -> None:
        """Nothing follows; what is in the queue is still given out."""
        self._queue.put(None)

    def each(self, stop: threading.Event) -> Iterator[list[Happening]]:
        """Batches, each sorted by id; ends after :meth:`end`. Once ``stop`` is set no batch waits for more."""
        ended = False
        while not ended:
            batch = [self._queue.get()]
            self._clock.wait(stop, BATCH_FOR)
            while len(batch) < _MOST_AT_ONCE and batch[-1] is not None:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            ended = batch[-1] is None
            happened = [one for one in batch if one is not None]
            if happened:
                yield sorted(happened, key=_id)


def _id(happening: Happening) -> int:
    match happening:
        case Posted(post):
            return int(post.id)
        case PostDeleted(post_id):
            return int(post_id)
        case _:
            return int(happening.message.id)
