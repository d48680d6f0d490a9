from __future__ import annotations

import pytest

from triage.answers.terms import character_grams, content_stems, plain, stem, word_grams, words


def test_who_is_addressed_and_which_link_do_not_matter() -> None:
    assert plain("@Brand Can I bring my #dog? https://t.co/abc") == plain("can i bring my dog?")


@pytest.mark.parametrize(
    "group",
    [
        ("book", "books", "booking", "booked"),
        ("policy", "policies"),
        ("fee", "fees"),
        ("change", "changes", "changing"),
    ],
)
def test_forms_of_a_word_have_one_stem(group: tuple[str, ...]) -> None:
    assert len({stem(word) for word in group}) == 1


@pytest.mark.parametrize("pair", [("seat", "sea"), ("bag", "bus"), ("gate", "gas")])
def test_different_short_words_keep_different_stems(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) != stem(pair[1])


def test_only_words_with_content_count() -> None:
    assert content_stems(words(plain("Hi, please can you tell me what the fees are, thanks"))) == [stem("fees")]


def test_a_misspelt_word_shares_character_grams_with_the_right_one_but_no_word() -> None:
    right, wrong = ["luggage"], ["lugage"]
    assert set(character_grams(right)) & set(character_grams(wrong))
    assert not set(word_grams(right)) & set(word_grams(wrong))


def test_word_grams_and_character_grams_cannot_be_mixed_up() -> None:
    found = words("a bag or a big bag")
    assert not set(word_grams(found)) & set(character_grams(found))
