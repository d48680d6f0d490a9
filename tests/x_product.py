"""The whole product, at work in this process over a stand-in for X: its worker and what listens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pydantic import SecretStr

from app.cli.memory import settle
from app.compose import Product, compose
from tests.xsim.client import SimUser, XSim
from triage import settings
from triage.clock import Clock, FastClock, SystemClock
from triage.domain.event import EventKind
from triage.store import schema

HANDLE: Final = "MarramAir"
_LONGEST_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How long a product that had been away took until the last decision, in real seconds, and how many calls.

    ``decided`` has the ids of the mentions that came meanwhile, of which there were ``missed``; ``ledger`` is X's.
    """

    seconds: float
    calls: int
    missed: frozenset[str]
    decided: frozenset[str]
    ledger: dict[str, Any]


def people(x: XSim) -> SimUser:
    """The brand, and somebody who writes to it."""
    x.user("ann")
    return x.user(HANDLE, credentials=True)


def mentions(count: int) -> list[dict[str, Any]]:
    return [
        {"author": "ann", "text": f"@{HANDLE} my bag did not arrive, ticket {uuid4().hex[:6]}"} for _ in range(count)
    ]


def product(url: str, x: XSim, brand: SimUser, clock: Clock, **more: Any) -> Product:
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
def at_work(one: Product) -> Iterator[Product]:
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
            thread.join(30)
        one.worker.close()
        one.store.close()


def decided(one: Product) -> dict[str, float]:
    """Seconds from when a mention was written to its decision, by the mention's id."""
    with one.store.read() as transaction:
        decided = {e.message_id: e.at for e in transaction.events.stream() if e.kind is EventKind.MESSAGE_DECIDED}
        found = [m for case in transaction.cases.all() for m in transaction.messages.in_case(case)]
    return {m.external_id: (decided[m.id] - m.created_at).total_seconds() for m in found if m.id in decided}


def away(x: XSim, url: str, *, missed: int, span: timedelta) -> CaughtUp:
    """A product reads a first mention and ends; it begins again a while later, in which others came."""
    brand = people(x)
    with at_work(product(url, x, brand, SystemClock())) as before:
        x.bulk(mentions(1))
        until(lambda: len(decided(before)) == 1)
    came = frozenset(x.bulk(mentions(missed)))
    ahead = x.advance(span.total_seconds()) / 1000
    calls = x.ledger()["calls"]["mentions"]
    after = product(url, x, brand, FastClock(1, datetime.fromtimestamp(ahead, UTC), datetime.now(UTC)))
    start = time.perf_counter()
    with at_work(after):
        until(lambda: len(decided(after)) == 1 + missed)
        seconds = time.perf_counter() - start
        there = came & decided(after).keys()
    ledger = x.ledger()
    return CaughtUp(seconds, ledger["calls"]["mentions"] - calls, came, there, ledger)


def until(holds: Callable[[], object], *, longest_s: float = _LONGEST_S) -> None:
    """Wait until it holds.

    Raises:
        TimeoutError: it never did.
    """
    end = time.monotonic() + longest_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("it never came to that")
        time.sleep(0.5)
