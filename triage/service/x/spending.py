"""What the calls of a day cost, as far as X's list of prices says."""

from __future__ import annotations

from datetime import date
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.store import Transaction

#: US dollars for a post with a link in it (price of 2026).
LINK_PRICE: Final = 0.20


def spent_on(transaction: Transaction, day: date) -> float:
    """An estimate in US dollars for a day in UTC, which is rather too high; X's own bill counts.

    A post whose answer was lost counts as written. A page whose answer was lost counts when it is read again, since X
    charges once a day for the same post.
    """
    return spent_between(transaction, day, day)


def spent_between(transaction: Transaction, first: date, last: date) -> float:
    """As :func:`spent_on`, for all days from the first to the last."""
    return sum(
        (spent.things - spent.links) * Endpoint(name).terms.price + spent.links * LINK_PRICE
        for name, spent in transaction.x_notes.spent(first, last).items()
    )
