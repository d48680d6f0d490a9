"""The worker: decides what waits, sends what was decided, and begins where another left off.

Live, it also tidies up between its rounds. A replay does not: it must end alike however often it is begun.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from triage.service.deciding import decide_pending
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.tidying import Tidying
from triage.store import Store

log = logging.getLogger(__name__)

#: Messages that a live worker decides in one transaction. On SQLite whoever takes messages in, calls X or replies waits
#: until it ends. A replay has nobody beside it.
DECIDED_AT_ONCE: Final = 10
#: Replies that are sent before the sender looks whether it shall stop.
_SENT_AT_ONCE: Final = 20
#: Seconds after which a resting worker notices that it shall stop.
_GLANCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Worker:
    """Takes up to ``batch`` messages at a time. Several may work on one database; one of them sends.

    Who sets ``bell`` wakes it when it rests: there is something to be done.
    """

    store: Store
    judge: Judge
    outbox: Outbox
    tidying: Tidying
    batch: int
    bell: threading.Event = field(default_factory=threading.Event)

    def step(self) -> int:
        """Decide one batch and send what can be sent; how much was done. Failing at one does not stop the other."""
        sent = 0
        try:
            decided = decide_pending(self.store, self.judge, self.batch)
        finally:
            sent = self.outbox.drain(self.batch)
        return decided + sent

    def close(self) -> None:
        """Let another process send."""
        self.outbox.close()

    def drain(self) -> int:
        """Work until nothing is waiting; how much was done."""
        done = 0
        while did := self.step():
            done += did
        return done

    def run(self, stop: threading.Event, poll_seconds: float) -> None:
        """Work until ``stop`` is set. An error ends one round, not the worker.

        Sending has a thread of its own: a channel that answers slowly holds up no decision.
        """
        decided = threading.Event()

        def decide() -> int:
            did = decide_pending(self.store, self.judge, min(self.batch, DECIDED_AT_ONCE))
            if did:
                decided.set()
            return did + self.tidying.step()

        def send() -> int:
            return self.outbox.drain(min(self.batch, _SENT_AT_ONCE))

        sending = threading.Thread(
            target=_again_and_again, args=(send, decided, stop, poll_seconds), name="sending", daemon=True
        )
        sending.start()
        _again_and_again(decide, self.bell, stop, poll_seconds)
        sending.join()


def _again_and_again(
    work: Callable[[], int], bell: threading.Event, stop: threading.Event, poll_seconds: float
) -> None:
    """Work until ``stop`` is set; where there was nothing to do, rest, until ``bell`` rings or it is time."""
    while not stop.is_set():
        bell.clear()  # whoever rings from now on is not missed
        try:
            did = work()
        except Exception:  # a worker that dies quietly is what users of other tools complain of
            log.exception("a round of work failed; trying again")
            did = 0
        if not did:
            _rest(bell, stop, poll_seconds)


def _rest(bell: threading.Event, stop: threading.Event, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        if bell.wait(min(left, _GLANCE)):
            return
