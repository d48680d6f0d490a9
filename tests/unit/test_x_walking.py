"""Reading a timeline backwards, a page at a time, with interruptions."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.doubles import NOON
from triage.channels.x.snowflake import first_id_at
from triage.service.x.walking import Walked, after, back, to_read, widened
from triage.store.marks import Gap, Mark

MINUTE = timedelta(minutes=1)
PAGE = 3
#: Ids of posts that are a millisecond apart.
STEP = 1 << 22


def read(timeline: list[int], mark: Mark, pages: int) -> tuple[Mark, set[int]]:
    """One poll that may make so many calls, without an overlap."""
    walks, seen = [], set()
    for gap in to_read(mark, timedelta()):
        walked = Walked(gap)
        while not walked.ended and pages:
            below = min([*walked.ids, gap.below or 10**18])
            left = sorted((one for one in timeline if gap.above < one < below), reverse=True)
            walked = walked.read(left[:PAGE], more=len(left) > PAGE)
            seen |= set(left[:PAGE])
            pages -= 1
        if walked.pages:
            walks.append(walked)
        if not pages:
            break
    return (after(mark, walks) if walks else mark), seen


@given(bursts=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), min_size=1, max_size=12))
def test_whatever_limits_cut_polls_short_everything_is_read_in_the_end(bursts) -> None:
    timeline: list[int] = []
    mark, seen = Mark(0), set()
    for new, pages in bursts:
        timeline += [number * STEP for number in range(len(timeline) + 1, len(timeline) + 1 + new)]
        mark, found = read(timeline, mark, pages)
        seen |= found
    for _ in range(200):
        if not mark.gaps and mark.newest == len(timeline) * STEP:
            break
        mark, found = read(timeline, mark, 1 + len(mark.gaps))
        seen |= found
    assert (mark.gaps, seen) == ((), set(timeline))


@given(bursts=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 4)), min_size=1, max_size=12))
def test_new_posts_are_read_first_whatever_gaps_there_are(bursts) -> None:
    timeline: list[int] = []
    mark = Mark(0)
    for new, pages in bursts:
        timeline += [number * STEP for number in range(len(timeline) + 1, len(timeline) + 1 + new)]
        mark, found = read(timeline, mark, pages)
        assert timeline[-1] in found


@given(bursts=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 2)), max_size=30))
def test_the_number_of_gaps_is_bounded(bursts) -> None:
    timeline: list[int] = []
    mark = Mark(0)
    for new, pages in bursts:
        timeline += [number * STEP for number in range(len(timeline) + 1, len(timeline) + 1 + new)]
        mark, _ = read(timeline, mark, pages)
        assert len(mark.gaps) <= 4


def test_an_overlap_reaches_back_from_the_newest_known_post_by_its_own_time() -> None:
    newest = int(first_id_at(NOON)) + 5
    assert back(newest, MINUTE) == int(first_id_at(NOON - MINUTE))
    assert to_read(Mark(newest), MINUTE) == [Gap(newest, back(newest, MINUTE))]
    assert back(7, MINUTE) == 0


def test_a_walk_that_meets_what_was_known_was_not_cut_off() -> None:
    walked = Walked(Gap(known=10, above=5)).read(range(1000, 200, -1), more=True).read([10, 7], more=False)
    assert not walked.cut_off(800)


def test_a_walk_that_ends_near_the_most_that_x_gives_back_may_have_been_cut_off() -> None:
    walked = Walked(Gap(known=10, above=5)).read(range(1000, 200, -1), more=False)
    assert walked.cut_off(800)
    assert not Walked(Gap(known=10, above=5)).read([40, 30], more=False).cut_off(800)


def test_a_walk_may_have_been_cut_off_though_new_posts_and_deleted_ones_took_some_of_its_places() -> None:
    walked = Walked(Gap(known=10, above=5)).read(range(1000, 290, -1), more=False)
    assert len(walked.ids) == 710
    assert walked.cut_off(800)


def test_a_walk_that_had_met_what_was_known_before_it_was_interrupted_was_not_cut_off() -> None:
    for below, lost in [(500, False), (1001, False), (1002, True)]:
        gap = Gap(known=1000, above=100, below=below, newer=700)
        assert Walked(gap).read([], more=False).cut_off(800) is lost
    assert Walked(Gap(known=1000, above=100)).read([], more=False).cut_off(0)


def test_posts_above_a_gap_count_towards_the_most_that_x_gives_back() -> None:
    mark = Mark(900, 0, (Gap(known=10, above=5, below=500, newer=700),))
    mark = after(mark, [Walked(Gap(900, 890)).read([990, 980, 970, 960, 890], more=False)])
    (gap,) = mark.gaps
    assert (gap.below, gap.newer) == (500, 704)
    assert Walked(gap).read(range(499, 430, -1), more=False).cut_off(800)


def test_an_overlap_reaches_down_through_the_gaps_to_what_lies_between_them() -> None:
    def at(minutes: int) -> int:
        return int(first_id_at(NOON + minutes * MINUTE))

    upper, lower = Gap(at(10), at(9), at(15)), Gap(at(2), at(1), at(5))
    mark = Mark(at(20), at(-60), (upper, lower))
    assert widened(mark, 3 * MINUTE) == mark
    assert widened(mark, 12 * MINUTE).gaps == (replace(upper, above=at(8)), lower)
    assert widened(mark, 30 * MINUTE).gaps == (
        replace(upper, above=at(5) - 1),
        replace(lower, above=at(-10)),
    )
    assert widened(replace(mark, floor=at(0)), 30 * MINUTE).gaps[1].above == at(0)
    assert to_read(widened(mark, 30 * MINUTE), 30 * MINUTE)[0] == Gap(at(20), at(15) - 1)
