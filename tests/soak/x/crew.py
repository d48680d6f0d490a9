"""The two processes of a soak: both work and listen, one has the API; they are killed and started again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.soak.x.process import Plan
from tests.soak.x.processes import Nursery, Running
from tests.xsim.client import XSim

#: How many times as fast as real time all clocks run.
FACTOR: Final = 60.0
NUMBERS: Final = (0, 1)
#: Seconds of the stand-in that the product's clock is behind, at least: being told to wait until a moment, it is never
#: early.
_BEHIND: Final = 0.5


@dataclass
class Crew:
    """``settings`` are those of a process by its number.

    ``without_database`` says whether a process that begins may have found no database.
    """

    nursery: Nursery
    x: XSim
    settings: Callable[[int], dict[str, str]]
    shipped: bool
    folder: Path
    without_database: Callable[[], bool]
    running: dict[int, Running] = field(default_factory=dict)
    #: When processes were killed, in the stand-in's milliseconds since 1970.
    kills: list[int] = field(default_factory=list)
    used_s: float = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Both work, until the block ends."""
        try:
            self.start(*NUMBERS)
            yield
        finally:
            for one in self.running.values():
                if one.alive:
                    self.used_s += one.kill()

    def start(self, *numbers: int) -> None:
        began, since = self._time()
        for number in numbers:
            settings, place = self.settings(number), self.folder / f"process-{number}"
            ready, log = str(place.with_suffix(".ready")), str(place.with_suffix(".log"))
            port = int(settings["port"])
            plan = Plan(settings, FACTOR, began, since, self.shipped, ready, log, port)
            self.running[number] = self.nursery.start(plan)

    def kill(self, *numbers: int) -> None:
        for number in numbers:
            self.kills.append(self.x.control("GET", "clock")["now_ms"])
            one = self.running.pop(number)
            if one.alive:
                self.used_s += one.kill()
            else:
                self._excuse(number, one)

    def measure(self, written: int) -> None:
        for one in self.running.values():
            one.measure(written)

    def none_died(self) -> None:
        """All are there. One that begins without a database ends with an error, and is started again: whoever runs it
        sees to that.

        Raises:
            AssertionError: one ended by itself.
        """
        for number, one in list(self.running.items()):
            if not one.alive:
                self._excuse(number, one)
                self.start(number)

    def _excuse(self, number: int, ended: Running) -> None:
        said = Path(ended.plan.log).read_text()[-3000:]
        assert self.without_database(), f"process {number} ended by itself: {said}"
        assert not ended.at_work, f"process {number} ended by itself: {said}"

    def _time(self) -> tuple[datetime, datetime]:
        """The stand-in's time at a real moment, from the quickest of a few answers: a little less, never more."""
        asked = []
        for _ in range(5):
            before = time.time()
            now_ms = self.x.control("GET", "clock")["now_ms"]
            after = time.time()
            asked.append((after - before, now_ms, after))
        _, now_ms, at = min(asked)
        return datetime.fromtimestamp(now_ms / 1000 - _BEHIND, UTC), datetime.fromtimestamp(at, UTC)
