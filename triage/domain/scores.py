"""What the classifier says about a message: four judgements, each with confidence and reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What the customer needs; definitions in ``docs/labels.md``."""

    ACCOUNT_ACCESS = "account_access"
    BILLING_PAYMENT = "billing_payment"
    REFUND_RETURN = "refund_return"
    ORDER_DELIVERY = "order_delivery"
    BOOKING_CHANGE = "booking_change"
    SERVICE_DISRUPTION = "service_disruption"
    TECHNICAL_PROBLEM = "technical_problem"
    LOST_DAMAGED_ITEM = "lost_damaged_item"
    PRODUCT_QUESTION = "product_question"
    HOURS_CONTACT = "hours_contact"
    SERVICE_COMPLAINT = "service_complaint"
    PRODUCT_COMPLAINT = "product_complaint"
    FRAUD_SECURITY = "fraud_security"
    SAFETY_ACCESSIBILITY = "safety_accessibility"
    LEGAL_PRESS = "legal_press"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    FOLLOW_UP = "follow_up"
    OTHER = "other"


NOT_ACTIONABLE = frozenset({Intent.PRAISE, Intent.OTHER})


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Urgency(StrEnum):
    """Ordered from the most to the least urgent; see :attr:`band`."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def band(self) -> int:
        """0 is the most urgent band."""
        return _BANDS[self]


_BANDS = {urgency: band for band, urgency in enumerate(Urgency)}


class PrivacyRisk(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class Head(StrEnum):
    """The four judgements, by the names used in files and reports."""

    INTENT = "intent"
    SENTIMENT = "sentiment"
    URGENCY = "urgency"
    PRIVACY = "privacy"


#: The labels of each head, in their fixed order.
LABELS: dict[Head, tuple[str, ...]] = {
    Head.INTENT: tuple(Intent),
    Head.SENTIMENT: tuple(Sentiment),
    Head.URGENCY: tuple(Urgency),
    Head.PRIVACY: tuple(PrivacyRisk),
}


@dataclass(frozen=True, slots=True)
class Span:
    """An exposed item: ``text[start:end]`` of the text *as received*, and its type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What a message puts at risk in a public thread: its level, how far into it, and why, in words.

    ``score`` goes from 0 to 1. Each level has a quarter of it, so a higher level never scores lower.
    """

    level: PrivacyRisk
    score: float
    reasons: tuple[str, ...]


#: One reason: a token of the text and its signed share of the winning label's decision value.
Reason = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One head's verdict. ``confidence`` is the calibrated probability of ``label``."""

    label: str
    confidence: float
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """All four verdicts on one message, from one model version.

    ``language`` is a two-letter code; where it is none of the model's languages the verdicts are
    still given but ``in_scope_language`` is false and nothing may be decided from them alone. ``risk`` is
    ``None`` on what an earlier version scored.
    """

    intent: Judgement
    sentiment: Judgement
    urgency: Judgement
    privacy: Judgement
    spans: tuple[Span, ...]
    language: str
    in_scope_language: bool
    model: str
    risk: Risk | None = None

    @property
    def actionable(self) -> bool:
        return self.intent.label not in NOT_ACTIONABLE

    def head(self, head: Head) -> Judgement:
        verdict: Judgement = getattr(self, head.value)
        return verdict


#: What stands in for the scores of a message that the model failed on.
UNSCORED = Scores(
    intent=Judgement(Intent.OTHER, 0.0),
    sentiment=Judgement(Sentiment.NEUTRAL, 0.0),
    urgency=Judgement(Urgency.NORMAL, 0.0),
    privacy=Judgement(PrivacyRisk.HIGH, 0.0),
    spans=(),
    language="und",
    in_scope_language=False,
    model="none",
)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is scored: a text and, where known, the text it answers and the channel's own tag."""

    text: str
    in_reply_to: str | None = None
    lang: str | None = None
