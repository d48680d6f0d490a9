"""The moves of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.doubles import NOON
from triage.domain.case import TIMES, Case, CaseState, apply, rebuild
from triage.domain.event import Event, EventKind
from triage.errors import IllegalMove


def event(what: EventKind, minutes: float = 0, actor: str = "service", /, **data: Any) -> Event:
    return Event(1, NOON + timedelta(minutes=minutes), what, actor=actor, message_id=1, data=data)


def received(minutes: float = 0, channel: str = "memory") -> Event:
    return event(EventKind.MESSAGE_RECEIVED, minutes, channel=channel, root="1", inbound=True)


def decided(
    action: str,
    minutes: float = 0,
    *,
    priority: int = 2,
    queue: str = "general",
    intent: str = "product_question",
    because: Sequence[str] = (),
) -> Event:
    return event(
        EventKind.MESSAGE_DECIDED,
        minutes,
        action=action,
        queue=queue if action == "queue" else None,
        priority=priority,
        intent=intent,
        because=list(because),
        created_at=(NOON + timedelta(minutes=minutes)).isoformat(),
    )


def minute(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def brand_reply(minutes: float) -> Event:
    return event(EventKind.BRAND_REPLIED, minutes, created_at=(NOON + timedelta(minutes=minutes)).isoformat())


def after(*events: Event) -> Case:
    return rebuild(events)[1]


def claimed_by(name: str, minutes: float = 2) -> Event:
    return event(EventKind.CASE_CLAIMED, minutes, name, queue="general")


def released(minutes: float, queue: str = "general") -> Event:
    return event(EventKind.CASE_RELEASED, minutes, "alex", queue=queue)


def closed_by(name: str, minutes: float) -> Event:
    return event(EventKind.CASE_CLOSED, minutes, name, reason="resolved")


def reply_queued(minutes: float) -> Event:
    return event(EventKind.REPLY_QUEUED, minutes, "alex", reply=1, kind="agent")


def lost(what: EventKind, minutes: float, kind: str = "automatic") -> Event:
    return event(what, minutes, reply=1, kind=kind, queue="general")


def let_go(minutes: float) -> Event:
    return event(EventKind.GUARD_RELEASED, minutes, "sam", reply=1, types=["EMAIL"])


def moved_to_private(minutes: float, kind: str = "agent") -> Event:
    return event(EventKind.MOVED_TO_PRIVATE, minutes, "alex", code="exposes", kind=kind)


def absorbed(other: Case, minutes: float = 0) -> Event:
    """The event with which a case takes over another."""
    kept = ("state", "queue", "priority", "intent", "owner", "automatic_replies")
    snapshot: dict[str, Any] = {"case": 9, **{name: getattr(other, name) for name in kept}}
    for name in TIMES:
        snapshot[name] = at.isoformat() if (at := getattr(other, name)) else None
    return event(EventKind.CASE_ABSORBED, minutes, **snapshot)


def test_a_case_begins_with_a_message() -> None:
    with pytest.raises(IllegalMove, match="cannot be first"):
        apply(None, event(EventKind.CASE_CLAIMED))
    assert after(received()).state is CaseState.NEW


@pytest.mark.parametrize(("action", "state"), [("answer", "answered"), ("queue", "queued"), ("close", "closed")])
def test_the_first_decision_says_where_a_case_goes(action: str, state: str) -> None:
    assert after(received(), decided(action)).state == state


def test_a_queued_case_waits_from_its_first_queued_message_and_takes_the_higher_urgency() -> None:
    case = after(received(), decided("queue", 1), decided("queue", 5, priority=0, queue="safety"))
    assert (case.queue, case.priority, case.queued_at) == ("safety", 0, NOON + timedelta(minutes=1))


def test_thanks_do_not_take_a_case_out_of_a_persons_hands() -> None:
    assert after(received(), decided("queue"), decided("close", 1)).state is CaseState.QUEUED
    assert after(received(), decided("queue"), claimed_by("alex"), decided("close", 3)).state is CaseState.CLAIMED


def test_a_reply_by_the_brand_makes_the_customer_next_unless_they_wrote_since() -> None:
    assert after(received(), decided("queue", 1), brand_reply(5)).state is CaseState.WAITING
    assert after(received(), decided("queue", 6), brand_reply(5)).state is CaseState.QUEUED


def test_a_customer_who_writes_again_comes_back_to_the_queue() -> None:
    case = after(received(), decided("queue", 1), brand_reply(5), decided("queue", 9))
    assert (case.state, case.queued_at) == (CaseState.QUEUED, NOON + timedelta(minutes=9))


def test_a_customer_who_writes_again_is_nobodys_until_claimed() -> None:
    mine = after(received(), decided("queue", 1), claimed_by("alex"), reply_queued(3))
    assert (mine.state, mine.owner) == (CaseState.WAITING, "alex")
    again = apply(mine, decided("queue", 9))
    assert (again.state, again.owner) == (CaseState.QUEUED, None)


def test_a_case_closed_by_a_person_names_them_until_the_customer_writes_again() -> None:
    closed = after(received(), decided("queue"), claimed_by("alex"), closed_by("alex", 3))
    assert (closed.state, closed.owner, closed.queue) == (CaseState.CLOSED, "alex", None)
    for action in ("answer", "queue"):
        assert apply(closed, decided(action, 9)).owner is None


def test_a_post_of_the_brand_to_nobody_known_leaves_the_case_new() -> None:
    case = after(received(), brand_reply(5))
    assert (case.state, case.last_brand_at) == (CaseState.NEW, minute(5))
    assert not case.with_a_person
    assert apply(case, decided("answer", 9)).state is CaseState.ANSWERED


def test_a_message_that_was_answered_before_it_arrived_makes_the_customer_next() -> None:
    case = after(received(), brand_reply(5), decided("close", 1, because=["already_replied"]))
    assert (case.state, case.last_customer_at) == (CaseState.WAITING, minute(1))


@pytest.mark.parametrize(
    "before",
    [
        [decided("answer", 3)],
        [decided("queue", 3)],
        [decided("queue", 3), claimed_by("alex", 4)],
        [decided("close", 3)],
        [decided("queue", 3), closed_by("alex", 4)],
    ],
)
def test_a_message_left_alone_because_it_was_answered_moves_no_case_that_had_begun(before: list[Event]) -> None:
    case = after(received(), *before)
    assert apply(case, decided("close", 1, because=["already_replied"])).state is case.state


def test_only_what_waits_can_be_claimed() -> None:
    with pytest.raises(IllegalMove, match="is claimed; claiming is not possible"):
        after(received(), decided("queue"), claimed_by("alex"), claimed_by("robin"))
    with pytest.raises(IllegalMove, match="is closed"):
        after(received(), decided("close"), claimed_by("alex"))


@pytest.mark.parametrize("kind", [EventKind.CASE_RELEASED, EventKind.CASE_TRANSFERRED])
def test_a_case_given_back_is_nobodys_and_keeps_its_place_in_the_queue(kind: EventKind) -> None:
    case = after(received(), decided("queue", 1), claimed_by("alex"), event(kind, 4, "alex", queue="safety"))
    assert (case.state, case.owner, case.queue, case.queued_at) == (CaseState.QUEUED, None, "safety", minute(1))


def test_a_case_moved_between_queues_unclaimed_keeps_its_place() -> None:
    moved = event(EventKind.CASE_TRANSFERRED, 4, "alex", queue="safety")
    assert after(received(), decided("queue", 1), moved).queued_at == minute(1)


def test_a_case_claimed_from_outside_any_queue_waits_from_its_release() -> None:
    case = after(received(), decided("queue", 1), brand_reply(5), claimed_by("alex", 6), released(8))
    assert (case.state, case.queued_at) == (CaseState.QUEUED, minute(8))


LOST = pytest.mark.parametrize("what", [EventKind.REPLY_FAILED, EventKind.REPLY_AMBIGUOUS, EventKind.REPLY_BLOCKED])


@LOST
def test_a_lost_reply_brings_the_case_back_to_a_person(what: EventKind) -> None:
    case = after(received(), decided("answer", priority=2), lost(what, 1))
    assert (case.state, case.queue, case.queued_at, case.priority) == (CaseState.QUEUED, "general", minute(1), 2)
    case = after(received(), decided("queue"), claimed_by("alex"), reply_queued(3), lost(what, 4, "agent"))
    assert (case.state, case.owner, case.queued_at) == (CaseState.QUEUED, None, minute(4))


@LOST
def test_a_lost_reply_takes_no_case_from_whoever_holds_it(what: EventKind) -> None:
    held = after(received(), decided("answer"), claimed_by("alex", 1))
    assert (held := apply(held, lost(what, 2))).state is CaseState.CLAIMED
    assert held.owner == "alex"


@LOST
def test_a_lost_reply_does_not_reopen_what_a_person_closed(what: EventKind) -> None:
    closed = after(received(), decided("answer"), claimed_by("alex", 1), closed_by("alex", 2))
    assert apply(closed, lost(what, 3)).state is CaseState.CLOSED
    thanked = apply(closed, decided("close", 3))  # the service closes nothing that is closed
    assert apply(thanked, lost(what, 4)).state is CaseState.CLOSED


@LOST
def test_a_lost_reply_reopens_what_the_service_closed_for_thanks(what: EventKind) -> None:
    """The question was never answered, and nobody has seen it."""
    closed = after(received(), decided("answer"), decided("close", 1))
    assert closed.state is CaseState.CLOSED
    assert apply(closed, lost(what, 2)).state is CaseState.QUEUED


def test_a_merged_case_makes_no_further_move() -> None:
    merged = event(EventKind.CASE_MERGED, 1, into=2)
    with pytest.raises(IllegalMove, match="is merged"):
        after(received(), merged, received(2))


def test_the_more_demanding_of_two_merged_cases_goes_on() -> None:
    queued = after(received(), decided("queue", 1, priority=1))
    claimed = after(received(), decided("answer"), decided("queue", 0, priority=0, queue="safety"), claimed_by("alex"))
    for survivor, other in ((queued, claimed), (claimed, queued)):
        both = apply(survivor, absorbed(other, 2))
        assert (both.state, both.owner, both.priority, both.automatic_replies) == (CaseState.CLAIMED, "alex", 0, 1)
        assert (both.queue, both.queued_at) == ("safety", minute(0))


def test_two_queued_cases_that_merge_keep_the_longer_wait_and_the_more_urgent_queue() -> None:
    early = after(received(), decided("queue", 1, priority=2, queue="general"))
    urgent = after(received(), decided("queue", 7, priority=0, queue="safety", intent="safety_accessibility"))
    for survivor, other in ((early, urgent), (urgent, early)):
        both = apply(survivor, absorbed(other, 9))
        assert (both.queue, both.intent, both.priority) == ("safety", "safety_accessibility", 0)
        assert both.queued_at == minute(1)


def test_of_two_equally_urgent_queued_cases_the_survivor_stays_in_its_queue() -> None:
    one = after(received(), decided("queue", 1, queue="general"))
    two = after(received(), decided("queue", 2, queue="baggage"))
    assert apply(one, absorbed(two, 3)).queue == "general"


@pytest.mark.parametrize("action", ["answer", "close"])
def test_a_post_that_turns_out_to_be_a_reply_makes_the_customer_next(action: str) -> None:
    """The post named a parent that had not arrived, so it was a case of its own."""
    customers, post = after(received(), decided(action, 3)), after(received(), brand_reply(5))
    assert apply(customers, absorbed(post, 6)).state is CaseState.WAITING
    assert apply(post, absorbed(customers, 6)).state is CaseState.WAITING
    before = after(received(), brand_reply(1))
    assert apply(customers, absorbed(before, 6)).state is customers.state


def test_a_reply_that_is_let_go_after_all_makes_the_customer_next() -> None:
    blocked = after(received(), decided("answer"), lost(EventKind.REPLY_BLOCKED, 1))
    assert blocked.state is CaseState.QUEUED
    assert (after_release := apply(blocked, let_go(2))).state is CaseState.WAITING
    assert after_release.queued_at is None
    with pytest.raises(IllegalMove, match="letting a reply go is not possible"):
        apply(after(received(), decided("answer"), closed_by("alex", 2)), let_go(3))


def test_a_case_is_in_private_from_the_first_time_that_the_customer_was_asked() -> None:
    case = after(received(), decided("queue"), claimed_by("alex"), moved_to_private(3), reply_queued(3))
    assert (case.state, case.private_since, case.automatic_replies) == (CaseState.WAITING, minute(3), 0)
    again = apply(case, moved_to_private(9))
    assert (again.private_since, again.private_asked_at) == (minute(3), minute(9))


def test_being_asked_by_the_service_is_its_one_reply_and_leaves_the_case_to_people() -> None:
    case = after(received(), decided("queue"), moved_to_private(1, "automatic"))
    assert (case.state, case.automatic_replies, case.private_since) == (CaseState.QUEUED, 1, minute(1))


def test_a_log_from_before_there_was_a_private_leg_still_folds() -> None:
    old = absorbed(after(received(), decided("queue")))
    data = {name: value for name, value in old.data.items() if not name.startswith("private_")}
    folded = apply(after(received()), event(EventKind.CASE_ABSORBED, 1, **data))
    assert (folded.private_since, folded.private_asked_at) == (None, None)


def test_a_case_in_which_a_private_message_came_has_a_private_leg_from_then_on() -> None:
    case = after(received(), decided("queue"), received(4, channel="x-private"), received(9, channel="x-private"))
    assert (case.private_since, case.channel) == (minute(4), "memory")
    assert after(received(2, channel="x-private")).private_since == minute(2)
    assert after(received()).private_since is None
