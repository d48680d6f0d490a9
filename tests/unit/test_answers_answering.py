from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from triage.answers.answering import SnippetAnswers
from triage.domain.decision import Mode
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
    assert answers.texts("hours", "x", automatic=True) == ("From 9 to 17. (automated reply)",)
    assert answers.texts("hours", "x", automatic=False) == ("From 9 to 17.",)


def test_a_reply_that_would_not_fit_with_the_signature_is_refused_at_load(folder: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="'hours', answer: phrasing 1"):
        SnippetAnswers.load(folder, today=LAST_DAY, signature="x" * 280)


def test_an_unknown_snippet_has_no_texts(folder: Path) -> None:
    with pytest.raises(NotFound, match="'prices'"):
        SnippetAnswers.load(folder, today=LAST_DAY).texts("prices", "x", automatic=True)


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


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / "hours.md"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_snippet_is_found_from_its_first_day_and_not_before(folder: Path) -> None:
    rewrite(folder, "valid_until", "valid_from")
    answers = SnippetAnswers.load(folder, today=LAST_DAY)
    assert answers.matches("When do you open?", LAST_DAY - dt.timedelta(days=1)) == []
    assert answers.matches("When do you open?", LAST_DAY)[0].snippet == "hours"


@pytest.mark.parametrize(
    ("own", "brand", "found"),
    [
        ("live", Mode.LIVE, Mode.LIVE),
        ("live", Mode.SHADOW, Mode.SHADOW),
        ("live", Mode.SUGGEST, Mode.SUGGEST),
        ("suggest", Mode.LIVE, Mode.SUGGEST),
        ("suggest", Mode.SHADOW, Mode.SUGGEST),
        ("shadow", Mode.SUGGEST, Mode.SUGGEST),
    ],
)
def test_the_lesser_of_the_snippets_and_the_brands_mode_counts(
    folder: Path, own: str, brand: Mode, found: Mode
) -> None:
    rewrite(folder, "version: 2", f"version: 2\nmode: {own}")
    answers = SnippetAnswers.load(folder, today=LAST_DAY, mode=brand)
    assert [match.mode for match in answers.matches("When do you open?", LAST_DAY)] == [found]


@pytest.mark.parametrize(("own", "brand"), [("off", Mode.LIVE), ("live", Mode.OFF)])
def test_what_is_off_is_neither_sent_nor_suggested(folder: Path, own: str, brand: Mode) -> None:
    rewrite(folder, "version: 2", f"version: 2\nmode: {own}")
    assert SnippetAnswers.load(folder, today=LAST_DAY, mode=brand).matches("When do you open?", LAST_DAY) == []


def test_a_channel_gets_its_own_texts_and_any_other_the_general_ones(folder: Path) -> None:
    rewrite(folder, "From 9 to 17.", "From 9 to 17.\n## api\nOpen 9-17 daily.\n***\nDaily: 9-17.")
    answers = SnippetAnswers.load(folder, today=LAST_DAY)
    assert answers.texts("hours", "api", automatic=False) == ("Open 9-17 daily.", "Daily: 9-17.")
    assert answers.texts("hours", "x", automatic=False) == ("From 9 to 17.",)
    assert answers.texts("hours", None, automatic=False) == ("From 9 to 17.", "Open 9-17 daily.", "Daily: 9-17.")


def test_a_text_of_one_channel_that_would_not_fit_is_refused_at_load(folder: Path) -> None:
    rewrite(folder, "From 9 to 17.", "From 9 to 17.\n## api\n" + "x" * 281)
    with pytest.raises(KnowledgeBaseError, match="'hours', answer: phrasing 2 is 281"):
        SnippetAnswers.load(folder, today=LAST_DAY)


def test_variables_are_filled_in_texts_and_link(folder: Path) -> None:
    rewrite(folder, "From 9 to 17.", "Ring {phone}, or see {{later}} and { this }.")
    rewrite(folder, "version: 2", "version: 2\nlink: https://{site}/hours")
    answers = SnippetAnswers.load(folder, today=LAST_DAY, variables={"phone": "0117 496 0140", "site": "shop.example"})
    assert answers.texts("hours", "x", automatic=False) == (
        "Ring 0117 496 0140, or see {{later}} and { this }. https://shop.example/hours",
    )
