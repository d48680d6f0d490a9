"""`make soak`: the whole public traffic, killed again and again, on both engines."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.integration.test_kill_and_restart import finish, replay, stored
from tests.traffic import picture

pytestmark = [pytest.mark.soak, pytest.mark.corpora]
KILLS = 12


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_killed_a_dozen_times_it_ends_as_if_never_killed(engine, seed, new_database, tmp_path, corpora: Path) -> None:
    file = corpora / "twcs" / "tweets.jsonl.gz"
    calm, stormy = new_database(engine), new_database(engine)
    finish(replay(file, calm, tmp_path / "calm", 1000))
    dice = random.Random(seed)
    for _ in range(KILLS):
        process = replay(file, stormy, tmp_path / "stormy", 1000)
        time.sleep(dice.uniform(2, 8))
        process.kill()
        process.communicate()
    before = stored(stormy)
    last = finish(replay(file, stormy, tmp_path / "stormy", 1000))
    assert last["replay"]["duplicates"] == before > 0
    assert picture(stormy) == picture(calm)
