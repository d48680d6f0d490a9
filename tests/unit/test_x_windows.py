"""Calls are counted so that no window has more than it may."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import NOON
from triage.channels.x.budget import Limit
from triage.channels.x.endpoint import Allowance
from triage.service.x.windows import learnt, left, next_call, spent
from triage.store.budgets import Calls

THREE = (Allowance(3, timedelta(minutes=15)),)
SECONDS = st.integers(0, 400)


@given(pauses=st.lists(SECONDS, max_size=60), calls=st.integers(1, 5), minutes=st.sampled_from((5, 15)))
def test_no_window_ever_has_more_calls_than_it_may_wherever_it_begins(pauses, calls, minutes) -> None:
    allowance = Allowance(calls, timedelta(minutes=minutes))
    kept, now, made = Calls(), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if next_call(kept, (allowance,), now) is None:
            kept = spent(kept, (allowance,), now)
            made.append(now)
    for first in made:
        assert sum(first <= one < first + allowance.window for one in made) <= calls


@given(pauses=st.lists(SECONDS, max_size=30))
def test_the_moment_that_is_named_is_the_first_at_which_a_call_may_be_made(pauses) -> None:
    kept, now = Calls(), NOON
    for pause in pauses:
        now += timedelta(seconds=pause)
        until = next_call(kept, THREE, now)
        if until is not None:
            assert until > now
            assert next_call(kept, THREE, until - timedelta(milliseconds=1)) == until
            now = until
        assert next_call(kept, THREE, now) is None
        kept = spent(kept, THREE, now)


def test_all_calls_may_be_made_at_once_and_then_none_until_the_window_and_a_part_of_it_are_over() -> None:
    kept = Calls()
    for _ in range(3):
        assert next_call(kept, THREE, NOON) is None
        kept = spent(kept, THREE, NOON)
    until = next_call(kept, THREE, NOON)
    assert until is not None
    assert timedelta(minutes=15) <= until - NOON <= timedelta(minutes=15, seconds=30)


def test_the_tightest_of_several_windows_counts() -> None:
    both = (Allowance(2, timedelta(minutes=15)), Allowance(3, timedelta(days=1)))
    kept, now = Calls(), NOON
    for _ in range(3):
        now = next_call(kept, both, now) or now
        kept = spent(kept, both, now)
    assert (next_call(kept, both, now) or now) - NOON >= timedelta(days=1)


def test_what_x_says_counts_if_it_leaves_less() -> None:
    resets = NOON + timedelta(minutes=9)
    kept = learnt(Calls(), Limit(3, 1, resets), NOON)
    kept = spent(kept, THREE, NOON)
    assert next_call(kept, THREE, NOON) == resets
    assert next_call(kept, THREE, resets) is None


def test_a_limit_of_a_day_that_begins_anew_soon_is_waited_for_beside_a_short_one_with_calls_left() -> None:
    short, day = Limit(300, 290, NOON + timedelta(minutes=9)), Limit(10_000, 0, NOON + timedelta(minutes=5))
    for told in ((short, day), (day, short)):
        kept = Calls()
        for limit in told:
            kept = learnt(kept, limit, NOON)
        assert next_call(kept, THREE, NOON) == day.resets_at


def test_answers_that_come_in_another_order_never_raise_what_is_left() -> None:
    resets = NOON + timedelta(minutes=9)
    kept = learnt(learnt(Calls(), Limit(300, 0, resets), NOON), Limit(300, 7, resets), NOON)
    assert kept.remaining == 0


def test_a_later_window_of_xs_takes_the_place_of_an_earlier_one() -> None:
    kept = learnt(Calls(), Limit(3, 0, NOON + timedelta(minutes=1)), NOON)
    later = NOON + timedelta(minutes=2)
    kept = learnt(kept, Limit(3, 2, later + timedelta(minutes=15)), later)
    assert next_call(kept, THREE, later) is None
    assert learnt(kept, Limit(3, 0, NOON), later) == kept  # that is over


def test_the_limit_of_a_day_does_not_hide_that_of_a_quarter_of_an_hour_in_whatever_order_they_are_told() -> None:
    short = Limit(100, 0, NOON + timedelta(minutes=9))
    day = Limit(10_000, 9_000, NOON + timedelta(hours=11))
    for told in ((short, day), (day, short)):
        kept = Calls()
        for limit in told:
            kept = learnt(kept, limit, NOON)
        assert next_call(kept, THREE, NOON) == short.resets_at
        assert left(kept, THREE, NOON) == [0]


def test_the_limit_of_a_day_that_is_used_up_is_waited_for_although_the_short_one_is_not() -> None:
    day = Limit(10_000, 0, NOON + timedelta(hours=11))
    kept = learnt(learnt(Calls(), Limit(100, 99, NOON + timedelta(minutes=9)), NOON), day, NOON)
    assert next_call(kept, THREE, NOON) == day.resets_at
    assert learnt(kept, Limit(10_000, 0, NOON + timedelta(hours=2)), NOON) == kept, "a rest is never shortened"
