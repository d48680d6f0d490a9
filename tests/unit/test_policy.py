"""The decision: careful by default, and always with a reason."""

from __future__ import annotations

import pytest

from tests.doubles import demo_brand, scores
from triage.domain.decision import Action, Decision, Match
from triage.domain.scores import Intent, PrivacyRisk, Scores, Sentiment, Urgency
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
        (scores(confidence=0.39), SURE, FRESH, "unsure_intent"),
        (scores(privacy=PrivacyRisk.LOW), SURE, FRESH, "privacy"),
        (scores(privacy=PrivacyRisk.HIGH), SURE, FRESH, "privacy"),
        (scores(urgency=Urgency.HIGH), SURE, FRESH, "urgent"),
        (scores(urgency=Urgency.CRITICAL), SURE, FRESH, "urgent"),
        (scores(sentiment=Sentiment.NEGATIVE), SURE, FRESH, "negative"),
        (scores(), SURE, Context(addressed=False, with_a_person=False), "not_addressed"),
        (scores(), SURE, Context(addressed=True, with_a_person=True), "with_a_person"),
        (scores(), SURE, Context(addressed=True, with_a_person=False, automatic_replies=1), "answered_before"),
        (scores(), SURE, Context(addressed=True, with_a_person=False, answers_a_person=True), "answers_a_person"),
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
