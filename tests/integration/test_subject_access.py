"""A person can be given all that is held about them, to read."""

from __future__ import annotations

import json

import pytest

from tests.cli import run
from tests.doubles import frozen, message, worker
from triage.channels.memory import MemoryChannel
from triage.errors import NotFound
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.service.subject_access import dossier
from triage.store import Store

ANNA, BEN = "700100", "700200"


@pytest.fixture
def served(store) -> Store:
    clock = frozen()
    posts = [
        message("1", "@MarramAir can pets fly?\n# not a heading", author=ANNA),
        message("2", "@MarramAir my bag is gone, QX7KZP", author=ANNA, minutes=1, lang="en"),
        message("3", "we look for it ^TS", parent="2", inbound=False, minutes=2),
        message("4", "@MarramAir where is mine", author=BEN, minutes=3),
        message("5", "@MarramAir can pets fly?", author=ANNA, minutes=4, channel="other"),
    ]
    take_in(store, posts, clock)
    hands = worker(store, clock, channels=[MemoryChannel()])
    hands.drain()
    hands.close()
    return store


def test_everything_about_a_person_is_there_and_nothing_about_others(served) -> None:
    found = dossier(served, frozen(), ANNA)
    assert [held.message.external_id for held in found.messages] == ["1", "2", "5"]
    first, second, _ = found.messages
    assert first.judged is not None
    assert first.judged.scores.intent.why == (("question", 1.0),)
    assert [reply.text[:11] for reply in first.replies] == ["Pets travel"]
    assert [event.kind.value for event in first.events] == ["message_received", "message_decided", "reply_sent"]
    assert [answer.text for answer in second.answers] == ["we look for it ^TS"]
    assert {case.id for case in found.cases} == {held.message.case_id for held in found.messages}


def test_one_channel_can_be_asked_for(served) -> None:
    assert [held.message.external_id for held in dossier(served, frozen(), ANNA, "other").messages] == ["5"]


def test_what_happened_before_two_cases_became_one_is_there_too(store) -> None:
    clock = frozen()
    take_in(store, [message("2", "@MarramAir bag", parent="1", author=ANNA)], clock)
    take_in(store, [message("3", "@MarramAir bag", parent="2", author=ANNA), message("9", "x", author=BEN)], clock)
    take_in(store, [message("1", "@MarramAir bag", parent="9", author=ANNA)], clock)
    for held in dossier(store, clock, ANNA).messages:
        assert [event.kind.value for event in held.events] == ["message_received"]


def test_a_person_who_was_erased_is_told_that_and_nothing_else(served) -> None:
    certificate = Erasure(served, [], frozen()).erase(ANNA)
    found = dossier(served, frozen(), ANNA)
    assert (found.messages, found.cases) == ([], [])
    assert found.erasures == [certificate]


def test_a_person_of_whom_nothing_is_held_is_said_to_be_unknown(served) -> None:
    with pytest.raises(NotFound, match="nothing is held"):
        dossier(served, frozen(), "700999")


def test_the_command_writes_what_people_can_read(served, database_url, tmp_path) -> None:
    out = tmp_path / "anna.md"
    result = run("export", "--author", ANNA, "-o", out, "--database", database_url)
    assert result.exit_code == 0, result.stderr
    text = out.read_text()
    for part in (
        "# All that is held about author 700100",
        "## Message 1 on memory, 2026-10-20 12:00:00+00:00",
        "> @MarramAir can pets fly?\n> # not a heading",
        "- intent: product_question, 95% sure; because of “question” +1.00",
        "Reply (automatic), ",
        "> Pets travel in the cabin",
        "> we look for it ^TS",
        "message_decided by service",
        "## Erasures\n\nNone.",
    ):
        assert part in text, part
    assert "where is mine" not in text


def test_the_command_writes_json_for_programs(served, database_url) -> None:
    result = run("export", "--author", ANNA, "--channel", "memory", "--json", "--database", database_url)
    document = json.loads(result.stdout)
    assert [held["message"]["text"] for held in document["messages"]][1] == "@MarramAir my bag is gone, QX7KZP"
    assert document["messages"][0]["judged"]["scores"]["intent"]["why"] == [["question", 1.0]]


def test_an_export_of_nobody_leaves_the_old_file_as_it_was(served, database_url, tmp_path) -> None:
    out = tmp_path / "old.md"
    out.write_text("as it was")
    result = run("export", "--author", "700999", "-o", out, "--database", database_url)
    assert (result.exit_code, result.stderr) == (2, "triage: nothing is held of this author\n")
    assert out.read_text() == "as it was"
