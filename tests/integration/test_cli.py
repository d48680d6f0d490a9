"""The command line, as its users meet it: the shipped model, real files, exit codes."""

from __future__ import annotations

import json
import shutil
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from app.compose import DEMO_BRAND
from tests.cli import lines, run
from tests.traffic import DAY, days, picture
from triage.domain.scores import LABELS, Head


def test_score_gives_one_line_a_message_in_the_same_order_as_the_contract_says() -> None:
    asked = [{"id": str(n), "text": text} for n, text in enumerate(["my flight is cancelled", "love you guys", "ok"])]
    result = run("score", text=lines(*asked))
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    for row in rows:
        for head in (Head.INTENT, Head.SENTIMENT, Head.URGENCY):
            assert row[head]["label"] in LABELS[head]
            assert 0 <= row[head]["confidence"] <= 1
        assert set(row["privacy"]) == {"level", "confidence", "spans", "score"}
        assert (row["language"], type(row["actionable"])) == ("en", bool)
        assert row["model"]
        assert "why" not in row


def test_spans_index_the_text_as_given() -> None:
    text = "  @MarramAir   mail me at jo.bloggs@example.org &amp; hurry"
    (row,) = [json.loads(line) for line in run("score", text=lines({"id": 1, "text": text})).stdout.splitlines()]
    assert row["id"] == 1
    assert [(text[start:end], kind) for start, end, kind in row["privacy"]["spans"]] == [
        ("jo.bloggs@example.org", "EMAIL")
    ]
    assert row["privacy"]["level"] in ("medium", "high")
    assert 0.5 <= row["privacy"]["score"] <= 1


def test_explain_names_the_words_behind_each_head() -> None:
    (row,) = [
        json.loads(line)
        for line in run("score", "--explain", text=lines({"id": "1", "text": "I want a refund"})).stdout.splitlines()
    ]
    assert set(row["why"]) == {head.value for head in Head}
    words = [token.lower() for token, _ in row["why"]["intent"]]
    assert "refund" in words


def test_bad_lines_are_reported_with_their_number_and_the_rest_is_scored() -> None:
    result = run(
        "score",
        text=lines(
            {"id": "1", "text": "hi"},
            "{",
            {"id": "3"},
            {"id": "4", "text": 5},
            {"id": "5", "text": "bye"},
            {"id": "6", "text": ""},
        ),
    )
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["1", "5"]
    complaints = result.stderr.splitlines()
    assert [complaint.split(":")[1].split(",")[0].strip() for complaint in complaints] == [
        "line 2",
        "line 3",
        "line 4",
        "line 6",
    ]


def test_answer_takes_a_sure_question_and_abstains_from_anything_else() -> None:
    asked = lines(
        {"id": "1", "text": "@MarramAir how big can my hand luggage be please?"},
        {"id": "2", "text": "@MarramAir you lost my suitcase and ruined my honeymoon"},
    )
    result = run("answer", "--kb", DAY.parent / "kb", text=asked)
    assert result.exit_code == 0
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["action"], first["snippet"]) == ("answer", "cabin-bag-size")
    assert first["reply"]
    assert (second["action"], second["reply"]) == ("abstain", None)
    assert second["why"]


def test_replay_once_decides_everything_prints_the_report_and_may_be_run_again(here) -> None:
    first = run("replay", DAY, "--once", "--json", "--database", "sqlite:///one.db")
    assert first.exit_code == 0, first.output
    document = json.loads(first.stdout)
    assert document["replay"] == {"read": 436, "accepted": 436, "duplicates": 0, "rejected": 0}
    report = document["report"]
    assert report["messages"]["undecided"] == 0
    assert sum(report["messages"].values()) == report["received"] == 366
    assert report["answered_alone"]["denominator"] == 366
    before = picture("sqlite:///one.db")
    again = json.loads(run("replay", DAY, "--once", "--json", "--database", "sqlite:///one.db").stdout)
    assert again["replay"]["duplicates"] == 436
    assert again["report"] == report
    assert picture("sqlite:///one.db") == before


def replayed_in_batches(file: Path) -> list[dict[str, Any]]:
    """What a database says after a replay in small and in large batches."""
    pictures = []
    for batch in ("7", "1000"):
        url = f"sqlite:///{file.stem}-{batch}.db"
        assert run("replay", file, "--once", "--database", url, TRIAGE_BATCH=batch).exit_code == 0
        pictures.append(picture(url))
    return pictures


def test_replay_ends_the_same_whatever_the_size_of_its_batches(here) -> None:
    rows = sorted(map(json.loads, DAY.read_text(encoding="utf-8").splitlines()), key=itemgetter("created_at"))
    (here / "in-order.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    small, large = replayed_in_batches(here / "in-order.jsonl")
    for part in ("messages", "cases", "events", "replies"):
        assert small[part] == large[part], part


def test_every_message_ends_the_same_whatever_the_batches_also_where_a_file_is_out_of_order(here) -> None:
    small, large = replayed_in_batches(days(here / "days.jsonl", 1))
    assert small["messages"] == large["messages"]
    assert small["replies"] == large["replies"]


def test_lines_that_are_not_messages_are_kept_and_make_the_exit_code_1(here) -> None:
    rows = DAY.read_text(encoding="utf-8").splitlines()[:3]
    (here / "day.jsonl").write_text("\n".join([rows[0], "{broken", rows[1], rows[2]]) + "\n", encoding="utf-8")
    result = run("replay", "day.jsonl", "--once", "--json", "--database", "sqlite:///x.db")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["replay"] == {"read": 3, "accepted": 3, "duplicates": 0, "rejected": 1}
    assert "line 2" in result.stderr
    kept = json.loads(next((here / "var/rejected").iterdir()).read_text())
    assert (kept["line"], kept["raw"]) == (2, "{broken")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", "none.jsonl", "--once"], "none.jsonl does not exist"),
        (["replay", "x", "--database", "mysql://x/y"], "'mysql' is not supported"),
        (["report"], "triage db upgrade"),
        (["serve"], "triage db upgrade"),
        (["answer", "--kb", "nowhere"], "nowhere"),
        (["replay", DAY, "--database", "postgresql://u:geheim@127.0.0.1:1/db"], "Connection refused"),
        (["replay", DAY, "--database", "sqlite:///not-a-database"], "file is not a database"),
    ],
)
def test_what_cannot_be_done_is_one_line_without_a_traceback(here, arguments, complaint) -> None:
    (here / "not-a-database").write_text("a text, and longer than the header of a database would be\n" * 50)
    result = run(*arguments, text="")
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.output
    assert "geheim" not in result.output


