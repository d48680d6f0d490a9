"""How the product's values are said to people."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.domain.audit import Verdict
from triage.domain.case import CaseState
from triage.domain.legs import Leg
from triage.domain.reply import ReplyState
from triage.domain.scores import Head, Intent, PrivacyRisk, Sentiment, Urgency

INTENTS: dict[str, str] = {
    Intent.ACCOUNT_ACCESS: "Account access",
    Intent.BILLING_PAYMENT: "Billing or payment",
    Intent.REFUND_RETURN: "Refund or return",
    Intent.ORDER_DELIVERY: "Order or delivery",
    Intent.BOOKING_CHANGE: "Booking change",
    Intent.SERVICE_DISRUPTION: "Service disruption",
    Intent.TECHNICAL_PROBLEM: "Technical problem",
    Intent.LOST_DAMAGED_ITEM: "Lost or damaged item",
    Intent.PRODUCT_QUESTION: "Product question",
    Intent.HOURS_CONTACT: "Hours or contact",
    Intent.SERVICE_COMPLAINT: "Service complaint",
    Intent.PRODUCT_COMPLAINT: "Product complaint",
    Intent.FRAUD_SECURITY: "Fraud or security",
    Intent.SAFETY_ACCESSIBILITY: "Safety or accessibility",
    Intent.LEGAL_PRESS: "Legal or press",
    Intent.SUGGESTION: "Suggestion",
    Intent.PRAISE: "Praise",
    Intent.FOLLOW_UP: "Follow-up",
    Intent.OTHER: "Other",
}
URGENCIES: dict[str, str] = {
    Urgency.CRITICAL: "Critical",
    Urgency.HIGH: "High",
    Urgency.NORMAL: "Normal",
    Urgency.LOW: "Low",
}
SENTIMENTS: dict[str, str] = {
    Sentiment.NEGATIVE: "Negative",
    Sentiment.NEUTRAL: "Neutral",
    Sentiment.POSITIVE: "Positive",
}
RISKS: dict[str, str] = {
    PrivacyRisk.HIGH: "High risk",
    PrivacyRisk.MEDIUM: "Medium risk",
    PrivacyRisk.LOW: "Low risk",
    PrivacyRisk.NONE: "None",
}
HEADS: dict[Head, str] = {
    Head.INTENT: "Intent",
    Head.URGENCY: "Urgency",
    Head.SENTIMENT: "Sentiment",
    Head.PRIVACY: "Privacy",
}
_LABELS: dict[Head, dict[str, str]] = {
    Head.INTENT: INTENTS,
    Head.URGENCY: URGENCIES,
    Head.SENTIMENT: SENTIMENTS,
    Head.PRIVACY: RISKS,
}
STATES: dict[CaseState, str] = {
    CaseState.NEW: "being read",
    CaseState.QUEUED: "waits for a person",
    CaseState.CLAIMED: "claimed",
    CaseState.WAITING: "waits for the customer",
    CaseState.ANSWERED: "answered automatically",
    CaseState.CLOSED: "closed",
    CaseState.MERGED: "merged",
}
#: How a case stands that nobody has, to somebody who thought that it was theirs.
STANDING: dict[CaseState, str] = {
    CaseState.NEW: "is still being read",
    CaseState.QUEUED: "waits for a person now",
    CaseState.WAITING: "waits for the customer now",
    CaseState.ANSWERED: "was answered automatically",
    CaseState.CLOSED: "is closed",
}
VERDICTS: dict[Verdict, str] = {Verdict.RIGHT: "Right", Verdict.WRONG: "Wrong", Verdict.UNSURE: "Not sure"}
REPLY_STATES: dict[ReplyState, str] = {
    ReplyState.PENDING: "pending",
    ReplyState.SENDING: "being sent",
    ReplyState.SENT: "sent",
    ReplyState.FAILED: "failed",
    ReplyState.AMBIGUOUS: "unknown whether it was sent",
    ReplyState.CANCELLED: "withdrawn",
    ReplyState.BLOCKED: "stopped by the guard",
}
#: Where a reply goes, as its writer has to know.
LEGS: dict[Leg, str] = {Leg.PUBLIC: "Public reply", Leg.PRIVATE: "Private message"}
PUBLIC_ON_X = "Public reply on X, everyone can read it"
#: For each of ``triage.service.cases.CLOSING_REASONS``.
CLOSING: dict[str, str] = {
    "resolved": "Resolved",
    "no_answer_needed": "No answer needed",
    "moved_to_private": "Moved to private message",
    "duplicate": "Duplicate",
    "spam": "Spam",
}
#: For each of ``triage.service.revealing.REVEAL_REASONS``.
REVEALING: dict[str, str] = {
    "to_answer": "Needed to answer",
    "to_check_identity": "Checking who writes",
    "suspected_fraud": "Fraud or danger suspected",
    "to_check_work": "Checking work",
    "wrongly_masked": "Looks wrongly masked",
}

_DAY = timedelta(days=1)


def kind(type_of_item: str) -> str:
    """A type of personal data, as people read it: ``BOOKING_REF`` is ``booking ref``."""
    return type_of_item if type_of_item == "IP" else type_of_item.replace("_", " ").lower()


def label(head: Head, value: str) -> str:
    """A head's label; one that has no words yet is shown as it is."""
    return _LABELS[head].get(value, value.replace("_", " "))


def urgency(band: int) -> Urgency:
    """The urgency of a priority band, 0 being the most urgent."""
    return tuple(Urgency)[band]


def span_of_time(span: timedelta) -> str:
    """``< 1 min``, ``12 min``, ``2 h 5 min``, ``3 days``. A clock that runs behind shows no wait."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "< 1 min"
    if minutes < 60:
        return f"{minutes} min"
    if span < _DAY:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    days = span // _DAY
    return "1 day" if days == 1 else f"{days} days"


def ago(moment: datetime, now: datetime) -> str:
    span = now - moment
    return "just now" if span < timedelta(minutes=1) else f"{span_of_time(span)} ago"


def exact(moment: datetime) -> str:
    """A moment in full, as a tooltip shows it."""
    return f"{moment:%a %d %b %Y, %H:%M:%S} UTC"


def percent(share: float) -> str:
    """A confidence. Never "100 %": the model is not that sure, only closer to it than the digits show."""
    return f"{min(99, round(share * 100))} %"
