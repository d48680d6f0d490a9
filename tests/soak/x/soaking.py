"""One soak: a stand-in, two processes of the product that are killed again and again, and the audit of what became."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from app.accounts import add_user
from tests.keys import KEYS, VAULT
from tests.soak.x.agents import Agents
from tests.soak.x.audit import Findings, audit
from tests.soak.x.plans import Kind
from tests.soak.x.process import Plan
from tests.soak.x.processes import MOST_GROWTH, Running, Size, growth
from tests.soak.x.traffic import HANDLE, Traffic
from tests.soak.x.weather import Weather
from tests.xsim.asking import Asking
from tests.xsim.client import SimUser, running
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS
from triage.channels.x.watch import Source
from triage.clock import SystemClock
from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.domain.user import Role
from triage.store import open_store
from triage.store.tables import messages, replies

#: How many times as fast as real time all clocks run.
FACTOR: Final = 60.0
#: X gives back 800 mentions: more than that must not wait while nobody listens.
_MOST_UNREAD: Final = 500
_AT_ONCE: Final = 40
KILLS: Final = 12
#: Seconds of the stand-in that the product's clock is behind: being told to wait until a moment, it is never early.
_BEHIND: Final = 0.5
_PATIENCE_S: Final = 240.0
_MEASURE_EVERY_S: Final = 0.5
_FEWEST_SIZES: Final = 40
_UNDECIDED: Final = (ReplyState.PENDING.value, ReplyState.SENDING.value)


@dataclass
class Soak:
    """What one run is to do, all of it by its seed, and what came out."""

    kind: Kind
    url: str
    folder: Path
    findings: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.kind.seed)
        self.messages = self.kind.messages
        self.running: dict[int, Running] = {}
        self.kills = 0
        self.waits: dict[str, float] = {}
        self.growth: list[Size] = []
        self.struck: dict[str, int] = {}

    def run(self) -> Findings:
        began = time.monotonic()
        with running(str(FACTOR)) as x, closing(open_store(self.url, VAULT)) as store:
            self.x, self.store = x, store
            self.brand: SimUser = x.user(HANDLE, credentials=True)
            _, token = add_user(store, SystemClock(), "kim", Role.AGENT, None)
            self.ports = {0: _free_port(), 1: 0}
            self.traffic = Traffic(x, random.Random(self.dice.random()))
            self.weather = Weather(x, random.Random(self.dice.random()))
            self.agents = Agents(
                f"http://127.0.0.1:{self.ports[0]}",
                token,
                random.Random(self.dice.random()),
                most=max(20, self.messages // 50),
            )
            try:
                self._work()
                self._settle()
                self.findings = audit(x, store)
                self._flat()
            finally:
                self.agents.stop.set()
                for one in self.running.values():
                    one.kill()
        figures = self.findings.figures
        figures |= {
            "written": self.traffic.sent,
            "kills": self.kills,
            "faults": sum(self.weather.struck.values()),
            "kinds": sum(times > 0 for times in self.weather.struck.values()),
            "agents": dict(self.agents.done),
            "seconds": round(time.monotonic() - began),
            "waits": self.waits,
        }
        self.struck = self.weather.struck
        return self.findings

    # --- The three parts

    def _work(self) -> None:
        self.traffic.join()
        for number in (0, 1):
            self._start(number)
        if self.kind.webhook:
            self._until("the webhook is registered", self._registered)
        desk = threading.Thread(target=self.agents.run, name="agents", daemon=True)
        desk.start()
        stormy = int(self.messages * 0.7)
        kill_at = sorted(self.dice.randrange(int(self.messages * 0.05), stormy) for _ in range(KILLS))
        changes = measures = 0.0
        while self.traffic.sent < self.messages or not self._measured():
            self._write_if_they_keep_up()
            if kill_at and self.traffic.sent >= kill_at[0]:
                kill_at.pop(0)
                self._kill_some()
            if time.monotonic() > changes:
                self.weather.change()
                self.traffic.follow_up()
                self.traffic.stir()
                changes = time.monotonic() + self.dice.uniform(0.5, 2.5)
            if not kill_at and time.monotonic() > measures:
                for one in self.running.values():
                    one.measure()
                measures = time.monotonic() + _MEASURE_EVERY_S
            self._none_died()
        self.agents.stop.set()
        desk.join()
        self.growth = [growth(one.sizes) for one in self.running.values()]

    def _settle(self) -> None:
        """No faults any more; hours pass, then a day, in which deletions and edits are looked up."""
        self.weather.clear()
        self._until("all is stored and decided", self._all_decided)
        self._leap(timedelta(hours=1, minutes=5))
        self._until("all replies have an end", self._all_ended)
        self._leap(timedelta(hours=25))
        self._until("all posts are looked up again", self._all_looked_up)
        self._until("all that was changed is decided", lambda: self._all_decided() and self._all_ended())
        self._leap(timedelta(hours=0))
        time.sleep(3)
        self._until("nothing is left to do", lambda: self._all_decided() and self._all_ended())

    def _registered(self) -> bool:
        """Whether X takes the webhook, which it only does when the API behind it is up; then it is told everything."""
        url = f"http://127.0.0.1:{self.ports[0]}/x/webhook"
        asking = Asking(self.x, self.brand, timeout_s=30)
        made = asking.as_app("POST", "webhooks", {"url": url})
        if made.status_code != 200:
            return False
        for event in (*PUBLIC_EVENTS, *PRIVATE_EVENTS):
            about, hook = {"user_id": self.brand.id}, made.json()["id"]
            told = asking.post("activity/subscriptions", event_type=event, filter=about, webhook_id=hook, tag="triage")
            assert told.status_code in (200, 409), told.text
        return True

    def _flat(self) -> None:
        """Nothing may have grown that is not given back."""
        for grown in self.growth:
            for name in ("memory", "files", "threads"):
                if (more := getattr(grown, name)) > getattr(MOST_GROWTH[self.kind.engine], name):
                    self.findings.find(f"a process has {more} more {name} in the end than after warming up")

    # --- Moves

    def _write_if_they_keep_up(self) -> None:
        if self.traffic.unread(self._read_to()) > _MOST_UNREAD:
            time.sleep(0.05)
            return
        self.traffic.write(self.dice.randint(1, _AT_ONCE))
        time.sleep(self.dice.uniform(0, 0.1))

    def _kill_some(self) -> None:
        chosen = self.dice.choice(([0], [1], [0, 1]))
        for number in chosen:
            self._kill(number)
        time.sleep(self.dice.uniform(0, 1))
        for number in chosen:
            self._start(number)

    def _leap(self, by: timedelta) -> None:
        """Nobody works for so long."""
        for number in list(self.running):
            self._kill(number)
        if by:
            self.x.advance(by.total_seconds())
        for number in (0, 1):
            self._start(number)

    def _kill(self, number: int) -> None:
        self.running.pop(number).kill()
        self.kills += 1

    def _start(self, number: int) -> None:
        began, since = self._time()
        plan = Plan(
            self._settings(number),
            FACTOR,
            began,
            since,
            self.kind.shipped,
            str(self.folder / f"ready-{number}"),
            self.ports[number],
        )
        self.running[number] = Running.start(plan, self.folder / f"process-{number}.log")

    def _time(self) -> tuple[datetime, datetime]:
        """The stand-in's time at a real moment, from the quickest of a few answers."""
        asked = []
        for _ in range(5):
            before = time.time()
            now_ms = self.x.control("GET", "clock")["now_ms"]
            after = time.time()
            asked.append((after - before, now_ms, (after + before) / 2))
        _, now_ms, at = min(asked)
        return datetime.fromtimestamp(now_ms / 1000 - _BEHIND, UTC), datetime.fromtimestamp(at, UTC)

    def _settings(self, number: int) -> dict[str, str]:
        return {
            "database_url": self.url,
            "encryption_keys": KEYS,
            "poll_seconds": "0.2",
            "port": str(self.ports[number]),
            "batch": "200",
            "outbox": str(self.folder / "outbox"),
            "x_api": self.x.address,
            "x_consumer_key": self.x.app["consumer_key"],
            "x_consumer_secret": self.x.app["consumer_secret"],
            "x_access_token": self.brand.access_token,
            "x_access_token_secret": self.brand.access_token_secret,
            "x_timeout_seconds": "2",
            "x_accelerator": self.kind.accelerator,
            "x_bearer_token": self.x.app["bearer_token"],
        }

    def _measured(self) -> bool:
        """Whether all processes have been at work for long enough to tell whether they grow."""
        return all(len(one.sizes) >= _FEWEST_SIZES for one in self.running.values())

    def _none_died(self) -> None:
        for number, one in self.running.items():
            assert one.alive, f"process {number} ended by itself: {one.log.read_text()[-3000:]}"

    # --- What is known

    def _read_to(self) -> int:
        """The id up to which polling has read all mentions."""
        with self.store.read() as transaction:
            mark = transaction.marks.get(Source.POLL.value)
        return 0 if mark is None else min([mark.newest, *(gap.known for gap in mark.gaps)])

    def _count(self, *conditions: Any) -> int:
        with self.store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(messages).where(messages.c.channel == "x", *conditions)
            return int(transaction.connection.execute(query).scalar_one())

    def _all_decided(self) -> bool:
        """Everything that must be stored is, and nothing that is stored waits."""
        if self._count(messages.c.state == MessageState.RECEIVED.value):
            return False
        with self.store.read() as transaction:
            stored = set(transaction.connection.scalars(sa.select(messages.c.external_id)))
        missing = [
            post.id
            for post in self.x.world().posts
            if post.id == post.versions[-1] and not post.deleted and f"@{HANDLE}" in post.text
            if post.versions[0] not in stored and post.author != HANDLE
        ]
        return not missing

    def _all_ended(self) -> bool:
        with self.store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(replies).where(replies.c.state.in_(_UNDECIDED))
            return not transaction.connection.execute(query).scalar_one()

    def _all_looked_up(self) -> bool:
        before = datetime.fromtimestamp(self.x.control("GET", "clock")["now_ms"] / 1000, UTC) - timedelta(hours=20)
        return not self._count(messages.c.erased_at.is_(None), messages.c.last_seen_at < before)

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until it holds, or for so long that it never will: then the audit says what is amiss."""
        began = time.monotonic()
        while not holds():
            self._none_died()
            if time.monotonic() - began > _PATIENCE_S:
                self.waits[f"NEVER: {what}"] = _PATIENCE_S
                return
            time.sleep(0.3)
        self.waits[what] = round(time.monotonic() - began, 1)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
