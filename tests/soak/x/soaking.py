"""One soak: a stand-in, two processes of the product that are killed again and again, and the audit of what became."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.accounts import add_user
from tests.keys import KEYS, VAULT
from tests.soak.x.agents import Agents
from tests.soak.x.audit import Findings, audit
from tests.soak.x.crew import FACTOR, NUMBERS, Crew
from tests.soak.x.databases import database
from tests.soak.x.lever import Lever
from tests.soak.x.often import Often
from tests.soak.x.plans import Kind
from tests.soak.x.processes import MOST_GROWTH, Nursery, Size, growth
from tests.soak.x.record import Record
from tests.soak.x.standing import Standing
from tests.soak.x.traffic import HANDLE, Traffic
from tests.soak.x.weather import Weather, meets
from tests.xsim.asking import Asking
from tests.xsim.client import SimUser, running
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS
from triage.clock import SystemClock
from triage.domain.user import Role
from triage.store import open_store

log = logging.getLogger(__name__)

#: X gives back 800 mentions: no more may wait while nobody listens, beside those that are still read again since X may
#: show some late among them.
_MOST_UNREAD: Final = 300
_MOST_READ_AGAIN: Final = 450
_READ_AGAIN: Final = timedelta(minutes=20)
_AT_ONCE: Final = 40
_KILLS: Final = 12
_CRASHES: Final = 2
#: The part of the messages that is written while processes are killed.
_STORMY: Final = 0.7
_PATIENCE_S: Final = 240.0
#: How long each fault is waited for to strike, once all else of the storm is over.
_OWED_S: Final = 20.0
#: For how long posts are looked up again with faults.
_LOOKING_S: Final = 4.0
#: A process that began without the database has noticed by then.
_STARTING_S: Final = 5.0
_MEASURE_EVERY_S: Final = 0.25
_FEWEST_SIZES: Final = 40


@dataclass
class Soak:
    """What one run is to do, all of it by its seed, and what came out."""

    kind: Kind
    folder: Path
    nursery: Nursery
    findings: Findings = field(default_factory=Findings)
    waits: dict[str, float] = field(default_factory=dict)
    #: What has happened, by name, and how often.
    happened: Counter[str] = field(default_factory=Counter)
    _given_anew: int = 0
    _crashes: list[int] = field(default_factory=list)
    _database_back_at: float = float("-inf")

    def __post_init__(self) -> None:
        self.dice = random.Random(self.kind.seed)

    def run(self) -> Record:
        """What came out; what ends the soak itself is amiss, too."""
        try:
            return self._run()
        except Exception as error:  # others go on
            log.exception("the soak of seed %d ended", self.kind.seed)
            ended = f"the soak itself ended: {type(error).__name__}: {error}"
            return Record(self.kind, [*self.findings.faults, ended])

    def _run(self) -> Record:
        began, thread_began = time.monotonic(), time.thread_time()
        with (
            running(str(FACTOR)) as x,
            database(self.kind.engine, self.folder) as self.database,
            closing(open_store(self.database.url, VAULT)) as store,
        ):
            self.x, self.store = x, store
            self.standing, self.lever = Standing(x, store), Lever(x, store)
            self.brand: SimUser = x.user(HANDLE, credentials=True)
            self.ports = {0: _free_port(), 1: 0}
            self.traffic = Traffic(x, self._other_dice())
            self.weather = Weather(x, self._other_dice(), meets(self.kind))
            self.crew = Crew(
                self.nursery, x, self._settings, self.kind.shipped, self.folder, self._may_lack_its_database
            )
            with self.crew.at_work():
                self._work()
                self._settle()
            self.findings = audit(x, store, self.lever.silences, self.crew.kills + self._crashes)
            grown = [growth([size for _, size in each]) for each in self.sizes]
            self._flat(grown)
            self._count()
            return Record(
                self.kind,
                self.findings.faults,
                dict(self.happened),
                written=self.traffic.sent,
                kills=len(self.crew.kills),
                faults=self.weather.struck.total(),
                seconds=time.monotonic() - began,
                processor_s=self._used() | {"soak": time.thread_time() - thread_began},
                sizes=self.sizes,
                growth=grown,
                more=self.findings.figures | {"waits": self.waits, "agents": dict(self.agents.done)},
            )

    # --- The three parts

    def _work(self) -> None:
        self.traffic.join()
        if not self.kind.quiet:
            self.traffic.greet()
        self._until("all timelines were read once", self.standing.begun)
        if self.kind.webhook:
            self._until("the webhook is registered", self._registered)
        often = [Often(do, self._other_dice()) for do in (self._change, self._move_lever, self._see_to_tokens)]
        with self._agents():
            self._storm(often)
            self._calm(often)
        while self.lever.pulled:
            self._move_lever()

    def _storm(self, often: list[Often]) -> None:
        """Most of the messages, and everything that is killed; until each fault has struck, or for long enough."""
        stormy, blows = int(self.kind.messages * _STORMY), self._blows()
        until = float("inf")
        while blows or self.traffic.sent < stormy or (self.weather.owed() and time.monotonic() < until):
            self._step(often)
            if blows and self.traffic.sent >= blows[0][0]:
                blows.popleft()[1]()
            if not blows and self.traffic.sent >= stormy:
                until = min(until, time.monotonic() + _OWED_S)

    def _calm(self, often: list[Often]) -> None:
        """The other messages. Nobody is killed any more, so that it shows whether a process grows."""
        measuring = Often(self._measure, self.dice)
        while self.traffic.sent < self.kind.messages or not self._measured():
            self._step([*often, measuring])
        self.sizes = [one.sizes for one in self.crew.running.values()]

    def _settle(self) -> None:
        """No faults any more; hours pass, then a day, in which deletions and edits are looked up."""
        self.weather.clear()
        self._until("all is delivered", self.standing.all_delivered)
        self._until("all is stored and decided", self.standing.all_decided)
        self._leap(timedelta(hours=1, minutes=5))
        self._until("all replies have an end", self.standing.all_ended)
        self._leap(timedelta(hours=25))
        self._bad_weather(_LOOKING_S)
        self._until("all posts are looked up again", self.standing.all_looked_up)
        self._until("all that was changed is decided", self.standing.nothing_left)
        self._leap(timedelta(0))
        time.sleep(3)
        self._until("nothing is left to do", self.standing.nothing_left)

    def _bad_weather(self, seconds: float) -> None:
        """Faults once more, beside what is being done anyway."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.weather.change()
            time.sleep(self.dice.uniform(0.2, 0.8))
            self._see_to_tokens()
        self.weather.clear()

    # --- What is counted

    def _count(self) -> None:
        streams, statuses = self.x.streams(), self.x.ledger()["statuses"]
        self.happened.update(self.weather.struck + self.traffic.done + self.findings.happened)
        self.happened["told by the stream"] = streams["stream"]["told"]
        self.happened["told by activity"] = streams["activity"]["told"]
        self.happened["delivered to the webhook"] = streams["webhook"].get("taken", 0)
        self.happened["token renewed"] = statuses.get("token 200", 0)
        self.happened["sending paused for a while"] = len(self.lever.silences)

    def _used(self) -> dict[str, float]:
        """Seconds of processors."""
        server = self.database.server
        return {
            "product": self.crew.used_s,
            "stand-in": self.x.control("GET", "clock")["processor_s"],
            "database": server.used_s if server else 0.0,
        }

    def _flat(self, grown: Sequence[Size]) -> None:
        """Nothing may have grown that is not given back."""
        for one in grown:
            for name in ("memory", "files", "threads"):
                if (more := getattr(one, name)) > getattr(MOST_GROWTH, name):
                    self.findings.find(f"a process has {more} more {name} in the end than after warming up")

    # --- What happens meanwhile

    def _step(self, often: list[Often]) -> None:
        self._write_if_they_keep_up()
        for each in often:
            each.turn()
        self.lever.look()
        self.crew.none_died()

    def _write_if_they_keep_up(self) -> None:
        unread, undelivered = self.traffic.unread(self.standing.read_to()), self.standing.undelivered()
        again = self.traffic.unread(self.standing.first_of(_READ_AGAIN))
        if max(unread, undelivered) > _MOST_UNREAD or again > _MOST_READ_AGAIN:
            time.sleep(0.05)
            return
        self.traffic.write(self.dice.randint(1, _AT_ONCE) if self.traffic.sent < self.kind.messages else 1)
        time.sleep(self.dice.uniform(0, 0.1))

    def _change(self) -> tuple[float, float]:
        self.weather.change()
        self.traffic.follow_up()
        self.traffic.stir()
        return 0.4, 1.2

    def _move_lever(self) -> tuple[float, float]:
        """Sending is on for longer than it is paused. Where SQLite lets nobody write for its 30 s, again soon."""
        try:
            if not self.lever.pulled:
                self.lever.pull()
                return 1.5, 4.0
            self.lever.release()
        except sa.exc.OperationalError:
            return 0.5, 1.0
        return 2.0, 8.0

    def _see_to_tokens(self) -> tuple[float, float]:
        """A refresh token whose answer was lost is used up: then a person gives another one, as X's rules want it."""
        if self.kind.oauth2:
            refused = self.x.ledger()["statuses"].get("token 400", 0)
            if refused > self._given_anew:
                self._given_anew = refused
                self.crew.kill(*NUMBERS)
                self.brand = self.x.user(HANDLE, credentials=True)
                self.crew.start(*NUMBERS)
                self.happened["token given anew by a person"] += 1
        return 1.0, 2.0

    def _measure(self) -> tuple[float, float]:
        self.crew.measure(self.traffic.sent)
        return _MEASURE_EVERY_S, _MEASURE_EVERY_S

    def _measured(self) -> bool:
        """Whether all processes have been at work for long enough to tell whether they grow."""
        return all(len(one.sizes) >= _FEWEST_SIZES for one in self.crew.running.values())

    # --- Blows

    def _blows(self) -> deque[tuple[int, Callable[[], None]]]:
        """What is killed, and after how many messages."""
        first, last = int(self.kind.messages * 0.05), int(self.kind.messages * _STORMY)
        kinds: list[Callable[[], None]] = [self._kill_one, self._kill_both]
        kinds += [self.dice.choice(kinds) for _ in range(_KILLS - len(kinds))]
        kinds += [self._crash] * _CRASHES if self.database.server else []
        when = sorted(self.dice.randrange(first, last) for _ in kinds)
        return deque(zip(when, self.dice.sample(kinds, len(kinds)), strict=True))

    def _kill_one(self) -> None:
        number = self.dice.choice(NUMBERS)
        self.crew.kill(number)
        time.sleep(self.dice.uniform(0, 1))
        self.crew.start(number)
        self.happened["one process killed"] += 1

    def _kill_both(self) -> None:
        """People go on writing, and nobody listens."""
        self.crew.kill(*NUMBERS)
        self.traffic.write(self.dice.randint(1, _AT_ONCE))
        time.sleep(self.dice.uniform(0, 1))
        self.happened["written while nobody listened"] += 1
        self.crew.start(*NUMBERS)
        self.happened["both processes killed"] += 1

    def _crash(self) -> None:
        """The database's server is killed, and gone for a while."""
        assert self.database.server
        self._crashes.append(self.x.control("GET", "clock")["now_ms"])
        self.database.server.kill()
        time.sleep(self.dice.uniform(0, 2))
        self.database.server.start()
        self._database_back_at = time.monotonic()
        self.happened["database killed"] += 1

    def _may_lack_its_database(self) -> bool:
        return time.monotonic() < self._database_back_at + _STARTING_S

    def _leap(self, by: timedelta) -> None:
        """Nobody works for so long."""
        self.crew.kill(*NUMBERS)
        if by:
            self.x.advance(by.total_seconds())
        self.crew.start(*NUMBERS)

    # --- Around it

    @contextmanager
    def _agents(self) -> Iterator[None]:
        """People at the desk's API, for as long as the block lasts."""
        _, token = add_user(self.store, SystemClock(), "kim", Role.AGENT, None)
        address = f"http://127.0.0.1:{self.ports[0]}"
        self.agents = Agents(address, token, self._other_dice(), most=max(20, self.kind.messages // 50))
        desk = threading.Thread(target=self.agents.run, name="agents", daemon=True)
        desk.start()
        try:
            yield
        finally:
            self.agents.stop.set()
            desk.join()

    def _registered(self) -> bool:
        """Whether X takes the webhook, which it only does when the API behind it is up; then it is told everything."""
        url = f"http://127.0.0.1:{self.ports[0]}/x/webhook"
        asking = Asking(self.x, self.brand, timeout_s=30)
        made = asking.as_app("POST", "webhooks", {"url": url})
        if made.status_code != 200:
            return False
        for event in (*PUBLIC_EVENTS, *PRIVATE_EVENTS):
            self._subscribe(asking, event, made.json()["id"])
        return True

    def _subscribe(self, asking: Asking, event: str, webhook: str) -> None:
        """What a process has subscribed to already, for the stream, is delivered as well."""
        about = {"user_id": self.brand.id}
        told = asking.post("activity/subscriptions", event_type=event, filter=about, webhook_id=webhook, tag="triage")
        if told.status_code == 409:
            known = asking.as_app("GET", "activity/subscriptions").json()["data"]
            (kept,) = (one["subscription_id"] for one in known if one["event_type"] == event)
            told = asking.as_app("PUT", f"activity/subscriptions/{kept}", {"webhook_id": webhook})
        told.raise_for_status()

    def _settings(self, number: int) -> dict[str, str]:
        return self._account() | {
            "database_url": self.database.url,
            "encryption_keys": KEYS,
            "poll_seconds": "0.2",
            "port": str(self.ports[number]),
            "batch": "200",
            "outbox": str(self.folder / "outbox"),
            "x_api": self.x.address,
            "x_timeout_seconds": "2",
            "x_accelerator": "+".join(self.kind.streams) or "none",
            "x_bearer_token": self.x.app["bearer_token"],
            "x_consumer_secret": self.x.app["consumer_secret"],
        }

    def _account(self) -> dict[str, str]:
        """The brand's credentials."""
        app, brand = self.x.app, self.brand
        if self.kind.oauth2:
            return {
                "x_client_id": app["client_id"],
                "x_client_secret": app["client_secret"],
                "x_refresh_token": brand.oauth2_refresh_token,
            }
        return {
            "x_consumer_key": app["consumer_key"],
            "x_access_token": brand.access_token,
            "x_access_token_secret": brand.access_token_secret,
        }

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until it holds, or for so long that it never will: then the audit says what is amiss."""
        began = time.monotonic()
        pause = 0.1
        while not holds():
            self.crew.none_died()
            self._see_to_tokens()
            if time.monotonic() - began > _PATIENCE_S:
                self.waits[f"NEVER: {what}"] = _PATIENCE_S
                return
            time.sleep(pause)
            pause = min(2 * pause, 0.5)
        self.waits[what] = round(time.monotonic() - began, 1)

    def _other_dice(self) -> random.Random:
        return random.Random(self.dice.random())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
