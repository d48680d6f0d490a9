"""What the soaks of the connection to X must meet, and how the weather sees to it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from tests.soak.x.coverage import due, missing
from tests.soak.x.pages import page
from tests.soak.x.plans import kind_of
from tests.soak.x.record import Record, records
from tests.soak.x.weather import LOST_BESIDE, NAMES, Weather, meets
from tests.xsim import faults

FIVE = [kind_of(seed, 4000) for seed in range(5)]


@dataclass
class Sky:
    """A stand-in of which only faults are asked for."""

    on: list[str] = field(default_factory=list)
    strikes: set[str] = field(default_factory=set)
    turns: list[str] = field(default_factory=list)

    def fault(self, name: str, endpoint: str, **more: Any) -> None:
        self.on.append(name)
        self.turns.append(name)

    def fired(self) -> dict[str, int]:
        return {name: int(name in self.strikes) for name in self.on}

    def no_faults(self) -> None:
        self.on.clear()


def test_the_weather_knows_every_fault_of_the_stand_in() -> None:
    assert set(NAMES) == set(faults.NAMES)


def test_each_five_soaks_can_meet_every_fault_and_all_else() -> None:
    for first in range(0, 50, 5):
        kinds = [kind_of(first + number, 4000) for number in range(5)]
        beside = {"database killed", "token renewed", "delivered to the webhook"}
        assert frozenset().union(*map(due, kinds)) >= set(NAMES) | beside
        assert {kind.engine for kind in kinds if kind.oauth2} == {"sqlite", "postgresql"}


def test_faults_of_what_a_soak_lacks_are_not_due_in_it() -> None:
    polling = replace(FIVE[0], streams=(), webhook=False)
    assert not any(name.startswith(("stream_", "webhook_")) for name in meets(polling))
    assert "stream_untagged" not in meets(replace(FIVE[0], streams=("activity",)))


def test_what_could_have_happened_and_never_did_is_missing() -> None:
    whole = [Record(kind, happened=dict.fromkeys(due(kind), 1)) for kind in FIVE]
    assert missing(whole) == []
    for soak in whole:
        soak.happened["database killed"] = 0
    assert missing(whole) == ["database killed"]


def own_turns(sky: Sky) -> list[str]:
    """Without what is switched on only beside another fault."""
    turns = pairwise(["", *sky.turns])
    return [name for before, name in turns if not (before in LOST_BESIDE and name == "lost_applied")]


def test_faults_that_have_not_struck_come_first_and_are_owed_until_they_do() -> None:
    sky = Sky(strikes=set(NAMES) - {"blocked"})
    weather = Weather(sky, random.Random(1), frozenset(NAMES))  # type: ignore[arg-type]
    while len(own_turns(sky)) <= 2 * len(NAMES):
        weather.change()
    assert own_turns(sky)[2 * len(NAMES)] == "blocked"
    assert weather.owed() == {"blocked"}
    sky.strikes.add("blocked")
    weather.clear()
    assert not weather.owed()


def test_the_page_says_how_many_soaks_of_which_size_were_run_and_what_is_amiss(tmp_path) -> None:
    for place, messages, seeds in (("a", 2000, (0, 1, 3)), ("b", 20_000, (7,))):
        for seed in seeds:
            folder = tmp_path / place / f"seed-{seed}"
            folder.mkdir(parents=True)
            Record(kind_of(seed, messages), ["a post is lost"] * (seed == 7), {"blocked": 2}, written=messages).keep(
                folder
            )
    told = page(records([tmp_path / "b", tmp_path / "a"]))
    assert "- 3 soaks of 2,000 messages each, and a few more; seeds: 0 to 1, 3." in told
    assert "- A soak of 20,000 messages" in told
    assert "Together 26,000 messages" in told
    assert "**1 amiss**" in told
    assert "| `blocked` | 8 |" in told
