"""What tests of the connection to X have in common: doubles of what it tells, and the brand on a stand-in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import requests
import tweepy
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from tests.xsim.client import SimUser, XSim
from triage.channels.x.budget import Limit
from triage.channels.x.client import TweepyApi
from triage.channels.x.credentials import OAuth1, OAuth2
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.oauth2 import MemoryTokens, TokenKeeper, UserTokens
from triage.channels.x.signing import OAuth1Signer, Signer
from triage.channels.x.transport import Caller, Wire
from triage.channels.x.watch import Source
from triage.clock import Clock, SystemClock
from triage.domain.reply import Reply, ReplyKind, ReplyState
from triage.errors import RetryLater

#: Long enough for a busy machine, short enough for a test that waits for it.
PATIENCE = timedelta(seconds=1.5)


@dataclass
class Notes:
    """A watch that remembers."""

    things: Counter[Endpoint] = field(default_factory=Counter)
    links: Counter[Endpoint] = field(default_factory=Counter)
    problems: list[tuple[Endpoint | Source, str]] = field(default_factory=list)

    def alive(self, source: Source) -> None: ...

    def saw(self, source: Source, external_id: str, created_at: datetime) -> None: ...

    def called(self, endpoint: Endpoint, things: int) -> None:
        self.things[endpoint] += things

    def writing(self, endpoint: Endpoint, *, with_link: bool = False) -> Callable[[], None]:
        def count(things: int) -> None:
            self.things[endpoint] += things
            self.links[endpoint] += things * with_link

        count(1)
        return lambda: count(-1)

    def failed(self, where: Endpoint | Source, problem: str) -> None:
        self.problems.append((where, problem))


@dataclass
class OpenBudget:
    """A budget without an end, that remembers. It keeps the rests that it is told, as any budget does."""

    clock: Clock = field(default_factory=SystemClock)
    spent: Counter[Endpoint] = field(default_factory=Counter)
    learnt: defaultdict[Endpoint, list[Limit]] = field(default_factory=lambda: defaultdict(list))
    rests: dict[Endpoint, datetime] = field(default_factory=dict)

    def spend(self, endpoint: Endpoint) -> None:
        if until := self.rests_until(endpoint):
            raise RetryLater("X said when to come back", until)
        self.spent[endpoint] += 1

    def learn(self, endpoint: Endpoint, limits: Sequence[Limit]) -> None:
        self.learnt[endpoint] += limits

    def rest(self, endpoint: Endpoint, until: datetime) -> None:
        self.rests[endpoint] = max(until, self.rests.get(endpoint, until))

    def rests_until(self, endpoint: Endpoint) -> datetime | None:
        until = self.rests.get(endpoint)
        return until if until and until > self.clock.now() else None


@dataclass
class Brand:
    """The product as one account of a stand-in."""

    x: XSim
    user: SimUser
    api: TweepyApi
    notes: Notes
    budget: OpenBudget
    clock: Clock

    def said(self) -> str:
        """The last problem that operators read."""
        return self.notes.problems[-1][1]

    @contextmanager
    def nowhere(self) -> Iterator[None]:
        """X is not there: nobody listens at its address."""
        wire = self.api._wire
        address, wire._api = wire._api, "http://127.0.0.1:9"
        try:
            yield
        finally:
            wire._api = address

    def posts(self) -> list[str]:
        """The ids of what the brand has posted, as the world has them."""
        return [post.id for post in self.x.world(author=self.user.username).posts if not post.deleted]


def brand_on(x: XSim, *, oauth2: bool = False, clock: Clock | None = None, keeper: TokenKeeper | None = None) -> Brand:
    """A new brand account, seen through the real client."""
    user = x.user(f"Brand{uuid4().hex[:10]}", credentials=True)
    clock = clock or SystemClock()
    notes, budget = Notes(), OpenBudget(clock)
    wire = Wire(x.address, PATIENCE)
    caller = Caller(budget, notes, clock, chance=lambda: 0.5, signs_time=not oauth2)
    signer: Signer = OAuth1Signer(of_user(x, user))
    if oauth2:
        signer = UserTokens(of_client(x, user), keeper or MemoryTokens(), wire, caller)
    return Brand(x, user, TweepyApi(wire, signer, caller), notes, budget, clock)


def of_user(x: XSim, user: SimUser) -> OAuth1:
    return OAuth1(
        SecretStr(x.app["consumer_key"]),
        SecretStr(x.app["consumer_secret"]),
        SecretStr(user.access_token),
        SecretStr(user.access_token_secret),
    )


def of_client(x: XSim, user: SimUser) -> OAuth2:
    return OAuth2(
        SecretStr(x.app["client_id"]), SecretStr(user.oauth2_refresh_token), SecretStr(x.app["client_secret"])
    )


def plain_tweepy(x: XSim, user: SimUser, **more: Any) -> tweepy.Client:
    """tweepy as it is, led to the stand-in: its host is fixed."""
    client = tweepy.Client(
        consumer_key=x.app["consumer_key"],
        consumer_secret=x.app["consumer_secret"],
        access_token=user.access_token,
        access_token_secret=user.access_token_secret,
        **more,
    )
    client.session.mount("https://api.twitter.com", _LedTo(x.address))
    return client


class _LedTo(HTTPAdapter):
    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = self._address + (request.path_url or "")
        return super().send(request, *args, **kwargs)


def reply_to(post_id: str, text: str, *, key: str = "a", at: datetime | None = None, channel: str = "x") -> Reply:
    """A reply on its way out, queued now or at a moment."""
    queued = at or SystemClock().now()
    return Reply(1, key, 1, 1, channel, post_id, text, ReplyKind.AUTOMATIC, ReplyState.SENDING, queued)
