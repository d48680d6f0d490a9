"""The timer that ends silent connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from triage.channels.x.stall import StallTimer
from triage.clock import FastClock

#: A minute is half a second.
FACTOR = 120
PATIENCE = timedelta(minutes=1)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def timer(stop: threading.Event) -> Iterator[StallTimer]:
    now = datetime.now(UTC)
    with StallTimer(FastClock(FACTOR, now, now), stop, PATIENCE) as timer:
        yield timer


def test_a_connection_that_says_nothing_for_too_long_is_hung_up_on(timer: StallTimer) -> None:
    hung_up = threading.Event()
    timer.connected(hung_up.set)
    timer.wait()
    assert hung_up.wait(2)
    assert timer.stalled


def test_a_connection_that_says_something_now_and_then_is_not(timer: StallTimer) -> None:
    hung_up = threading.Event()
    timer.connected(hung_up.set)
    for _ in range(8):
        timer.wait()
        time.sleep(0.1)
        timer.heard()
    assert not hung_up.is_set()
    assert not timer.stalled


def test_time_in_which_nobody_waits_for_it_does_not_count(timer: StallTimer) -> None:
    hung_up = threading.Event()
    timer.connected(hung_up.set)
    timer.wait()
    timer.heard()
    assert not hung_up.wait(0.8)


def test_the_next_connection_begins_anew(timer: StallTimer) -> None:
    first, second = threading.Event(), threading.Event()
    timer.connected(first.set)
    timer.wait()
    assert first.wait(2)
    timer.disconnected()
    timer.connected(second.set)
    assert not timer.stalled
    assert not second.wait(0.8)


def test_stopping_hangs_up_at_once(timer: StallTimer, stop: threading.Event) -> None:
    hung_up = threading.Event()
    timer.connected(hung_up.set)
    stop.set()
    assert hung_up.wait(0.4)
    assert not timer.stalled


def test_a_connection_made_after_stopping_is_hung_up_on(timer: StallTimer, stop: threading.Event) -> None:
    stop.set()
    time.sleep(0.2)
    hung_up = threading.Event()
    timer.connected(hung_up.set)
    assert hung_up.is_set()


def test_one_that_cannot_be_hung_up_on_any_more_is_no_harm(timer: StallTimer) -> None:
    def gone() -> None:
        raise RuntimeError("released")

    timer.connected(gone)
    timer.wait()
    time.sleep(0.8)
    assert timer.stalled


def test_time_that_jumps_is_no_silence(stop: threading.Event) -> None:
    """As on a machine that was suspended: what X has said meanwhile is still to be read."""
    clock = FastClock(FACTOR, datetime.now(UTC), datetime.now(UTC))
    with StallTimer(clock, stop, PATIENCE) as timer:
        timer.connected(lambda: None)
        for _ in range(6):
            timer.wait()
            clock.advance(timedelta(hours=1))
            time.sleep(0.05)
            timer.heard()
        assert not timer.stalled
