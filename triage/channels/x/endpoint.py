"""The calls of X's API that the product makes: what each may be called how often, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

_WINDOW: Final = timedelta(minutes=15)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most ``calls`` in any ``window``, as X publishes it for one user of one app."""

    calls: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """What X asks of a call.

    ``price`` is in US dollars for each thing that is read or written (prices of 2026), and ``owned_price`` where the
    account owns the app and X asks for less then. ``writes`` says that a call changes something, so that one whose
    answer was lost may have been carried out.
    """

    allowances: tuple[Allowance, ...]
    price: float = 0.0
    owned_price: float | None = None
    writes: bool = False

    def price_for(self, *, owns_app: bool) -> float:
        """In US dollars for each thing, where the account owns the app or not."""
        return self.owned_price if owns_app and self.owned_price is not None else self.price


class Endpoint(StrEnum):
    """One kind of call. Its value is what budgets, problems and spend are kept under."""

    ME = "me"
    MENTIONS = "mentions"
    OWN_POSTS = "own_posts"
    LOOK_UP = "look_up"
    POST = "post"
    DELETE = "delete"
    PRIVATE_EVENTS = "private_events"
    PRIVATE_SEND = "private_send"
    STREAM = "stream"
    STREAM_RULES = "stream_rules"
    ACTIVITY_STREAM = "activity_stream"
    SUBSCRIPTIONS = "subscriptions"
    WEBHOOKS = "webhooks"
    TOKEN = "token"  # noqa: S105 - the name of a call

    @property
    def terms(self) -> Terms:
        return _TERMS[self]


_TERMS: Final[Mapping[Endpoint, Terms]] = {
    Endpoint.ME: Terms((Allowance(75, _WINDOW),), price=0.010),
    Endpoint.MENTIONS: Terms((Allowance(300, _WINDOW),), price=0.005, owned_price=0.001),
    Endpoint.OWN_POSTS: Terms((Allowance(900, _WINDOW),), price=0.005),
    Endpoint.LOOK_UP: Terms((Allowance(900, _WINDOW),), price=0.005),
    Endpoint.POST: Terms((Allowance(100, _WINDOW), Allowance(10_000, _DAY)), price=0.015, writes=True),
    Endpoint.DELETE: Terms((Allowance(50, _WINDOW),), price=0.010, writes=True),
    Endpoint.PRIVATE_EVENTS: Terms((Allowance(15, _WINDOW),), price=0.010),
    Endpoint.PRIVATE_SEND: Terms((Allowance(15, _WINDOW), Allowance(1_440, _DAY)), price=0.015, writes=True),
    Endpoint.STREAM: Terms((Allowance(50, _WINDOW),), price=0.005),
    Endpoint.STREAM_RULES: Terms((Allowance(25, _WINDOW),)),
    Endpoint.ACTIVITY_STREAM: Terms((Allowance(50, _WINDOW),), price=0.005),
    Endpoint.SUBSCRIPTIONS: Terms((Allowance(50, _WINDOW),)),
    Endpoint.WEBHOOKS: Terms((Allowance(50, _WINDOW),)),
    Endpoint.TOKEN: Terms((Allowance(50, _WINDOW),)),
}
