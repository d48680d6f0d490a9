"""Mentions on X, from the stand-in's stream to their committed decision, and an hour that nobody listened."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pydantic import SecretStr

from app.cli.memory import settle
from app.compose import Product, compose
from tests.bench.table import Row
from tests.xsim.client import SimUser, XSim, running
from triage import settings
from triage.clock import Clock, FastClock, SystemClock
from triage.domain.event import EventKind
from triage.store import schema

_HANDLE: Final = "MarramAir"
_RATE: Final = 50.0
_STREAMED: Final = 1000
#: X gives back 800 mentions: who is away for longer than those last loses some, whatever asks for them.
_MISSED: Final = 700
_HOUR: Final = timedelta(hours=1)
_LONGEST_S: Final = 300.0


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
    brand = _people(x)
    one = _product(
        url, x, brand, SystemClock(), x_accelerator="stream", x_bearer_token=SecretStr(x.app["bearer_token"])
    )
    with _at_work(one):
        _until(lambda: x.streams()["stream"]["open"])
        x.bulk(_mentions(_STREAMED), rate=_RATE)
        _until(lambda: len(_decided(one)) == _STREAMED)
        return sorted(_decided(one).values())


def _caught_up(x: XSim, url: str) -> tuple[float, int]:
    """Real seconds from coming back to the last decision, and calls that it took."""
    brand = _people(x)
    with _at_work(_product(url, x, brand, SystemClock())) as before:
        x.bulk(_mentions(1))
        _until(lambda: len(_decided(before)) == 1)
    x.bulk(_mentions(_MISSED))
    ahead = x.advance(_HOUR.total_seconds()) / 1000
    calls = x.ledger()["calls"]["mentions"]
    one = _product(url, x, brand, FastClock(1, datetime.fromtimestamp(ahead, UTC), datetime.now(UTC)))
    start = time.perf_counter()
    with _at_work(one):
        _until(lambda: len(_decided(one)) == 1 + _MISSED)
        seconds = time.perf_counter() - start
    ledger = x.ledger()
    if ledger["violations"]:
        raise SystemExit(f"more calls than X allows: {ledger}")
    return seconds, ledger["calls"]["mentions"] - calls


def _people(x: XSim) -> SimUser:
    x.user("ann")
    return x.user(_HANDLE, credentials=True)


def _mentions(count: int) -> list[dict[str, Any]]:
    return [
        {"author": "ann", "text": f"@{_HANDLE} my bag did not arrive, ticket {uuid4().hex[:6]}"} for _ in range(count)
    ]


def _product(url: str, x: XSim, brand: SimUser, clock: Clock, **more: Any) -> Product:
    given = {
        "database_url": url,
        "x_api": x.address,
        "x_consumer_key": SecretStr(x.app["consumer_key"]),
        "x_consumer_secret": SecretStr(x.app["consumer_secret"]),
        "x_access_token": SecretStr(brand.access_token),
        "x_access_token_secret": SecretStr(brand.access_token_secret),
        "x_dry_run": True,
    }
    product = compose(settings.read().model_copy(update=given | more), clock)
    schema.upgrade(product.store)
    settle(product)
    return product


@contextmanager
def _at_work(one: Product) -> Iterator[Product]:
    """Its worker and what listens to X, until the block ends."""
    assert one.x is not None
    stop = threading.Event()
    works = [(one.worker.run, (stop, one.settings.poll_seconds)), (one.x.listener.run, (stop,))]
    threads = [threading.Thread(target=work, args=given, daemon=True) for work, given in works]
    for thread in threads:
        thread.start()
    try:
        yield one
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        one.worker.close()
        one.store.close()


def _decided(one: Product) -> dict[str, float]:
    """Seconds from when a mention was written to its decision, by the mention's id."""
    with one.store.read() as transaction:
        decided = {e.message_id: e.at for e in transaction.events.stream() if e.kind is EventKind.MESSAGE_DECIDED}
        found = [m for case in transaction.cases.all() for m in transaction.messages.in_case(case)]
    return {m.external_id: (decided[m.id] - m.created_at).total_seconds() for m in found if m.id in decided}


def _until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + _LONGEST_S
    while not holds():
        if time.monotonic() > until:
            raise SystemExit("it never came to that")
        time.sleep(0.5)
