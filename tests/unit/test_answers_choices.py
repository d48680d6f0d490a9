from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage.answers.choices import MOST_LEARNT, Choice, taught
from triage.answers.knowledge_base import KnowledgeBase, Snippet, load
from triage.answers.match import Matcher
from triage.errors import NotFound
from triage.text.normalise import normalise

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 22)
DOGS = Snippet("dogs", "Dogs", ("Can I bring my dog?", "are dogs allowed"), ("On a lead.",))
HOURS = Snippet("hours", "Opening hours", ("When do you open?", "opening hours"), ("From 9 to 17.",))
SHOP = KnowledgeBase((DOGS, HOURS), TODAY, digest="before")


def test_a_chosen_message_becomes_a_question_of_its_snippet() -> None:
    found = taught(SHOP, [Choice("@Shop is my whippet welcome?", "dogs")])
    assert found.snippets[0].questions == (*DOGS.questions, "is my whippet welcome?")
    assert found.snippets[1] == HOURS


def test_a_message_that_no_snippet_answers_is_known_to_have_no_answer() -> None:
    assert taught(SHOP, [Choice("do you repair violins", None)]).no_answer == ("do you repair violins",)


def test_the_last_choice_for_the_same_words_counts() -> None:
    found = taught(SHOP, [Choice("is it open to whippets", "hours"), Choice("@Shop Is it open to whippets", "dogs")])
    assert "is it open to whippets" in found.snippets[0].questions
    assert found.snippets[1] == HOURS


@pytest.mark.parametrize(
    "text", ["you bit my dog yesterday, when do you open", "what a joke, open on time!!", "@Shop", "thanks"]
)
def test_a_case_of_ones_own_or_venting_teaches_no_snippet(text: str) -> None:
    assert taught(SHOP, [Choice(text, "hours")]).snippets == SHOP.snippets


def test_a_snippet_keeps_its_own_questions_and_the_latest_choices() -> None:
    found = taught(SHOP, [Choice(f"may breed number {number} come", "dogs") for number in range(MOST_LEARNT + 5)])
    questions = found.snippets[0].questions
    assert questions[:2] == DOGS.questions
    assert len(questions) == 2 + MOST_LEARNT
    assert questions[-1] == f"may breed number {MOST_LEARNT + 4} come"


def test_what_was_learnt_changes_the_digest_and_nothing_learnt_does_not_matter_in_what_order() -> None:
    first = taught(SHOP, [Choice("is my whippet welcome", "dogs")])
    assert first.digest != SHOP.digest
    assert first == taught(SHOP, [Choice("is my whippet welcome", "dogs")])


def test_a_choice_of_an_unknown_snippet_is_refused() -> None:
    with pytest.raises(NotFound, match="no snippet 'cats'"):
        taught(SHOP, [Choice("is my cat welcome", "cats")])


def test_choices_make_two_questions_a_snippet_go_further() -> None:
    """Words alone, 250 held-out questions: the right snippet first for 76 % before, 82 % after 336 choices."""
    folder = ROOT / "training" / "answers"
    whole = load(ROOT / "app" / "demo" / "kb", TODAY)
    few = replace(
        whole, snippets=tuple(replace(snippet, questions=snippet.questions[:2]) for snippet in whole.snippets)
    )
    asked, told = (
        [row for row in map(json.loads, (folder / name).read_text(encoding="utf-8").splitlines()) if row["snippet"]]
        for name in ("demo_questions.jsonl", "demo_development.jsonl")
    )
    after = right(Matcher(taught(few, [Choice(row["text"], row["snippet"]) for row in told])), asked)
    assert after >= right(Matcher(few), asked) + 0.04


def right(matcher: Matcher, asked: list[dict[str, str]]) -> float:
    """Share of messages whose snippet comes first."""
    found = [matcher.match(normalise(row["text"]), TODAY, limit=1) for row in asked]
    return float(
        np.mean([[one.snippet for one in best] == [row["snippet"]] for best, row in zip(found, asked, strict=True)])
    )
