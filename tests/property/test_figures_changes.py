"""Small changes to messages change what they say they change, and nothing else."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.figures.changes import (
    CHANGES,
    FIRST_NAMES,
    capital_first,
    elongation,
    lower_case,
    other_handle,
    other_link,
    other_name,
    typo,
)
from triage.domain.scores import Span
from triage.text.normalise import normalise

TEXT = "@Brand @115873 so Anna told me to wait, see https://t.co/AbC and mail jo@example.org #late please"
WORDS = st.lists(
    st.sampled_from(
        ["@Brand", "https://t.co/AbC", "so", "late", "Anna", "x", "jo@x.org", "#sad", "flight", "😀", "A1B2"]
    ),
    max_size=12,
).map(" ".join)
CHANCE = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(WORDS, st.sampled_from(sorted(CHANGES)), CHANCE)
def test_a_changed_text_differs_and_is_one_line_of_about_the_same_length(
    text: str, kind: str, source: np.random.Generator
) -> None:
    changed = CHANGES[kind](text, (), source)
    if changed is not None:
        assert changed != text
        assert changed.strip()
        assert len(changed.split()) == len(text.split())
        assert abs(len(changed) - len(text)) <= 20 * len(text.split())


@given(WORDS, st.sampled_from(sorted(CHANGES)), st.integers(0, 1000))
def test_equal_chance_makes_equal_changes(text: str, kind: str, seed: int) -> None:
    assert CHANGES[kind](text, (), chance(seed)) == CHANGES[kind](text, (), chance(seed))


@given(st.text(max_size=60), st.sampled_from(sorted(CHANGES)), CHANCE)
def test_no_text_breaks_a_change(text: str, kind: str, source: np.random.Generator) -> None:
    assert CHANGES[kind](text, (), source) != text or not text


@given(WORDS, CHANCE)
def test_a_typo_stays_inside_one_plain_word(text: str, source: np.random.Generator) -> None:
    changed = typo(text, (), source)
    if changed is not None:
        different = [(old, new) for old, new in zip(text.split(), changed.split(), strict=True) if old != new]
        ((old, new),) = different
        assert old.isalpha()
        assert len(old) >= 4
        assert (old[0], old[-1]) == (new[0], new[-1])
        assert sorted(set(new)) == sorted(set(new) & set(old))
        assert abs(len(new) - len(old)) <= 1


@given(WORDS, CHANCE)
def test_an_elongation_adds_two_of_a_words_last_vowel(text: str, source: np.random.Generator) -> None:
    changed = elongation(text, (), source)
    if changed is not None:
        ((old, new),) = [(old, new) for old, new in zip(text.split(), changed.split(), strict=True) if old != new]
        assert new == old + old[-1] * 2
        assert old[-1] in "aeiouy"


def test_one_handle_becomes_another_wherever_it_is() -> None:
    changed = other_handle("@Brand hello @Brand", (), chance())
    assert changed is not None
    first, _, last = changed.split()
    assert first == last != "@Brand"
    assert re.fullmatch(r"@\w+", first)
    assert other_handle("mail jo@example.org", (), chance()) is None


def test_half_of_the_new_handles_are_numbers() -> None:
    made = [other_handle("@Brand", (), chance(seed)) for seed in range(200)]
    numbers = sum(bool(re.fullmatch(r"@\d+", str(one))) for one in made)
    assert 70 < numbers < 130


def test_new_handles_and_links_are_ones_to_the_service_too() -> None:
    for seed in range(50):
        assert normalise(str(other_handle("@Brand hi", (), chance(seed)))) == normalise("@Brand hi")
        assert normalise(str(other_link("see https://t.co/AbC now", (), chance(seed)))) == "see http://link now"


def test_a_link_becomes_another_and_the_rest_stays() -> None:
    changed = other_link(TEXT, (), chance())
    assert changed is not None
    assert re.sub(r"https://\S+", "https://t.co/AbC", changed) == TEXT
    assert changed != TEXT
    assert other_link("no link", (), chance()) is None


def test_a_marked_person_gets_another_first_name_wherever_it_is() -> None:
    text = "Kalliope Brandt here, ask for Kalliope"
    changed = other_name(text, [Span(0, 15, "PERSON")], chance())
    assert changed is not None
    new = changed.split()[0]
    assert new in FIRST_NAMES
    assert changed == text.replace("Kalliope", new)


def test_without_marks_only_a_listed_name_is_one() -> None:
    assert other_name("thanks to Zuleika", (), chance()) is None
    assert other_name("thanks to anna", (), chance()) is None
    changed = other_name("thanks to Anna", (), chance())
    assert changed is not None
    assert changed.split()[-1] in set(FIRST_NAMES) - {"Anna"}


def test_other_marked_items_are_no_names() -> None:
    assert other_name("Zuleika Road 4", [Span(0, 14, "STREET_ADDRESS")], chance()) is None


def test_lower_case_leaves_links_as_they_are() -> None:
    assert lower_case("See HTTPS and https://t.co/AbC NOW", (), chance()) == "see https and https://t.co/AbC now"
    assert lower_case("all low https://t.co/AbC", (), chance()) is None


def test_the_first_word_that_is_no_handle_gets_the_capital() -> None:
    assert capital_first("@brand where is it", (), chance()) == "@brand Where is it"
    assert capital_first("@brand Where is it", (), chance()) is None
    assert capital_first("@brand 😀", (), chance()) is None


@pytest.mark.parametrize("kind", ["a typo", "an elongation"])
def test_marked_items_are_left_alone(kind: str) -> None:
    assert CHANGES[kind]("Nadine Horowitz please", [Span(0, 15, "PERSON"), Span(16, 22, "PASSWORD")], chance()) is None


def test_names_are_listed_once_and_are_names() -> None:
    assert len(set(FIRST_NAMES)) == len(FIRST_NAMES)
    assert all(re.fullmatch(r"[A-Z][a-z]+", name) for name in FIRST_NAMES)
