from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from triage.answers.compose import Said, check_lengths, next_text, texts
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.errors import KnowledgeBaseError
from triage.text.length import MAX_WEIGHT, weighted_length

LINK = "https://help.example/a-rather-long-path/that-counts-23-all-the-same"
SNIPPET = Snippet("hours", "", ("When?",), ("From 9 to 17.", "9 to 17.", "At 9 we open, at 17 we close."), link=LINK)


def test_a_text_is_phrasing_then_link_then_signature() -> None:
    assert texts(SNIPPET, "x", "(automated reply)")[0] == f"From 9 to 17. {LINK} (automated reply)"


def test_a_link_that_the_phrasing_has_already_is_not_repeated() -> None:
    snippet = Snippet("hours", "", ("When?",), (f"See {LINK} for hours.",), link=LINK)
    assert texts(snippet, "x") == (f"See {LINK} for hours.",)


def test_equal_variants_give_equal_text_and_different_ones_every_phrasing() -> None:
    choice = texts(SNIPPET, "x")
    found = [next_text(choice, str(variant)) for variant in range(60)]
    assert found == [next_text(choice, str(variant)) for variant in range(60)]
    assert set(found) == set(choice)


def test_the_choice_of_phrasing_is_the_same_in_another_process() -> None:
    code = (
        "from triage.answers.compose import next_text;print([next_text(tuple('abcdefgh'), str(v)) for v in range(20)])"
    )
    here = [next_text(tuple("abcdefgh"), str(variant)) for variant in range(20)]
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)


def test_no_text_is_said_twice_in_one_place_and_then_there_is_none() -> None:
    here: list[str] = []
    while text := next_text("abc", "1", Said(frozenset(here))):
        here.append(text)
    assert sorted(here) == ["a", "b", "c"]


def test_consecutive_texts_differ_and_go_round_all_phrasings() -> None:
    lately: list[str] = []
    for variant in range(30):
        lately.insert(0, next_text("abc", str(variant), Said(lately=tuple(lately))) or "")
    assert all(len(set(lately[at : at + 3])) == 3 for at in range(28))


def test_one_phrasing_alone_is_said_again_to_others() -> None:
    assert next_text("a", "2", Said(lately=("a",))) == "a"


def test_the_longest_text_that_fits_is_accepted_and_one_more_character_is_not() -> None:
    signature = "(automated reply)"
    room = MAX_WEIGHT - weighted_length(f" {LINK} {signature}")
    fits = Snippet("fits", "", ("When?",), ("short", "x" * room), link=LINK)
    over = Snippet("over", "", ("When?",), ("short", "x" * (room + 1)), link=LINK)
    check_lengths(KnowledgeBase((fits,), dt.date(2026, 1, 1)), signature)
    with pytest.raises(KnowledgeBaseError, match=r"'over', answer: phrasing 2 is 281"):
        check_lengths(KnowledgeBase((over,), dt.date(2026, 1, 1)), signature)
