"""Time that runs faster, and that can be skipped."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from tests.doubles import NOON
from triage.clock import FastClock


def test_time_that_is_skipped_is_over_at_once_for_whoever_waits() -> None:
    clock, woken, never = FastClock(1, NOON, datetime.now(UTC)), threading.Event(), threading.Event()

    def wait() -> None:
        if not clock.wait(never, timedelta(hours=1)):
            woken.set()

    threading.Thread(target=wait, daemon=True).start()
    clock.advance(timedelta(hours=1))
    assert woken.wait(5)
    assert NOON + timedelta(hours=1) <= clock.now() < NOON + timedelta(hours=1, minutes=1)


def test_who_is_told_to_stop_does_not_wait_for_the_time() -> None:
    stop = threading.Event()
    stop.set()
    assert FastClock(1, NOON, datetime.now(UTC)).wait(stop, timedelta(hours=1))
    assert not FastClock(3600, NOON, datetime.now(UTC)).wait(threading.Event(), timedelta(seconds=60))
