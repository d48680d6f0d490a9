"""How much the exposed items put at risk (labelling guide, head 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from triage.domain.scores import PrivacyRisk, Span

#: One of these alone lets someone be harmed or impersonated.
HIGH_TYPES: Final = frozenset({"CARD", "BANK_ACCOUNT", "NATIONAL_ID", "PASSWORD", "STREET_ADDRESS", "MEDICAL"})
#: Marked, but exposes nothing by itself.
HARMLESS_ALONE: Final = frozenset({"POSTCODE"})

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
