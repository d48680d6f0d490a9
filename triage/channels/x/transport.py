"""How a call gets to X and its answer back: with time-outs, once, within the budget, and with a note of how it went.

:class:`Wire` is HTTP: it raises nothing and tries nothing twice. :class:`Caller` is everything around a call that
all calls have in common.
"""

from __future__ import annotations

import random
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, TypeVar

import requests
import urllib3
from requests.auth import AuthBase

from triage.channels.x.backoff import Chance
from triage.channels.x.budget import Budget
from triage.channels.x.deadline import Deadline, PunctualAdapter
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import (
    Answer,
    Failure,
    Pauses,
    Silence,
    Situation,
    Unreadable,
    failure,
    limits,
    unreadable,
)
from triage.channels.x.watch import Watch
from triage.clock import Clock

T = TypeVar("T")
#: Makes one request: X's answer, or that none came.
Exchange = Callable[[], Answer | Silence]

#: A page of 100 long posts with everything that belongs to them stays far below this.
_MOST_BYTES: Final = 32 * 1024 * 1024
_AT_ONCE: Final = 64 * 1024
_NO_ADDRESS: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)
_SLOWEST_CONNECT: Final = timedelta(seconds=10)
_NOT_ACCEPTED: Final = 401


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: ``route`` begins with a slash; ``json`` or ``form`` is its body."""

    method: str
    route: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None


class Wire:
    """HTTP to one address of X's API. Threads may share it.

    ``timeout`` is the longest wait for a connection and for each part of an answer. ``longest`` is twice that: no
    request leaves, and no answer is waited for, so long after it was asked for.
    """

    def __init__(self, api: str, timeout: timedelta) -> None:
        self._api = api.rstrip("/")
        self._timeout = timeout
        self.longest = 2 * timeout
        self._session = requests.Session()
        self._session.cookies.set_policy(
            DefaultCookiePolicy(allowed_domains=[])
        )  # X's cookies would tie calls together
        adapter = PunctualAdapter(pool_maxsize=16, max_retries=0)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def exchange(self, ask: Ask, auth: AuthBase | None) -> Answer | Silence:
        """X's answer, or that none came. Raises nothing for what the network does."""
        with Deadline(self.longest) as deadline:
            happened = self._exchange(ask, auth)
        if deadline.over and (isinstance(happened, Answer) or happened.reached):
            return Silence("X did not answer in time", reached=True)  # what came may not be all of it
        return happened

    def _exchange(self, ask: Ask, auth: AuthBase | None) -> Answer | Silence:
        connect = min(self._timeout, _SLOWEST_CONNECT).total_seconds()
        try:
            with self._session.request(
                ask.method,
                self._api + ask.route,
                params=dict(ask.params),
                json=ask.json,
                data=ask.form,
                auth=auth or _NoAuth(),
                timeout=(connect, self._timeout.total_seconds()),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, body)
        except _TooMuch as error:
            return Silence(str(error), reached=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return _silence(error)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()


def no_other() -> None:
    """Nothing else to try where X does not accept a token."""


class Caller:
    """Makes calls: counts requests before they leave, reads answers, and turns what goes wrong into a typed error."""

    def __init__(
        self,
        budget: Budget,
        watch: Watch,
        clock: Clock,
        pauses: Pauses = Pauses(),  # noqa: B008 - a frozen value
        chance: Chance = random.random,
        *,
        signs_time: bool = False,
    ) -> None:
        """``signs_time`` says that calls are signed with the time in them: OAuth 1.0a."""
        self.watch = watch
        self._signs_time = signs_time
        self.clock = clock
        self._budget = budget
        self._pauses = pauses
        self._chance = chance
        #: How far the product's clock is ahead of X's, by the last answer that said; negative where it is behind.
        self.skew: timedelta | None = None
        self._failures: dict[Endpoint, int] = {}
        self._lock = threading.Lock()

    def call(
        self,
        endpoint: Endpoint,
        exchange: Exchange,
        read: Callable[[bytes], T],
        another: Callable[[], Exchange | None] = no_other,
    ) -> T:
        """What ``read`` makes of the answer. ``read`` may raise :class:`Unreadable`.

        ``another`` is asked once if X does not accept the token: for the same request with another one.

        Raises:
            RetryLater, GiveUp, Ambiguous: as :mod:`triage.channels.x.protocol` says.
        """
        happened = self._counted(endpoint, exchange)
        if _is_refused(happened) and (again := another()) is not None:  # then X did nothing
            happened = self._counted(endpoint, again)
        skew = self.skew if self._signs_time else None
        situation = Situation(endpoint, self.clock.now(), self._failed(endpoint), self._chance, skew)
        failed = failure(happened, situation, self._pauses)
        if failed is None and isinstance(happened, Answer):
            try:
                result = read(happened.body)
            except Unreadable as error:
                failed = unreadable(str(error), situation, self._pauses)
            else:
                self._succeeded(endpoint)
                return result
        assert failed is not None  # noqa: S101 - silence is always a failure
        raise self._noted(endpoint, failed) from None

    def _counted(self, endpoint: Endpoint, exchange: Exchange) -> Answer | Silence:
        """One request: each that leaves is one that X counts."""
        self._budget.spend(endpoint)
        happened = exchange()
        if isinstance(happened, Answer):
            self.skew = _skew(happened, self.clock.now()) or self.skew
            self._budget.learn(endpoint, limits(happened))
        return happened

    def _noted(self, endpoint: Endpoint, failed: Failure) -> Exception:
        if failed.rest_until is not None:
            self._budget.rest(endpoint, failed.rest_until)
        else:
            self._succeeded(endpoint)  # X works, and refused this very call
        self.watch.failed(endpoint, str(failed.error))
        return failed.error

    def _failed(self, endpoint: Endpoint) -> int:
        """How many calls have failed in a row if this one has."""
        with self._lock:
            self._failures[endpoint] = self._failures.get(endpoint, 0) + 1
            return self._failures[endpoint]

    def _succeeded(self, endpoint: Endpoint) -> None:
        with self._lock:
            self._failures.pop(endpoint, None)


def _is_refused(happened: Answer | Silence) -> bool:
    return isinstance(happened, Answer) and happened.status == _NOT_ACCEPTED


def _skew(answer: Answer, now: datetime) -> timedelta | None:
    """By the header ``Date``, which has whole seconds."""
    try:
        return now - parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):  # none, not a date, or one without a zone
        return None


