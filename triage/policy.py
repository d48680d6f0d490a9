"""What to do with a message: a pure function of its scores, the policy and the context.

The default is careful. A message is answered by the service alone only where *every* rule for it
holds; each rule that fails is a reason that a person can read. Raising the confidence of a message
can only ever remove reasons, never add one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from triage.automated import Machine
from triage.conversation import Said, Turn, follow
from triage.domain.audit import Stopped
from triage.domain.decision import (
    AGENT_PLEASE,
    ALREADY_REPLIED,
    SOLVED,
    Action,
    Because,
    Decision,
    Match,
    Mode,
    PrivateMove,
)
from triage.domain.limits import Lack, Today
from triage.domain.scores import UNSCORED, Intent, PrivacyRisk, Scores, Sentiment, Urgency
from triage.routing.table import RoutingTable


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's dials. Confidences are probabilities from 0 to 1.

    ``audit_share`` of the automatic answers go to people for a verdict; answering stops by itself when
    these prove that more are wrong than was promised. What was promised is the certificate's to say; where a brand
    answers without one it is ``max_wrong_share``. ``withheld`` is no dial: it is why nothing may be
    answered alone just now, as :func:`triage.answers.certificate.in_force` finds it.
    """

    answering: bool = True
    answer_intents: frozenset[Intent] = frozenset({Intent.PRODUCT_QUESTION, Intent.HOURS_CONTACT})
    min_intent_confidence: float = 0.6
    min_match_confidence: float = 0.7
    min_close_confidence: float = 0.6
    automatic_replies_per_case: int = 1
    automatic_replies_per_author_per_day: int = 5
    audit_share: Annotated[float, Meta(ge=0, le=1)] = 0.1
    max_wrong_share: Annotated[float, Meta(gt=0, lt=1)] = 0.02
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
    said: Said = field(default_factory=Said)
    after_an_answer: bool = False  # its author wrote it after an automatic answer in this case
    answers_today: int = 0  # automatic replies to its author within a day before it, in any case
    machine: Machine | None = None  # it seems to come from an automated account
    opted_out: bool = False  # its author wants no automatic reply on this channel, ever
    person_wanted: bool = False  # the customer asked for a person before in this case
    stopped: Stopped | None = None  # answering has stopped by itself
    lack: Lack | None = None  # why no text of the snippet may be sent here
    in_private: bool = False  # the customer has been asked to go on in a private message
    private: bool = False  # this is a private message
    summoned: bool | None = None  # its author called the brand by name; None where the channel does not ask for that
    one_reply: bool = False  # the channel allows one automatic reply in a conversation, whatever the brand does
    too_old: bool = False  # it was written so long ago that the channel's rules let no program answer it any more
    today: Today | None = None  # what was done today on a channel that sets limits


def decide(scores: Scores, match: Match | None, policy: Policy, routing: RoutingTable, context: Context) -> Decision:
    """The one verdict on a message. Pure: equal arguments give an equal decision."""
    if scores is UNSCORED:
        failed = Because("unscored", "The model failed on this message.")
        return Decision(Action.QUEUE, routing.default, Urgency.HIGH.band, (failed,))
    if context.answered_since and scores.urgency.label not in (Urgency.CRITICAL, Urgency.HIGH):
        return _close(scores, ALREADY_REPLIED, "The brand has replied to the customer since.")
    if not context.with_a_person and (nothing := _needs_nothing(scores, policy, context)):
        return Decision(Action.CLOSE, None, _priority(scores), (nothing,))
    priority = _raised(scores, context)
    against = objections(scores, match, policy, context)
    if not against and match is not None:
        why = Because(
            "safe_to_answer",
            f"A routine question (“{scores.intent.label}”, {scores.intent.confidence:.0%} sure) that snippet "
            f"“{match.snippet}” answers ({match.confidence:.0%} sure); nothing private, urgent or negative in it.",
        )
        if match.mode is Mode.SHADOW:
            return Decision(Action.QUEUE, routing.queue_for(scores), _priority(scores), (_IN_SHADOW, why), match)
        return Decision(Action.ANSWER, None, _priority(scores), (why,), match)
    return Decision(
        Action.QUEUE, routing.queue_for(scores), priority, tuple(against), match, private_move(scores, context)
    )


_IN_SHADOW = Because("shadow", "In shadow mode: it would have been answered, but nothing is sent.")


def _close(scores: Scores, code: str, text: str) -> Decision:
    return Decision(Action.CLOSE, None, _priority(scores), (Because(code, text),))


