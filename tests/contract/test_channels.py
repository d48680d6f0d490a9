"""One suite for every way out: the in-memory double and the real ones must behave alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles import NOON
from triage.channels.journal import JournalChannel
from triage.channels.memory import MemoryChannel
from triage.channels.protocol import OutboundChannel, Presence
from triage.domain.reply import Reply, ReplyKind, ReplyState
from triage.errors import ConfigurationError


def reply(key: str, text: str = "Pets travel in the cabin.") -> Reply:
    return Reply(1, key, 1, 1, "any", "100", text, ReplyKind.AUTOMATIC, ReplyState.SENDING, NOON)


@pytest.fixture(params=["memory", "journal"])
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> OutboundChannel:
    return MemoryChannel("any") if request.param == "memory" else JournalChannel("any", tmp_path / "outbox")


def test_what_was_sent_is_found_and_what_was_not_is_absent(channel) -> None:
    external_id = channel.send(reply("a"))
    assert (channel.find(reply("a")).presence, channel.find(reply("a")).external_id) == (Presence.PRESENT, external_id)
    assert channel.find(reply("b")).presence is Presence.ABSENT


def test_two_replies_with_one_text_are_told_apart_by_key(channel) -> None:
    assert channel.send(reply("a")) != channel.send(reply("b"))


def test_looking_publishes_nothing(channel) -> None:
    channel.find(reply("a"))
    assert channel.find(reply("a")).presence is Presence.ABSENT


def test_a_journal_survives_a_process_that_died_in_mid_line(tmp_path) -> None:
    first = JournalChannel("any", tmp_path)
    first.send(reply("a"))
    with (tmp_path / "any.jsonl").open("ab") as journal:
        journal.write(b'{"key":"b","in_rep')
    second = JournalChannel("any", tmp_path)
    assert second.find(reply("b")).presence is Presence.ABSENT
    second.send(reply("b", "line\nbreaks and “quotes” stay inside"))
    assert [line.key for line in second.lines()] == ["a", "b"]


@pytest.mark.parametrize("place", ["file/outbox", "outbox"])
def test_a_journal_that_cannot_be_written_says_so_before_anything_is_sent(tmp_path, place) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "outbox" / "any.jsonl").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"any\.jsonl: .*TRIAGE_OUTBOX"):
        JournalChannel("any", tmp_path / place).check()


def test_looking_whether_a_journal_can_be_written_writes_nothing(tmp_path) -> None:
    JournalChannel("any", tmp_path / "outbox").check()
    assert list((tmp_path / "outbox").iterdir()) == []
