"""Long inputs are scored on all cores: one process each, since one interpreter runs on one core."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Final

from app.compose import compose
from triage import settings
from triage.cores import cores
from triage.errors import TriageError
from triage.privacy.people import LIBRARIES
from triage.scoring.scorer import Scorer
from triage.settings import Settings

#: So many batches are done here, as they come; other processes take seconds to start and are worth it for more.
_FIRST: Final = 16
#: Batches that wait for each process: enough to keep it busy, few enough to keep memory flat.
_AHEAD: Final = 3
#: Forked from a process that has imported what all need, which takes each two seconds; not on Windows.
_START: Final = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

Work = Callable[[Scorer, Any], list[Any]]

_own: list[Scorer] = []


class SideBySide:
    """Calls ``work(scorer, batch)`` for each batch and gives the results in order; ``work`` must be picklable."""

    def __init__(self, work: Work, scorer: Scorer, processes: int | None = None) -> None:
        self._work = work
        self._scorer = scorer
        self._processes = processes if processes is not None else cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def __call__(self, batches: Iterator[Any]) -> Iterator[list[Any]]:
        here = batches if self._processes < 2 else islice(batches, 0 if self._pool else _FIRST)
        for batch in here:
            yield self._work(self._scorer, batch)
        waiting: deque[Future[list[Any]]] = deque()
        for batch in batches:
            waiting.append(self._submit(batch))
            while waiting and (waiting[0].done() or len(waiting) >= self._processes * _AHEAD):
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())

    def _submit(self, batch: Any) -> Future[list[Any]]:
        if self._pool is None:
            context = multiprocessing.get_context(_START)
            context.set_forkserver_preload([__name__, *LIBRARIES])
            self._pool = ProcessPoolExecutor(self._processes, context, _load, (settings.read(),))
        try:
            return self._pool.submit(_call, self._work, batch)
        except BrokenProcessPool as error:
            raise _ended() from error


def _result(future: Future[list[Any]]) -> list[Any]:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _ended() from error


def _ended() -> TriageError:
    return TriageError("a process that scored was ended from outside, perhaps for want of memory")


def _load(told: Settings) -> None:
    """What a process does first: it leaves the keyboard to its parent, and goes when the parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_go_with, args=(parent.sentinel,), daemon=True).start()
    _own.append(compose(told).scorer)
    gc.freeze()  # what was loaded stays: looking through it again and again costs 2 % of scoring


def _go_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _call(work: Work, batch: Any) -> list[Any]:
    return work(_own[0], batch)