@pytest.mark.parametrize("command", ["report", "serve", "work"])
def test_a_database_that_is_down_is_not_taken_for_an_old_one(here, command) -> None:
    result = run(command, TRIAGE_DATABASE_URL="postgresql://127.0.0.1:1/db?user=a&password=geheim")
    assert result.exit_code == 2
    assert "Connection refused" in result.stderr
    assert "db upgrade" not in result.stderr
    assert "geheim" not in result.output


def test_a_line_that_is_nested_without_end_is_a_bad_line(here) -> None:
    nested = '{"id": 1, "text": "x", "more": ' + "[" * 100_000
    result = run("score", text=lines(nested, {"id": "2", "text": "hi"}))
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["2"]
    assert result.stderr == "triage: line 1: is nested too deeply\n"


@pytest.mark.parametrize(
    ("name", "value"), [("TRIAGE_PORT", "eighty"), ("TRIAGE_LOG_LEVEL", "loud"), ("TRIAGE_POLL_SECONDS", "inf")]
)
def test_a_wrong_setting_is_named(here, name, value) -> None:
    result = run("settings", **{name: value})
    assert result.exit_code == 2
    assert name in result.stderr


def test_the_log_level_may_be_written_in_small_letters(here) -> None:
    assert "TRIAGE_LOG_LEVEL=WARNING" in run("settings", TRIAGE_LOG_LEVEL="warning").stdout


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:geheim@host/db",
        "postgresql://host/db?user=a&password=geheim",
        "postgresql://host:5432/db?password=geheim@geheim",
        "postgresql://me:geh?eim@host/db?sslPassword=geheim",
        "host=host user=me password = geheim",
        "host=host password='ge heim' user=me",
    ],
)
def test_no_form_of_a_database_url_shows_its_password(here, url) -> None:
    shown = run("settings", TRIAGE_DATABASE_URL=url).stdout.splitlines()[0]
    assert shown.startswith("TRIAGE_DATABASE_URL=")
    assert "***" in shown
    assert "eim" not in shown


def test_settings_lists_every_variable_and_masks_secrets(here) -> None:
    result = run("settings", TRIAGE_DATABASE_URL="postgresql://me:hunter2@host/db", TRIAGE_SECRET_KEY="hush")
    assert "TRIAGE_DATABASE_URL=postgresql://me:***@host/db" in result.stdout
    assert "hunter2" not in result.stdout
    assert "hush" not in result.stdout


def test_a_user_is_added_once_and_gets_a_token(here) -> None:
    assert run("db", "upgrade").exit_code == 0
    added = run("user", "add", "alex", "--password", "correct horse")
    assert added.exit_code == 0
    assert len(added.stdout.splitlines()[-1]) >= 40
    assert "exists already" in run("user", "add", "alex", "--password", "correct horse").stderr
    assert "at least 8" in run("user", "add", "kim", "--password", "short").stderr


@pytest.mark.parametrize("name", ["service", "channel", "Service"])
def test_nobody_is_called_what_the_log_calls_the_product(here, name) -> None:
    run("db", "upgrade")
    result = run("user", "add", name, "--role", "service")
    assert result.exit_code == 2
    assert "name" in result.stderr


def test_the_demo_runs_through_its_day(here) -> None:
    result = run("demo", "--once", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["replay"]["accepted"] == 436
    assert (here / "var/demo.outbox/file.jsonl").exists()


@pytest.fixture
def small_brand(tmp_path: Path) -> Path:
    """The demo brand's settings, and one snippet that uses a variable of them."""
    shutil.copy(DEMO_BRAND / "brand.toml", tmp_path)
    (tmp_path / "kb").mkdir()
    text = "---\nid: phone\nquestions: [what is your number]\nmode: live\n---\nIt is {phone}.\n"
    (tmp_path / "kb" / "phone.md").write_text(text, encoding="utf-8")
    return tmp_path


def answered(brand: Path, text: str) -> dict[str, Any]:
    result = run("answer", "--kb", brand / "kb", text=lines({"id": 1, "text": text}))
    assert result.exit_code == 0
    row: dict[str, Any] = json.loads(result.stdout)
    return row


def test_answer_fills_the_variables_of_the_brand_beside_the_knowledge_base(small_brand: Path) -> None:
    assert answered(small_brand, "what is your number")["reply"] == "It is 0117 496 0140."


def test_answer_abstains_where_the_snippet_is_not_live_and_says_so(small_brand: Path) -> None:
    path = small_brand / "kb" / "phone.md"
    path.write_text(path.read_text(encoding="utf-8").replace("mode: live", "mode: shadow"), encoding="utf-8")
    row = answered(small_brand, "what is your number")
    assert (row["action"], row["snippet"], row["reply"]) == ("abstain", "phone", None)
    assert "mode is “shadow”" in row["why"]
