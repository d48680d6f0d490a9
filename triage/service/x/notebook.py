"""Notes of the connection in the database: what was heard, what went wrong, what was spent."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.watch import Source
from triage.clock import Clock
from triage.store import Store, Transaction
from triage.store.x_notes import Heard, Spent

log = logging.getLogger(__name__)

#: A source that talks all the time is written down this often.
_PAUSE: Final = timedelta(seconds=3)


class Notebook:
    """:class:`triage.channels.x.watch.Watch` over the store. What cannot be noted is logged: work goes on."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: dict[Source, Heard] = {}
        self._written: dict[tuple[Source, str], datetime] = {}
        self._reads: Counter[tuple[date, Endpoint]] = Counter()
        self._calls: Counter[tuple[date, Endpoint]] = Counter()
        self._counted_at = clock.now()

    def alive(self, source: Source) -> None:
        now = self._clock.now()
        self._hear(source, "alive", lambda heard: replace(heard, alive_at=now))

    def saw(self, source: Source, external_id: str, created_at: datetime) -> None:
        now = self._clock.now()
        self._hear(source, "saw", lambda _: Heard(alive_at=now).seeing(external_id, created_at, now))

    def called(self, endpoint: Endpoint, things: int) -> None:
        now = self._clock.now()
        with self._lock:
            self._calls[now.date(), endpoint] += 1
            self._reads[now.date(), endpoint] += things
        self._count()

    def writing(self, endpoint: Endpoint, *, with_link: bool = False) -> Callable[[], None]:
        day = self._clock.now().date()

        def spend(calls: int, things: int) -> None:
            spent = Spent(calls, things, things * with_link)
            self._note(lambda transaction: transaction.x_notes.spend(day, endpoint.value, spent))

        spend(1, 1)  # at once: limits of the day go by it
        return lambda: spend(0, -1)

    def failed(self, where: Endpoint | Source, problem: str) -> None:
        log.warning("X, %s: %s", where.value, problem)
        at = self._clock.now()
        self._note(lambda transaction: transaction.x_notes.add_problem(where.value, problem, at))

    def close(self) -> None:
        """Write down what is only remembered yet."""
        self._count(at_once=True)

    def _count(self, *, at_once: bool = False) -> None:
        """Write down what was read, every few seconds: a stream tells of each post by itself."""
        now = self._clock.now()
        with self._lock:
            if not at_once and self._counted_at <= now < self._counted_at + _PAUSE:
                return
            self._counted_at = now
            counted = {key: Spent(calls, self._reads[key], 0) for key, calls in self._calls.items()}
            self._calls.clear()
            self._reads.clear()

        def write(transaction: Transaction) -> None:
            for (day, endpoint), spent in counted.items():
                transaction.x_notes.spend(day, endpoint.value, spent)

        if counted:
            self._note(write)

    def _hear(self, source: Source, what: str, change: Callable[[Heard], Heard]) -> None:
        now = self._clock.now()
        with self._lock:
            heard = self._heard[source] = change(self._heard.get(source, Heard()))
            written = self._written.get((source, what))  # what is seen right after a sign of life is written, too
            if written is not None and written <= now < written + _PAUSE:
                return
            self._written[source, what] = now
        self._note(lambda transaction: transaction.x_notes.hear(source.value, heard))
        self._count()

    def _note(self, work: Callable[[Transaction], None]) -> None:
        try:
            self._store.run(work)
        except Exception:
            log.exception("a note on the connection to X could not be written")
