"""What to do with a message: a pure function of its scores, the policy and the context.

The default is careful. A message is answered by the service alone only where *every* rule for it
holds; each rule that fails is a reason that a person can read. Raising the confidence of a message
can only ever remove reasons, never add one.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.decision import ALREADY_REPLIED, Action, Because, Decision, Match
from triage.domain.scores import UNSCORED, Intent, PrivacyRisk, Scores, Sentiment, Urgency
from triage.routing.table import RoutingTable


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's dials. Confidences are probabilities from 0 to 1."""

    answering: bool = True
    answer_intents: frozenset[Intent] = frozenset({Intent.PRODUCT_QUESTION, Intent.HOURS_CONTACT})
    min_intent_confidence: float = 0.6
    min_match_confidence: float = 0.7
    min_close_confidence: float = 0.6
    automatic_replies_per_case: int = 1


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around the message at the moment at which it was written."""

    addressed: bool  # it mentions the brand, or answers one of its posts
    with_a_person: bool  # a person has the case, or it waits for one
    answered_since: bool = False  # the brand has already replied after this message
    automatic_replies: int = 0  # how many the service has given in this case


def decide(scores: Scores, match: Match | None, policy: Policy, routing: RoutingTable, context: Context) -> Decision:
    """The one verdict on a message. Pure: equal arguments give an equal decision."""
    if scores is UNSCORED:
        failed = Because("unscored", "The model failed on this message.")
        return Decision(Action.QUEUE, routing.default, Urgency.HIGH.band, (failed,))
    if context.answered_since and scores.urgency.label not in (Urgency.CRITICAL, Urgency.HIGH):
        return _close(scores, ALREADY_REPLIED, "The brand has replied to the customer since.")
    if not context.with_a_person and (nothing := _needs_nothing(scores, policy, context)):
        return Decision(Action.CLOSE, None, _priority(scores), (nothing,))
    against = forbids(scores, policy, context) or _doubts(match, policy)
    if not against and match is not None:
        why = Because(
            "safe_to_answer",
            f"A routine question ({scores.intent.label}, {scores.intent.confidence:.0%} sure) that snippet "
            f"“{match.snippet}” answers ({match.confidence:.0%} sure); nothing private, urgent or negative in it.",
        )
        return Decision(Action.ANSWER, None, _priority(scores), (why,), match)
    return Decision(Action.QUEUE, routing.queue_for(scores), _priority(scores), tuple(against), match)


def _close(scores: Scores, code: str, text: str) -> Decision:
    return Decision(Action.CLOSE, None, _priority(scores), (Because(code, text),))


def _priority(scores: Scores) -> int:
    """The urgency band. A message in a language that the model cannot read counts as ordinary."""
    return Urgency(scores.urgency.label).band if scores.in_scope_language else Urgency.NORMAL.band


def _needs_nothing(scores: Scores, policy: Policy, context: Context) -> Because | None:
    """Why the message can be closed unread, or ``None``. Doubt goes to a person."""
    sure = scores.intent.confidence >= policy.min_close_confidence
    harmless = (
        scores.in_scope_language
        and not scores.actionable
        and scores.privacy.label in (PrivacyRisk.NONE, PrivacyRisk.LOW)
        and scores.urgency.label in (Urgency.LOW, Urgency.NORMAL)
    )
    if not (sure and harmless):
        return None
    if scores.intent.label == Intent.PRAISE:
        return Because("praise", "Thanks or a compliment with no open need.")
    if scores.sentiment.label == Sentiment.NEGATIVE and context.addressed:
        return None
    return Because("nothing_to_act_on", "Chatter: nothing that a care team can act on.")


def forbids(scores: Scores, policy: Policy, context: Context) -> list[Because]:
    """Every rule that forbids an automatic answer whatever it would say, the weightiest first.

    Only where there is none is the knowledge base searched.
    """
    intent, privacy, urgency = scores.intent, scores.privacy, scores.urgency
    rules = [
        (context.with_a_person, "with_a_person", "A person is handling this case."),
        (not scores.in_scope_language, "language", f"Written in {scores.language}, which the model does not read."),
        (
            urgency.label in (Urgency.CRITICAL, Urgency.HIGH),
            "urgent",
            f"Urgency is {urgency.label} ({urgency.confidence:.0%} sure).",
        ),
        (
            privacy.label != PrivacyRisk.NONE,
            "privacy",
            f"Privacy risk is {privacy.label} ({privacy.confidence:.0%} sure): not for the public thread.",
        ),
        (
            scores.sentiment.label == Sentiment.NEGATIVE,
            "negative",
            f"The customer sounds unhappy ({scores.sentiment.confidence:.0%} sure).",
        ),
        (
            intent.label not in policy.answer_intents,
            "intent",
            f"“{intent.label}” is for people to handle ({intent.confidence:.0%} sure).",
        ),
        (
            intent.confidence < policy.min_intent_confidence,
            "unsure_intent",
            f"Only {intent.confidence:.0%} sure that it is “{intent.label}”; "
            f"{policy.min_intent_confidence:.0%} is asked for.",
        ),
        (not context.addressed, "not_addressed", "It does not address the brand."),
        (
            context.automatic_replies >= policy.automatic_replies_per_case,
            "answered_before",
            "The service has already answered once in this conversation.",
        ),
        (not policy.answering, "answering_off", "Automatic answers are switched off."),
    ]
    return [Because(code, text) for holds, code, text in rules if holds]


def _doubts(match: Match | None, policy: Policy) -> list[Because]:
    """What speaks against this very answer."""
    if match is None:
        return [Because("no_match", "No snippet of the knowledge base comes close.")]
    if match.confidence < policy.min_match_confidence:
        text = (
            f"The closest snippet is only {match.confidence:.0%} likely to be the answer; "
            f"{policy.min_match_confidence:.0%} is asked for."
        )
        return [Because("unsure_match", text)]
    return []
