"""Figures on personal data: what counts as found, as right, and as a false alarm."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from training.figures import personal_data
from training.figures.figure import Figure
from training.figures.personal_data import Marked, found_and_right, marked, synthetic, traffic
from triage.domain.scores import Span
from triage.errors import InvalidInput
from triage.privacy.detect import RULES

GOALS = personal_data._HARD


def values(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


def rows_in(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_an_overlap_of_any_kind_counts_and_everything_else_that_was_found_is_wrong() -> None:
    text = "order number 118204577 and 07700 900123"
    rows = [Marked(text, (Span(13, 22, "TICKET_NO"),)), Marked("hello", ()), Marked("so", (Span(0, 2, "PERSON"),))]
    assert values(found_and_right("x", rows, GOALS, RULES.find_all)) == {"x: recall": 0.5, "x: precision": 0.5}


@pytest.mark.parametrize("row", [{"spans": []}, {"text": "a"}, {"text": "a", "spans": [[1, 2]]}])
def test_a_row_that_is_no_marked_text_is_refused_by_its_line(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="line 1"):
        marked(rows_in(tmp_path / "odd.jsonl", [row]))


def test_nothing_found_is_no_precision_and_no_error() -> None:
    assert values(found_and_right("x", [Marked("hello", ())], GOALS, RULES.find_all)) == {
        "x: recall": 0.0,
        "x: precision": 0.0,
    }


def test_synthetic_sentences_ask_for_the_same_kind_and_leave_out_kinds_that_are_not_ours(tmp_path: Path) -> None:
    path = rows_in(
        tmp_path / "dev.jsonl",
        [
            {"text": "mail jo@post.example", "spans": [[5, 20, "EMAIL_ADDRESS"]]},
            {"text": "mail jo@post.example", "spans": [[5, 20, "PHONE_NUMBER"]]},
            {"text": "nice and sunny in Rome", "spans": [[18, 22, "GPE"]]},
            {"text": "ring 07700 900123", "spans": []},
        ],
    )
    assert values(synthetic(path, RULES.find_all)) == {
        "synthetic sentences: recall of EMAIL": 1.0,
        "synthetic sentences: recall of PHONE": 0.0,
        "synthetic sentences: clean ones flagged": 0.5,
    }


def test_a_false_alarm_is_what_was_judged_so_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "OWN", tmp_path)
    rows_in(
        tmp_path / "twcs_flagged.jsonl",
        [{"tweet_id": "1", "verdict": "exposes"}, {"tweet_id": "2", "verdict": "false"}],
    )
    posts = [
        {"tweet_id": number, "author_id": "a", "inbound": True, "text": text}
        | {"created_at": "2026-10-20T12:00:00Z", "in_response_to_tweet_id": None}
        for number, text in enumerate(["ring 07700 900123", "ring 07700 900124", "ring 07700 900125", "hello"], 1)
    ]
    with gzip.open(tmp_path / "tweets.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(post) + "\n" for post in posts)
    assert values(traffic(tmp_path / "tweets.jsonl.gz", RULES.find_all)) == {
        "real traffic: flagged": 0.75,
        "real traffic: false alarms": 0.5,
        "real traffic: flagged and not judged yet": 1,
    }


@pytest.mark.parametrize("name", ["hard.jsonl", "unseen_hard.jsonl"])
def test_the_projects_own_cases_are_half_clean_and_marked_inside_their_texts(name: str) -> None:
    rows = marked(personal_data.OWN / name)
    assert sum(not row.spans for row in rows) * 2 == len(rows)
    assert all(0 <= span.start < span.end <= len(row.text) for row in rows for span in row.spans)
    assert len({row.text for row in rows}) == len(rows)
