"""The report from golden logs of events, every figure worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.doubles import NOON
from triage.domain.case import rebuild
from triage.domain.event import Event, EventKind
from triage.measures.report import Automation, Report, Share, report


class Log:
    """Writes events the way the service does. Minutes after noon; ``written`` where a message came late."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, case: int, minute: float, what: EventKind, actor: str = "service", /, **data: Any) -> None:
        self.events.append(Event(case, at(minute), what, actor, data=data))

    def received(self, case: int, minute: float, *, inbound: bool = True) -> None:
        self.add(case, minute, EventKind.MESSAGE_RECEIVED, "channel", channel="m", root=str(case), inbound=inbound)

    def decided(
        self,
        case: int,
        minute: float,
        action: str,
        intent: str = "product_question",
        because: Sequence[str] = ("x",),
        written: float | None = None,
        priority: int = 2,
    ) -> None:
        self.add(
            case,
            minute,
            EventKind.MESSAGE_DECIDED,
            action=action,
            queue="general" if action == "queue" else None,
            priority=priority,
            intent=intent,
            urgency="normal",
            because=list(because),
            created_at=at(minute if written is None else written).isoformat(),
        )
        if intent == "praise":  # thanks, which the service takes for a confirmation where it has answered before
            created_at = at(minute if written is None else written).isoformat()
            self.add(case, minute, EventKind.ANSWER_CONFIRMED, "channel", created_at=created_at)

    def message(self, case: int, minute: float, action: str, *rest: Any, **more: Any) -> None:
        self.received(case, minute)
        self.decided(case, minute, action, *rest, **more)

    def posted(self, case: int, minute: float, written: float | None = None) -> None:
        """A post of the brand's, from elsewhere."""
        self.received(case, minute, inbound=False)
        created_at = at(minute if written is None else written).isoformat()
        self.add(case, minute, EventKind.BRAND_REPLIED, "channel", created_at=created_at)

    def sent(self, case: int, minute: float, kind: str = "automatic") -> None:
        self.add(case, minute, EventKind.REPLY_SENT, reply=case, kind=kind, queue="general")

    def claimed(self, case: int, minute: float) -> None:
        self.add(case, minute, EventKind.CASE_CLAIMED, "alex", queue="general")

    def released(self, case: int, minute: float) -> None:
        self.add(case, minute, EventKind.CASE_RELEASED, "alex", queue="general")

    def replied(self, case: int, minute: float) -> None:
        self.add(case, minute, EventKind.REPLY_QUEUED, "alex", reply=case, kind="agent", snippet=None)

    def closed(self, case: int, minute: float, reason: str = "resolved") -> None:
        self.add(case, minute, EventKind.CASE_CLOSED, "alex", reason=reason)

    def merged(self, survivor: int, other: int, minute: float) -> None:
        was = rebuild(self.events)[other]
        kept = ("state", "queue", "priority", "intent", "owner", "automatic_replies")
        snapshot: dict[str, Any] = {"case": other, **{name: getattr(was, name) for name in kept}}
        for name in ("opened_at", "queued_at", "last_customer_at", "last_brand_at"):
            snapshot[name] = moment.isoformat() if (moment := getattr(was, name)) else None
        self.add(other, minute, EventKind.CASE_MERGED, into=survivor)
        self.add(survivor, minute, EventKind.CASE_ABSORBED, **snapshot)

    def report(self) -> Report:
        return report(self.events)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def golden() -> Report:
    log = Log()
    # 1: queued at 0, claimed at 10, replied at 12, reply sent at 13, closed at 20
    log.message(1, 0, "queue", because=["intent", "negative"])
    log.claimed(1, 10)
    log.replied(1, 12)
    log.sent(1, 13, "agent")
    log.closed(1, 20)
    # 2: answered alone at 1, sent at 2, customer thanks at 5
    log.message(2, 1, "answer")
    log.sent(2, 2)
    log.message(2, 5, "close", "praise")
    # 3: answered alone at 1, sent at 1, silence
    log.message(3, 1, "answer")
    log.sent(3, 1)
    # 4: answered alone at 2, sent at 3, then a person was needed at 8, and still is
    log.message(4, 2, "answer")
    log.sent(4, 3)
    log.message(4, 8, "queue", because=["answered_before"])
    # 5: queued at 3, answered by the brand elsewhere at 33
    log.message(5, 3, "queue", because=["intent"])
    log.posted(5, 33)
    # 6: chatter
    log.message(6, 40, "close", "other")
    # 7: queued at 30, closed unanswered at 35
    log.message(7, 30, "queue", because=["intent"])
    log.closed(7, 35, "spam")
    log.events.sort(key=lambda event: event.at)  # one log, in which things happened side by side
    return log.report()


