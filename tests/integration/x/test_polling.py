"""Polling finds everything, however often it is interrupted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.doubles import NOON
from tests.x_intake import Brand, Killed
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.snowflake import moment_of
from triage.clock import FrozenClock
from triage.errors import RetryLater

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def brand(store) -> Brand:
    return Brand(store, page=5)


def write(brand: Brand, count: int, every: timedelta = timedelta(seconds=1)) -> set[str]:
    ids = set()
    for number in range(count):
        ids.add(brand.customer(f"question {number}").id)
        brand.clock.advance(every)
    return ids


def refuse_from(brand: Brand, page: int) -> None:
    """X allows so many pages more, and none after."""
    last = brand.pages + page

    def interrupt(number: int) -> None:
        if number > last:
            raise RetryLater("the limit is used up", brand.clock.now() + MINUTE)

    brand.interrupt = interrupt


def calm(brand: Brand) -> None:
    brand.interrupt = lambda _: None


def test_a_first_look_takes_the_last_hour_and_no_more(brand) -> None:
    write(brand, 3)
    brand.clock.advance(timedelta(hours=2))
    new = write(brand, 7)
    brand.mentions.poll()
    assert set(brand.stored()) == new


def test_a_first_look_that_finds_nothing_new_remembers_where_the_timeline_is(brand) -> None:
    write(brand, 12)
    brand.clock.advance(timedelta(hours=2))
    brand.mentions.poll()
    assert brand.stored() == {}
    new = write(brand, 2)
    brand.kill()
    brand.mentions.poll()
    assert set(brand.stored()) == new


def test_a_clock_that_is_hours_ahead_loses_nothing_after_the_first_look(brand) -> None:
    brand.clock.advance(timedelta(hours=5))
    write(brand, 1)
    brand.mentions.clock.advance(timedelta(hours=3))  # the product's clock goes wrong, X's ids say what is new
    brand.mentions.poll()
    brand.clock.advance(timedelta(hours=-3))
    new = write(brand, 4)
    brand.mentions.poll()
    assert new <= set(brand.stored())


def test_what_comes_after_a_first_look_at_an_empty_timeline_is_new(brand) -> None:
    early = brand.customer("it shows late")
    brand.late[early.id] = timedelta(hours=2)
    brand.mentions.poll()
    brand.clock.advance(timedelta(hours=3))
    new = write(brand, 2)
    brand.mentions.poll()
    assert set(brand.stored()) == {early.id, *new}


def test_the_first_mention_of_a_new_account_is_found_by_who_was_away_for_hours(brand) -> None:
    for _ in range(5):
        brand.mentions.poll()
        brand.clock.advance(MINUTE)
    first = write(brand, 1)
    brand.clock.advance(timedelta(hours=5))
    brand.kill()
    brand.mentions.poll()
    assert set(brand.stored()) == first
    assert brand.notes.problems == []


def test_a_first_look_that_x_refuses_leaves_no_mark(brand) -> None:
    refuse_from(brand, 0)
    with pytest.raises(RetryLater):
        brand.mentions.poll()
    calm(brand)
    brand.clock.advance(timedelta(hours=3))
    new = write(brand, 1)
    brand.mentions.poll()
    assert set(brand.stored()) == new


def test_where_nothing_is_a_clock_that_is_hours_ahead_is_put_right_by_what_x_says(brand) -> None:
    wrong = timedelta(hours=5)
    brand.mentions.clock = FrozenClock(NOON + wrong)
    brand.mentions.ahead = lambda: wrong
    brand.mentions.poll()
    new = write(brand, 3)
    brand.mentions.poll()
    assert set(brand.stored()) == new


def test_a_walk_that_x_cut_short_goes_on_where_it_stopped(brand) -> None:
    ids = write(brand, 1)
    brand.mentions.poll()
    ids |= write(brand, 40)
    refuse_from(brand, 3)
    with pytest.raises(RetryLater):
        brand.mentions.poll()
    assert len(brand.stored()) == 1 + 15  # what was read is stored
    calm(brand)
    before = brand.pages
    brand.kill()
    brand.mentions.poll()
    assert set(brand.stored()) == ids
    assert brand.pages - before <= 10  # not all of it again


def test_new_mentions_are_not_kept_waiting_by_a_long_walk(brand) -> None:
    ids = write(brand, 1)
    brand.mentions.poll()
    ids |= write(brand, 60)
    for _ in range(100):
        refuse_from(brand, 5)
        newest = write(brand, 1, every=MINUTE)
        ids |= newest
        try:
            brand.mentions.poll()
        except RetryLater:
            assert newest <= set(brand.stored())
        else:
            break
    assert set(brand.stored()) == ids


def test_a_post_that_x_shows_late_is_found(brand) -> None:
    brand.mentions.poll()
    late = brand.customer("late")
    brand.late[late.id] = timedelta(seconds=50)
    brand.clock.advance(timedelta(seconds=20))
    write(brand, 1)
    brand.mentions.poll()
    assert late.id not in brand.stored()
    brand.clock.advance(MINUTE)
    brand.mentions.poll()
    assert late.id in brand.stored()


def test_a_post_that_x_shows_a_quarter_of_an_hour_late_is_found_by_whoever_polls_within_five_minutes(brand) -> None:
    brand.mentions.poll()
    late = brand.customer("very late")
    brand.late[late.id] = 15 * MINUTE
    for _ in range(15):
        write(brand, 1, every=MINUTE)
        brand.mentions.poll()
    for _ in range(5):
        write(brand, 1, every=MINUTE)
        brand.mentions.poll()
    assert late.id in brand.stored()


def test_an_idle_brand_is_looked_back_upon_further_every_five_minutes(brand) -> None:
    spans = []
    walk = brand.mentions.timeline.pages
    brand.mentions.timeline = replace(
        brand.mentions.timeline, pages=lambda **asked: spans.append(asked["since_id"]) or walk(**asked)
    )
    newest = write(brand, 1)
    for _ in range(130):
        brand.mentions.poll()
        brand.clock.advance(MINUTE)
    (post,) = brand.stored().values()
    wide = sum(post.created_at - moment_of(since) > timedelta(minutes=10) for since in spans[1:])
    assert newest == set(brand.stored())
    assert wide == 25


def test_a_reading_that_x_refused_is_no_look_back(brand) -> None:
    write(brand, 1)
    brand.mentions.poll()
    late = brand.customer("late")
    brand.late[late.id] = 14 * MINUTE
    for _ in range(5):
        write(brand, 1, every=3 * MINUTE)
        brand.mentions.poll()
    write(brand, 1, every=3 * MINUTE)
    refuse_from(brand, 0)
    with pytest.raises(RetryLater):
        brand.mentions.poll()
    calm(brand)
    write(brand, 1, every=MINUTE)
    brand.mentions.poll()
    assert late.id in brand.stored()


def test_a_look_back_that_meets_a_gap_goes_on_below_it(brand) -> None:
    """The mentions timeline is read again at the minutes 0, 5, 10, 15, and 20, where a gap is in the way."""
    write(brand, 1, every=SECOND)
    brand.mentions.poll()
    late = brand.customer("late")
    brand.late[late.id] = 15 * MINUTE + SECOND / 2
    for minute in range(1, 31):
        count = 12 if minute == 19 else 1
        write(brand, count, every=SECOND)
        brand.clock.advance(MINUTE - count * SECOND)
        if minute in (19, 20):  # it reads the newest and no more
            refuse_from(brand, 1)
            with pytest.raises(RetryLater):
                brand.mentions.poll()
            calm(brand)
        else:
            brand.mentions.poll()
    assert late.id in brand.stored()


def test_what_x_does_not_give_back_any_more_is_said_in_plain_words(store) -> None:
    brand = Brand(store, most=30, page=10)
    write(brand, 1)
    brand.mentions.poll()
    write(brand, 50)
    brand.mentions.poll()
    assert len(brand.stored()) == 31
    (said,) = [text for _, text in brand.notes.problems]
    assert said.startswith("X gives back only the latest 30 mentions: those from 20 Oct 12:00 to 20 Oct 12:00 UTC")
    brand.mentions.poll()
    assert len(brand.notes.problems) == 1  # once


def test_nothing_is_said_to_be_missing_where_the_walk_met_what_was_known(store) -> None:
    brand = Brand(store, most=30, page=10)
    write(brand, 10)
    brand.mentions.poll()
    write(brand, 29)
    brand.mentions.poll()
    assert len(brand.stored()) == 39
    assert brand.notes.problems == []


def test_a_process_that_is_killed_before_it_has_stored_reads_again(brand, monkeypatch) -> None:
    ids = write(brand, 12)

    def kill(number: int) -> None:
        if number == 3:
            raise Killed

    brand.interrupt = kill
    with pytest.raises(Killed):
        brand.mentions.poll()
    calm(brand)
    brand.kill()
    brand.mentions.poll()
    assert set(brand.stored()) == ids


def test_what_cannot_be_stored_is_not_counted_as_read(brand) -> None:
    ids = write(brand, 3)
    brand.mentions.take = lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        brand.mentions.poll()
    brand.kill()
    brand.mentions.poll()
    assert set(brand.stored()) == ids


def test_an_idle_poll_asks_once_and_reads_a_minute_again(brand) -> None:
    write(brand, 4, every=MINUTE)
    brand.mentions.poll()
    before = brand.pages
    brand.clock.advance(MINUTE)
    brand.mentions.poll()
    assert brand.pages - before == 1
    assert brand.x.calls[Endpoint.MENTIONS] == brand.pages


def test_posts_of_the_brands_people_are_taken_in_and_are_no_customers(brand) -> None:
    question = brand.customer()
    own = brand.x.write(brand.account, "We are looking into it", in_reply_to=question.id)
    brand.mentions.poll()
    brand.own_posts.poll()
    found = brand.stored()
    assert set(found) == {question.id, own.id}
    assert not found[own.id].inbound


def test_mentions_are_taken_in_oldest_first_whatever_pages_they_came_on(brand) -> None:
    taken = []
    poll = brand.mentions
    take = poll.take
    poll.take = lambda posts: taken.extend(int(one.post.id) for one in posts) or take(posts)
    write(brand, 23)
    poll.poll()
    assert taken == sorted(taken)
    assert len(taken) == 23