class _NoAuth(AuthBase):
    """Nothing: not even what a netrc file says, which ``requests`` would take."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _TooMuch(Exception):
    pass


def _body(response: requests.Response) -> bytes:
    """The whole body, decompressed."""
    body = bytearray()
    while part := response.raw.read1(_AT_ONCE, decode_content=True):
        body += part
        if len(body) > _MOST_BYTES:
            raise _TooMuch("X sent an answer without an end")
    return bytes(body)


def _silence(error: Exception) -> Silence:
    """What a network error says about where the call got to. Its own words are left out: they name addresses."""
    chain = list(_causes(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        return Silence("the certificate of X's API is not valid", reached=False)
    if any(isinstance(one, requests.exceptions.ProxyError | urllib3.exceptions.ProxyError) for one in chain):
        return Silence("the proxy on the way to X does not work", reached=False)
    if any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in chain):
        return Silence("the address of X's API is not known to the network", reached=False)
    if any(
        isinstance(one, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError) for one in chain
    ):
        return Silence("X cannot be reached", reached=False)
    if any(isinstance(one, _NO_ADDRESS) for one in chain):
        return Silence("the address of X's API (TRIAGE_X_API) is no address", reached=False)
    if any(isinstance(one, TimeoutError | urllib3.exceptions.TimeoutError | requests.Timeout) for one in chain):
        return Silence("X did not answer in time", reached=True)
    return Silence("the connection broke before X had answered", reached=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything it was made from: ``requests`` and ``urllib3`` wrap what happened in each other."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found
