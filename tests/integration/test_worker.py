"""A running worker wakes when something comes in, and a slow channel holds up no decision."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.doubles import message, worker
from triage.channels.memory import MemoryChannel
from triage.clock import SystemClock
from triage.domain.message import MessageState
from triage.service.intake import take_in
from triage.store import Store
from triage.worker import DECIDED_AT_ONCE, Worker

#: Seconds; far longer than a test may take.
HOUR = 3600.0


@contextmanager
def running(hands: Worker, poll_seconds: float = HOUR) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=hands.run, args=(stop, poll_seconds))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
        hands.close()


def decided(store: Store, external_id: str, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with store.read() as transaction:
            found = transaction.messages.by_external_id("memory", external_id)
        if found is not None and found.state is not MessageState.RECEIVED:
            return True
        time.sleep(0.01)
    return False


def test_a_bell_wakes_a_resting_worker_at_once(store) -> None:
    clock = SystemClock()
    hands = worker(store, clock)
    with running(hands):
        time.sleep(0.2)
        take_in(store, [message("1")], clock)
        assert not decided(store, "1", seconds=0.3)
        hands.bell.set()
        assert decided(store, "1")


def test_what_was_decided_is_sent_at_once(store) -> None:
    clock, channel = SystemClock(), MemoryChannel()
    hands = worker(store, clock, channels=[channel])
    with running(hands):
        time.sleep(0.2)
        take_in(store, [message("1")], clock)
        hands.bell.set()
        until = time.monotonic() + 10
        while not channel.sent and time.monotonic() < until:
            time.sleep(0.01)
    assert [reply.in_reply_to for reply in channel.sent.values()] == ["1"]


def test_a_channel_that_does_not_answer_holds_up_no_decision(store) -> None:
    clock, called, go_on = SystemClock(), threading.Event(), threading.Event()

    class Slow(MemoryChannel):
        def send(self, reply):
            called.set()
            go_on.wait(20)
            return super().send(reply)

    hands = worker(store, clock, channels=[Slow()])
    with running(hands):
        take_in(store, [message("1")], clock)
        hands.bell.set()
        assert called.wait(10)
        take_in(store, [message("2", "@MarramAir my bag is gone", author="7")], clock)
        hands.bell.set()
        assert decided(store, "2")
        go_on.set()


def test_a_live_worker_lets_others_write_after_a_few_messages_however_many_wait(store) -> None:
    """On SQLite a transaction of a thousand decisions kept everybody else from writing for seconds."""
    clock, asked = SystemClock(), []
    hands = worker(store, clock, batch=1000)
    scorer = hands.judge.scorer

    class Counting:
        def score(self, utterances):
            asked.append(len(utterances))
            return scorer.score(utterances)

    hands = replace(hands, judge=replace(hands.judge, scorer=Counting()))
    waiting = [message(str(number), f"@MarramAir can pets fly? {number}") for number in range(3 * DECIDED_AT_ONCE + 1)]
    take_in(store, waiting, clock)
    with running(hands):
        assert decided(store, str(len(waiting) - 1), seconds=30)
    assert sum(asked) == len(waiting)
    assert max(asked) <= DECIDED_AT_ONCE


def test_an_error_of_the_scorers_or_a_channels_ends_no_worker(store) -> None:
    clock, channel = SystemClock(), MemoryChannel()
    hands = worker(store, clock, channels=[channel])
    failures = [RuntimeError("once")]
    drain = hands.outbox.drain

    def failing(limit: int) -> int:
        if failures:
            raise failures.pop()
        return drain(limit)

    hands.outbox.drain = failing  # type: ignore[method-assign]
    with running(replace(hands), poll_seconds=0.05):
        take_in(store, [message("1")], clock)
        until = time.monotonic() + 10
        while not channel.sent and time.monotonic() < until:
            time.sleep(0.01)
    assert len(channel.sent) == 1
