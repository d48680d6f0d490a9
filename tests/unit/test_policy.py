"""The decision: careful by default, and always with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.compose import DEMO_BRAND
from tests.doubles import NOON, demo_brand, scores
from triage.automated import Machine
from triage.brand import load_brand
from triage.conversation import Said
from triage.domain.audit import Stopped
from triage.domain.decision import Action, Decision, Match, Mode
from triage.domain.limits import Lack
from triage.domain.scores import Intent, PrivacyRisk, Scores, Sentiment, Urgency
from triage.errors import ConfigurationError
from triage.policy import Context, Policy, decide

SURE = Match("pets-on-board", 1, 0.97, "can i bring my dog")
FRESH = Context(addressed=True, with_a_person=False)


def verdict(of: Scores, match: Match | None = SURE, context: Context = FRESH, policy: Policy | None = None) -> Decision:
    brand = demo_brand()
    return decide(of, match, policy or brand.policy, brand.routing, context)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_routine_question_with_a_sure_match_is_answered() -> None:
    decision = verdict(scores())
    assert (decision.action, decision.match) == (Action.ANSWER, SURE)
    assert codes(decision) == ["safe_to_answer"]


@pytest.mark.parametrize(
    ("of", "match", "context", "code"),
    [
        (scores(Intent.REFUND_RETURN), SURE, FRESH, "intent"),
        (scores(confidence=0.29), SURE, FRESH, "unsure_intent"),
        (scores(privacy=PrivacyRisk.LOW), SURE, FRESH, "privacy"),
        (scores(privacy=PrivacyRisk.HIGH), SURE, FRESH, "privacy"),
        (scores(urgency=Urgency.HIGH), SURE, FRESH, "urgent"),
        (scores(urgency=Urgency.CRITICAL), SURE, FRESH, "urgent"),
        (scores(sentiment=Sentiment.NEGATIVE), SURE, FRESH, "negative"),
        (scores(), SURE, Context(addressed=False, with_a_person=False), "not_addressed"),
        (scores(), SURE, Context(addressed=True, with_a_person=False, summoned=False), "not_summoned"),
        (scores(), SURE, Context(addressed=True, with_a_person=True), "with_a_person"),
        (scores(), SURE, Context(addressed=True, with_a_person=False, automatic_replies=1), "answered_before"),
        (scores(), SURE, Context(addressed=True, with_a_person=False, answers_a_person=True), "answers_a_person"),
        (scores(), SURE, replace(FRESH, said=Said(stop=True)), "stop"),
        (scores(), SURE, replace(FRESH, opted_out=True), "opted_out"),
        (scores(), SURE, replace(FRESH, said=Said(person=True)), "agent_please"),
        (scores(), SURE, replace(FRESH, person_wanted=True), "person_wanted"),
        (scores(), SURE, replace(FRESH, machine=Machine.ECHO), "automated"),
        (scores(), SURE, replace(FRESH, after_an_answer=True, said=Said(unsolved=True)), "not_solved"),
        (scores(), SURE, replace(FRESH, answers_today=5), "answered_often"),
        (scores(), SURE, replace(FRESH, stopped=Stopped(NOON, 40, 5, 0.02)), "answering_stopped"),
        (scores(), SURE, replace(FRESH, private=True), "private_message"),
        (scores(), None, FRESH, "no_match"),
        (scores(), Match("x", 1, 0.5, "?"), FRESH, "unsure_match"),
        (scores(language="es"), SURE, FRESH, "language"),
    ],
)
def test_any_single_doubt_sends_the_message_to_a_person_and_says_so(of, match, context, code) -> None:
    decision = verdict(of, match, context)
    assert decision.action is Action.QUEUE
    assert code in codes(decision)
    assert all(reason.text.endswith(".") for reason in decision.reasons)


@pytest.mark.parametrize("mode", [Mode.SUGGEST, Mode.OFF])
def test_a_snippet_that_is_only_suggested_is_never_sent(mode: Mode) -> None:
    decision = verdict(scores(), replace(SURE, mode=mode))
    assert (decision.action, codes(decision)) == (Action.QUEUE, ["suggest_only"])


def test_in_shadow_mode_a_person_answers_and_what_would_have_been_sent_is_on_record() -> None:
    decision = verdict(scores(), replace(SURE, mode=Mode.SHADOW))
    assert (decision.action, codes(decision)) == (Action.QUEUE, ["shadow", "safe_to_answer"])
    assert decision.match is not None
    unsure = verdict(scores(), replace(SURE, mode=Mode.SHADOW, confidence=0.5))
    assert codes(unsure) == ["unsure_match"]


def test_a_customer_to_whom_all_has_been_said_gets_a_person() -> None:
    decision = verdict(scores(), context=replace(FRESH, lack=Lack.ALL_SAID))
    assert (decision.action, codes(decision)) == (Action.QUEUE, ["all_said"])


def test_answering_can_be_switched_off() -> None:
    decision = verdict(scores(), policy=Policy(answering=False))
    assert (decision.action, codes(decision)) == (Action.QUEUE, ["answering_off"])


def test_praise_and_chatter_are_closed_as_needing_nothing() -> None:
    assert codes(verdict(scores(Intent.PRAISE, urgency=Urgency.LOW))) == ["praise"]
    assert codes(verdict(scores(Intent.OTHER, urgency=Urgency.LOW))) == ["nothing_to_act_on"]


@pytest.mark.parametrize(
    "doubtful",
    [
        scores(Intent.PRAISE, confidence=0.5),
        scores(Intent.OTHER, sentiment=Sentiment.NEGATIVE),
        scores(Intent.OTHER, urgency=Urgency.CRITICAL),
        scores(Intent.PRAISE, privacy=PrivacyRisk.HIGH),
        scores(Intent.OTHER, language="pt"),
    ],
)
def test_what_might_need_something_is_never_closed_unread(doubtful) -> None:
    assert verdict(doubtful).action is Action.QUEUE


def test_a_message_that_the_brand_has_answered_since_needs_nothing() -> None:
    decision = verdict(scores(Intent.REFUND_RETURN), context=Context(True, with_a_person=True, answered_since=True))
    assert (decision.action, codes(decision)) == (Action.CLOSE, ["already_replied"])


def test_urgency_is_the_place_in_the_queue_and_intent_is_the_queue() -> None:
    decision = verdict(scores(Intent.FRAUD_SECURITY, urgency=Urgency.CRITICAL))
    assert (decision.queue, decision.priority) == ("safety", 0)


def test_other_languages_have_a_queue_of_their_own_and_no_guessed_urgency() -> None:
    decision = verdict(scores(Intent.PRAISE, urgency=Urgency.CRITICAL, language="es"))
    assert (decision.queue, decision.priority) == ("languages", Urgency.NORMAL.band)


@pytest.mark.parametrize("said", [Said(unsolved=True), Said(repeats=True), Said(person=True)])
def test_who_was_not_helped_by_an_answer_comes_before_fresh_messages(said) -> None:
    after = replace(FRESH, after_an_answer=True, automatic_replies=1, said=said)
    assert verdict(scores(), context=after).priority == Urgency.HIGH.band
    assert verdict(scores(urgency=Urgency.CRITICAL), context=after).priority == Urgency.CRITICAL.band
    assert verdict(scores(), context=replace(after, after_an_answer=False)).priority == Urgency.NORMAL.band


def test_solved_closes_only_what_no_person_has_and_no_machine_wrote() -> None:
    thanks = replace(FRESH, after_an_answer=True, automatic_replies=1, said=Said(solved=True, thanks=True))
    assert codes(verdict(scores(Intent.FOLLOW_UP), context=thanks)) == ["solved"]
    assert verdict(scores(Intent.FOLLOW_UP), context=replace(thanks, with_a_person=True)).action is Action.QUEUE
    assert verdict(scores(Intent.FOLLOW_UP), context=replace(thanks, machine=Machine.PHRASE)).action is Action.QUEUE


def test_asking_for_a_person_is_never_closed_unread() -> None:
    chatter = scores(Intent.OTHER, urgency=Urgency.LOW)
    assert verdict(chatter).action is Action.CLOSE
    assert verdict(chatter, context=replace(FRESH, said=Said(person=True))).action is Action.QUEUE


@pytest.mark.parametrize(
    "dial", ["audit_share = 1.5", "audit_share = -0.1", "max_wrong_share = 0.0", "max_wrong_share = 1"]
)
def test_a_share_that_is_none_is_refused_by_name(tmp_path, dial) -> None:
    told = (DEMO_BRAND / "brand.toml").read_text(encoding="utf-8") + f"\n{dial}\n"
    (tmp_path / "brand.toml").write_text(told, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=dial.split()[0]):
        load_brand(tmp_path)
