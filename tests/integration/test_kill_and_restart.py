"""A replay that is killed at random moments and run again ends as one that never was."""

from __future__ import annotations

import json
import random
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command import Command, start
from tests.keys import VAULT
from tests.traffic import days, picture
from triage.channels.journal import JournalChannel
from triage.store import Store, open_store

KILLS = 4


def replay(file: Path, url: str, outbox: Path, printed: Path) -> Command:
    arguments = ("replay", file, "--once", "--json", "--database", url)
    return start(*arguments, printed=printed, TRIAGE_BATCH="25", TRIAGE_OUTBOX=str(outbox))


def finish(process: Command) -> dict:
    assert process.ended() == 0, process.said[-2000:]
    return json.loads(process.printed)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_killed_replay_ends_in_the_same_state_with_nothing_twice(engine, new_database, tmp_path) -> None:
    file = days(tmp_path / "days.jsonl", 4)
    calm, stormy = new_database(engine), new_database(engine)
    finish(replay(file, calm, tmp_path / "calm", tmp_path / "in one go"))

    dice = random.Random(20261122)
    begun = 0
    for kill in range(KILLS):
        process = replay(file, stormy, tmp_path / "stormy", tmp_path / f"killed {kill}")
        wait_until_it_works(process, stormy, begun)
        time.sleep(dice.uniform(0.0, 0.4))
        process.kill()
        begun = stored(stormy)
    last = finish(replay(file, stormy, tmp_path / "stormy", tmp_path / "to the end"))

    total = last["replay"]["read"]
    assert 0 < begun < total, "the kills hit the work in the middle"
    assert last["replay"]["duplicates"] == begun
    assert picture(stormy) == picture(calm)
    sent = [[line.key for line in JournalChannel("file", tmp_path / name).lines()] for name in ("calm", "stormy")]
    assert sorted(sent[0]) == sorted(sent[1]) == sorted(set(sent[1]))
    assert len(sent[0]) > 0


def wait_until_it_works(command: Command, url: str, already: int) -> None:
    """Until the process has stored something new, so that the kill hits work and not the start."""
    deadline = time.monotonic() + 120
    with closing(open_store(url, VAULT)) as store:  # one for all the looks: to open it takes longer than to look
        while command.process.is_alive() and _count(store) <= already and time.monotonic() < deadline:
            time.sleep(0.02)


def stored(url: str) -> int:
    with closing(open_store(url, VAULT)) as store:
        return _count(store)


def _count(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM messages")).scalar_one())
