"""Long inputs are scored on all cores: one process each, since one interpreter runs on one core."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Final

from app.compose import compose
from triage import settings
from triage.scoring.scorer import Scorer

#: Inputs of fewer batches are done before other processes are ready.
_FEWEST_BATCHES: Final = 6
#: Batches that wait for each process: enough to keep it busy, few enough to keep memory flat.
_AHEAD: Final = 3

Work = Callable[[Scorer, Any], list[Any]]

_own: list[Scorer] = []


class SideBySide:
    """Calls ``work(scorer, batch)`` for each batch and gives the results in order; ``work`` must be picklable."""

    def __init__(self, work: Work, scorer: Scorer, processes: int | None = None) -> None:
        self._work = work
        self._scorer = scorer
        self._processes = processes if processes is not None else os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, batches: Iterator[Any]) -> Iterator[list[Any]]:
        first = list(islice(batches, _FEWEST_BATCHES))
        if len(first) < _FEWEST_BATCHES or self._processes < 2:
            for batch in chain(first, batches):
                yield self._work(self._scorer, batch)
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _load)
        waiting: deque[Future[list[Any]]] = deque()
        for batch in chain(first, batches):
            waiting.append(self._pool.submit(_call, self._work, batch))
            if len(waiting) >= self._processes * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _load() -> None:
    _own.append(compose(settings.read()).scorer)


def _call(work: Work, batch: Any) -> list[Any]:
    return work(_own[0], batch)