def test_messages_are_counted_by_where_they_ended() -> None:
    figures = golden()
    assert (figures.received, figures.outbound) == (9, 1)
    assert figures.messages == {"answered": 3, "queued": 4, "closed": 2, "undecided": 0}
    assert figures.answered_alone == Share(3, 9)
    assert figures.sent_to_people == Share(4, 9)
    assert figures.closed_alone == Share(2, 9)
    assert Share(3, 10).value == 0.3


def test_the_products_own_replies_that_come_back_are_not_the_brands_elsewhere() -> None:
    log = Log()
    log.message(1, 0, "answer")
    log.sent(1, 1)
    log.received(1, 2, inbound=False)
    assert (log.report().received, log.report().outbound) == (1, 0)


def test_cases_are_counted_by_state_and_queue() -> None:
    figures = golden()
    assert figures.cases == {"closed": 4, "answered": 1, "queued": 1, "waiting": 1}
    assert figures.queues == {"general": 1}


def test_silence_is_assumed_and_only_thanks_confirm() -> None:
    assert golden().automation == Automation(confirmed=1, assumed=1, handed_over=1)


def test_waits_in_a_queue_end_with_a_person_and_the_others_are_kept() -> None:
    """Ended: 600 s (claimed), 1800 s (brand elsewhere). Open: case 4, 1920 s. Given up: case 7, 300 s.

    By hand: 300 censored leaves 3 of 4 at risk, S(600) = 2/3, S(1800) = 1/3, and 1920 is censored.
    """
    wait = golden().queue_wait
    assert (wait.ended, wait.waiting, wait.given_up, wait.mean) == (2, 1, 1, 1200)
    assert (wait.median, wait.p90) == (1800, None)


def test_first_replies_of_people_and_of_the_service_are_never_mixed() -> None:
    """People: 780 s (case 1), 1800 s (case 5), open 2280 s (case 4), given up 300 s (case 7). Service: 60, 0, 60 s."""
    figures = golden()
    people, service = figures.first_reply_by_people, figures.first_reply_by_service
    assert (people.ended, people.waiting, people.given_up, people.mean, people.median) == (2, 1, 1, 1290, 1800)
    assert (service.ended, service.waiting, service.mean, service.median) == (3, 0, 40, 60)


def test_why_people_were_asked_is_counted_by_reason() -> None:
    assert golden().reasons == {"intent": 3, "negative": 1, "answered_before": 1}


def test_an_empty_log_is_a_report_of_nothing() -> None:
    figures = report([])
    assert (figures.received, figures.answered_alone.value, figures.until) == (0, None, None)


# --- what became of conversations that the service answered


def test_thanks_confirm_whether_decided_before_or_after_the_answer_was_sent() -> None:
    one_batch, two = Log(), Log()
    one_batch.received(1, 1)
    one_batch.received(1, 5)
    one_batch.decided(1, 1, "answer")
    one_batch.decided(1, 5, "close", "praise")
    one_batch.sent(1, 1)
    two.message(1, 1, "answer")
    two.sent(1, 1)
    two.message(1, 5, "close", "praise")
    assert one_batch.report().automation == two.report().automation == Automation(1, 0, 0)


def test_thanks_for_an_answer_that_never_left_confirm_nothing() -> None:
    log = Log()
    log.message(1, 1, "answer")
    log.message(1, 5, "close", "praise")
    assert log.report().automation == Automation(0, 0, 0)


