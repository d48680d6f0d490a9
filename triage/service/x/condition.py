"""How the connection to X is: what is seen of it from the database, whichever process keeps it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.watch import Source
from triage.clock import Clock
from triage.domain.limits import Limits
from triage.service.x.asking_again import MAY_BE_GONE_FOR
from triage.service.x.spending import Spend, spent_between, waiting
from triage.service.x.switches import SENDING
from triage.service.x.upkeep import Upkeep, upkeep
from triage.service.x.windows import left, next_call
from triage.store import Store, Transaction
from triage.store.budgets import Calls
from triage.store.held import Overdue
from triage.store.left_out import Standing
from triage.store.marks import Mark
from triage.store.stuck import UnderWay
from triage.store.switches import Switch
from triage.store.webhooks import FollowedWebhook
from triage.store.x_notes import MENTION, Heard, Problem

#: X's terms: so long after somebody deleted or edited a post at most, that has to be honoured.
LOOKED_UP_WITHIN: Final = timedelta(hours=24)
#: A connection of which nothing was noted for so long is one no more.
GIVEN_UP_AFTER: Final = timedelta(days=7)
_TIMELINES: Final = (Source.POLL, Source.OWN_POSTS, Source.PRIVATE)


@dataclass(frozen=True, slots=True)
class Listened:
    """One source: how often it is asked (``None``: it talks by itself), and when it was heard.

    ``expected`` says that it is listened to with the present settings; another was heard earlier.
    """

    source: Source
    every: timedelta | None
    heard: Heard
    expected: bool = True

    @property
    def next_at(self) -> datetime | None:
        """When it is asked next, if nothing is in the way."""
        return self.heard.alive_at + self.every if self.every and self.heard.alive_at else None


@dataclass(frozen=True, slots=True)
class Allowed:
    """One kind of call: how many are left, of how many, in which window; and when the next is allowed, if not now."""

    endpoint: Endpoint
    left: Sequence[tuple[int, int, timedelta]]
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Read:
    """How far a timeline is read: the mark, ``None`` if never, and when it was last put."""

    source: Source
    mark: Mark | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything that operators look at. Money is in US dollars, an estimate; days and months are of UTC.

    ``last_mention`` is the latest post by somebody else that names or answers the brand: when it was seen.
    ``stuck`` counts the replies of all channels. ``overdue`` are posts that should have been looked up again;
    ``to_be_spent`` is what the replies that wait will cost, without their links where these do not matter for the
    day's limit.
    """

    at: datetime
    silence: timedelta
    dry_run: bool = False
    paused: Switch | None = None
    last_mention: Heard | None = None
    sources: Sequence[Listened] = ()
    calls: Sequence[Allowed] = ()
    timelines: Sequence[Read] = ()
    replies: UnderWay = field(default_factory=UnderWay)
    stuck: int = 0
    problems: Sequence[Problem] = ()
    webhooks: Sequence[FollowedWebhook] = ()
    overdue: Overdue = field(default_factory=Overdue)
    left_out: Mapping[str, Standing] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    spent_today: Spend = field(default_factory=Spend)
    spent_this_month: Spend = field(default_factory=Spend)
    to_be_spent: float = 0.0

    @property
    def is_known(self) -> bool:
        """Whether any process has ever noted anything of a connection, or somebody has paused it."""
        heard = any(one.heard != Heard() for one in self.sources)
        return heard or bool(self.problems) or self.paused is not None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Looks how the connection is. ``polled`` are its sources, and how often each is asked; ``None``: it talks.

    ``limits`` are the brand's, and ``kept_for`` is how long it keeps posts, ``None`` for ever.
    """

    store: Store
    clock: Clock
    polled: Mapping[Source, timedelta | None]
    silence: timedelta
    dry_run: bool
    limits: Limits = field(default_factory=Limits)
    kept_for: timedelta | None = None

    def is_known(self) -> bool:
        """:attr:`Condition.is_known`, for those who ask often and want nothing else."""
        with self.store.read() as transaction:
            switch = transaction.switches.get(SENDING)
            return transaction.x_notes.any() or (switch is not None and not switch.is_on)

    def is_kept_up(self) -> bool:
        """Whether any process has kept up a connection lately: what stands still for a week has been given up."""
        with self.store.read() as transaction:
            return transaction.x_notes.any_since(self.clock.now() - GIVEN_UP_AFTER)

    def upkeep(self) -> Upkeep:
        """What it costs to hold what is held."""
        with self.store.read() as transaction:
            return upkeep(transaction, self.kept_for, self.clock.now())

    def now(self) -> Condition:
        at = self.clock.now()
        with self.store.read() as transaction:
            switch = transaction.switches.get(SENDING)
            calls = transaction.budgets.all()
            heard = transaction.x_notes.heard()
            spent_today = spent_between(transaction, at.date(), at.date(), self.limits)
            return Condition(
                at=at,
                silence=self.silence,
                dry_run=self.dry_run,
                paused=None if switch is None or switch.is_on else switch,
                last_mention=heard.get(MENTION),
                sources=self._sources(heard),
                calls=[_allowed(endpoint, calls.get(endpoint.value, Calls()), at) for endpoint in Endpoint],
                timelines=_timelines(transaction),
                replies=transaction.stuck.under_way((PUBLIC, PRIVATE)),
                stuck=transaction.stuck.count(at),
                problems=transaction.x_notes.problems(),
                webhooks=transaction.webhooks.all(),
                overdue=transaction.held.overdue(PUBLIC, at - LOOKED_UP_WITHIN),
                left_out=transaction.left_out.standing(at - MAY_BE_GONE_FOR),
                limits=self.limits,
                spent_today=spent_today,
                spent_this_month=spent_between(transaction, at.date().replace(day=1), at.date(), self.limits),
                to_be_spent=waiting(transaction, self.limits.spend_per_day_usd - spent_today.rest),
            )

    def _sources(self, heard: Mapping[str, Heard]) -> list[Listened]:
        return [
            Listened(source, self.polled.get(source), heard.get(source.value, Heard()), source in self.polled)
            for source in Source
            if source in self.polled or source.value in heard
        ]


def _allowed(endpoint: Endpoint, calls: Calls, at: datetime) -> Allowed:
    allowances = endpoint.terms.allowances
    counted = zip(left(calls, allowances, at), allowances, strict=True)
    shown = [(remaining, one.calls, one.window) for remaining, one in counted]
    return Allowed(endpoint, shown, next_call(calls, allowances, at))


def _timelines(transaction: Transaction) -> list[Read]:
    put = transaction.marks.put_at()
    return [Read(one, transaction.marks.get(one.value), put.get(one.value)) for one in _TIMELINES]
