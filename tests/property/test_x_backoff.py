"""Pauses: never negative, never beyond the most, growing at most by doubling."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from triage.channels.x import refusals
from triage.channels.x.backoff import Backoff

SPAN = st.timedeltas(timedelta(0), timedelta(days=1))
CHANCE = st.floats(0, 1, exclude_max=True)
PACES = (refusals.BROKEN, refusals.DOWN, refusals.TAKEN, refusals.REFUSED)


@given(SPAN, SPAN, SPAN, st.integers(1, 10_000), CHANCE)
def test_a_pause_lies_between_the_least_and_the_most(
    first: timedelta, most: timedelta, least: timedelta, failures: int, chance: float
) -> None:
    pause = Backoff(first, most, least).pause(failures, lambda: chance)
    assert least <= pause <= max(least, most)


@given(st.sampled_from(PACES), st.integers(1, 40))
def test_the_longest_pause_doubles_until_it_is_the_most(pace: Backoff, failures: int) -> None:
    now, then = (pace.pause(number, lambda: 1.0) for number in (failures, failures + 1))
    assert now <= then <= 2 * now
    assert then <= pace.most
    assert pace.pause(50, lambda: 1.0) == pace.most


@given(st.sampled_from(PACES), st.integers(1, 40), CHANCE)
def test_jitter_is_over_the_whole_range(pace: Backoff, failures: int, chance: float) -> None:
    shortest, longest = (pace.pause(failures, lambda at=at: at) for at in (0.0, 1.0))
    assert shortest == pace.least
    expected = shortest + (longest - shortest) * chance
    assert abs(pace.pause(failures, lambda: chance) - expected) <= timedelta(microseconds=1)