def test_thanks_written_before_the_answer_are_not_for_it() -> None:
    log = Log()
    log.message(1, 5, "answer")
    log.message(1, 6, "close", "praise", written=3)
    log.sent(1, 7)
    early = Log()
    early.message(1, 1, "close", "praise")
    early.message(1, 5, "answer")
    early.sent(1, 5)
    assert log.report().automation == early.report().automation == Automation(0, 1, 0)


def test_a_message_left_alone_because_the_brand_had_replied_is_no_thanks() -> None:
    """The brand's post at 1 was for a message of 0, which came in last."""
    log = Log()
    log.posted(1, 1)
    log.message(1, 2, "answer")
    log.sent(1, 2)
    log.message(1, 3, "close", because=["already_replied"])
    assert log.report().automation == Automation(0, 1, 0)


def test_a_conversation_that_a_person_had_is_handed_over_even_if_they_never_replied() -> None:
    log = Log()
    log.message(1, 1, "answer")
    log.sent(1, 1)
    log.message(1, 5, "queue")
    log.claimed(1, 6)
    log.closed(1, 7, "no_answer_needed")
    assert log.report().automation == Automation(0, 0, 1)


def test_a_conversation_claimed_from_the_service_is_handed_over() -> None:
    log = Log()
    log.message(1, 1, "answer")
    log.sent(1, 1)
    log.claimed(1, 6)
    log.closed(1, 7)
    assert log.report().automation == Automation(0, 0, 1)


def test_a_person_who_replied_elsewhere_after_the_answer_had_the_conversation_too() -> None:
    """The post of 3 came in after the thanks of 5, which may have been for either."""
    log = Log()
    log.message(1, 1, "answer")
    log.sent(1, 1)
    log.message(1, 5, "close", "praise")
    log.posted(1, 6, written=3)
    assert log.report().automation == Automation(0, 0, 1)


def test_what_the_brand_posted_before_the_question_does_not_hand_it_over() -> None:
    log = Log()
    log.posted(1, 0)
    log.message(1, 5, "answer")
    log.sent(1, 5)
    assert log.report().automation == Automation(0, 1, 0)


def test_an_answered_conversation_that_merges_into_a_persons_case_is_handed_over() -> None:
    log = Log()
    log.message(1, 0, "queue")
    log.message(2, 1, "answer")
    log.sent(2, 1)
    log.merged(1, 2, 5)
    log.claimed(1, 6)
    log.closed(1, 7)
    assert log.report().automation == Automation(0, 0, 1)


def test_what_became_of_an_answered_conversation_is_kept_when_its_case_merges() -> None:
    """Case 2 was confirmed and case 4 handed over, before each became part of another that was closed unread."""
    log = Log()
    log.message(1, 0, "close", "other")
    log.message(2, 1, "answer")
    log.sent(2, 1)
    log.message(2, 5, "close", "praise")
    log.merged(1, 2, 6)
    log.message(3, 0, "close", "other")
    log.message(4, 1, "answer")
    log.sent(4, 1)
    log.claimed(4, 2)
    log.closed(4, 3)
    log.merged(3, 4, 6)
    assert log.report().automation == Automation(confirmed=1, assumed=0, handed_over=1)


# --- first replies


def test_a_reply_counts_from_the_customers_first_message_in_threads_that_the_brand_began() -> None:
    """Post at 0, customer at 5, reply at 20: 900 s."""
    log = Log()
    log.posted(1, 0)
    log.message(1, 5, "queue")
    log.posted(1, 20)
    people = log.report().first_reply_by_people
    assert (people.ended, people.mean) == (1, 900)


def test_a_post_before_the_customer_wrote_is_no_reply() -> None:
    """Post at 0, customer at 5, last event at 65: 3600 s and still waiting."""
    log = Log()
    log.posted(1, 0)
    log.message(1, 5, "queue")
    log.message(2, 65, "close", "other")
    people = log.report().first_reply_by_people
    assert (people.ended, people.waiting, people.median) == (0, 1, None)


