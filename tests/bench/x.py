"""Mentions on X, from the stand-in's stream to their committed decision, and an hour that nobody listened."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import SecretStr

from tests.bench.table import Row
from tests.x_product import at_work, away, decided, mentions, people, product, until
from tests.xsim.client import XSim, running
from triage.clock import SystemClock

_RATE: Final = 50.0
_STREAMED: Final = 1000
#: X gives back 800 mentions: who is away for longer than those last loses some, whatever asks for them.
_MISSED: Final = 700
_HOUR: Final = timedelta(hours=1)


def measure_x(folder: Path, runs: int) -> list[Row]:
    """Rows of both; on SQLite, with the shipped model, and all processes on this machine."""
    delays, caught_up = [], []
    for run in range(runs):
        print(f"the connection to X, run {run + 1} of {runs}", file=sys.stderr)
        with running() as x:
            delays.append(_streamed(x, f"sqlite:///{folder}/{uuid4().hex}.db"))
        with running() as x:
            caught_up.append(_caught_up(x, f"sqlite:///{folder}/{uuid4().hex}.db"))
    name = f"mention on X's stream to committed decision at {_RATE:.0f} per second"
    missed = f"an hour away from X, in which {_MISSED} mentions came: caught up and decided after"
    return [
        Row(f"{name}: median", "ms", tuple(1000 * one[len(one) // 2] for one in delays)),
        Row("… 99 of 100 within", "ms", tuple(1000 * one[int(0.99 * len(one))] for one in delays)),
        Row(missed, "seconds", tuple(seconds for seconds, _ in caught_up)),
        Row("… calls that read mentions, of 300 that X allows", "", tuple(float(calls) for _, calls in caught_up)),
    ]


def _streamed(x: XSim, url: str) -> list[float]:
    """Seconds from when each mention was written to its decision, shortest first."""
    brand = people(x)
    one = product(url, x, brand, SystemClock(), x_accelerator="stream", x_bearer_token=SecretStr(x.app["bearer_token"]))
    with at_work(one):
        until(lambda: x.streams()["stream"]["open"])
        x.bulk(mentions(_STREAMED), rate=_RATE)
        until(lambda: len(decided(one)) == _STREAMED)
        return sorted(decided(one).values())


def _caught_up(x: XSim, url: str) -> tuple[float, int]:
    """Real seconds from coming back to the last decision, and calls that it took."""
    caught_up = away(x, url, missed=_MISSED, span=_HOUR)
    if caught_up.ledger["violations"]:
        raise SystemExit(f"more calls than X allows: {caught_up.ledger}")
    return caught_up.seconds, caught_up.calls
