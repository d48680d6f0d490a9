"""Normalising and accepting text."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import InvalidInput
from triage.text.accept import check_text, excerpt
from triage.text.language import identify
from triage.text.length import weighted_length
from triage.text.links import links
from triage.text.mentions import mentions
from triage.text.normalise import normalise

#: Pieces that interact: entities inside entities, links that only appear once something is removed, …
PIECES = st.sampled_from(
    [
        "&amp;",
        "&amp;lt;",
        "&#x41;",
        "＆amp;",
        "wwww.a.bc",
        "http://",
        "@",
        "@a",
        "a@b.co",
        "\u200b",
        "\x1c",
        "’",
        "ﬁ",
        "soooo",
        "!!!!!",
        " ",
        "\n",
        "www.",
        "Ａ",
        "e\u0301",
        "\ufe0f",
        "❤",
    ]
)
TEXTS = st.text(max_size=40) | st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)


@given(TEXTS)
def test_normalising_is_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(TEXTS)
def test_normalised_text_has_no_invisible_characters_and_single_spaces(text: str) -> None:
    normalised = normalise(text)
    assert "\u200b" not in normalised
    assert normalised == " ".join(normalised.split())


@given(st.text(alphabet=st.characters()))
def test_a_text_that_shows_something_is_accepted_unchanged_or_refused_with_its_field(text: str) -> None:
    text += "."
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert check_text(text, field="text") is text
    else:
        with pytest.raises(InvalidInput, match=r"^text: "):
            check_text(text, field="text")


@given(
    st.text(
        alphabet=st.characters(categories=["Cc", "Zs", "Zl", "Zp"], exclude_characters="\0")
        | st.sampled_from("\u200b\u2060\u00ad\ufe0f\ufeff")
    )
)
def test_a_text_that_shows_nothing_is_refused_as_empty(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^text: is empty"):
        check_text(text, field="text")


@given(TEXTS)
def test_any_text_has_a_language_and_a_length(text: str) -> None:
    assert 2 <= len(identify(text)) <= 3
    assert weighted_length(text) >= 0


@given(st.text(max_size=60))
def test_an_excerpt_says_no_more_than_a_plain_name_or_a_shape(text: str) -> None:
    said = excerpt(text)
    assert len(said) <= 20
    if not re.fullmatch("[a-z][a-z_]*", text):
        assert not any(character.isalnum() and character not in "9xX" for character in said)


@given(TEXTS)
def test_links_and_mentions_are_parts_of_the_text_in_order_and_never_overlap(text: str) -> None:
    found = links(text)
    assert all(text[link.start : link.end] == link.text for link in found)
    assert all(text[one.start + 1 : one.end] == one.name for one in mentions(text))
    spans = sorted([(link.start, link.end) for link in found] + [(one.start, one.end) for one in mentions(text)])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
