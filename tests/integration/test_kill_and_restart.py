"""A replay that is killed at random moments and run again ends as one that never was."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.keys import VAULT
from tests.traffic import days, picture
from triage.channels.journal import JournalChannel
from triage.store import Store, open_store

KILLS = 4


def replay(file: Path, url: str, outbox: Path, batch: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TRIAGE_BATCH": str(batch), "TRIAGE_OUTBOX": str(outbox)}
    command = [sys.executable, "-m", "app.cli", "replay", str(file), "--once", "--json", "--database", url]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> dict:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_killed_replay_ends_in_the_same_state_with_nothing_twice(engine, new_database, tmp_path) -> None:
    file = days(tmp_path / "days.jsonl", 4)
    batch = 25
    calm, stormy = new_database(engine), new_database(engine)
    finish(replay(file, calm, tmp_path / "calm", batch))

    dice = random.Random(20261122)
    begun = 0
    for _ in range(KILLS):
        process = replay(file, stormy, tmp_path / "stormy", batch)
        wait_until_it_works(process, stormy, begun)
        time.sleep(dice.uniform(0.0, 0.4))
        process.kill()
        process.communicate()
        begun = stored(stormy)
    last = finish(replay(file, stormy, tmp_path / "stormy", batch))

    total = last["replay"]["read"]
    assert 0 < begun < total, "the kills hit the work in the middle"
    assert last["replay"]["duplicates"] == begun
    assert picture(stormy) == picture(calm)
    sent = [[line.key for line in JournalChannel("file", tmp_path / name).lines()] for name in ("calm", "stormy")]
    assert sorted(sent[0]) == sorted(sent[1]) == sorted(set(sent[1]))
    assert len(sent[0]) > 0


def wait_until_it_works(process: subprocess.Popen[bytes], url: str, already: int) -> None:
    """Until the process has stored something new, so that the kill hits work and not the start."""
    deadline = time.monotonic() + 120
    with closing(open_store(url, VAULT)) as store:  # one for all the looks: to open it takes longer than to look
        while process.poll() is None and _count(store) <= already and time.monotonic() < deadline:
            time.sleep(0.02)


def stored(url: str) -> int:
    with closing(open_store(url, VAULT)) as store:
        return _count(store)


def _count(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM messages")).scalar_one())
