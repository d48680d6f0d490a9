"""One process of the product, as the soak runs it: worker, listener, and API, on the stand-in's time."""

from __future__ import annotations

import gc
import logging
import sqlite3
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from pydantic import SecretStr

from app.cli.memory import settle
from app.cli.serve import listen
from app.compose import Product, compose, load_detector
from tests.doubles import KeywordScorer, OneSnippet
from triage.clock import FastClock
from triage.domain.limits import Limits
from triage.privacy.detect import Detector
from triage.settings import Settings

#: So many different answers that a day's worth of them is never used up.
_WORDINGS: Final = 1200
#: For each connection; the product has 64 MiB.
_CACHED_KIB: Final = 512


class Plan(msgspec.Struct, frozen=True):
    """What a process is told. ``began`` is the stand-in's time at the real moment ``since``; port 0: no API.

    It writes its log to the file ``log``, and makes the file ``ready`` when it is at work.
    """

    settings: dict[str, str]
    factor: float
    began: datetime
    since: datetime
    shipped: bool
    ready: str
    log: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What takes long to load and is the same in every process."""

    detector: Detector

    @classmethod
    def load(cls) -> Loaded:
        loaded = cls(load_detector(Settings()))
        loaded.detector.find("I am Jo Doe")
        gc.collect()
        gc.freeze()
        return loaded


class ManyWordings(OneSnippet):
    """The one snippet in more wordings than a day needs: X takes no text twice."""

    _SAID: Final = tuple(f"Pets travel in the cabin up to 8 kg, on every flight. {n:04}" for n in range(_WORDINGS))
    _SAID_BY_ITSELF: Final = tuple(text + " (automated reply)" for text in _SAID)

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return self._SAID_BY_ITSELF if automatic else self._SAID


def product(plan: Plan, loaded: Loaded) -> Product:
    """The real product, with limits of a day that a soak does not reach."""
    settings = Settings(
        **{name: SecretStr(value) if _is_secret(name) else value for name, value in plan.settings.items()}
    )
    made = compose(settings, FastClock(plan.factor, plan.began, plan.since))
    brand = made.brand
    made.__dict__["brand"] = replace(
        brand, x=Limits(automatic_replies_per_day=100_000, spend_per_day_usd=1e6), retention={}
    )
    made.__dict__["detector"] = loaded.detector
    if not plan.shipped:
        made.__dict__["scorer"] = KeywordScorer()
        made.__dict__["answers"] = ManyWordings()
    return made


def work(plan: Plan, loaded: Loaded) -> None:
    """Work until killed."""
    logging.basicConfig(level="WARNING", format="%(asctime)s %(threadName)s %(name)s %(message)s", force=True)
    one = product(plan, loaded)
    sa.event.listen(one.store.engine, "connect", _cache_little)
    one.check_schema()
    settle(one)
    never = threading.Event()
    assert one.x is not None
    works = [
        threading.Thread(target=one.worker.run, args=(never, one.settings.poll_seconds), name="worker", daemon=True),
        threading.Thread(target=one.x.listener.run, args=(never,), name="x", daemon=True),
    ]
    if plan.port:
        server = listen(one)
        works.append(threading.Thread(target=server.run, name="api", daemon=True))
    for each in works:
        each.start()
    Path(plan.ready).touch()
    never.wait()


def _cache_little(connection: Any, _: object) -> None:
    """Keep few pages of a file of SQLite's: a cache that fills would hide what grows without an end."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA cache_size=-{_CACHED_KIB}")


def _is_secret(name: str) -> bool:
    return name.endswith(("_key", "_keys", "_secret", "_token", "_id"))