def test_a_customers_message_that_came_in_late_moves_the_beginning() -> None:
    """Known at first: customer at 10, replies at 4 and 20. Then the message of 2 comes in: 120 s, not 600 s."""
    log = Log()
    log.posted(1, 4)
    log.message(1, 10, "queue")
    log.posted(1, 20)
    before = log.report().first_reply_by_people
    log.message(1, 21, "close", because=["already_replied"], written=2)
    after = log.report().first_reply_by_people
    assert (before.mean, after.mean) == (600, 120)


def test_replies_of_people_and_what_they_closed_unanswered_are_kept_when_cases_merge() -> None:
    """Case 2: written at 1, answered at 4. Case 4: written at 2, closed unanswered at 9. Both merge at 10."""
    log = Log()
    log.message(1, 3, "close", "other")
    log.message(2, 1, "queue")
    log.posted(2, 4)
    log.merged(1, 2, 10)
    log.message(3, 3, "close", "other")
    log.message(4, 2, "queue")
    log.closed(4, 9, "spam")
    log.merged(3, 4, 10)
    people = log.report().first_reply_by_people
    assert (people.ended, people.waiting, people.given_up, people.mean) == (1, 0, 1, 180)


def test_what_the_service_answered_and_a_person_only_closed_is_no_wait_for_people() -> None:
    log = Log()
    log.message(1, 0, "answer")
    log.sent(1, 0)
    log.closed(1, 9)
    people = log.report().first_reply_by_people
    assert (people.ended, people.waiting, people.given_up) == (0, 0, 0)


# --- waits in a queue


def test_a_case_given_back_waits_anew_from_its_release() -> None:
    """Queued 0 to 2 (claimed), then from its release at 10 to 15: 120 and 300 s, not 120 and 900 s."""
    log = Log()
    log.message(1, 0, "queue")
    log.claimed(1, 2)
    log.released(1, 10)
    log.claimed(1, 15)
    wait = log.report().queue_wait
    assert (wait.ended, wait.waiting, wait.mean, wait.median) == (2, 0, 210, 120)


def test_a_case_moved_to_another_queue_unclaimed_goes_on_waiting() -> None:
    log = Log()
    log.message(1, 0, "queue")
    log.add(1, 5, EventKind.CASE_TRANSFERRED, "alex", queue="safety")
    log.claimed(1, 20)
    wait = log.report().queue_wait
    assert (wait.ended, wait.mean) == (1, 1200)


@pytest.mark.parametrize(("survivor", "other"), [(1, 2), (2, 1)])
def test_two_waits_that_merge_go_on_as_the_longer_one(survivor: int, other: int) -> None:
    """Queued at 0 and at 8, merged at 10, claimed at 20: one wait of 1200 s."""
    log = Log()
    log.message(1, 0, "queue")
    log.message(2, 8, "queue", priority=0)
    log.merged(survivor, other, 10)
    log.claimed(survivor, 20)
    wait = log.report().queue_wait
    assert (wait.ended, wait.waiting, wait.mean) == (1, 0, 1200)


def test_a_wait_goes_on_in_the_case_that_takes_it_over() -> None:
    """Case 1 was answered; case 2 waits from 8, merges at 10, and still waits at 20: 720 s."""
    log = Log()
    log.message(1, 0, "answer")
    log.message(2, 8, "queue")
    log.merged(1, 2, 10)
    log.message(3, 20, "close", "other")
    wait = log.report().queue_wait
    assert (wait.ended, wait.waiting) == (0, 1)
    log.claimed(1, 20)
    assert log.report().queue_wait.mean == 720


@pytest.mark.parametrize(("survivor", "other"), [(1, 2), (2, 1)])
def test_a_wait_ends_when_its_case_merges_with_one_that_a_person_has(survivor: int, other: int) -> None:
    """Case 1: 0 to 2, claimed. Case 2: 8 to 10, when it joined case 1. Two waits of 120 s."""
    log = Log()
    log.message(1, 0, "queue")
    log.claimed(1, 2)
    log.message(2, 8, "queue")
    log.merged(survivor, other, 10)
    wait = log.report().queue_wait
    assert (wait.ended, wait.waiting, wait.mean) == (2, 0, 120)


