"""What cannot be done is said at once, in one line, and leaves nothing behind."""

from __future__ import annotations

import getpass
import json
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli import run
from tests.keys import VAULT
from tests.traffic import DAY
from triage.store import open_store


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


def one_line(result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


def test_a_demo_whose_port_is_taken_leaves_the_running_ones_database_alone(here, taken_port) -> None:
    (here / "var").mkdir()
    (here / "var/demo.db").write_text("in use")
    one_line(run("demo", TRIAGE_PORT=taken_port), f"127.0.0.1:{taken_port}", "in use", "TRIAGE_PORT")
    assert (here / "var/demo.db").read_text() == "in use"


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--once"]])
def test_a_second_demo_is_refused_while_one_is_running(here, arguments) -> None:
    (here / "var").mkdir()
    (here / "var/demo.db").write_text("in use")
    running = open_store("sqlite:///var/demo.db", VAULT).try_hold("demo")
    assert running is not None
    try:
        one_line(run(*arguments, TRIAGE_PORT="0"), "another demo is running", "var/demo.db")
    finally:
        running.release()
    assert (here / "var/demo.db").read_text() == "in use"


def test_serve_names_the_place_where_it_cannot_listen(here, taken_port) -> None:
    run("db", "upgrade")
    one_line(run("serve", TRIAGE_PORT=taken_port), f"127.0.0.1:{taken_port}", "already in use", "TRIAGE_PORT")
    one_line(run("serve", TRIAGE_HOST="nohost.invalid"), "nohost.invalid:8080", "no such address", "TRIAGE_HOST")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite+aiosqlite:///x.db", "'sqlite+aiosqlite' is not supported"),
        ("sqlite+pysqlcipher:///x.db", "'sqlite+pysqlcipher' is not supported"),
        ("sqlite:///x.db?foo=bar", "takes no options; take away 'foo'"),
        ("nonsense", "'nonsense' is not a database URL"),
        ("", "'' is not a database URL"),
        ("mysql://a/b", "'mysql' is not supported"),
    ],
)
@pytest.mark.parametrize(
    "command", [["replay", DAY, "--once"], ["report"], ["work"], ["serve"], ["db", "upgrade"], ["user", "add", "kim"]]
)
def test_every_command_refuses_a_database_that_is_none_and_blames_no_other_setting(
    here, command, url, complaint
) -> None:
    result = run(*command, "--database", url)
    one_line(result, complaint)
    assert "TRIAGE_DATABASE_URL" not in result.stderr
    assert list(here.iterdir()) == []


def test_a_database_whose_folder_cannot_be_made_is_named(here) -> None:
    (here / "file").write_text("")
    one_line(run("db", "upgrade", "--database", "sqlite:///file/x.db"), "sqlite:///file/x.db cannot be made")


def test_a_database_can_be_named_to_every_command(here) -> None:
    url = "sqlite:///of/mine.db"
    assert run("db", "upgrade", "--database", url).exit_code == 0
    assert run("user", "add", "kim", "--password", "correct horse", "--database", url).exit_code == 0
    assert "exists already" in run("user", "add", "kim", "--password", "correct horse", "--database", url).stderr
    assert json.loads(run("report", "--json", "--database", url).stdout)["received"] == 0
    assert not (here / "var").exists()


@pytest.mark.parametrize("command", [["report"], ["serve"], ["work"], ["user", "add", "kim", "--password", "12345678"]])
def test_a_command_that_needs_a_schema_makes_no_database_without_one(here, command) -> None:
    one_line(run(*command), "triage db upgrade")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("file", ["none.jsonl", "folder", "wrong.csv", "broken.jsonl.gz"])
def test_a_replay_of_what_cannot_be_read_makes_no_database(here, file) -> None:
    (here / "folder").mkdir()
    (here / "wrong.csv").write_text("a,b\n")
    (here / "broken.jsonl.gz").write_text("no gzip")
    before = sorted(here.iterdir())
    one_line(run("replay", file, "--once"))
    assert sorted(here.iterdir()) == before


def test_a_knowledge_base_without_a_snippet_is_refused(here) -> None:
    (here / "empty").mkdir()
    one_line(run("answer", "--kb", "empty", text='{"id": 1, "text": "hi"}\n'), "empty holds no snippet")


def test_a_brand_without_a_snippet_is_refused_before_anything_is_taken_in(here) -> None:
    brand = here / "brand"
    (brand / "kb").mkdir(parents=True)
    (brand / "brand.toml").write_bytes((DAY.parent / "brand.toml").read_bytes())
    one_line(run("replay", DAY, "--once", TRIAGE_BRAND=str(brand)), "kb holds no snippet")
    assert json.loads(run("report", "--json").stdout)["received"] == 0


def test_a_password_is_not_asked_for_where_it_would_be_seen(here, monkeypatch) -> None:
    def without_terminal(*_: object, **__: object) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return "seen by everybody"

    run("db", "upgrade")
    monkeypatch.setattr(click, "prompt", without_terminal)
    one_line(run("user", "add", "kim"), "password: there is no terminal", "--password")


def test_a_journal_that_is_a_folder_stops_a_worker(here: Path) -> None:
    run("db", "upgrade")
    (here / "outbox" / "file.jsonl").mkdir(parents=True)
    one_line(run("work", TRIAGE_OUTBOX="outbox"), "outbox/file.jsonl", "TRIAGE_OUTBOX")
