"""What a look for a reply means, and when to look again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import NOON
from triage.channels.protocol import Presence
from triage.service.doubt import (
    KNOWABLE_FOR,
    LONGEST_PAUSE,
    LONGEST_RETRY,
    SHORTEST_PAUSE,
    Finding,
    judge,
    next_look,
    pause_before_retry,
)

MINUTE = timedelta(minutes=1)
LASTED = st.timedeltas(timedelta(), timedelta(hours=5))
SETTLING = st.timedeltas(timedelta(), timedelta(minutes=10))


@pytest.mark.parametrize(
    ("presence", "lasted", "finding"),
    [
        (Presence.PRESENT, timedelta(), Finding.THERE),
        (Presence.PRESENT, 9 * KNOWABLE_FOR, Finding.THERE),
        (Presence.ABSENT, MINUTE - timedelta(microseconds=1), Finding.LOOK_AGAIN),
        (Presence.ABSENT, MINUTE, Finding.UNSEEN),
        (Presence.UNKNOWN, MINUTE, Finding.LOOK_AGAIN),
        (Presence.UNKNOWN, KNOWABLE_FOR, Finding.NOBODY_KNOWS),
    ],
)
def test_absence_counts_only_after_the_settling_time_and_not_knowing_ends_after_an_hour(
    presence, lasted, finding
) -> None:
    assert judge(presence, NOON, NOON + lasted, MINUTE) is finding


def test_a_channel_that_shows_at_once_what_it_has_is_believed_at_once() -> None:
    assert judge(Presence.ABSENT, NOON, NOON, timedelta()) is Finding.NOT_THERE


@given(presence=st.sampled_from(Presence), lasted=LASTED, settling=SETTLING, rest=st.none() | LASTED)
def test_looking_again_is_later_and_comes_to_an_end(presence, lasted, settling, rest) -> None:
    looked = NOON + lasted
    if judge(presence, NOON, looked, settling) is not Finding.LOOK_AGAIN:
        return
    again = next_look(presence, NOON, looked, settling, NOON + rest if rest is not None else None)
    assert again > looked
    assert again <= max(NOON + KNOWABLE_FOR, looked + SHORTEST_PAUSE, NOON + settling)


def test_a_channel_that_cannot_say_is_asked_less_and_less_often() -> None:
    looks, at = [], NOON
    while judge(Presence.UNKNOWN, NOON, at, MINUTE) is Finding.LOOK_AGAIN:
        at = next_look(Presence.UNKNOWN, NOON, at, MINUTE)
        looks.append(at - NOON)
    assert [span.total_seconds() for span in looks] == [5, 10, 20, 40, 80, 160, 320, 640, 1240, 1840, 2440, 3040, 3600]
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert max(pauses) <= LONGEST_PAUSE


def test_a_channel_that_says_when_it_can_be_asked_is_not_asked_before() -> None:
    rest = NOON + timedelta(minutes=15)
    assert next_look(Presence.UNKNOWN, NOON, NOON + MINUTE, MINUTE, rest) == rest
    assert next_look(Presence.UNKNOWN, NOON, NOON + MINUTE, MINUTE, NOON + timedelta(days=1)) == NOON + KNOWABLE_FOR


def test_pauses_before_another_attempt_grow_up_to_the_longest() -> None:
    pauses = [pause_before_retry(attempts) for attempts in range(1, 12)]
    assert pauses[0] == timedelta(seconds=30)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_RETRY