def _priority(scores: Scores) -> int:
    """The urgency band. A message in a language that the model cannot read counts as ordinary."""
    return Urgency(scores.urgency.label).band if scores.in_scope_language else Urgency.NORMAL.band


def turn_of(scores: Scores, context: Context) -> Turn | None:
    """What the customer does with the message; what a machine writes is no turn of a customer's."""
    if context.machine is not None and not context.said.stop:
        return None
    return follow(scores, context.said, answered=context.after_an_answer and not context.with_a_person)


def _raised(scores: Scores, context: Context) -> int:
    """Who had an automatic answer that was not what they need does not wait behind those who come fresh."""
    if context.after_an_answer and turn_of(scores, context) in (Turn.NOT_SOLVED, Turn.AGENT_PLEASE):
        return min(_priority(scores), Urgency.HIGH.band)
    return _priority(scores)


def _needs_nothing(scores: Scores, policy: Policy, context: Context) -> Because | None:
    """Why the message can be closed unread, or ``None``. Doubt goes to a person."""
    match turn_of(scores, context):
        case Turn.STOP if context.said.only_stop:
            return Because("stop", "The customer wants no more messages: none is sent, and nothing else is asked.")
        case Turn.SOLVED:
            return Because(SOLVED, "The customer says that the automatic answer helped.")
        case Turn.STOP | Turn.AGENT_PLEASE | Turn.NOT_SOLVED:
            return None
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

    @property
    def most_replies(self) -> int:
        most = self.policy.automatic_replies_per_case
        return min(most, 1) if self.context.one_reply else most

    @property
    def turn(self) -> Turn | None:
        return turn_of(self.scores, self.context)


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that forbids an automatic answer, whatever the answer would say.

    ``says`` is for people, with the situation's values in braces; it is worded only where the rule holds.
    """

    code: str
    holds: Callable[[Situation], bool]
    says: str

    def because(self, now: Situation) -> Because:
        return Because(self.code, self.says.format(scores=now.scores, policy=now.policy, context=now.context))


def _used_up(today: Today | None, holds: Callable[[Today], bool]) -> bool:
    return today is not None and holds(today)


#: The weightiest first: the order in which people read them.
RULES = (
    Rule("with_a_person", lambda now: now.context.with_a_person, "A person is handling this case."),
    Rule("private_message", lambda now: now.context.private, "It is a private message: only people answer those."),
    Rule("stop", lambda now: now.turn is Turn.STOP, "The customer wants no more messages: no automatic reply, ever."),
    Rule(
        "opted_out",
        lambda now: now.context.opted_out and now.turn is not Turn.STOP,
        "The customer has asked for no more automatic messages on this channel.",
    ),
    Rule(AGENT_PLEASE, lambda now: now.turn is Turn.AGENT_PLEASE, "The customer asks for a person."),
    Rule(
        "person_wanted",
        lambda now: now.context.person_wanted and now.turn is not Turn.AGENT_PLEASE,
        "The customer asked for a person earlier in this conversation.",
    ),
    Rule(
        "automated",
        lambda now: now.context.machine is not None,
        "It seems to come from an automated account: {context.machine.value}.",
    ),
    Rule(
        "not_solved",
        lambda now: now.turn is Turn.NOT_SOLVED,
        "The automatic answer did not help, or the same is asked again: a person takes over, before fresh messages.",
    ),
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
        lambda now: now.scores.privacy.label != PrivacyRisk.NONE and not now.context.private,
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
        "not_summoned",
        lambda now: now.context.summoned is False,
        "Its author did not call the brand in so many words: on this channel a program may answer nobody else.",
    ),
    Rule(
        "too_old",
        lambda now: now.context.too_old,
        "It was written hours before it was decided: an answer may not be wanted any more, so a person looks at it.",
    ),
    Rule(
        "answered_before",
        lambda now: now.context.automatic_replies >= now.most_replies,
        "The service has already answered in this conversation; what comes next is for a person.",
    ),
    Rule(
        "answered_often",
        lambda now: now.context.answers_today >= now.policy.automatic_replies_per_author_per_day,
        "The customer has had {context.answers_today} automatic replies within a day.",
    ),
    Rule(
        "answering_stopped",
        lambda now: now.context.stopped is not None,
        "Automatic answers have stopped by themselves: {context.stopped.wrong} of {context.stopped.audited} that were "
        "looked at were wrong, and at most {context.stopped.promised:.1%} may be.",
    ),
    Rule(
        "replies_of_the_day",
        lambda now: _used_up(now.context.today, lambda today: today.replies >= today.limits.automatic_replies_per_day),
        "There were {context.today.replies} automatic replies on X today, as many as there may be; "
        "there can be more after midnight UTC.",
    ),
    Rule(
        "spend_of_the_day",
        lambda now: _used_up(now.context.today, lambda today: today.spend >= today.limits.spend_per_day_usd),
        "X has cost about {context.today.spend:.2f} US dollars today, not counting looks at stored posts, and "
        "automatic replies end at {context.today.limits.spend_per_day_usd:.2f}; there can be more after midnight UTC.",
    ),
    Rule("answering_off", lambda now: not now.policy.answering, "Automatic answers are switched off."),
    Rule("not_certified", lambda now: bool(now.policy.withheld), "{policy.withheld}"),
)


def may_be_answered(scores: Scores, policy: Policy, context: Context) -> bool:
    """Whether no rule forbids an automatic answer. Only then is the knowledge base searched."""
    now = Situation(scores, policy, context)
    return not any(rule.holds(now) for rule in RULES)


_MOVES = {
    PrivacyRisk.HIGH: PrivateMove(
        "exposes_high_risk", "The message shows personal data that could be misused.", delete=True
    ),
    PrivacyRisk.MEDIUM: PrivateMove("exposes", "The message shows personal data."),
    PrivacyRisk.LOW: PrivateMove("needs_account_data", "Answering needs the customer's account data."),
}


def private_move(scores: Scores, context: Context) -> PrivateMove | None:
    """Why the conversation should go on in a private message, or ``None``.

    Whoever has been asked before is asked again only if they expose something again.
    """
    if context.private:
        return None
    risk = PrivacyRisk(scores.privacy.label)
    return None if context.in_private and risk is PrivacyRisk.LOW else _MOVES.get(risk)


#: The rules that forbid the service to write to a customer at all, whatever it would say.
_CONTACT = frozenset(
    {
        "with_a_person",
        "private_message",
        "stop",
        "opted_out",
        AGENT_PLEASE,
        "person_wanted",
        "automated",
        "answers_a_person",
        "language",
        "not_addressed",
        "not_summoned",
        "too_old",
        "answered_before",
        "answered_often",
        "replies_of_the_day",
        "spend_of_the_day",
        "answering_stopped",
        "answering_off",
    }
)
_COMPLAINTS = frozenset({Intent.SERVICE_COMPLAINT, Intent.PRODUCT_COMPLAINT})


def may_ask_to_move(scores: Scores, policy: Policy, context: Context) -> bool:
    """Whether the service may ask the customer by itself to go on in private: its one reply in a conversation.

    Who only vents is never written to by a robot.
    """
    now = Situation(scores, policy, context)
    forbidden = any(rule.holds(now) for rule in RULES if rule.code in _CONTACT)
    needs_somebody = scores.actionable and scores.intent.label not in _COMPLAINTS
    return needs_somebody and not forbidden and not context.answered_since


def objections(scores: Scores, match: Match | None, policy: Policy, context: Context) -> list[Because]:
    """All that speaks against answering a message with the matched snippet; empty where nothing does."""
    return _forbidding(scores, policy, context) or doubts(match, policy, context)


def _forbidding(scores: Scores, policy: Policy, context: Context) -> list[Because]:
    now = Situation(scores, policy, context)
    return [rule.because(now) for rule in RULES if rule.holds(now)]


_LACKS = {
    Lack.ALL_SAID: "Every wording of snippet “{}” has been sent here before.",
    Lack.LINK_COSTS: "What is left of snippet “{}” has a link in it, and the brand pays X for no links in automatic "
    "replies.",
    Lack.TOO_LONG: "What is left of snippet “{}” is too long for X.",
    Lack.SAID_LATELY: "What is left of snippet “{}” was posted by the account of late, and X refuses to repeat it.",
}


def doubts(match: Match | None, policy: Policy, context: Context) -> list[Because]:
    """What speaks against this very answer."""
    if match is None:
        return [Because("no_match", "No snippet of the knowledge base comes close.")]
    against = []
    if match.confidence < policy.min_match_confidence:
        text = (
            f"The closest snippet is only {match.confidence:.0%} likely to be the answer; "
            f"{policy.min_match_confidence:.0%} is asked for."
        )
        against.append(Because("unsure_match", text))
    if match.mode in (Mode.OFF, Mode.SUGGEST):
        against.append(Because("suggest_only", f"Snippet “{match.snippet}” is for people to send, by its mode."))
    if context.lack is not None:
        against.append(Because(context.lack.value, _LACKS[context.lack].format(match.snippet)))
    return against
