"""What to do with a message: a pure function of its scores, the policy and the context.

The default is careful. A message is answered by the service alone only where *every* rule for it
holds; each rule that fails is a reason that a person can read. Raising the confidence of a message
can only ever remove reasons, never add one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.domain.decision import ALREADY_REPLIED, Action, Because, Decision, Match
from triage.domain.scores import UNSCORED, Intent, PrivacyRisk, Scores, Sentiment, Urgency
from triage.routing.table import RoutingTable


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's dials. Confidences are probabilities from 0 to 1.

    ``withheld`` is no dial: it is why nothing may be answered alone just now, as
    :func:`triage.answers.certificate.in_force` finds it.
    """

    answering: bool = True
    answer_intents: frozenset[Intent] = frozenset({Intent.PRODUCT_QUESTION, Intent.HOURS_CONTACT})
    min_intent_confidence: float = 0.6
    min_match_confidence: float = 0.7
    min_close_confidence: float = 0.6
    automatic_replies_per_case: int = 1
    answer_uncertified: bool = False
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around the message at the moment at which it was written."""

    addressed: bool  # it mentions the brand, or answers one of its posts
    with_a_person: bool  # a person has the case, or it waits for one
    answered_since: bool = False  # the brand has already replied after this message
    automatic_replies: int = 0  # how many the service has given in this case
    answers_a_person: bool = False  # it answers a reply of the brand's that no automatic one can be


def decide(scores: Scores, match: Match | None, policy: Policy, routing: RoutingTable, context: Context) -> Decision:
    """The one verdict on a message. Pure: equal arguments give an equal decision."""
    if scores is UNSCORED:
        failed = Because("unscored", "The model failed on this message.")
        return Decision(Action.QUEUE, routing.default, Urgency.HIGH.band, (failed,))
    if context.answered_since and scores.urgency.label not in (Urgency.CRITICAL, Urgency.HIGH):
        return _close(scores, ALREADY_REPLIED, "The brand has replied to the customer since.")
    if not context.with_a_person and (nothing := _needs_nothing(scores, policy, context)):
        return Decision(Action.CLOSE, None, _priority(scores), (nothing,))
    against = objections(scores, match, policy, context)
    if not against and match is not None:
        why = Because(
            "safe_to_answer",
            f"A routine question (“{scores.intent.label}”, {scores.intent.confidence:.0%} sure) that snippet "
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


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a rule may look at."""

    scores: Scores
    policy: Policy
    context: Context


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that forbids an automatic answer, whatever the answer would say.

    ``says`` is for people, with the situation's values in braces; it is worded only where the rule holds.
    """

    code: str
    holds: Callable[[Situation], bool]
    says: str

    def because(self, now: Situation) -> Because:
        return Because(self.code, self.says.format(scores=now.scores, policy=now.policy))


#: The weightiest first: the order in which people read them.
RULES = (
    Rule("with_a_person", lambda now: now.context.with_a_person, "A person is handling this case."),
    Rule(
        "answers_a_person",
        lambda now: now.context.answers_a_person,
        "It answers a person of the brand in the middle of a conversation.",
    ),
    Rule(
        "language",
        lambda now: not now.scores.in_scope_language,
        "Written in {scores.language}, which the model does not read.",
    ),
    Rule(
        "urgent",
        lambda now: now.scores.urgency.label in (Urgency.CRITICAL, Urgency.HIGH),
        "Urgency is {scores.urgency.label} ({scores.urgency.confidence:.0%} sure).",
    ),
    Rule(
        "privacy",
        lambda now: now.scores.privacy.label != PrivacyRisk.NONE,
        "Privacy risk is {scores.privacy.label} ({scores.privacy.confidence:.0%} sure): not for the public thread.",
    ),
    Rule(
        "negative",
        lambda now: now.scores.sentiment.label == Sentiment.NEGATIVE,
        "The customer sounds unhappy ({scores.sentiment.confidence:.0%} sure).",
    ),
    Rule(
        "intent",
        lambda now: now.scores.intent.label not in now.policy.answer_intents,
        "“{scores.intent.label}” is for people to handle ({scores.intent.confidence:.0%} sure).",
    ),
    Rule(
        "unsure_intent",
        lambda now: now.scores.intent.confidence < now.policy.min_intent_confidence,
        "Only {scores.intent.confidence:.0%} sure that it is “{scores.intent.label}”; "
        "{policy.min_intent_confidence:.0%} is asked for.",
    ),
    Rule("not_addressed", lambda now: not now.context.addressed, "It does not address the brand."),
    Rule(
        "answered_before",
        lambda now: now.context.automatic_replies >= now.policy.automatic_replies_per_case,
        "The service has already answered once in this conversation.",
    ),
    Rule("answering_off", lambda now: not now.policy.answering, "Automatic answers are switched off."),
    Rule("not_certified", lambda now: bool(now.policy.withheld), "{policy.withheld}"),
)


def may_be_answered(scores: Scores, policy: Policy, context: Context) -> bool:
    """Whether no rule forbids an automatic answer. Only then is the knowledge base searched."""
    now = Situation(scores, policy, context)
    return not any(rule.holds(now) for rule in RULES)


def objections(scores: Scores, match: Match | None, policy: Policy, context: Context) -> list[Because]:
    """All that speaks against answering a message with the matched snippet; empty where nothing does."""
    return _forbidding(scores, policy, context) or doubts(match, policy)


def _forbidding(scores: Scores, policy: Policy, context: Context) -> list[Because]:
    now = Situation(scores, policy, context)
    return [rule.because(now) for rule in RULES if rule.holds(now)]


def doubts(match: Match | None, policy: Policy) -> list[Because]:
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
