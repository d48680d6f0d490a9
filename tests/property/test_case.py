"""No sequence of events, in any order, leads a case into an illegal state."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_case import (
    absorbed,
    brand_reply,
    claimed_by,
    closed_by,
    decided,
    event,
    let_go,
    lost,
    moved_to_private,
    received,
    reply_queued,
)
from triage.domain.case import Case, CaseState, apply
from triage.domain.event import Event, EventKind
from triage.errors import IllegalMove

MINUTES = st.integers(0, 50)
EVENTS = st.one_of(
    MINUTES.map(received),
    MINUTES.map(lambda minutes: received(minutes, channel="x-private")),
    st.builds(
        decided,
        st.sampled_from(["answer", "queue", "close"]),
        MINUTES,
        priority=st.integers(0, 3),
        because=st.sampled_from([[], ["already_replied"]]),
    ),
    MINUTES.map(brand_reply),
    st.builds(claimed_by, st.sampled_from(["alex", "robin"]), MINUTES),
    st.builds(
        event,
        st.sampled_from([EventKind.CASE_RELEASED, EventKind.CASE_TRANSFERRED]),
        MINUTES,
        st.just("alex"),
        queue=st.just("general"),
    ),
    st.builds(
        lost,
        st.sampled_from([EventKind.REPLY_FAILED, EventKind.REPLY_AMBIGUOUS, EventKind.REPLY_BLOCKED]),
        MINUTES,
    ),
    MINUTES.map(let_go),
    st.builds(moved_to_private, MINUTES, st.sampled_from(["agent", "automatic"])),
    MINUTES.map(reply_queued),
    st.builds(closed_by, st.just("alex"), MINUTES),
    st.builds(event, st.just(EventKind.CASE_MERGED), MINUTES, into=st.just(2)),
)
HISTORIES = st.lists(EVENTS, max_size=25)


def fold(events: list[Event]) -> Iterator[tuple[Case, Event, Case]]:
    """Each event that the case's state allowed, with the case before and after it."""
    case = apply(None, received())
    for one in events:
        before = case
        try:
            case = apply(case, one)
        except IllegalMove:
            assert case == before
            continue
        yield before, one, case


def check(case: Case) -> None:
    """What holds of every case, however it came about."""
    if case.state is CaseState.QUEUED:
        assert case.queue is not None
        assert case.queued_at is not None
        assert case.owner is None, "what waits in a queue is nobody's"
    if case.state is CaseState.CLAIMED:
        assert case.owner is not None
    if case.queued_at is not None:
        assert case.state in (CaseState.QUEUED, CaseState.CLAIMED)


def last(events: list[Event]) -> Case:
    return [apply(None, received()), *(after for _, _, after in fold(events))][-1]


@given(HISTORIES)
def test_every_reachable_state_is_consistent(events: list[Event]) -> None:
    for before, _, case in fold(events):
        assert case.version == before.version + 1
        assert before.state is not CaseState.MERGED, "a merged case never moves again"
        check(case)


@given(HISTORIES)
def test_nobody_who_waits_loses_their_place(events: list[Event]) -> None:
    for before, _, case in fold(events):
        if before.queued_at is not None and case.state in (CaseState.QUEUED, CaseState.CLAIMED):
            assert case.queued_at == before.queued_at
            assert case.priority <= before.priority


@given(HISTORIES)
def test_only_a_person_takes_a_case_from_its_holder(events: list[Event]) -> None:
    """An answer by the service cannot come up: the policy gives none while a person has the case."""
    by_people = {EventKind.CASE_RELEASED, EventKind.CASE_TRANSFERRED, EventKind.CASE_CLOSED}
    by_people |= {EventKind.REPLY_QUEUED, EventKind.BRAND_REPLIED, EventKind.CASE_MERGED, EventKind.GUARD_RELEASED}
    for before, one, case in fold([e for e in events if e.data.get("action") != "answer"]):
        if before.state is CaseState.CLAIMED and one.kind not in by_people:
            assert (case.state, case.owner) == (before.state, before.owner)


@given(HISTORIES, HISTORIES)
def test_what_two_merged_cases_waited_for_and_how_long_does_not_depend_on_which_survives(
    one: list[Event], two: list[Event]
) -> None:
    first, second = last(one), last(two)
    if CaseState.MERGED in (first.state, second.state):
        return
    both, other_way = apply(first, absorbed(second)), apply(second, absorbed(first))
    check(both)
    assert (both.state, both.priority, both.queued_at) == (other_way.state, other_way.priority, other_way.queued_at)
    waits = [case.queued_at for case in (first, second) if case.queued_at is not None]
    assert both.queued_at == min(waits, default=None)
