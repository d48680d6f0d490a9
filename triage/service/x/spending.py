"""What the calls of a day cost, as far as X's list of prices says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from triage.answers.wording import has_link
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.domain.limits import Limits
from triage.store import Transaction

#: US dollars for a post with a link in it (price of 2026).
LINK_PRICE: Final = 0.20


@dataclass(frozen=True, slots=True)
class Spend:
    """An estimate in US dollars, which is rather too high; X's own bill counts.

    ``look_ups`` is for posts that are looked up by their ids, nearly all of them stored ones, again and again: that
    grows with what is held, whatever is answered.
    """

    look_ups: float = 0.0
    rest: float = 0.0

    @property
    def total(self) -> float:
        return self.look_ups + self.rest


def spent_between(transaction: Transaction, first: date, last: date, limits: Limits) -> Spend:
    """What was spent on the days (UTC) from the first to the last.

    A post whose answer was lost counts as written. A page whose answer was lost counts when it is read again, since X
    charges once a day for the same post.
    """
    look_ups = rest = 0.0
    for name, spent in transaction.x_notes.spent(first, last).items():
        one = Endpoint(name).terms.price_for(owns_app=limits.account_owns_app)
        cost = (spent.things - spent.links) * one + spent.links * LINK_PRICE
        if name == Endpoint.LOOK_UP.value:
            look_ups += cost
        else:
            rest += cost
    return Spend(look_ups, rest)


def waiting(transaction: Transaction, enough: float | None = None) -> float:
    """What the replies that are still to leave will cost, in US dollars.

    Where only matters whether it comes to ``enough``, links are looked for in their texts if that decides it, and not
    counted otherwise: there may be thousands.
    """
    count = transaction.said.number_waiting((PUBLIC, PRIVATE))
    least, most = count * Endpoint.POST.terms.price, count * LINK_PRICE
    if enough is not None and not least < enough <= most:
        return least
    return sum(price(text) for channel in (PUBLIC, PRIVATE) for text in transaction.said.waiting(channel))


def price(text: str) -> float:
    """What X charges for a post with this text, in US dollars."""
    return LINK_PRICE if has_link(text) else Endpoint.POST.terms.price
