"""X's API through tweepy: tweepy knows routes, parameters and signatures; how a call goes out and what becomes of it
is ours (record 22)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any, Final, TypeVar

import requests
import tweepy
from requests.auth import AuthBase

from triage.channels.x.budget import Budget
from triage.channels.x.calls import Calls, SignedCalls
from triage.channels.x.charged import Charged
from triage.channels.x.credentials import Credentials, OAuth1
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.oauth2 import TokenKeeper, UserTokens
from triage.channels.x.outcomes import Answer, Silence, UnknownFields
from triage.channels.x.post import Account, Gone, Page, Post, PrivatePage
from triage.channels.x.reading import (
    Reading,
    read_account,
    read_created,
    read_look_up,
    read_posts,
    read_private_messages,
    read_sent,
)
from triage.channels.x.signing import OAuth1Signer, Signer
from triage.channels.x.spelling import TWEETS, Spelling, other
from triage.channels.x.transport import Ask, Caller, Exchange, Wire
from triage.channels.x.watch import Watch
from triage.clock import Clock
from triage.errors import Ambiguous, ChannelError, InvalidInput, Repeated
from triage.text.links import links

log = logging.getLogger(__name__)

T = TypeVar("T")

_PAGE: Final = 100
_MOST_LOOKED_UP: Final = 100


def connect(
    credentials: Credentials,
    *,
    api: str,
    timeout: timedelta,
    budget: Budget,
    watch: Watch,
    clock: Clock,
    tokens: TokenKeeper,
    learnt: Callable[[Account], None] = lambda _: None,
) -> TweepyApi:
    """X's API for the account of these credentials. Nothing is asked of X yet.

    ``api`` is the address, ``timeout`` the longest wait for an answer; ``tokens`` is needed for OAuth 2 alone.
    ``learnt`` is told whose account it is.
    """
    user = credentials.user
    wire, caller = Wire(api, timeout), Caller(budget, watch, clock, signs_time=isinstance(user, OAuth1))
    signer = OAuth1Signer(user) if isinstance(user, OAuth1) else UserTokens(user, tokens, wire, caller)
    return TweepyApi(wire, signer, caller, learnt=learnt)


class TweepyApi:
    """:class:`~triage.channels.x.protocol.XApi` over the network. Threads may share it.

    ``ticks`` are seconds of a clock that never jumps; ``learnt`` is told whose account it is, and told
    again until that does not fail.
    """

    def __init__(
        self,
        wire: Wire,
        signer: Signer,
        caller: Caller,
        ticks: Callable[[], float] = time.monotonic,
        learnt: Callable[[Account], None] = lambda _: None,
    ) -> None:
        self._wire = wire
        self._learnt = learnt
        self._ticks = ticks
        self._signer = signer
        self._caller = caller
        self._charged = Charged(caller.clock)
        self._routes = _Routes()
        self._spelling = TWEETS
        self._account: Account | None = None
        self._told = False
        self._lock = threading.Lock()

    @property
    def calls(self) -> Calls:
        """Other calls in the account's own name."""
        return SignedCalls(self._wire, self._caller, self._signer.auth)

    @property
    def skew(self) -> timedelta | None:
        """How far the product's clock is ahead of X's; ``None`` before X has said what time it is."""
        return self._caller.skew

    @property
    def longest_write(self) -> timedelta:
        """See the protocol: so long as one request takes to get ready, with tokens and budget, and then the request."""
        return 2 * self._wire.longest

    @property
    def account(self) -> Account | None:
        """Whose account it is, if X has said so; X is not asked."""
        return self._account

    def me(self) -> Account:
        with self._lock:
            if self._account is None:
                account = self._call(Endpoint.ME, self._routes.get_me(), read_account)
                self._caller.watch.called(Endpoint.ME, 1)
                self._account = account
            account = self._account
        if not self._told:
            self._tell(account)
        return account

    def _tell(self, account: Account) -> None:
        """Outside the lock, since it may wait for a database. What fails is tried again by whoever asks next."""
        try:
            self._learnt(account)
        except Exception:
            log.exception("whose account of X this is could not be noted")
        else:
            self._told = True

    def mentions(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        return self._timeline(Endpoint.MENTIONS, self._routes.get_users_mentions, _span(since_id, until_id, token))

    def own_posts(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        asked = _span(since_id, until_id, token) | {"exclude": "retweets"}
        return self._timeline(Endpoint.OWN_POSTS, self._routes.get_users_tweets, asked)

    def look_up(self, post_ids: Sequence[str]) -> Mapping[str, Post | Gone]:
        """See the protocol.

        Raises:
            InvalidInput: more than 100 ids.
        """
        if len(post_ids) > _MOST_LOOKED_UP:
            raise InvalidInput(f"X looks up at most {_MOST_LOOKED_UP} posts at a time", field="post_ids")
        if not post_ids:
            return {}
        found, reading = self._spelt(
            Endpoint.LOOK_UP,
            lambda spelling: self._routes.get_tweets(list(post_ids), **spelling.of_posts(with_quoted=False)),
            lambda body: read_look_up(body, post_ids, self._account),
        )
        self._note(Endpoint.LOOK_UP, reading)
        return found

    def post(self, text: str, *, in_reply_to: str) -> str:
        ask = self._routes.create_tweet(text=text, in_reply_to_tweet_id=in_reply_to)
        return self._written(Endpoint.POST, ask, read_created, text)

    def private_messages(self, *, token: str | None = None) -> PrivatePage:
        return self._private_page({"pagination_token": token})

    def private_messages_with(self, participant_id: str, *, token: str | None = None) -> PrivatePage:
        return self._private_page({"participant_id": participant_id, "pagination_token": token})

    def send_private(self, participant_id: str, text: str) -> str:
        ask = self._routes.create_direct_message(participant_id=participant_id, text=text)
        return self._written(Endpoint.PRIVATE_SEND, ask, read_sent, text)

    def _timeline(self, endpoint: Endpoint, route: Callable[..., Ask], asked: Mapping[str, Any]) -> Page:
        me = self.me()
        reading = self._spelt(
            endpoint,
            lambda spelling: route(me.id, **asked, **spelling.of_posts(with_quoted=True)),
            lambda body: read_posts(body, me),
        )
        self._note(endpoint, reading)
        return Page(reading.items, reading.next_token, reading.left_out)

    def _private_page(self, asked: Mapping[str, Any]) -> PrivatePage:
        reading = self._spelt(
            Endpoint.PRIVATE_EVENTS,
            lambda spelling: self._routes.get_direct_message_events(
                max_results=_PAGE, event_types="MessageCreate", **asked, **spelling.of_private_messages()
            ),
            read_private_messages,
        )
        self._note(Endpoint.PRIVATE_EVENTS, reading)
        return PrivatePage(reading.items, reading.next_token, reading.left_out)

    def _written(self, endpoint: Endpoint, ask: Ask, read: Callable[[bytes], str], text: str) -> str:
        """The id of what was written. It counts as spent unless X says that it did nothing."""
        leaves_by = self._ticks() + self._wire.longest.total_seconds()
        take_back = self._caller.watch.writing(endpoint, with_link=bool(links(text)))
        try:
            return self._call(endpoint, ask, read, leaves_by)
        except ChannelError as error:
            if isinstance(error, Repeated) or not isinstance(error, Ambiguous):
                take_back()
            raise

    def _spelt(self, endpoint: Endpoint, build: Callable[[Spelling], Ask], read: Callable[[bytes], T]) -> T:
        """A call that asks for fields: in the spelling that X knew last, and if it does not, in the other one."""
        spelling = self._spelling
        try:
            return self._call(endpoint, spelling.spelt(build(spelling)), read)
        except UnknownFields:
            self._spelling = spelling = other(spelling)
            return self._call(endpoint, spelling.spelt(build(spelling)), read)

    def _call(self, endpoint: Endpoint, ask: Ask, read: Callable[[bytes], T], leaves_by: float = inf) -> T:
        """``leaves_by`` is the tick after which no request of it may leave any more."""

        def exchange(auth: AuthBase) -> Answer | Silence:
            if self._ticks() > leaves_by:
                return Silence("it took too long to get ready for the call", reached=False)
            return self._wire.exchange(ask, auth)

        def another() -> Exchange | None:
            other = self._signer.instead_of(auth)
            return partial(exchange, other) if other else None

        auth = self._signer.auth()
        return self._caller.call(endpoint, partial(exchange, auth), read, another)

    def _note(self, endpoint: Endpoint, reading: Reading[Any]) -> None:
        self._caller.watch.called(endpoint, self._charged.new(endpoint, reading.charged))
        for problem in reading.problems:
            self._caller.watch.failed(endpoint, problem)


class _Routes(tweepy.Client):
    """What tweepy knows of X's routes and parameters: its methods give requests, and make none.

    Its own way of making them has no time-outs, waits and repeats as it likes, fails on answers that are not as
    expected, and writes tokens and texts to the log.
    """

    def __init__(self) -> None:
        super().__init__(return_type=requests.Response)  # "as it is": tweepy reads nothing

    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        user_auth: bool = False,  # noqa: ARG002 - tweepy's name
    ) -> Ask:
        return Ask(method, route, params or {}, json)


def _span(since_id: str | None, until_id: str | None, token: str | None) -> dict[str, Any]:
    return {"since_id": since_id, "until_id": until_id, "pagination_token": token, "max_results": _PAGE}
