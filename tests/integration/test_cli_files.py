"""What commands read and write: no input is destroyed, no old output is left to look like the result."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from pathlib import Path

import pytest
from tqdm import tqdm

from tests.cli import lines, run
from tests.traffic import DAY
from triage.channels.traffic_file import CHANNEL

#: A small one: what is asked here is asked of files, not of answers.
KB = Path(__file__).parents[1] / "data" / "kb"
COMMANDS = pytest.mark.parametrize("command", [["score"], ["answer", "--kb", str(KB)]], ids=["score", "answer"])
GOOD = {"id": "1", "text": "my flight is cancelled"}


def written(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@COMMANDS
def test_a_file_may_be_written_over_itself(here, command) -> None:
    (here / "m.jsonl").write_text(lines(GOOD, GOOD | {"id": "2"}))
    assert run(*command, "m.jsonl", "-o", "m.jsonl").exit_code == 0
    assert [row["id"] for row in written(here / "m.jsonl")] == ["1", "2"]
    assert [path.name for path in here.iterdir()] == ["m.jsonl"]


@COMMANDS
@pytest.mark.parametrize(("text", "code"), [("", 0), ("\n", 0), ("{broken\n", 1)])
def test_an_output_is_written_even_if_there_is_nothing_in_it(here, command, text, code) -> None:
    (here / "out").write_text("of yesterday")
    assert run(*command, "-o", "out", text=text).exit_code == code
    assert (here / "out").read_text() == ""


def test_an_output_that_cannot_be_finished_is_as_it_was_before(here) -> None:
    (here / "out").write_text("of yesterday")
    packed = gzip.compress(b"".join(os.urandom(64).hex().encode() + b"\n" for _ in range(2000)))
    (here / "half.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    result = run("score", "half.jsonl.gz", "-o", "out")
    assert result.exit_code == 2
    assert "half.jsonl.gz cannot be read" in result.stderr
    assert (here / "out").read_text() == "of yesterday"
    assert sorted(path.name for path in here.iterdir()) == ["half.jsonl.gz", "out"]


def test_an_output_keeps_its_permissions_and_a_link_stays_one(here) -> None:
    (here / "real").write_text("")
    (here / "real").chmod(0o640)
    (here / "link").symlink_to("real")
    assert run("score", "-o", "link", text=lines(GOOD)).exit_code == 0
    assert (here / "link").is_symlink()
    assert (here / "real").stat().st_mode & 0o777 == 0o640
    assert len(written(here / "real")) == 1


def test_a_device_is_written_and_not_replaced(here) -> None:
    assert run("score", "-o", os.devnull, text=lines(GOOD)).exit_code == 0
    assert Path(os.devnull).is_char_device()


@COMMANDS
def test_an_output_that_cannot_be_written_makes_the_exit_code_2(here, command) -> None:
    result = run(*command, "-o", "none/out", text=lines(GOOD))
    assert result.exit_code == 2
    assert result.stderr == "triage: none/out cannot be written: No such file or directory\n"


@pytest.mark.parametrize("name", ["m.jsonl.gz", "packed"])
def test_score_reads_gzip_and_a_byte_order_mark_costs_nothing(here, name) -> None:
    (here / name).write_bytes(gzip.compress(b"\xef\xbb\xbf" + lines(GOOD, GOOD | {"id": "2"}).encode()))
    result = run("score", name)
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["1", "2"]


@pytest.mark.parametrize("form", ["JSON Lines", "CSV", "gzip"])
def test_replay_reads_standard_input_in_every_form(here, form) -> None:
    rows = [json.loads(row) for row in DAY.read_text(encoding="utf-8").splitlines()[:3]]
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    text = {"JSON Lines": lines(*rows), "CSV": table.getvalue(), "gzip": gzip.compress(lines(*rows).encode())}[form]
    result = run("replay", "-", "--once", "--json", text=text)
    assert json.loads(result.stdout)["replay"] == {"read": 3, "accepted": 3, "duplicates": 0, "rejected": 0}


def test_replay_takes_an_empty_standard_input_for_a_file_without_messages(here) -> None:
    assert json.loads(run("replay", "-", "--once", "--json", text="").stdout)["replay"]["read"] == 0


def test_replay_does_not_keep_rejected_lines_in_the_file_of_traffic(here) -> None:
    (here / "t.jsonl").write_text("{broken\n")
    result = run("replay", "t.jsonl", "--once", "--rejects", "t.jsonl")
    assert (result.exit_code, (here / "t.jsonl").read_text()) == (2, "{broken\n")
    assert "--rejects: is the file of traffic itself" in result.stderr


def test_rejected_lines_of_an_earlier_run_do_not_look_like_those_of_this_one(here) -> None:
    (here / "t.jsonl").write_text("{broken\n")
    assert run("replay", "t.jsonl", "--once", "--rejects", "kept").exit_code == 1
    assert len(written(here / "kept")) == 1
    (here / "t.jsonl").write_text("")
    assert run("replay", "t.jsonl", "--once", "--rejects", "kept").exit_code == 0
    assert not (here / "kept").exists()


def test_without_a_terminal_no_progress_bar_stands_between_the_lines(here, monkeypatch) -> None:
    class Eager(tqdm):
        def __init__(self, *arguments, **options) -> None:
            super().__init__(*arguments, **options | {"delay": 0, "mininterval": 0})

    monkeypatch.setattr("app.cli.replay.tqdm", Eager)
    (here / "t.jsonl").write_text("{broken\n" + DAY.read_text(encoding="utf-8").splitlines()[0] + "\n")
    result = run("replay", "t.jsonl", "--once", "--rejects", "kept")
    first, last = result.stderr.splitlines()
    assert first.startswith("triage: line 1: ")
    assert last == "triage: 1 line was not a message; it is kept in kept"
    assert "read 1 message: 1 new, 0 known already; 1 line rejected" in result.stdout


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": ""}, "line 1, id: is empty"),
        ({"id": " "}, "line 1, id: is empty"),
        ({"id": "9" * 200}, "line 1, id: has over 128 characters"),
        ({"lang": "\0xxxx"}, "line 1, lang: contains a NUL character"),
        ({"lang": "x" * 17}, "line 1, lang: has over 16 characters"),
    ],
)
@COMMANDS
def test_a_line_is_checked_as_any_other_message_is(here, command, change, complaint) -> None:
    result = run(*command, text=lines(GOOD | change))
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"triage: {complaint}\n")


def test_a_bad_line_is_explained_by_its_bytes_its_escapes_or_its_fields(here) -> None:
    rows = [
        b'{"id": 1, "text": "caf\xe9"}',
        b'{"id": 2, "text": "hi \\ud800"}',
        b'{"id": 3}',
        b'{"id": 4, "text": "hi", "lang": "\\udc00"}',
        b'{"id": 5, "text": "hi',
    ]
    (here / "m.jsonl").write_bytes(b"\n".join(rows))
    result = run("score", "m.jsonl")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "triage: line 1: is not UTF-8 (byte 23 is 0xE9)",
        "triage: line 2, text: has half of a surrogate pair",
        "triage: line 3, text: is missing",
        "triage: line 4, lang: has half of a surrogate pair",
        "triage: line 5: Input data was truncated",
    ]


def test_replies_that_could_not_be_kept_stop_a_replay_before_it_begins(here) -> None:
    (here / "taken").write_text("")
    result = run("replay", DAY, "--once", TRIAGE_OUTBOX=str(here / "taken" / "outbox"))
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert f"taken/outbox/{CHANNEL}.jsonl" in result.stderr
    assert "TRIAGE_OUTBOX" in result.stderr
