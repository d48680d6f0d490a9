"""The stand-in's time: the real one, one that runs faster, and jumps on command."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Milliseconds since 1970, ``factor`` times as fast as real time from ``began`` (seconds since 1970; now) on."""

    def __init__(self, factor: float = 1.0, began: float | None = None) -> None:
        self.factor = factor
        self._real = time.monotonic()
        self._start = time.time() if began is None else began
        self._jumped = 0.0
        self._jump = asyncio.Event()

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def now(self) -> float:
        """Seconds since 1970."""
        return self._start + self._jumped + (time.monotonic() - self._real) * self.factor

    def advance(self, seconds: float) -> None:
        """Jumps ahead; whoever sleeps until then wakes."""
        self._jumped += seconds
        self._jump.set()
        self._jump = asyncio.Event()

    def run(self, factor: float) -> None:
        """Goes on from here so many times as fast as real time; whoever sleeps finds out in the end."""
        self._start, self._jumped, self._real = self.now(), 0.0, time.monotonic()
        self.factor = factor

    async def sleep(self, seconds: float) -> None:
        """Sleeps for seconds of this clock."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            try:
                await asyncio.wait_for(self._jump.wait(), left / self.factor)
            except TimeoutError:
                return


def written(ms: int, *, fractions: bool = True) -> str:
    """A date as X writes it: UTC, with milliseconds."""
    moment = datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03d}Z" if fractions else f"{moment}Z"
