from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage.answers.choices import FILE, MOST_LEARNT, Choice, lasting, read, write
from triage.answers.knowledge_base import KnowledgeBase, Snippet, load
from triage.answers.match import Matcher
from triage.errors import KnowledgeBaseError, NotFound
from triage.text.normalise import normalise

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 22)
DOGS = Snippet("dogs", "Dogs", ("Can I bring my dog?", "are dogs allowed"), ("On a lead.",))
HOURS = Snippet("hours", "Opening hours", ("When do you open?", "opening hours"), ("From 9 to 17.",))
SHOP = KnowledgeBase((DOGS, HOURS), TODAY, digest="before")


def test_a_chosen_message_becomes_a_question_of_its_snippet() -> None:
    found = SHOP.taught([Choice("@Shop is my whippet welcome?", "dogs")])
    assert found.snippets[0].questions == (*DOGS.questions, "is my whippet welcome?")
    assert found.snippets[1] == HOURS


def test_a_message_that_no_snippet_answers_is_known_to_have_no_answer() -> None:
    assert SHOP.taught([Choice("do you repair violins", None)]).no_answer == ("do you repair violins",)


def test_the_last_choice_for_the_same_words_counts() -> None:
    found = SHOP.taught([Choice("is it open to whippets", "hours"), Choice("@Shop Is it open to whippets", "dogs")])
    assert "is it open to whippets" in found.snippets[0].questions
    assert found.snippets[1] == HOURS


@pytest.mark.parametrize(
    "text", ["you bit my dog yesterday, when do you open", "what a joke, open on time!!", "@Shop", "thanks"]
)
def test_a_case_of_ones_own_or_venting_teaches_no_snippet(text: str) -> None:
    assert SHOP.taught([Choice(text, "hours")]).snippets == SHOP.snippets


def test_a_snippet_keeps_its_own_questions_and_the_latest_choices() -> None:
    found = SHOP.taught([Choice(f"may breed number {number} come", "dogs") for number in range(MOST_LEARNT + 5)])
    questions = found.snippets[0].questions
    assert questions[:2] == DOGS.questions
    assert len(questions) == 2 + MOST_LEARNT
    assert questions[-1] == f"may breed number {MOST_LEARNT + 4} come"


def test_what_was_learnt_changes_the_digest_and_nothing_learnt_does_not_matter_in_what_order() -> None:
    first = SHOP.taught([Choice("is my whippet welcome", "dogs")])
    assert first.digest != SHOP.digest
    assert first == SHOP.taught([Choice("is my whippet welcome", "dogs")])


def test_a_choice_of_an_unknown_snippet_is_refused() -> None:
    with pytest.raises(NotFound, match="no snippet 'cats'"):
        SHOP.taught([Choice("is my cat welcome", "cats")])


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
    after = right(Matcher(few.taught(Choice(row["text"], row["snippet"]) for row in told)), asked)
    assert after >= right(Matcher(few), asked) + 0.04


def right(matcher: Matcher, asked: list[dict[str, str]]) -> float:
    """Share of messages whose snippet comes first."""
    found = [matcher.match(normalise(row["text"]), TODAY, limit=1) for row in asked]
    return float(
        np.mean([[one.snippet for one in best] == [row["snippet"]] for best, row in zip(found, asked, strict=True)])
    )


def test_choices_change_which_snippet_comes_first() -> None:
    text = "what about whippets on a saturday"
    few = KnowledgeBase((DOGS, HOURS, replace(HOURS, id="fees", questions=("what does it cost", "prices"))), TODAY)
    before = Matcher(few).match(text, TODAY)
    choices = [Choice(f"what about {breed} on a saturday", "fees") for breed in ("poodles", "beagles", "whippets")]
    after = Matcher(few.taught(choices)).match(text, TODAY)
    assert [match.snippet for match in before][:1] != ["fees"]
    assert after[0].snippet == "fees"


def test_choices_are_read_as_they_were_written_and_teaching_them_again_changes_nothing(tmp_path: Path) -> None:
    kept = lasting([Choice("@Shop Is my WHIPPET welcome?", "dogs"), Choice("do you repair violins", None)])
    assert kept == (Choice("is my whippet welcome?", "dogs"), Choice("do you repair violins", None))
    write(tmp_path, kept)
    assert read(tmp_path) == kept
    assert SHOP.taught(read(tmp_path)) == SHOP.taught([Choice("Is my whippet welcome?", "dogs"), kept[1]])


def test_a_folder_without_choices_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


@pytest.mark.parametrize("line", ["", "no json", '{"text": "is my cat welcome"}', '{"text": 1, "snippet": "dogs"}'])
def test_a_broken_line_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    good = '{"text": "is my whippet welcome", "snippet": "dogs"}'
    (tmp_path / FILE).write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=f"{FILE}, line 2"):
        read(tmp_path)


def test_a_knowledge_base_knows_what_is_in_its_folder_and_has_another_digest_for_it(tmp_path: Path) -> None:
    snippet = "---\nid: dogs\nquestions: [may dogs come in]\n---\nOn a lead.\n"
    (tmp_path / "dogs.md").write_text(snippet, encoding="utf-8")
    before = load(tmp_path, TODAY)
    write(tmp_path, [Choice("is my whippet welcome", "dogs")])
    after = load(tmp_path, TODAY)
    assert after.snippets[0].questions == ("may dogs come in", "is my whippet welcome")
    assert after.digest != before.digest
    write(tmp_path, [Choice("is my cat welcome", "cats")])
    with pytest.raises(KnowledgeBaseError, match=rf"{FILE}, line 1, snippet: there is no snippet 'cats'"):
        load(tmp_path, TODAY)