def test_a_wait_closed_unanswered_counts_for_as_long_as_it_lasted() -> None:
    """10 min ended, 20 min given up: by hand S(600) = 1/2, so the median is 600 s and no more is known."""
    log = Log()
    log.message(1, 0, "queue")
    log.claimed(1, 10)
    log.message(2, 0, "queue")
    log.closed(2, 20, "spam")
    log.message(3, 90, "close", "other")
    wait = log.report().queue_wait
    assert (wait.ended, wait.waiting, wait.given_up) == (1, 0, 1)
    assert (wait.mean, wait.median, wait.p90) == (600, 600, None)


def test_a_case_that_people_closed_unanswered_is_not_dropped_from_first_replies() -> None:
    log = Log()
    log.message(1, 0, "queue")
    log.claimed(1, 10)
    log.closed(1, 20, "no_answer_needed")
    people = log.report().first_reply_by_people
    assert (people.ended, people.waiting, people.given_up) == (0, 0, 1)


def test_a_reply_sent_after_the_case_was_closed_still_answers_it() -> None:
    log = Log()
    log.message(1, 0, "queue")
    log.claimed(1, 10)
    log.replied(1, 11)
    log.closed(1, 12)
    log.sent(1, 13, "agent")
    people = log.report().first_reply_by_people
    assert (people.ended, people.given_up, people.mean) == (1, 0, 780)


# --- automatic answers that people looked at


def audited(log: Log, minute: float, *verdicts: str) -> None:
    for verdict in verdicts:
        log.add(1, minute, EventKind.ANSWER_AUDITED, "alex", verdict=verdict, snippet="s", promised=0.02)


def test_wrong_answers_are_counted_among_those_with_a_verdict_that_counts() -> None:
    """2 wrong of 8; by Clopper and Pearson 3.2 % to 65.1 % (their tables: 0.0319, 0.6509)."""
    log = Log()
    log.message(1, 0, "answer")
    audited(log, 5, *["right"] * 6, "wrong", "unsure", "wrong")
    audit = log.report().audit
    assert audit.wrong_share == Share(2, 8)
    assert (audit.unsure, audit.stops, audit.stopped, audit.promised) == (1, 0, None, 0.02)
    assert (round(audit.low, 4), round(audit.high, 4)) == (0.0319, 0.6509)


def test_a_stop_is_reported_until_answering_is_switched_on_again_and_then_counts_from_nothing() -> None:
    log = Log()
    log.message(1, 0, "answer")
    audited(log, 5, "wrong", "wrong", "wrong")
    log.add(1, 5, EventKind.ANSWERING_STOPPED, audited=3, wrong=3, promised=0.02)
    assert log.report().audit.stopped == at(5)
    log.add(1, 9, EventKind.ANSWERING_RESUMED, "sam")
    after = log.report().audit
    assert (after.stopped, after.stops, after.wrong, after.low, after.high) == (None, 1, 0, 0.0, 1.0)


def test_looking_at_answers_moves_no_other_figure_not_even_the_time() -> None:
    log = Log()
    log.message(1, 0, "queue")
    before = log.report()
    audited(log, 60, "right")
    assert replace(log.report(), audit=before.audit) == before


def test_a_sampled_answer_waits_for_its_verdict() -> None:
    log = Log()
    log.received(1, 0)
    log.decided(1, 0, "answer")
    log.events[-1] = structs.replace(log.events[-1], message_id=7, data={**log.events[-1].data, "audit": True})
    assert log.report().audit.waiting == 1
    log.events.append(
        Event(1, at(5), EventKind.ANSWER_AUDITED, "alex", 7, {"verdict": "right", "snippet": "s", "promised": 0.02})
    )
    assert log.report().audit.waiting == 0


def test_customers_who_want_no_automatic_reply_are_counted() -> None:
    log = Log()
    log.message(1, 0, "close")
    log.add(1, 0, EventKind.CUSTOMER_OPTED_OUT, "channel", channel="m", author="0" * 64)
    assert log.report().opted_out == 1
