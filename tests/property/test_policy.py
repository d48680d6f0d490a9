"""Being surer can only help a message to be answered, never hinder it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import demo_brand, scores
from triage.domain.decision import Action, Match
from triage.domain.scores import Intent, PrivacyRisk, Sentiment, Urgency
from triage.policy import Context, decide, may_ask_to_move

PROBABILITY = st.floats(0, 1)
CONTEXTS = st.builds(
    Context,
    addressed=st.booleans(),
    with_a_person=st.booleans(),
    answered_since=st.booleans(),
    automatic_replies=st.integers(0, 2),
    summoned=st.sampled_from((None, False, True)),
    private=st.booleans(),
)
LABELS = st.fixed_dictionaries(
    {
        "intent": st.sampled_from(Intent),
        "sentiment": st.sampled_from(Sentiment),
        "urgency": st.sampled_from(Urgency),
        "privacy": st.sampled_from(PrivacyRisk),
    }
)
BRAND = demo_brand()


def verdict(labels, confidence, match_confidence, context):
    match = Match("a-snippet", 1, match_confidence, "?")
    return decide(scores(**labels, confidence=confidence), match, BRAND.policy, BRAND.routing, context)


@given(labels=LABELS, lower=PROBABILITY, higher=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_the_decision_is_monotone_in_the_models_confidence(labels, lower, higher, match, context) -> None:
    lower, higher = sorted((lower, higher))
    if verdict(labels, lower, match, context).action is not Action.QUEUE:
        assert verdict(labels, higher, match, context).action is not Action.QUEUE


@given(labels=LABELS, confidence=PROBABILITY, lower=PROBABILITY, higher=PROBABILITY, context=CONTEXTS)
def test_the_decision_is_monotone_in_the_matchers_confidence(labels, confidence, lower, higher, context) -> None:
    lower, higher = sorted((lower, higher))
    before = {reason.code for reason in verdict(labels, confidence, lower, context).reasons}
    after = {reason.code for reason in verdict(labels, confidence, higher, context).reasons}
    assert after - before <= {"safe_to_answer"}


@given(labels=LABELS, confidence=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_every_decision_has_a_reason_and_only_queued_messages_have_a_queue(labels, confidence, match, context) -> None:
    decision = verdict(labels, confidence, match, context)
    assert decision.reasons
    assert (decision.queue is not None) == (decision.action is Action.QUEUE)


@given(labels=LABELS, confidence=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_nothing_private_urgent_or_unhappy_is_ever_answered_alone(labels, confidence, match, context) -> None:
    if verdict(labels, confidence, match, context).action is Action.ANSWER:
        assert labels["privacy"] == PrivacyRisk.NONE
        assert labels["urgency"] in (Urgency.NORMAL, Urgency.LOW)
        assert labels["sentiment"] != Sentiment.NEGATIVE
        assert context.addressed
        assert not context.with_a_person


@given(labels=LABELS, confidence=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_who_did_not_summon_the_brand_is_never_written_to_by_the_service(labels, confidence, match, context) -> None:
    uncalled = replace(context, summoned=False)
    decision = verdict(labels, confidence, match, uncalled)
    assert decision.action is not Action.ANSWER
    assert not may_ask_to_move(scores(**labels, confidence=confidence), BRAND.policy, uncalled)
    if decision.action is Action.QUEUE:
        assert "not_summoned" in {reason.code for reason in decision.reasons}


@given(labels=LABELS, confidence=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_a_summons_alone_and_a_channel_that_asks_for_none_decide_alike(labels, confidence, match, context) -> None:
    called, unasked = replace(context, summoned=True), replace(context, summoned=None)
    assert verdict(labels, confidence, match, called) == verdict(labels, confidence, match, unasked)


@given(labels=LABELS, confidence=PROBABILITY, match=PROBABILITY, context=CONTEXTS)
def test_a_private_message_is_never_answered_alone_and_asks_nobody_to_move(labels, confidence, match, context) -> None:
    context = replace(context, private=True)
    decision = verdict(labels, confidence, match, context)
    assert decision.action is not Action.ANSWER
    assert decision.move is None
    assert not may_ask_to_move(scores(**labels, confidence=confidence), BRAND.policy, context)
    if decision.action is Action.QUEUE:
        assert "private_message" in {reason.code for reason in decision.reasons}
