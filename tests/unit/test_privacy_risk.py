"""The level of what is exposed (labelling guide, head 4)."""

from __future__ import annotations

import pytest

from triage.domain.scores import PrivacyRisk, Span
from triage.privacy.findings import TYPES
from triage.privacy.risk import HIGH_TYPES, exposed_level, raise_to


def spans(*kinds: str) -> list[Span]:
    return [Span(10 * index, 10 * index + 5, kind) for index, kind in enumerate(kinds)]


@pytest.mark.parametrize("kind", sorted(HIGH_TYPES))
def test_what_lets_someone_be_harmed_is_high_alone(kind: str) -> None:
    assert exposed_level(spans(kind)) is PrivacyRisk.HIGH


@pytest.mark.parametrize("kind", sorted(set(TYPES) - HIGH_TYPES - {"POSTCODE"}))
def test_one_identifying_item_is_medium(kind: str) -> None:
    assert exposed_level(spans(kind)) is PrivacyRisk.MEDIUM


def test_two_items_of_different_kinds_are_high() -> None:
    assert exposed_level(spans("EMAIL", "PHONE")) is PrivacyRisk.HIGH


def test_two_items_of_the_same_kind_are_one() -> None:
    assert exposed_level(spans("EMAIL", "EMAIL")) is PrivacyRisk.MEDIUM


def test_nothing_exposed_is_none() -> None:
    assert exposed_level([]) is PrivacyRisk.NONE


def test_a_postcode_exposes_nothing_alone_or_beside_one_item() -> None:
    assert exposed_level(spans("POSTCODE")) is PrivacyRisk.NONE
    assert exposed_level(spans("POSTCODE", "ORDER_NO")) is PrivacyRisk.MEDIUM


def test_a_level_is_raised_to_what_is_exposed() -> None:
    assert raise_to(PrivacyRisk.LOW, spans("PHONE")) is PrivacyRisk.MEDIUM


def test_a_level_is_never_lowered() -> None:
    assert raise_to(PrivacyRisk.HIGH, []) is PrivacyRisk.HIGH
    assert raise_to(PrivacyRisk.LOW, spans("POSTCODE")) is PrivacyRisk.LOW
