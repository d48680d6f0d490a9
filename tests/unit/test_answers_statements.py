from __future__ import annotations

import pytest

from triage.answers.statements import amounts, says_yes, statements


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is £1,250.50, or 45 pounds.", {("£", 1250.5), ("£", 45)}),
        ("10 kg, two kilos or 500 g", {("kg", 10), ("kg", 2), ("kg", 0.5)}),
        ("55 x 40 x 20 cm and 2 metres", {("cm", 20), ("cm", 200)}),
        ("1 hour 30 minutes", {("minutes", 60), ("minutes", 30)}),
        ("within 2 weeks, or 5 working days", {("days", 14), ("days", 5)}),
        ("from 7 am to 10:30pm", {("o'clock", 420), ("o'clock", 1350)}),
        ("07:00–22:00", {("o'clock", 420), ("o'clock", 1320)}),
        ("20 % off", {("percent", 20)}),
        ("ring 0117 496 0140 (07:00 on)", {("phone", 174960140), ("o'clock", 420)}),
        ("ring +44 117 496 0140", {("phone", 174960140)}),
        ("5 points for every £1", set()),
        ("rows 2–5 of gate 12 in 2026", set()),
    ],
)
def test_amounts_are_read_in_the_first_unit_of_their_kind(text: str, found: set[tuple[str, float]]) -> None:
    assert amounts(text) == found


def test_each_sentence_is_a_statement_about_its_content_words() -> None:
    one, other = statements("Dogs travel in the hold. They can't sit in the cabin; sorry!")[:2]
    assert (one.about, one.negative) == (frozenset({"dog", "travel", "hold"}), False)
    assert other.negative


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("We don’t take dogs.", True),
        ("We are closed on Sunday.", True),
        ("We dont take dogs.", True),
        ("You want to rent a cot? It is sent.", False),
        ("Notes are free.", False),
    ],
)
def test_a_sentence_denies_by_a_negative_word(text: str, negative: bool) -> None:
    assert statements(text)[0].negative is negative


@pytest.mark.parametrize(
    ("text", "yes"),
    [("Yes, you can.", True), ("Sorry, no.", False), ("No: it is full.", False), ("Noon is fine.", None)],
)
def test_a_yes_or_no_is_what_an_answer_begins_with(text: str, yes: bool | None) -> None:
    assert says_yes(text) is yes
