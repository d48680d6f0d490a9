"""How much a message puts at risk: what it exposes, and what answering it in public would (labelling guide, head 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from triage.domain.scores import Intent, PrivacyRisk, Risk, Span
from triage.privacy.findings import TYPES

#: One of these alone lets someone be harmed or impersonated.
HIGH_TYPES: Final = frozenset({"CARD", "BANK_ACCOUNT", "NATIONAL_ID", "PASSWORD", "STREET_ADDRESS", "MEDICAL"})
#: Marked, but exposes nothing by itself.
HARMLESS_ALONE: Final = frozenset({"POSTCODE"})

#: Which intents need account data to be answered, and what for. The others can be answered by what is public.
NEEDS: Final[Mapping[Intent, str]] = {
    Intent.ACCOUNT_ACCESS: "whose account it is has to be proven",
    Intent.BILLING_PAYMENT: "the bill has to be looked at",
    Intent.REFUND_RETURN: "the purchase has to be found",
    Intent.ORDER_DELIVERY: "the order has to be found",
    Intent.BOOKING_CHANGE: "the booking has to be opened",
    Intent.LOST_DAMAGED_ITEM: "the item and its owner have to be found",
    Intent.FRAUD_SECURITY: "the account has to be checked and locked",
}
#: What the need adds within a level.
_NEED: Final = 0.3
#: How much of what is left within a level one item takes: by the harm it can do without anything else.
_HARM: Final[Mapping[str, float]] = {
    "CARD": 0.9,
    "NATIONAL_ID": 0.9,
    "PASSWORD": 0.9,
    "BANK_ACCOUNT": 0.8,
    "STREET_ADDRESS": 0.7,
    "MEDICAL": 0.6,
    "BOOKING_REF": 0.5,
    "DATE_OF_BIRTH": 0.5,
    "EMAIL": 0.5,
    "PHONE": 0.5,
    "PERSON": 0.4,
    "ACCOUNT_NO": 0.4,
    "IP": 0.3,
    "ORDER_NO": 0.3,
    "TRACKING_NO": 0.3,
    "TICKET_NO": 0.2,
    "POSTCODE": 0.1,
}
#: A second item of a kind adds this share of what the first did.
_AGAIN: Final = 0.25
#: From the least to the most.
_ORDER: Final = (PrivacyRisk.NONE, PrivacyRisk.LOW, PrivacyRisk.MEDIUM, PrivacyRisk.HIGH)


def exposed_level(spans: Iterable[Span]) -> PrivacyRisk:
    """The level of what ``spans`` expose: ``high``, ``medium`` or ``none``, never ``low``.

    High: an item of :data:`HIGH_TYPES`, or two or more items of different kinds. Medium: one item
    (several of the same kind are one). A postcode exposes nothing, alone or beside one other item.
    Adding a span never lowers the level.
    """
    kinds = {span.type for span in spans} - HARMLESS_ALONE
    if len(kinds) >= 2 or kinds & HIGH_TYPES:
        return PrivacyRisk.HIGH
    return PrivacyRisk.MEDIUM if kinds else PrivacyRisk.NONE


def raise_to(level: PrivacyRisk, spans: Iterable[Span]) -> PrivacyRisk:
    """``level``, or the level of what ``spans`` expose where that is higher."""
    return max(level, exposed_level(spans), key=_ORDER.index)


def assess(verdict: PrivacyRisk, chances: Mapping[PrivacyRisk, float], intent: Intent, spans: Iterable[Span]) -> Risk:
    """The risk of a message: ``verdict`` and ``chances`` are the privacy head's, ``spans`` what was found.

    The level is the verdict, raised to what is exposed. The score is ``(rank of the level + within) / 4``,
    where ``within`` combines as independent chances would (noisy-or) what the head expects, the need for
    account data and the harm of every item. So one more item never lowers level or score, and the order
    of the items does not matter.
    """
    found = tuple(spans)
    exposed = _counted(found)
    level = raise_to(verdict, found) if exposed else verdict
    left = 1.0 - sum(_ORDER.index(one) * chance for one, chance in chances.items()) / (len(_ORDER) - 1)
    if intent in NEEDS:
        left *= 1.0 - _NEED
    for kind, count in exposed:
        left *= (1.0 - _HARM[kind]) * (1.0 - _HARM[kind] * _AGAIN) ** (count - 1)
    within = 1.0 - max(0.0, left)
    return Risk(level, (_ORDER.index(level) + within) / len(_ORDER), _reasons(verdict, level, intent, exposed))


def _counted(spans: Sequence[Span]) -> list[tuple[str, int]]:
    """Each kind of item and how many there are of it, in the order of the kinds; mostly there are none."""
    counts = Counter([span.type for span in spans]) if spans else {}
    return [(kind, counts[kind]) for kind in TYPES if kind in counts] if counts else []


def _reasons(
    verdict: PrivacyRisk, level: PrivacyRisk, intent: Intent, exposed: Iterable[tuple[str, int]]
) -> tuple[str, ...]:
    told = [f"exposes {kind}" + (f" ({count} times)" if count > 1 else "") for kind, count in exposed]
    if intent in NEEDS:
        told.append(f"answering needs account data: {NEEDS[intent]}")
    elif verdict == level == PrivacyRisk.LOW:
        told.append("reads like a matter of the writer's own account")
    return tuple(told)
