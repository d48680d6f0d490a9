"""Following a stream in tests: a thread that collects what an accelerator yields, and doubles of what it needs."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from tests.x_connection import of_user
from tests.xsim.client import SimUser, XSim
from triage.channels.x.accelerator import Accelerator, Missed
from triage.channels.x.activity_stream import ActivityEvents
from triage.channels.x.budget import Limit
from triage.channels.x.calls import SignedCalls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.filtered_stream import FilteredPosts
from triage.channels.x.happening import Happening, Posted
from triage.channels.x.post import Account
from triage.channels.x.signing import Bearer, OAuth1Signer
from triage.channels.x.stream import Place, Stream
from triage.channels.x.transport import Caller, Wire
from triage.channels.x.watch import Source
from triage.clock import Clock, FastClock
from triage.errors import RetryLater

#: How many times as fast as real time the stand-in and the product run here: a minute is a second.
FACTOR = 60
TIMEOUT = timedelta(seconds=2)


@dataclass
class Notes:
    """What the connection told of itself."""

    alive_at: dict[Source, float] = field(default_factory=dict)
    seen: list[tuple[Source, str]] = field(default_factory=list)
    things: dict[Endpoint, int] = field(default_factory=lambda: defaultdict(int))
    problems: list[str] = field(default_factory=list)

    def alive(self, source: Source) -> None:
        self.alive_at[source] = time.monotonic()

    def saw(self, source: Source, external_id: str, created_at: datetime) -> None:
        self.seen.append((source, external_id))

    def called(self, endpoint: Endpoint, things: int) -> None:
        self.things[endpoint] += things

    def writing(self, endpoint: Endpoint, *, with_link: bool = False) -> Callable[[], None]:
        raise AssertionError("streams write nothing")

    def failed(self, where: Endpoint | Source, problem: str) -> None:
        self.problems.append(problem)


class CountedBudget:
    """The published limits, counted by this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent: dict[Endpoint, list[datetime]] = defaultdict(list)
        self._rests: dict[Endpoint, datetime] = {}

    def spent(self, endpoint: Endpoint) -> int:
        return len(self._spent[endpoint])

    def spend(self, endpoint: Endpoint) -> None:
        now = self._clock.now()
        if (rests := self._rests.get(endpoint)) and rests > now:
            raise RetryLater("X said when to come back", rests)
        for allowance in endpoint.terms.allowances:
            recent = [moment for moment in self._spent[endpoint] if moment > now - allowance.window]
            if len(recent) >= allowance.calls:
                raise RetryLater("no calls are left", recent[-allowance.calls] + allowance.window)
        self._spent[endpoint].append(now)

    def learn(self, endpoint: Endpoint, limits: Sequence[Limit]) -> None:
        """What is counted here is enough."""

    def rest(self, endpoint: Endpoint, until: datetime) -> None:
        self._rests[endpoint] = until

    def rests_until(self, endpoint: Endpoint) -> datetime | None:
        return self._rests.get(endpoint)


class Followed:
    """What was yielded so far."""

    def __init__(self) -> None:
        self.all: list[tuple[float, Happening | Missed]] = []
        self.ended = threading.Event()

    @property
    def post_ids(self) -> list[str]:
        return [one.post.id for _, one in self.all if isinstance(one, Posted)]

    @property
    def missed(self) -> list[Missed]:
        return [one for _, one in self.all if isinstance(one, Missed)]


@dataclass(frozen=True)
class Line:
    """A brand on a stand-in, and the product's end of the line to it."""

    x: XSim
    brand: SimUser
    clock: Clock
    budget: CountedBudget
    notes: Notes
    chance: Callable[[], float] = lambda: 0.5

    @classmethod
    def to(cls, x: XSim) -> Line:
        now = datetime.fromtimestamp(x.control("GET", "clock")["now_ms"] / 1000, UTC)
        clock = FastClock(x.control("GET", "clock")["factor"], now, datetime.now(UTC))
        return cls(x, x.user("MarramAir", credentials=True), clock, CountedBudget(clock), Notes())

    @property
    def account(self) -> Account:
        return Account(self.brand.id, self.brand.username)

    @property
    def bearer(self) -> Bearer:
        return Bearer(SecretStr(self.x.app["bearer_token"]))

    @property
    def calls(self) -> SignedCalls:
        return SignedCalls(Wire(self.x.address, TIMEOUT), self._caller, lambda: self.bearer)

    def filtered(self) -> Stream:
        return self._stream(FilteredPosts(self.calls, self.account))

    def activity(self) -> Stream:
        signed = SignedCalls(
            Wire(self.x.address, TIMEOUT), self._caller, OAuth1Signer(of_user(self.x, self.brand)).auth
        )
        return self._stream(ActivityEvents(self.calls, self.account, signed))

    @property
    def _caller(self) -> Caller:
        return Caller(self.budget, self.notes, self.clock, chance=self.chance)

    def _stream(self, feed: FilteredPosts | ActivityEvents) -> Stream:
        place = Place(self.x.address, self.bearer, TIMEOUT)
        return Stream(feed, place, self.budget, self.notes, self.clock, self.chance)


@contextmanager
def following(accelerator: Accelerator) -> Iterator[Followed]:
    """Follows in a thread, connected before the block begins, and stopped after it."""
    followed, stop = Followed(), threading.Event()

    def follow() -> None:
        try:
            for one in accelerator.happenings(stop):
                followed.all.append((time.time(), one))
        finally:
            followed.ended.set()

    threading.Thread(target=follow, daemon=True).start()
    try:
        eventually(lambda: followed.missed)
        yield followed
    finally:
        stop.set()
        assert followed.ended.wait(5), "it does not stop when it is told to"


def eventually(holds: Callable[[], object], seconds: float = 10) -> None:
    """Waits until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.005)
