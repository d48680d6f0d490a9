from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from triage.answers.compose import check_lengths, reply
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.errors import KnowledgeBaseError
from triage.text.length import MAX_WEIGHT, weighted_length

LINK = "https://help.example/a-rather-long-path/that-counts-23-all-the-same"
SNIPPET = Snippet("hours", "", ("When?",), ("From 9 to 17.", "9 to 17.", "At 9 we open, at 17 we close."), link=LINK)


def test_a_reply_is_phrasing_then_link_then_signature() -> None:
    text = reply(SNIPPET, "1", "(automated reply)")
    phrasing = next(p for p in sorted(SNIPPET.phrasings, key=len, reverse=True) if text.startswith(p))
    assert text == f"{phrasing} {LINK} (automated reply)"


def test_a_link_that_the_phrasing_has_already_is_not_repeated() -> None:
    snippet = Snippet("hours", "", ("When?",), (f"See {LINK} for hours.",), link=LINK)
    assert reply(snippet, "1").count(LINK) == 1


def test_equal_variants_give_equal_text_and_different_ones_every_phrasing() -> None:
    texts = [reply(SNIPPET, str(variant)) for variant in range(60)]
    assert texts == [reply(SNIPPET, str(variant)) for variant in range(60)]
    assert len(set(texts)) == len(SNIPPET.phrasings)


def test_the_choice_of_phrasing_is_the_same_in_another_process() -> None:
    code = (
        "from triage.answers.compose import reply; from triage.answers.knowledge_base import Snippet;"
        "print([reply(Snippet('a', '', ('q',), tuple('abcdefgh')), str(v)) for v in range(20)])"
    )
    here = [reply(Snippet("a", "", ("q",), tuple("abcdefgh")), str(variant)) for variant in range(20)]
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)


def test_the_longest_text_that_fits_is_accepted_and_one_more_character_is_not() -> None:
    signature = "(automated reply)"
    room = MAX_WEIGHT - weighted_length(f" {LINK} {signature}")
    fits = Snippet("fits", "", ("When?",), ("short", "x" * room), link=LINK)
    over = Snippet("over", "", ("When?",), ("short", "x" * (room + 1)), link=LINK)
    check_lengths(KnowledgeBase((fits,), dt.date(2026, 1, 1)), signature)
    with pytest.raises(KnowledgeBaseError, match=r"'over', answer: phrasing 2 is 281"):
        check_lengths(KnowledgeBase((over,), dt.date(2026, 1, 1)), signature)
