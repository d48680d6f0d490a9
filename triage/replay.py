"""Running the main job over a file of traffic."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice, repeat
from pathlib import Path

from msgspec import structs

from triage.channels.traffic_file import Rejected, read_traffic
from triage.clock import Clock
from triage.domain.message import IncomingMessage
from triage.service.ahead import ScoringAhead
from triage.service.intake import take_in
from triage.service.utterances import foreseen
from triage.store import Store
from triage.worker import Worker

#: Called after each portion with the number of messages in it.
Progress = Callable[[int], None]
Portion = Sequence[IncomingMessage]


@dataclass(slots=True)
class Tally:
    """What a replay took in."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


def replay(
    path: Path,
    store: Store,
    worker: Worker,
    clock: Clock,
    *,
    batch: int,
    limit: int | None = None,
    speed: float | None = None,
    on_rejected: Callable[[Rejected], None],
    on_progress: Progress = lambda _: None,
    shift: timedelta = timedelta(),
) -> Tally:
    """Take in every message of a file and decide it; safe to interrupt and to run again.

    A portion is decided before the next one is taken in, so that a run which was killed and started
    again meets the same context, and ends in the same state, as one that was not. Only scored is the next
    one meanwhile, unless the traffic has its own pace.

    Args:
        speed: how many times faster than the traffic itself; ``None`` for as fast as possible.
        limit: stop after this many messages.
        shift: how much later than it was the traffic shall count as written.
    """
    tally = Tally()
    worker.drain()
    portions = _portions(read_traffic(path), batch, limit, speed, on_rejected, tally)
    with ScoringAhead(worker.judge.scorer) as scorer:
        ahead = replace(worker, judge=replace(worker.judge, scorer=scorer))
        for portion, coming in _with_next(portions) if speed is None else zip(portions, repeat(())):
            receipt = take_in(store, [_later(message, shift) for message in portion], clock)
            tally.read += len(portion)
            tally.accepted += len(receipt.accepted)
            tally.duplicates += receipt.duplicates
            scorer.begin(foreseen(store, coming))
            ahead.drain()
            on_progress(len(portion))
    return tally


def _with_next(portions: Iterator[Portion]) -> Iterator[tuple[Portion, Portion]]:
    """Each portion and the one after it, empty after the last. What breaks the next one comes after this one."""
    portion = next(portions, ())
    while portion:
        broken = None
        following: Portion = ()
        try:
            following = next(portions, ())
        except Exception as error:
            broken = error
        yield portion, following
        if broken is not None:
            raise broken
        portion = following


def _later(message: IncomingMessage, shift: timedelta) -> IncomingMessage:
    return structs.replace(message, created_at=message.created_at + shift) if shift else message


def _portions(
    rows: Iterator[IncomingMessage | Rejected],
    batch: int,
    limit: int | None,
    speed: float | None,
    on_rejected: Callable[[Rejected], None],
    tally: Tally,
) -> Iterator[Portion]:
    messages = islice(_good(rows, on_rejected, tally), limit)
    if speed is None:
        while portion := list(islice(messages, batch)):
            yield portion
    else:
        for message in _paced(messages, speed):
            yield [message]


def _good(
    rows: Iterator[IncomingMessage | Rejected], on_rejected: Callable[[Rejected], None], tally: Tally
) -> Iterator[IncomingMessage]:
    for row in rows:
        if isinstance(row, Rejected):
            tally.rejected += 1
            on_rejected(row)
        else:
            yield row


def _paced(messages: Iterator[IncomingMessage], speed: float) -> Iterator[IncomingMessage]:
    """Hold each message back until its time has come; one that is late in the file comes at once."""
    began = time.monotonic()
    first = None
    for message in messages:
        first = first or message.created_at
        due = began + (message.created_at - first).total_seconds() / speed
        if (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        yield message
