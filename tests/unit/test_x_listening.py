"""Listening goes on whatever happens, in one process at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.doubles import NOON
from tests.x_connection import Notes
from triage.channels.x.accelerator import Missed
from triage.channels.x.happening import PostDeleted, Posted
from triage.channels.x.post import Post
from triage.channels.x.watch import Source
from triage.clock import FastClock
from triage.errors import GiveUp, RetryLater
from triage.listening import Chore, Listener
from triage.service.x.batching import Batches
from triage.store import Hold

MINUTE = timedelta(minutes=1)


class Right:
    """What only one may hold at a time, in place of a store."""

    def __init__(self) -> None:
        self.free = True
        self.lost = False
        self.given = 0

    def try_hold(self, name: str) -> Hold | None:
        assert name == "x-intake"
        if not self.free:
            return None
        self.free, self.lost = False, False
        self.given += 1
        return Hold(self._release, lambda: not self.lost)

    def _release(self) -> None:
        self.free = True


class Told:
    """An accelerator that tells what it is given; an exception is raised, and then the next list is told."""

    source = Source.STREAM

    def __init__(self, *told: object) -> None:
        self.told = list(told)
        self.begun = 0

    def happenings(self, stop: threading.Event) -> Iterator:
        self.begun += 1
        while self.told:
            one = self.told.pop(0)
            if isinstance(one, Exception):
                raise one
            yield one
        stop.wait()


def post(number: int) -> Posted:
    return Posted(Post(str(number), (str(number),), "7", NOON, f"post {number}"))


def fast() -> FastClock:
    """A minute of this clock is 60 milliseconds."""
    return FastClock(1000, NOON, datetime.now(UTC))


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=listener.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def listener(
    *chores: Chore,
    right: Right | None = None,
    beside: Sequence[Told] = (),
    take: Callable = lambda happenings: None,
    notes: Notes | None = None,
) -> Listener:
    return Listener(right or Right(), chores, beside, take, notes or Notes(), fast())


def chore(do: Callable[[], None], *, every: timedelta = MINUTE, fills: bool = False) -> Chore:
    return Chore("polling", every, do, Source.POLL, fills)


def test_a_chore_is_done_at_once_and_then_again_and_again() -> None:
    done: list[int] = []
    with listening(listener(chore(lambda: done.append(1)))):
        eventually(lambda: len(done) >= 3)


@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), GiveUp("X refuses"), RetryLater("later", NOON)])
def test_no_error_ends_a_chore(error) -> None:
    done: list[int] = []

    def fail() -> None:
        done.append(1)
        raise error

    with listening(listener(chore(fail))):
        eventually(lambda: len(done) >= 3)


def test_a_fault_of_ours_is_noted_for_operators_in_plain_words() -> None:
    notes = Notes()
    with listening(listener(chore(lambda: 1 / 0), notes=notes)):
        eventually(lambda: notes.problems)
    assert notes.problems[0][0] is Source.POLL
    assert "division" not in notes.problems[0][1]


def test_a_chore_waits_as_long_as_x_says() -> None:
    at: list[datetime] = []
    clock = fast()

    def refused() -> None:
        at.append(clock.now())
        raise RetryLater("the limit is used up", at[-1] + 10 * MINUTE)

    one = listener(chore(refused, every=timedelta(seconds=1)))
    with listening(Listener(one.store, one.chores, (), one.take, one.watch, clock)):
        eventually(lambda: len(at) >= 2)
    assert at[1] - at[0] >= 10 * MINUTE


def test_what_a_stream_may_have_missed_is_polled_for_at_once() -> None:
    polled: list[float] = []
    hour = timedelta(hours=100)
    accelerator = Told()
    with listening(
        listener(
            chore(lambda: polled.append(1), every=hour, fills=True),
            chore(lambda: None, every=hour),
            beside=[accelerator],
        )
    ):
        eventually(lambda: len(polled) == 1 and accelerator.begun)
    accelerator.told = [Missed(NOON)]
    polled.clear()
    with listening(listener(chore(lambda: polled.append(1), every=hour, fills=True), beside=[accelerator])):
        eventually(lambda: len(polled) >= 2)


def test_what_a_stream_tells_is_taken_in_batches_in_order() -> None:
    taken: list[str] = []
    accelerator = Told(post(3), post(1), PostDeleted("2"))
    with listening(listener(beside=[accelerator], take=lambda batch: taken.append([_id(one) for one in batch]))):
        eventually(lambda: sum(map(len, taken)) == 3)
    assert taken == [sorted(batch) for batch in taken]


def _id(happening) -> int:
    return int(happening.post.id if isinstance(happening, Posted) else happening.post_id)


def test_of_two_streams_one_that_keeps_failing_does_not_silence_the_other() -> None:
    taken: list[int] = []
    broken = Told(*[RuntimeError("a fault of ours")] * 5)
    with listening(listener(beside=[broken, Told(post(1), post(2))], take=lambda batch: taken.extend(map(_id, batch)))):
        eventually(lambda: taken == [1, 2])


def test_a_stream_that_breaks_is_begun_again_and_polled_for() -> None:
    polled: list[int] = []
    accelerator = Told(post(1), RuntimeError("a fault of ours"), post(2), RetryLater("not now", NOON), post(3))
    taken: list[int] = []
    with listening(
        listener(
            chore(lambda: polled.append(1), every=timedelta(hours=100), fills=True),
            beside=[accelerator],
            take=lambda batch: taken.extend(map(_id, batch)),
        )
    ):
        eventually(lambda: taken == [1, 2, 3])
        eventually(lambda: len(polled) >= 2)


def test_what_cannot_be_taken_in_is_tried_again_and_one_bad_post_holds_up_no_other() -> None:
    notes, polled, taken = Notes(), [], []

    def take(batch) -> None:
        if any(_id(one) == 2 for one in batch):
            raise RuntimeError("the second is bad")
        taken.extend(map(_id, batch))

    accelerator = Told(post(1), post(2), post(3))
    poll = chore(lambda: polled.append(1), every=timedelta(hours=100), fills=True)
    with listening(listener(poll, beside=[accelerator], take=take, notes=notes)):
        eventually(lambda: notes.problems)
        eventually(lambda: len(polled) >= 2)
    assert sorted(taken) == [1, 3]
    assert notes.problems[0][1].startswith("1 of what it told could not be taken in")


def test_a_database_that_is_away_for_a_moment_loses_nothing_that_a_stream_has_told() -> None:
    taken: list[int] = []
    failures = [RuntimeError("away")] * 3

    def take(batch) -> None:
        if failures:
            raise failures.pop()
        taken.extend(map(_id, batch))

    with listening(listener(beside=[Told(post(1), post(2))], take=take)):
        eventually(lambda: taken == [1, 2])


def test_of_two_processes_one_listens_and_the_other_takes_over() -> None:
    right, first, second = Right(), [], []
    with listening(listener(chore(lambda: second.append(1)), right=right)):
        eventually(lambda: second)
        with listening(listener(chore(lambda: first.append(1)), right=right)):
            time.sleep(0.05)
            assert not first
    with listening(listener(chore(lambda: first.append(1)), right=right)):
        eventually(lambda: first)


def test_whoever_has_lost_the_right_to_listen_stops_and_stands_by() -> None:
    right, done = Right(), []
    with listening(listener(chore(lambda: done.append(1)), right=right)):
        eventually(lambda: done)
        right.lost = True
        eventually(lambda: right.given == 2)
        done.clear()
        eventually(lambda: done)


def test_what_is_in_the_queue_at_the_end_is_still_taken_in() -> None:
    batches = Batches(fast())
    for number in (2, 1):
        batches.put(post(number))
    batches.end()
    assert [[_id(one) for one in batch] for batch in batches.each(threading.Event())] == [[1, 2]]


def test_a_batch_has_an_end_although_more_keeps_coming() -> None:
    batches = Batches(fast())
    for number in range(1200):
        batches.put(post(number))
    batches.end()
    sizes = [len(batch) for batch in batches.each(threading.Event())]
    assert sum(sizes) == 1200
    assert max(sizes) <= 500
