"""Listening to X: polling, streams beside it, and looking stored posts up again, for as long as the process lives.

Of many processes, one listens; the others stand by and take over when it ends, however it ends. Nothing that X, the
network or the database do ends the listening. What a stream may have missed is polled for at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from triage.channels.x.accelerator import Accelerator, Missed
from triage.channels.x.happening import Happening
from triage.channels.x.watch import Source, Watch
from triage.clock import Clock
from triage.errors import ChannelError, RetryLater
from triage.service.x.batching import Batches
from triage.store import Hold, Store

log = logging.getLogger(__name__)

#: How often a process that stands by looks whether it is its turn.
_STAND_BY: Final = timedelta(seconds=5)
#: Pauses before what could not be taken in is tried again.
_PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4, 8, 15))
#: Seconds that a thread may take to end; a call of X's may last longer, and ends with the process.
_LONGEST_END: Final = 10.0

Take = Callable[[Sequence[Happening]], object]


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again. ``fills`` says that it finds what a stream has missed."""

    name: str
    every: timedelta
    do: Callable[[], None]
    source: Source
    fills: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """Runs the chores and the streams, each in a thread of its own."""

    store: Store
    chores: Sequence[Chore]
    accelerators: Sequence[Accelerator]
    take: Take
    watch: Watch
    clock: Clock

    def run(self, stop: threading.Event) -> None:
        """Listen until ``stop`` is set, whenever no other process does."""
        while not stop.is_set():
            hold = self._try_hold()
            if hold is None:
                self.clock.wait(stop, _STAND_BY)
                continue
            try:
                self._listen(stop, hold)
            except Exception:
                log.exception("listening to X ended; beginning again")
                self.clock.wait(stop, _STAND_BY)
            finally:
                hold.release()

    def _try_hold(self) -> Hold | None:
        try:
            return self.store.try_hold("x-intake")
        except Exception:
            log.exception("whether another process listens to X could not be asked; trying again")
            return None

    def _listen(self, stop: threading.Event, hold: Hold) -> None:
        loops = [_Loop(chore, self.watch, self.clock) for chore in self.chores]
        with ExitStack() as ended:
            for loop in loops:
                ended.enter_context(_running(loop.run, loop.end, loop.chore.name))
            for accelerator in self.accelerators:
                stream = _Stream(accelerator, self.take, loops, self.watch, self.clock)
                ended.enter_context(_running(stream.take_in, stream.end, f"taking in {accelerator.source.value}"))
                ended.enter_context(_running(stream.read, stream.stop.set, f"reading {accelerator.source.value}"))
            while hold.held() and not self.clock.wait(stop, _STAND_BY):
                pass


class _Loop:
    """One chore, again and again."""

    def __init__(self, chore: Chore, watch: Watch, clock: Clock) -> None:
        self.chore = chore
        self._watch = watch
        self._clock = clock
        self._ended = False
        self._wake = threading.Event()

    def hurry(self) -> None:
        """Do it now, or once more if it is being done."""
        if self.chore.fills:
            self._wake.set()

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    def run(self) -> None:
        while not self._ended:
            self._wake.clear()
            pause = self._once()
            if self._ended:
                return
            self._clock.wait(self._wake, pause)

    def _once(self) -> timedelta:
        """Do it; how long to wait then. An error ends one round, not the loop."""
        try:
            self.chore.do()
        except RetryLater as error:
            return max(error.not_before - self._clock.now(), _PAUSES[0])
        except ChannelError as error:  # the call that it came from has told the watch
            log.warning("%s: %s", self.chore.name, error)
        except Exception:
            log.exception("%s failed; trying again", self.chore.name)
            self._watch.failed(self.chore.source, "This failed for a reason that only the log says; it is tried again.")
        return self.chore.every


class _Stream:
    """What the accelerator tells, on its way into the store."""

    def __init__(
        self, accelerator: Accelerator, take: Take, loops: Sequence[_Loop], watch: Watch, clock: Clock
    ) -> None:
        self.stop = threading.Event()
        self._accelerator = accelerator
        self._take = take
        self._loops = loops
        self._watch = watch
        self._clock = clock
        self._batches = Batches(clock)

    def read(self) -> None:
        """Read until told to stop; a reader that fails is started again."""
        while not self.stop.is_set():
            pause = _PAUSES[-1]
            try:
                for told in self._accelerator.happenings(self.stop):
                    if isinstance(told, Missed):
                        self._fill()
                    else:
                        self._batches.put(told)
            except RetryLater as later:
                pause = max(pause, later.not_before - self._clock.now())
            except ChannelError as error:  # the call that it came from has told the watch
                log.warning("reading %s failed: %s", self._accelerator.source.value, error)
            except Exception:
                log.exception("reading %s failed; trying again", self._accelerator.source.value)
                self._watch.failed(self._accelerator.source, "Reading failed for a reason that only the log says.")
            if not self.stop.is_set():
                self._fill()
                self._clock.wait(self.stop, pause)

    def end(self) -> None:
        self._batches.end()

    def take_in(self) -> None:
        """Take in batch after batch, until the last."""
        for batch in self._batches.each(self.stop):
            if not self._taken(batch, _PAUSES):
                self._one_by_one(batch)

    def _taken(self, batch: Sequence[Happening], pauses: Sequence[timedelta]) -> bool:
        for pause in pauses:
            try:
                self._take(batch)
                return True
            except Exception:
                log.exception("what %s told could not be taken in; trying again", self._accelerator.source.value)
            if self._clock.wait(self.stop, pause):
                break
        return False

    def _one_by_one(self, batch: Sequence[Happening]) -> None:
        """What can be taken in is; the rest is for polling to find."""
        lost = sum(not self._taken([one], _PAUSES[:1]) for one in batch)
        if lost:
            self._watch.failed(
                self._accelerator.source, f"{lost} of what it told could not be taken in; polling for it."
            )
            self._fill()

    def _fill(self) -> None:
        for loop in self._loops:
            loop.hurry()


@contextmanager
def _running(work: Callable[[], None], end: Callable[[], None], name: str) -> Iterator[None]:
    """``work`` in a thread for as long as the block lasts; ``end`` tells it to end."""
    thread = threading.Thread(target=work, name=f"x: {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end()
        thread.join(timeout=_LONGEST_END)
