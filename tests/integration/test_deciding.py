"""From a stored message to a committed decision, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.doubles import NOON, KeywordScorer, OneSnippet, frozen, judge, message, worker
from triage.channels.memory import MemoryChannel
from triage.clock import TrafficClock
from triage.domain.case import CaseState, rebuild
from triage.domain.decision import Mode
from triage.domain.message import FINAL_STATES, MessageState
from triage.domain.reply import ReplyState
from triage.domain.scores import Scores, Urgency, Utterance
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.stored_posts import StoredPosts
from triage.store import Store

PETS = "@MarramAir can pets fly in the cabin?"


def run(store: Store, *messages, channel: MemoryChannel | None = None, batch: int = 100) -> None:
    clock = TrafficClock()
    take_in(store, messages, clock)
    worker(store, clock, channels=[channel] if channel else [], batch=batch).drain()


def case_of(store: Store, external_id: str):
    with store.read() as transaction:
        return transaction.cases.get(transaction.messages.by_external_id("memory", external_id).case_id)


def state_of(store: Store, external_id: str) -> MessageState:
    with store.read() as transaction:
        return transaction.messages.by_external_id("memory", external_id).state


def test_a_simple_question_is_answered_once_and_the_reply_is_sent(store) -> None:
    channel = MemoryChannel()
    run(store, message("1", PETS), channel=channel)
    assert state_of(store, "1") is MessageState.ANSWERED
    assert case_of(store, "1").state is CaseState.ANSWERED
    assert [reply.in_reply_to for reply in channel.sent.values()] == ["1"]
    with store.read() as transaction:
        assert transaction.replies.counts() == {ReplyState.SENT: 1}


def test_the_second_question_of_a_conversation_goes_to_a_person(store) -> None:
    run(store, message("1", PETS), message("2", PETS, parent="1", minutes=3), channel=MemoryChannel())
    assert state_of(store, "2") is MessageState.QUEUED
    assert case_of(store, "1").state is CaseState.QUEUED


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_what_was_decided_before_is_the_context_whatever_the_batch(store, batch) -> None:
    """The later message is in a queue when the earlier question has been; order is by time written."""
    run(
        store,
        message("2", PETS, parent="1", minutes=3),
        message("1", "@MarramAir my bag is lost", minutes=1),
        batch=batch,
    )
    assert [state_of(store, "1"), state_of(store, "2")] == [MessageState.QUEUED, MessageState.QUEUED]
    assert case_of(store, "1").queue == "baggage"


def test_a_question_inside_a_case_of_a_person_is_not_answered_by_the_service(store) -> None:
    run(
        store,
        message("1", "@MarramAir my bag is lost"),
        message("2", "@500 which flight? ^TS", parent="1", inbound=False, minutes=5),
        message("3", PETS, parent="2", minutes=9),
    )
    assert state_of(store, "2") is MessageState.RECORDED
    assert state_of(store, "3") is MessageState.QUEUED


def test_a_question_to_a_person_of_the_brand_whose_thread_is_not_known_yet_goes_to_a_person(store) -> None:
    run(
        store,
        message("2", "@500 what else can we do? ^TS", parent="never arrived", inbound=False, minutes=5),
        message("3", PETS, parent="2", minutes=9),
    )
    assert state_of(store, "3") is MessageState.QUEUED
    with store.read() as transaction:
        stored = transaction.messages.by_external_id("memory", "3")
        decided = [one for one in transaction.events.of_case(stored.case_id) if one.message_id == stored.id]
    assert "answers_a_person" in decided[-1].data["because"]


def test_a_question_under_a_post_of_the_brand_that_answers_nobody_may_be_answered(store) -> None:
    run(
        store,
        message("2", "New: our summer timetable is out", inbound=False, minutes=5),
        message("3", PETS, parent="2", minutes=9),
        channel=MemoryChannel(),
    )
    assert state_of(store, "3") is MessageState.ANSWERED


def test_a_reply_of_the_brand_elsewhere_answers_the_case(store) -> None:
    run(
        store,
        message("1", "@MarramAir my bag is lost"),
        message("2", "@500 which flight? ^TS", parent="1", inbound=False, minutes=5),
    )
    assert case_of(store, "1").state is CaseState.WAITING


def live(store: Store, *messages, channel: MemoryChannel, batch: int = 100) -> None:
    """Take in and decide as a running service does an hour later: its time is the present."""
    clock = frozen()
    clock.advance(timedelta(hours=1))
    take_in(store, messages, clock)
    worker(store, clock, channels=[channel], batch=batch).drain()


def test_a_message_that_arrives_after_its_answer_is_left_alone(store) -> None:
    channel = MemoryChannel()
    live(store, message("2", "@500 which flight? ^TS", parent="1", inbound=False, minutes=5), channel=channel)
    live(store, message("1", PETS), channel=channel)
    assert state_of(store, "1") is MessageState.CLOSED
    assert case_of(store, "1").state is CaseState.WAITING
    assert not channel.sent


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_reply_of_a_person_that_waits_to_be_recorded_keeps_the_service_silent(store, batch) -> None:
    channel = MemoryChannel()
    reply = message("2", "@500 yes, up to 8 kg ^TS", parent="1", inbound=False, minutes=5)
    live(store, message("1", PETS), reply, channel=channel, batch=batch)
    assert state_of(store, "1") is MessageState.CLOSED
    assert case_of(store, "1").state is CaseState.WAITING
    assert not channel.sent


@pytest.mark.parametrize("batch", [1, 100])
def test_a_reply_of_our_own_that_waits_to_be_recorded_leaves_later_messages_open(store, batch) -> None:
    channel = MemoryChannel()
    live(store, message("1", PETS), channel=channel)
    echo = message("memory-1", "Pets travel in the cabin", parent="1", inbound=False, minutes=3)
    live(store, message("2", "@MarramAir my bag is lost", parent="1", minutes=2), echo, channel=channel, batch=batch)
    assert state_of(store, "2") is MessageState.QUEUED


@pytest.mark.parametrize("together", [True, False])
def test_in_a_replay_a_reply_read_before_its_question_counts_from_when_it_was_written(store, together) -> None:
    channel = MemoryChannel()
    reply = message("2", "@500 yes, up to 8 kg ^TS", parent="1", inbound=False, minutes=5)
    clock = TrafficClock()
    one = worker(store, clock, channels=[channel])
    for portion in [[reply, message("1", PETS)]] if together else [[reply], [message("1", PETS)]]:
        take_in(store, portion, clock)
        one.drain()
    assert state_of(store, "1") is MessageState.ANSWERED
    assert case_of(store, "1").state is CaseState.WAITING
    assert [sent.in_reply_to for sent in channel.sent.values()] == ["1"]


def test_our_own_reply_coming_back_through_the_channel_is_not_a_second_reply(store) -> None:
    channel = MemoryChannel()
    run(store, message("1", PETS), channel=channel)
    run(store, message("memory-1", "Pets travel in the cabin", parent="1", inbound=False, minutes=1))
    assert case_of(store, "1").state is CaseState.ANSWERED
    with store.read() as transaction:
        kinds = [event.kind for event in transaction.events.of_case(case_of(store, "1").id)]
    assert "brand_replied" not in kinds


def test_every_message_ends_in_exactly_one_final_state(store) -> None:
    texts = [PETS, "@MarramAir thanks!", "@MarramAir urgent hacked", "chatter", "angry refund", "secret bag"]
    run(store, *(message(str(n), text, minutes=n) for n, text in enumerate(texts, start=1)))
    with store.read() as transaction:
        counts = transaction.messages.counts()
        decided = [event.message_id for event in transaction.events.stream() if event.kind == "message_decided"]
    assert sum(counts.values()) == len(texts)
    assert all(state in FINAL_STATES for _, state in counts)
    assert sorted(decided) == sorted(set(decided))
    assert len(decided) == len(texts)


def test_cases_rebuilt_from_the_log_equal_the_cases_as_they_stand(store) -> None:
    run(
        store,
        message("1", PETS),
        message("3", "@MarramAir any news?", parent="2", minutes=4),
        message("5", "@500 hello", parent="4", inbound=False, minutes=2),
        channel=MemoryChannel(),
    )
    run(store, message("2", "@MarramAir my bag is lost", parent="4", minutes=1))  # joins two cases
    run(store, message("6", "thanks", parent="5", minutes=9))
    with store.read() as transaction:
        assert rebuild(transaction.events.stream()) == transaction.cases.all()
        assert sum(case.state is CaseState.MERGED for case in transaction.cases.all().values()) == 1


def test_scores_and_reasons_are_kept_with_their_model(store) -> None:
    run(store, message("1", PETS))
    with store.read() as transaction:
        stored = transaction.messages.by_external_id("memory", "1")
        judged = transaction.judgements.of([stored.id])[stored.id]
    assert judged.scores.model == "double-1"
    assert judged.scores.intent.why == (("question", 1.0),)
    assert judged.decision.reasons[0].code == "safe_to_answer"


def test_a_claim_by_a_person_withdraws_a_reply_that_has_not_left(store) -> None:
    from app.accounts import add_user
    from tests.doubles import demo_brand
    from triage.domain.user import Role
    from triage.service.cases import Desk

    clock = frozen()
    take_in(store, [message("1", PETS)], clock)
    silent = worker(store, clock)  # it decides, but has no channel to send on
    silent.drain()
    alex, _ = add_user(store, clock, "alex", Role.AGENT, None)
    case = Desk(store, demo_brand().routing, OneSnippet(), clock).claim(alex, case_of(store, "1").id)
    channel = MemoryChannel()
    worker(store, clock, channels=[channel]).drain()
    assert (case.state, case.owner) == (CaseState.CLAIMED, "alex")
    assert channel.sent == {}


def test_a_message_on_which_the_model_fails_goes_to_a_person_and_holds_up_nothing(store) -> None:
    class Fragile(KeywordScorer):
        def score(self, utterances):
            if any("poison" in utterance.text for utterance in utterances):
                raise ValueError("cannot score this")
            return super().score(utterances)

    clock = TrafficClock()
    take_in(store, [message(str(n), "poison" if n == 3 else PETS, minutes=n) for n in range(1, 6)], clock)
    one = replace(judge(clock), scorer=Fragile())
    while decide_pending(store, one, 100):
        pass
    assert state_of(store, "3") is MessageState.QUEUED
    assert [state_of(store, n) for n in "1245"] == [MessageState.ANSWERED] * 4


def test_an_urgent_message_is_never_closed_because_something_else_was_answered(store) -> None:
    run(store, message("2", "@500 hello ^TS", parent="0", inbound=False, minutes=9))
    run(store, message("1", "@MarramAir urgent my account is hacked", parent="0", minutes=5))
    assert state_of(store, "1") is MessageState.QUEUED


def test_a_snippet_is_judged_by_the_day_of_the_message(store) -> None:
    class Dated(OneSnippet):
        def matches(self, text, on, limit=3):
            return super().matches(text, on, limit) if on <= NOON.date() else []

    clock = TrafficClock()
    take_in(store, [message("1", PETS), message("2", PETS, minutes=24 * 60)], clock)
    while decide_pending(store, replace(judge(clock), answers=Dated()), 100):
        pass
    assert [state_of(store, "1"), state_of(store, "2")] == [MessageState.ANSWERED, MessageState.QUEUED]


class TwoWordings(OneSnippet):
    """Says one of two things."""

    def texts(self, snippet, channel, *, automatic):
        return ("Up to 8 kg.", "8 kg at most.")


def decided(store: Store, answers: OneSnippet, *messages) -> None:
    clock = TrafficClock()
    take_in(store, messages, clock)
    while decide_pending(store, replace(judge(clock), answers=answers), 100):
        pass


def said(store: Store) -> dict[str, str]:
    with store.read() as transaction:
        return {reply.in_reply_to: reply.text for reply in transaction.replies.in_state(ReplyState.PENDING)}


def test_a_customer_never_gets_the_same_text_twice_and_a_person_once_all_is_said(store) -> None:
    decided(store, TwoWordings(), *(message(str(n), PETS, minutes=n, author="7") for n in (1, 2, 3)))
    decided(store, TwoWordings(), message("4", PETS, minutes=9, author="7"), message("5", PETS, minutes=10, author="8"))
    texts = said(store)
    assert {texts["1"], texts["2"]} == {"Up to 8 kg.", "8 kg at most."}
    assert set(texts) == {"1", "2", "5"}
    assert [state_of(store, n) for n in "345"] == [MessageState.QUEUED, MessageState.QUEUED, MessageState.ANSWERED]


def test_consecutive_posts_differ_also_from_one_batch_to_the_next(store) -> None:
    for batch in (range(1, 6), range(6, 10)):
        decided(store, TwoWordings(), *(message(str(n), PETS, minutes=n, author=f"a{n}") for n in batch))
    texts = [said(store)[str(n)] for n in range(1, 10)]
    assert all(one != other for one, other in pairwise(texts))


def test_what_would_be_answered_in_shadow_mode_goes_to_a_person_and_nothing_is_to_be_sent(store) -> None:
    class InShadow(OneSnippet):
        def matches(self, text, on, limit=3):
            return [replace(match, mode=Mode.SHADOW) for match in super().matches(text, on, limit)]

    decided(store, InShadow(), message("1", PETS))
    assert state_of(store, "1") is MessageState.QUEUED
    assert said(store) == {}
    with store.read() as transaction:
        stored = transaction.messages.by_external_id("memory", "1")
        decision = transaction.judgements.of([stored.id])[stored.id].decision
    assert [reason.code for reason in decision.reasons] == ["shadow", "safe_to_answer"]
    assert (decision.match.snippet, decision.match.mode) == ("pets-on-board", Mode.SHADOW)


def test_an_unsure_match_is_not_said_to_have_been_said_before(store) -> None:
    class Unsure(OneSnippet):
        def matches(self, text, on, limit=3):
            return [replace(match, confidence=0.4) for match in super().matches(text, on, limit)]

    take_in(store, [message("1")], frozen())
    decide_pending(store, replace(judge(frozen()), answers=Unsure()), 10)
    with store.read() as transaction:
        found = transaction.messages.by_external_id("memory", "1")
        decision = transaction.judgements.of([found.id])[found.id].decision
    assert [reason.code for reason in decision.reasons] == ["unsure_match"]


class _Meanwhile:
    """A scorer during whose first work something else happens."""

    def __init__(self, happen: Callable[[], object]) -> None:
        self._happen: Callable[[], object] | None = happen

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        happen, self._happen = self._happen, None
        if happen is not None:
            happen()
        return KeywordScorer().score(utterances)


def test_messages_come_in_while_others_are_scored(store) -> None:
    take_in(store, [message("1")], frozen())
    scorer = _Meanwhile(lambda: take_in(store, [message("2", author="501", minutes=1)], frozen()))
    one = replace(judge(), scorer=scorer)
    while decide_pending(store, one, 100):
        pass
    with store.read() as transaction:
        assert transaction.messages.counts() == {(True, MessageState.ANSWERED): 2}


def test_messages_come_in_while_answers_are_looked_for(store) -> None:
    asked: list[str] = []

    class Meanwhile(OneSnippet):
        def matches(self, text, on, limit=3):
            if not asked:
                take_in(store, [message("2", "@MarramAir and two pets?", author="501", minutes=1)], frozen())
            asked.append(text)
            return super().matches(text, on, limit)

    take_in(store, [message("1")], frozen())
    while decide_pending(store, replace(judge(), answers=Meanwhile()), 100):
        pass
    assert [state_of(store, n) for n in "12"] == [MessageState.ANSWERED] * 2
    assert len(asked) == 2


def test_a_message_that_is_edited_while_it_is_scored_is_judged_by_its_new_text(store) -> None:
    take_in(store, [message("1")], frozen())

    def edit() -> None:
        if store.one_writer:  # elsewhere a message that is being decided is locked, and cannot be edited
            StoredPosts(store, [], frozen()).honour_edit("memory", "1", "@MarramAir urgent: call me")

    assert decide_pending(store, replace(judge(), scorer=_Meanwhile(edit)), 100) == 1
    if not store.one_writer:
        StoredPosts(store, [], frozen()).honour_edit("memory", "1", "@MarramAir urgent: call me")
        assert decide_pending(store, judge(), 100) == 1
    with store.read() as transaction:
        found = transaction.messages.by_external_id("memory", "1")
        assert transaction.judgements.of([found.id])[found.id].scores.urgency.label == Urgency.CRITICAL
