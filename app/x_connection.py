"""What the connection to X is made of, for whom the operator has given credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import Final

from triage.brand import Brand
from triage.channels.protocol import OutboundChannel
from triage.channels.x import subscriptions
from triage.channels.x.accelerating import Kind, accelerator, calls_of_the_app
from triage.channels.x.accelerator import Accelerator, Missed
from triage.channels.x.activity import Activity
from triage.channels.x.calls import Calls
from triage.channels.x.client import TweepyApi, connect
from triage.channels.x.credentials import Credentials
from triage.channels.x.dry_run import DryRun
from triage.channels.x.happening import Happening
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.outbound import XChannel
from triage.channels.x.post import Account
from triage.channels.x.posts_lookup import XPosts
from triage.channels.x.private_outbound import PrivateXChannel
from triage.channels.x.signing import Bearer
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS
from triage.channels.x.watch import Source
from triage.clock import Clock
from triage.domain.reply import Reply
from triage.errors import ChannelError, ConfigurationError
from triage.listening import Chore, Listener
from triage.privacy.redact import Find
from triage.service.stored_posts import StoredPosts
from triage.service.x.alarms import AlarmLog
from triage.service.x.budget import SharedBudget
from triage.service.x.condition import Conditions
from triage.service.x.deliveries import Deliveries
from triage.service.x.known_account import KnownAccount, Whose
from triage.service.x.looking import Looking
from triage.service.x.notebook import Notebook
from triage.service.x.polling import Poll, Timeline
from triage.service.x.taking import Taking
from triage.service.x.tokens import StoredTokens
from triage.settings import Settings
from triage.store import Store

#: The brand's people post less than its customers, and nobody waits for what they post.
_OWN_POSTS_EVERY: Final = timedelta(minutes=5)
#: X takes 15 of these calls in 15 minutes: some are left for further pages, and for looking for replies in doubt.
_PRIVATE_EVERY: Final = timedelta(seconds=90)
_WEBHOOKS_EVERY: Final = timedelta(minutes=10)
_SUBSCRIPTIONS_EVERY: Final = timedelta(hours=1)
_LOOK_EVERY: Final = timedelta(minutes=30)
_STREAMS: Final[Mapping[Kind, Source]] = {"stream": Source.STREAM, "activity": Source.ACTIVITY}
_ALARMS_EVERY: Final = timedelta(minutes=1)
#: Seconds that a delivery to the webhook has for the transaction that takes it in, and for each of the others: once,
#: whose account it is; the journals, if a post was deleted; three notes. That makes 5.5; X wants its answer within 10.
_TAKEN_WITHIN_S: Final = 3.0
_NOTED_WITHIN_S: Final = 0.5
#: What operators read whose automatic replies do not say what they are.
NOT_DISCLOSED: Final = (
    "automatic replies on X do not say that they are automated, and X's rules want that: "
    'set signature in brand.toml, such as signature = "(automated reply)"'
)


def listened_to(settings: Settings) -> dict[Source, timedelta | None]:
    """The sources that are listened to with these settings; how often, where they are asked."""
    poll_every = timedelta(seconds=settings.x_poll_seconds)
    sources: dict[Source, timedelta | None] = {
        Source.POLL: poll_every,
        Source.OWN_POSTS: max(poll_every, _OWN_POSTS_EVERY),
    }
    if settings.x_private:
        sources[Source.PRIVATE] = max(poll_every, _PRIVATE_EVERY)
    return sources | dict.fromkeys(_STREAMS[kind] for kind in streams_of(settings))


def streams_of(settings: Settings) -> list[Kind]:
    """The streams that are listened to beside polling."""
    return [kind for kind in _STREAMS if kind in settings.x_accelerator.split("+")]


def conditions(settings: Settings, store: Store, clock: Clock, brand: Brand) -> Conditions:
    """Looks how the connection is, in the database alone: for any process, with or without credentials."""
    silence = timedelta(minutes=settings.x_silence_minutes)
    kept_for = brand.retention.get(PUBLIC)
    return Conditions(store, clock, listened_to(settings), silence, settings.x_dry_run, brand.x, kept_for)


@dataclass(frozen=True)
class XConnection:
    """One account of X. Parts are made when first asked for; X is asked nothing before it is listened to.

    ``find`` finds personal data, for the log of what a dry run would send; ``ring`` is called when something came.
    """

    settings: Settings
    credentials: Credentials
    store: Store
    posts: StoredPosts
    clock: Clock
    find: Callable[[], Find]
    ring: Callable[[], None]
    brand: Callable[[], Brand]

    @cached_property
    def budget(self) -> SharedBudget:
        return SharedBudget(self.store, self.clock)

    @cached_property
    def notebook(self) -> Notebook:
        return Notebook(self.store, self.clock)

    @cached_property
    def api(self) -> TweepyApi:
        return connect(
            self.credentials,
            api=self.settings.x_api,
            timeout=timedelta(seconds=self.settings.x_timeout_seconds),
            budget=self.budget,
            watch=self.notebook,
            clock=self.clock,
            tokens=StoredTokens(self.store, self.clock),
            learnt=self.known_account.note,
        )

    @cached_property
    def known_account(self) -> KnownAccount:
        """Whose account it is, as any process has learnt."""
        return KnownAccount(self.store, self.credentials.fingerprint)

    @cached_property
    def taking(self) -> Taking:
        return Taking(self.store, self.posts, self.clock, lambda: self.api.me().id, self.ring, self.brand().private)

    @cached_property
    def taking_delivered(self) -> Taking:
        """What takes in what X delivers to the webhook, or fails in time: X wants an answer within seconds."""
        hurried = self.store.hurried(_TAKEN_WITHIN_S)
        posts = replace(self.posts, store=self._noting)
        return Taking(hurried, posts, self.clock, lambda: self._delivered_to.id, self.ring, self.brand().private)

    @cached_property
    def notebook_of_deliveries(self) -> Notebook:
        return Notebook(self._noting, self.clock)

    @cached_property
    def _noting(self) -> Store:
        return self.store.hurried(_NOTED_WITHIN_S)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The webhooks to which X delivers what happens to the account."""
        return Deliveries(self.store, lambda: self.app_calls, self._subscribe, self.notebook, self.clock)

    @cached_property
    def channels(self) -> list[OutboundChannel]:
        """The ways out; in a dry run they lead into the log."""
        if self.settings.x_dry_run:
            return [DryRun(name, self.find()) for name in (PUBLIC, PRIVATE)]
        return [XChannel(self.api, self.budget), PrivateXChannel(self.api, self.budget, self._others)]

    @cached_property
    def listener(self) -> Listener:
        """What listens.

        Raises:
            ConfigurationError: a stream is asked for, and there is no bearer token.
        """
        return Listener(self.store, self._chores(), self._accelerators(), self.taking.take, self.notebook, self.clock)

    @cached_property
    def app_calls(self) -> Calls:
        """Calls in the app's own name.

        Raises:
            ConfigurationError: there is no bearer token.
        """
        if self.credentials.bearer is None:
            raise ConfigurationError("that needs the app's bearer token: TRIAGE_X_BEARER_TOKEN is not set")
        return calls_of_the_app(
            Bearer(self.credentials.bearer),
            api=self.settings.x_api,
            timeout=timedelta(seconds=self.settings.x_timeout_seconds),
            budget=self.budget,
            watch=self.notebook,
            clock=self.clock,
        )

    def close(self) -> None:
        """Write down what is only remembered yet."""
        self.notebook.close()
        self.notebook_of_deliveries.close()

    def activity(self) -> Activity:
        """What reads deliveries of webhooks, without waiting for X.

        Raises:
            RetryLater: it is not known yet whose account this is.
        """
        return self._activity

    @cached_property
    def _activity(self) -> Activity:
        return Activity(self._delivered_to, private=self.settings.x_private)

    @cached_property
    def _delivered_to(self) -> Account:
        return self._whose.known()

    @cached_property
    def _whose(self) -> Whose:
        known = replace(self.known_account, store=self._noting)
        return Whose(known, lambda: self.api.account, self.api.me, self.clock)

    def _chores(self) -> list[Chore]:
        looking = Looking(self.posts, XPosts(self.api))
        alarms = AlarmLog(conditions(self.settings, self.store, self.clock, self.brand()).now)
        # Without the app's own token X says nothing of webhooks.
        by_the_app = [
            Chore("looking after webhooks", _WEBHOOKS_EVERY, self.deliveries.look, Source.WEBHOOK),
            Chore("looking after subscriptions", _SUBSCRIPTIONS_EVERY, self.deliveries.subscribe_again, Source.WEBHOOK),
        ]
        return [
            *self._polls(),
            *(by_the_app if self.credentials.bearer is not None else []),
            Chore("looking posts up again", _LOOK_EVERY, looking.look, Source.POLL),
            Chore("watching for alarms", _ALARMS_EVERY, alarms.check, Source.POLL),
        ]

    def _polls(self) -> Iterator[Chore]:
        """What is asked for news. The activity stream tells of private messages too, the filtered one does not."""
        told = {
            Source.POLL: ("polling mentions", Timeline.mentions(self.api.mentions, self.api.look_up), True),
            Source.OWN_POSTS: ("polling own posts", Timeline.own_posts(self.api.own_posts, self.api.look_up), False),
            Source.PRIVATE: (
                "polling private messages",
                Timeline.private_messages(self.api.private_messages),
                "activity" in streams_of(self.settings),
            ),
        }
        for source, every in listened_to(self.settings).items():
            if every is not None:
                name, timeline, fills = told[source]
                yield Chore(name, every, self._poll(timeline).poll, source, fills=fills)

    def _poll(self, timeline: Timeline) -> Poll:
        return Poll(timeline, self.store, self.taking.take, self.notebook, self.clock, lambda: self.api.skew)

    def _accelerators(self) -> list[Accelerator]:
        kinds = streams_of(self.settings)
        if kinds and self.credentials.bearer is None:
            raise ConfigurationError(
                "TRIAGE_X_ACCELERATOR needs the app's bearer token: TRIAGE_X_BEARER_TOKEN is not set"
            )
        return [_OnceTheAccountIsKnown(_STREAMS[kind], partial(self._make_accelerator, kind)) for kind in kinds]

    def _make_accelerator(self, kind: Kind) -> Accelerator:
        return accelerator(
            kind,
            self.credentials,
            self.api.me(),
            api=self.settings.x_api,
            timeout=timedelta(seconds=self.settings.x_timeout_seconds),
            budget=self.budget,
            watch=self.notebook,
            clock=self.clock,
            private=self.api.calls if self.settings.x_private else None,
        )

    def _subscribe(self, webhook_id: str) -> None:
        """What the account has X tell a webhook; private messages where they are wanted and X allows it."""
        account_id = self.api.me().id
        subscriptions.keep(self.app_calls, PUBLIC_EVENTS, account_id, webhook_id)
        if self.settings.x_private:
            with suppress(ChannelError):  # the call has told the watch; they are polled for all the same
                subscriptions.keep(self.app_calls, PRIVATE_EVENTS, account_id, webhook_id, making=self.api.calls)

    def _others(self, message_ids: Collection[str], reply: Reply) -> Collection[str]:
        with self.store.read() as transaction:
            known = transaction.replies.echoes(PRIVATE, message_ids)
        return {message_id for message_id, other in known.items() if other != reply.id}


@dataclass(slots=True)
class _OnceTheAccountIsKnown:
    """An accelerator that is made when it is first listened to: then X may be asked whose account this is."""

    source: Source
    make: Callable[[], Accelerator]

    def happenings(self, stop: threading.Event) -> Iterator[Happening | Missed]:
        yield from self.make().happenings(stop)
