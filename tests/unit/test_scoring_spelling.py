"""How words are read: what was meant, where a word is drawn out or slipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.scoring.spelling import Spelling

SEEN = ("so", "the", "need", "please", "delayed", "form", "from", "refund", "soon", "cool")
SPELLING = Spelling(SEEN, ["baggage", "##age", "[UNK]", "sooo"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sooooo", "so"),
        ("SOOOO", "so"),
        ("coool", "cool"),
        ("neeeed", "need"),
        ("pleaseee", "please"),
        ("pleeeaaase", "please"),
        ("dleayed", "delayed"),  # two letters change places
        ("delayd", "delayed"),  # one left out
        ("deelayed", "delayed"),  # one struck twice
        ("refunnnnd", "refund"),
    ],
)
def test_a_drawn_out_or_slipped_word_is_read_as_the_one_that_was_meant(written: str, read: str) -> None:
    assert SPELLING.read(written) == read


@pytest.mark.parametrize(
    "word", ["form", "baggage", "Delayd", "@user", "ab12", "don't", "teh", "déjà", "!", "xylophone"]
)
def test_seen_words_names_short_words_and_all_that_is_no_plain_word_stay_as_written(word: str) -> None:
    assert SPELLING.read(word) == word


def test_of_several_words_one_slip_away_the_commonest_is_read() -> None:
    assert Spelling(["from", "form"]).read("fofrm") == "form"
    assert Spelling(["bread", "beard"]).read("berad") == "bread"
    assert Spelling(["beard", "bread"]).read("berad") == "beard"


def test_a_word_held_everywhere_or_endless_is_not_worked_on() -> None:
    assert SPELLING.read("a" * 5 + "b" * 5 + "c" * 5 + "d" * 5 + "e" * 5) == "abcde"
    assert SPELLING.read("abc" * 10_000) == "abc" * 10_000
    assert SPELLING.read("aaabbbccc" * 10_000) == "abc" * 10_000


@given(st.text(max_size=30))
def test_what_is_read_stays_when_it_is_read_again(word: str) -> None:
    once = SPELLING.read(word)
    assert SPELLING.read(once) == once
