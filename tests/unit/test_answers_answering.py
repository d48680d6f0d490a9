from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from triage.answers.answering import SnippetAnswers
from triage.errors import KnowledgeBaseError, NotFound

FILE = """---
id: hours
title: Opening hours
questions: [When do you open?, What are your opening hours?]
valid_until: 2026-05-01
version: 2
---
From 9 to 17.
"""
LAST_DAY = dt.date(2026, 5, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hours.md").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_a_message_is_matched_as_received_or_normalised(folder: Path) -> None:
    answers = SnippetAnswers.load(folder, today=LAST_DAY)
    assert answers.matches("@Shop  when do you open?", LAST_DAY) == answers.matches("@user when do you open?", LAST_DAY)


def test_a_reply_ends_in_the_signature(folder: Path) -> None:
    answers = SnippetAnswers.load(folder, today=LAST_DAY, signature="(automated reply)")
    assert answers.compose("hours", variant="1", automatic=True) == "From 9 to 17. (automated reply)"
    assert answers.compose("hours", variant="1", automatic=False) == "From 9 to 17."


def test_a_reply_that_would_not_fit_with_the_signature_is_refused_at_load(folder: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="'hours', answer: phrasing 1"):
        SnippetAnswers.load(folder, today=LAST_DAY, signature="x" * 280)


def test_an_unknown_snippet_cannot_be_composed(folder: Path) -> None:
    with pytest.raises(NotFound, match="'prices'"):
        SnippetAnswers.load(folder, today=LAST_DAY).compose("prices", variant="1", automatic=True)


def test_a_snippet_is_found_until_its_last_day_and_not_after(folder: Path) -> None:
    answers = SnippetAnswers.load(folder, today=LAST_DAY)
    assert answers.matches("When do you open?", LAST_DAY)[0].snippet == "hours"
    assert answers.matches("When do you open?", LAST_DAY + dt.timedelta(days=1)) == []


def test_what_counts_is_the_day_of_the_message_not_of_loading(folder: Path) -> None:
    loaded_later = SnippetAnswers.load(folder, today=LAST_DAY + dt.timedelta(days=1))
    assert loaded_later.matches("When do you open?", LAST_DAY)[0].snippet == "hours"
    assert [snippet.id for snippet in loaded_later.knowledge_base.expired] == ["hours"]


def test_a_title_is_known_also_of_an_expired_snippet_and_is_the_id_where_there_is_none(folder: Path) -> None:
    (folder / "prices.md").write_text("---\nid: prices\nquestions: [How much?]\n---\nNot much.", encoding="utf-8")
    answers = SnippetAnswers.load(folder, today=LAST_DAY + dt.timedelta(days=1))
    assert (answers.title("hours"), answers.title("prices")) == ("Opening hours", "prices")
    with pytest.raises(NotFound, match="'none'"):
        answers.title("none")
