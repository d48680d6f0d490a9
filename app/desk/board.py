"""The left and the middle of the desk: queues with what waits in them, and one list of cases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.api.paging import from_cursor, to_cursor
from app.compose import Product
from app.desk import words
from app.desk.listing import TITLES, Kind, Listing
from triage.domain.case import Case, CaseState
from triage.domain.scores import Urgency
from triage.domain.user import User
from triage.errors import InvalidInput
from triage.service import worklist
from triage.service.showing import Shown
from triage.store.cases import Place

PAGE = 50
_MOST_COUNTED = 100
_ADDRESSED = re.compile(r"^(?:\s*\.?@\w{1,30})+\s*")


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to choose, with what waits in it; ``waiting`` is ``None`` where it is not counted."""

    listing: Listing
    title: str
    waiting: str | None
    critical: int
    high: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list."""

    id: int
    urgency: Urgency
    intent: str
    excerpt: str
    author: str
    language: str | None
    exposed: tuple[str, ...]
    queue: str | None
    owner: str | None
    time: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Board:
    queues: Sequence[Choice]
    others: Sequence[Choice]
    title: str
    rows: Sequence[Row]
    next: Listing | None
    stuck: int  # replies that have not gone out as they should

    @property
    def waiting(self) -> str | None:
        """How many wait in any queue."""
        return self.queues[0].waiting


def of(product: Product, user: User, listing: Listing) -> Board:
    """What ``user`` sees beside a case."""
    routing = product.brand.routing
    found = worklist.page(product.store, **listing.filters(user), after=_after(listing), limit=PAGE)
    words_of = worklist.last_words(product.store, product.showing, found.cases)
    with product.store.read() as transaction:
        mine = transaction.cases.page(
            state=CaseState.CLAIMED, queue=None, owner=user.name, after=None, limit=_MOST_COUNTED
        )
    now = product.clock.now()
    return Board(
        queues=_queues(product, listing),
        others=_others(listing, len(mine)),
        title=listing.title(routing),
        rows=[_row(case, words_of.get(case.id), routing.queues, now) for case in found.cases],
        next=Listing(listing.kind, listing.queue, to_cursor(found.next)) if found.next else None,
        stuck=product.stuck.count(),
    )


def _after(listing: Listing) -> Place | None:
    """Where the page starts; from the top, for a cursor that is damaged."""
    try:
        return from_cursor(listing.cursor) if listing.cursor else None
    except InvalidInput:
        return None


def _queues(product: Product, listing: Listing) -> list[Choice]:
    lengths = worklist.queues(product.store, product.brand.routing)
    choices = [
        _choice(Listing(Kind.QUEUE, length.name), length.title, length.by_priority, listing) for length in lengths
    ]
    total: dict[int, int] = {}
    for length in lengths:
        for band, count in length.by_priority.items():
            total[band] = total.get(band, 0) + count
    return [_choice(Listing(Kind.ALL), TITLES[Kind.ALL], total, listing), *choices]


def _choice(of: Listing, title: str, by_priority: Mapping[int, int], listing: Listing) -> Choice:
    return Choice(
        listing=of,
        title=title,
        waiting=str(sum(by_priority.values())),
        critical=by_priority.get(Urgency.CRITICAL.band, 0),
        high=by_priority.get(Urgency.HIGH.band, 0),
        chosen=(of.kind, of.queue) == (listing.kind, listing.queue),
    )


def _others(listing: Listing, mine: int) -> list[Choice]:
    counted = {Kind.MINE: f"{mine}+" if mine >= _MOST_COUNTED else str(mine)}
    kinds = (Kind.MINE, Kind.WAITING, Kind.ANSWERED, Kind.CLOSED)
    return [
        Choice(Listing(kind), TITLES[kind], counted.get(kind), critical=0, high=0, chosen=listing.kind is kind)
        for kind in kinds
    ]


def _row(case: Case, latest: Shown | None, titles: Mapping[str, str], now: datetime) -> Row:
    scores = latest.scores if latest else None
    moment = _since(case)
    return Row(
        id=case.id,
        urgency=words.urgency(case.priority),
        intent=words.INTENTS.get(case.intent or "", "Not judged yet"),
        excerpt=_excerpt(latest.text) if latest else "",
        author=latest.author_id if latest else "",
        language=scores.language if scores else (latest.lang if latest else None),
        exposed=latest.exposed if latest else (),
        queue=titles.get(case.queue, case.queue) if case.queue else None,
        owner=case.owner if case.state is CaseState.CLAIMED else None,
        time=words.span_of_time(now - moment) if case.state is CaseState.QUEUED else words.ago(moment, now),
        moment=moment,
    )


def _since(case: Case) -> datetime:
    """From when the list counts: the queue's clock where the case waits, else the customer's last word."""
    waiting = case.queued_at if case.state is CaseState.QUEUED else None
    return waiting or case.last_customer_at or case.opened_at


def _excerpt(text: str) -> str:
    """The message without whom it is addressed to, in one line; the page cuts it to two lines."""
    return " ".join(_ADDRESSED.sub("", text).split()) or text
