"""The level of what is exposed (labelling guide, head 4)."""

from __future__ import annotations

import pytest

from triage.domain.scores import Intent, PrivacyRisk, Risk, Span
from triage.privacy.findings import TYPES
from triage.privacy.risk import HIGH_TYPES, assess, exposed_level, raise_to


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


# level and score together

CERTAINLY_NONE = {
    PrivacyRisk.NONE: 1.0,
    PrivacyRisk.LOW: 0.0,
    PrivacyRisk.MEDIUM: 0.0,
    PrivacyRisk.HIGH: 0.0,
}


def of(*kinds: str, verdict: PrivacyRisk = PrivacyRisk.NONE, intent: Intent = Intent.PRAISE) -> Risk:
    return assess(verdict, CERTAINLY_NONE, intent, spans(*kinds))


def test_nothing_exposed_and_nothing_needed_is_no_risk_and_has_no_reason() -> None:
    assert of() == Risk(PrivacyRisk.NONE, 0.0, ())


def test_every_exposed_kind_is_a_reason_in_the_order_of_the_guide() -> None:
    risk = of("ORDER_NO", "EMAIL", "EMAIL")
    assert risk.level is PrivacyRisk.HIGH
    assert risk.reasons == ("exposes EMAIL (2 times)", "exposes ORDER_NO")


def test_an_intent_that_needs_account_data_says_what_for_and_scores_higher() -> None:
    needing = of(verdict=PrivacyRisk.LOW, intent=Intent.ORDER_DELIVERY)
    assert needing.reasons == ("answering needs account data: the order has to be found",)
    assert needing.level is PrivacyRisk.LOW
    assert needing.score > of(verdict=PrivacyRisk.LOW, intent=Intent.PRODUCT_QUESTION).score


def test_the_need_of_an_intent_alone_does_not_change_the_level() -> None:
    assert of(intent=Intent.ORDER_DELIVERY).level is PrivacyRisk.NONE


@pytest.mark.parametrize("kind", TYPES)
def test_every_kind_and_every_further_item_of_it_raise_the_score(kind: str) -> None:
    assert of().score < of(kind).score < of(kind, kind).score


def test_what_does_more_harm_scores_higher() -> None:
    assert of("ORDER_NO").score < of("EMAIL").score < of("STREET_ADDRESS").score < of("CARD").score


def test_what_the_head_expects_counts_within_a_level() -> None:
    doubtful = {PrivacyRisk.NONE: 0.5, PrivacyRisk.LOW: 0.5, PrivacyRisk.MEDIUM: 0.0, PrivacyRisk.HIGH: 0.0}
    assert assess(PrivacyRisk.NONE, doubtful, Intent.PRAISE, []).score == pytest.approx(0.5 / 3 / 4)
