"""Rows to train on: masked, unnamed, of opened channels alone, with what people did. On both engines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.compose import DEMO_BRAND
from tests.cli import lines, run
from tests.doubles import frozen, judge, message
from training.corpus import read_corpus
from triage.domain.scores import Span
from triage.domain.user import Role, User
from triage.errors import InvalidInput
from triage.privacy.detect import detect
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.showing import Showing
from triage.service.training_export import chosen_channels, rows
from triage.store import Store

ALEX = User(1, "alex", Role.AGENT)
BAG = "@MarramAir @jo_marsh my bag is lost, mail jo.marsh@example.org, see https://t.co/a1B2c3D4e5 order no. 118204577"
REPLY = "@500 which flight? Call @jo_marsh ^TS"
ANSWER = "@MarramAir still no refund"


@pytest.fixture
def filled(store: Store) -> Store:
    """A conversation on channel ``memory``, worked on by a person, a message on ``other``, and one undecided."""
    clock = frozen()
    one = judge(clock)
    take_in(
        store,
        [
            message("ext-1", BAG),
            message("ext-2", REPLY, parent="ext-1", inbound=False, minutes=1),
            message("ext-3", ANSWER, parent="ext-2", minutes=2),
            message("ext-4", channel="other"),
        ],
        clock,
    )
    decide_pending(store, one, 100)
    desk = Desk(store, one.brand.routing, one.answers, clock)
    with store.read() as transaction:
        case = transaction.messages.cases_of("memory", ["ext-1"])["ext-1"]
    desk.claim(ALEX, case)
    desk.reply(ALEX, case, "Pets travel in the cabin up to 8 kg.", key="k", snippet="pets-on-board")
    desk.claim(ALEX, case)
    desk.transfer(ALEX, case, "baggage")
    desk.claim(ALEX, case)
    desk.close(ALEX, case, "resolved")
    take_in(store, [message("ext-5", "@MarramAir pending", minutes=9)], clock)
    return store


def exported(store: Store, *channels: str) -> list[dict[str, Any]]:
    return list(rows(store, Showing(detect), channels, ["marramair"]))


def test_each_decided_message_of_a_customer_is_a_row_without_anybodys_trace(filled: Store) -> None:
    first, second = exported(filled, "memory")
    assert first["text"] == "@MarramAir @user my bag is lost, mail [EMAIL], see http://link order no. [ORDER_NO]"
    assert [first["text"][start:end] for start, end, _ in first["spans"]] == ["[EMAIL]", "[ORDER_NO]"]
    assert second["in_reply_to"] == "@user which flight? Call @user ^TS"
    for trace in ("500", "ext-", "jo_marsh", "118204577", "t.co", "alex"):
        assert trace not in json.dumps([first, second])


def test_a_row_says_what_the_model_said_and_what_people_did(filled: Store) -> None:
    first, second = exported(filled, "memory")
    assert first["verdicts"]["intent"] == {"label": "lost_damaged_item", "confidence": 0.95}
    assert (first["decision"], second["decision"]) == ("queue", "queue")
    assert first["work"] == {"closed_as": "resolved", "moved_to": "baggage", "replied": False, "snippet": None}
    assert second["work"] == {
        "closed_as": "resolved",
        "moved_to": "baggage",
        "replied": True,
        "snippet": "pets-on-board",
    }


def test_a_row_says_where_it_is_from_and_may_be_used_by(filled: Store) -> None:
    for row in exported(filled, "memory"):
        assert row["origin"] == "channel memory, model double-1, 2026-10-20"
        assert row["licence"] == "operator's own use"


def test_only_the_channels_that_are_named_are_exported(filled: Store) -> None:
    assert len(exported(filled, "other")) == 1
    assert len(exported(filled, "memory", "other")) == 3
    assert exported(filled) == []


def test_training_can_read_the_rows_and_takes_no_verdict_for_a_label(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(lines(*exported(filled, "memory")))
    first, second = read_corpus([path]).examples
    assert first.labels == {}
    assert first.spans[0] == Span(38, 45, "EMAIL")
    assert second.utterance.in_reply_to == "@user which flight? Call @user ^TS"


def test_no_channel_is_open_unless_it_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"channels here: api, file"):
        chosen_channels((), None, {"file": 3, "api": 1})
    with pytest.raises(InvalidInput, match="'x' is not among the channels"):
        chosen_channels(("api",), "x", {"x": 3})
    assert chosen_channels(("api",), None, {"file": 3, "api": 1}) == (["api"], ["file"])
    assert chosen_channels(("api", "file"), "file", {"file": 3, "api": 1}) == (["file"], ["api"])


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """The demo brand, with channel ``memory`` opened."""
    folder = tmp_path / "brand"
    shutil.copytree(DEMO_BRAND, folder)
    settings = folder / "brand.toml"
    settings.write_text(settings.read_text() + '\n[training]\nchannels = ["memory"]\n')
    return folder


def test_the_command_writes_the_rows_and_says_what_it_left_out(filled: Store, brand: Path, tmp_path: Path) -> None:
    url = filled.engine.url.render_as_string(hide_password=False)
    out = tmp_path / "rows.jsonl"
    result = run("training-export", "-o", out, "--database", url, TRIAGE_BRAND=str(brand))
    assert result.exit_code == 0
    assert [json.loads(line) for line in out.read_text().splitlines()] == exported(filled, "memory")
    assert result.stderr.splitlines() == [
        "triage: rows written: 2; channels: memory",
        "triage: channels left out, not asked for or not opened in brand.toml: other (1)",
    ]


@pytest.mark.parametrize("arguments", [(), ("--channel", "memory")])
def test_the_command_refuses_where_nothing_is_opened(sqlite_store_url: str, arguments: tuple[str, ...]) -> None:
    result = run("training-export", *arguments, "--database", sqlite_store_url)
    assert result.exit_code == 2
    assert "[training]" in result.stderr
    assert result.stdout == ""
