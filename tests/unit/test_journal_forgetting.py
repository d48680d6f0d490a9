"""Taking texts out of a journal of sent replies, while it goes on being written and read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.doubles import NOON
from triage.channels.journal import JournalChannel
from triage.channels.protocol import Presence
from triage.domain.erasure import ERASED
from triage.domain.reply import Reply, ReplyKind, ReplyState


def reply(key: str) -> Reply:
    return Reply(1, key, 1, 1, "any", "100", f"text of {key}", ReplyKind.AUTOMATIC, ReplyState.SENDING, NOON)


def test_a_forgotten_reply_has_no_text_and_is_still_known_to_have_been_sent(tmp_path) -> None:
    journal = JournalChannel("any", tmp_path)
    for key in ("a", "b"):
        journal.send(reply(key))
    assert journal.forget({"a", "z"}) == 1
    assert [(line.key, line.text) for line in journal.lines()] == [("a", ERASED), ("b", "text of b")]
    assert journal.find(reply("a")).presence is Presence.PRESENT
    assert "text of a" not in (tmp_path / "any.jsonl").read_text()


def test_forgetting_again_or_where_nothing_was_sent_changes_nothing(tmp_path) -> None:
    journal = JournalChannel("any", tmp_path)
    assert journal.forget({"a"}) == 0
    journal.send(reply("a"))
    journal.forget({"a"})
    before = (tmp_path / "any.jsonl").stat()
    assert journal.forget({"a"}) == 0
    after = (tmp_path / "any.jsonl").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_torn_line_which_may_hold_part_of_a_text_goes_too(tmp_path) -> None:
    journal = JournalChannel("any", tmp_path)
    journal.send(reply("a"))
    with (tmp_path / "any.jsonl").open("ab") as file:
        file.write(b'{"key":"b","text":"text of b')
    journal.forget(set())
    assert "text of b" not in (tmp_path / "any.jsonl").read_text()


def test_permissions_of_the_journal_stay(tmp_path) -> None:
    journal = JournalChannel("any", tmp_path)
    journal.send(reply("a"))
    (tmp_path / "any.jsonl").chmod(0o640)
    journal.forget({"a"})
    assert (tmp_path / "any.jsonl").stat().st_mode & 0o777 == 0o640


def test_what_is_sent_while_texts_are_taken_out_is_not_lost(tmp_path) -> None:
    def send(number: int) -> None:
        JournalChannel("any", tmp_path).send(reply(f"k{number:03}"))

    def forget(number: int) -> None:
        JournalChannel("any", tmp_path).forget({f"k{number:03}"})

    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(job, number) for number in range(100) for job in (send, forget)]
    for job in jobs:
        job.result()
    assert sorted(line.key for line in JournalChannel("any", tmp_path).lines()) == [f"k{n:03}" for n in range(100)]
