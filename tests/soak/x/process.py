"""One process of the product, as the soak runs it: worker, listener, and API, on the stand-in's time.

``python -m tests.soak.x.process PLAN`` where the plan is JSON (:class:`Plan`). It ends only by being killed.
"""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr

from app.cli.memory import settle
from app.cli.serve import listen
from app.compose import Product, compose
from tests.doubles import KeywordScorer, OneSnippet
from triage.clock import FastClock
from triage.domain.limits import Limits
from triage.settings import Settings

#: So many different answers that a day's worth of them is never used up.
_WORDINGS: Final = 1200


class Plan(msgspec.Struct, frozen=True):
    """What a process is told. ``began`` is the stand-in's time at the real moment ``since``; port 0: no API.

    It makes the file ``ready`` when it is at work.
    """

    settings: dict[str, str]
    factor: float
    began: datetime
    since: datetime
    shipped: bool
    ready: str
    port: int = 0


class ManyWordings(OneSnippet):
    """The one snippet in more wordings than a day needs: X takes no text twice."""

    _SAID: Final = tuple(f"Pets travel in the cabin up to 8 kg, on every flight. {n:04}" for n in range(_WORDINGS))

    def matches(self, text: str, on: date, limit: int = 3):  # type: ignore[no-untyped-def]
        return super().matches(text, on, limit)

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return tuple(text + " (automated reply)" for text in self._SAID) if automatic else self._SAID


def product(plan: Plan) -> Product:
    """The real product, with limits of a day that a soak does not reach."""
    settings = Settings(
        **{name: SecretStr(value) if _is_secret(name) else value for name, value in plan.settings.items()}
    )
    made = compose(settings, FastClock(plan.factor, plan.began, plan.since))
    brand = made.brand
    made.__dict__["brand"] = replace(
        brand, x=Limits(automatic_replies_per_day=100_000, spend_per_day_usd=1e6), retention={}
    )
    if not plan.shipped:
        made.__dict__["scorer"] = KeywordScorer()
        made.__dict__["answers"] = ManyWordings()
    return made


def main(raw: str) -> None:
    plan = msgspec.json.decode(raw, type=Plan)
    logging.basicConfig(level="WARNING", format="%(asctime)s %(threadName)s %(name)s %(message)s")
    one = product(plan)
    one.check_schema()
    settle(one)
    one.guard, one.showing  # noqa: B018 - the model of people, now rather than while its memory is measured
    never = threading.Event()
    assert one.x is not None
    works = [
        threading.Thread(target=one.worker.run, args=(never, one.settings.poll_seconds), name="worker", daemon=True),
        threading.Thread(target=one.x.listener.run, args=(never,), name="x", daemon=True),
    ]
    if plan.port:
        server = listen(one)
        works.append(threading.Thread(target=server.run, name="api", daemon=True))
    for work in works:
        work.start()
    Path(plan.ready).touch()
    never.wait()


def _is_secret(name: str) -> bool:
    return name.endswith(("_key", "_keys", "_secret", "_token"))


if __name__ == "__main__":
    main(sys.argv[1])
