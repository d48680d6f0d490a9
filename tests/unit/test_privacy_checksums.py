"""Check digits, against the examples that the standards and registries publish."""

from __future__ import annotations

import pytest

from triage.privacy.checksums import iban, luhn, routing_number, verhoeff


@pytest.mark.parametrize("number", ["4111111111111111", "371449635398431", "5500000000000004", "6011000000000004"])
def test_luhn_accepts_the_card_schemes_test_numbers(number: str) -> None:
    assert luhn(number)


@pytest.mark.parametrize("digit", [d for d in "0123456789" if d != "1"])
def test_luhn_refuses_any_other_last_digit(digit: str) -> None:
    assert not luhn("411111111111111" + digit)


@pytest.mark.parametrize("code", ["DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947"])
def test_iban_accepts_the_registrys_examples(code: str) -> None:
    assert iban(code)


@pytest.mark.parametrize(
    "code", ["DE89370400440532013001", "DE8937040044053201300", "ZZ89370400440532013000", "DE8937040044053201300é", ""]
)
def test_iban_refuses_a_wrong_digit_length_country_or_character(code: str) -> None:
    assert not iban(code)


def test_verhoeff_accepts_its_textbook_example_and_refuses_a_swap() -> None:
    assert verhoeff("2363")
    assert not verhoeff("2633")


def test_a_routing_number_is_checked_by_its_weights() -> None:
    assert routing_number("021000021")
    assert not routing_number("021000012")
