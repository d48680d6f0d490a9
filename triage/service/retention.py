"""Letting content go that has been kept for as long as the brand keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from triage.clock import Clock
from triage.domain.erasure import Cause
from triage.domain.event import SERVICE
from triage.service.erasure import pseudonym
from triage.service.masking import Order, mask
from triage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Retention:
    """``periods`` says for each channel how long the content of its messages is kept.

    Counted from when a message was written. Only cases in which nothing is left to do are touched: what a
    person still has to read stays until it has been dealt with. The authors of what goes get pseudonyms,
    since nobody needs to know any more who they were: also beside what they have deleted before.
    """

    store: Store
    periods: Mapping[str, timedelta]
    clock: Clock

    def due(self) -> dict[str, int]:
        """``channel -> number of messages`` whose time has come."""
        now = self.clock.now()
        with self.store.read() as transaction:
            return {
                channel: transaction.held.count_finished(channel, now - period)
                + transaction.held.count_named(channel, now - period)
                for channel, period in self.periods.items()
            }

    def apply(self, limit: int) -> int:
        """Let the content of up to ``limit`` messages of each channel go, the oldest first; how many went.

        Each channel is a transaction.
        """
        return sum(self.store.run(partial(self._apply, channel=channel, limit=limit)) for channel in self.periods)

    def _apply(self, transaction: Transaction, channel: str, limit: int) -> int:
        at = self.clock.now()
        posts = transaction.held.finished(channel, at - self.periods[channel], limit)
        named = transaction.held.named(channel, at - self.periods[channel], limit)
        people = {post.person_id for post in (*posts, *named)}
        pseudonyms = {person: pseudonym() for person in people if person is not None}
        if posts:
            mask(transaction, posts, Order(Cause.RETENTION, at, SERVICE, pseudonyms))
        transaction.held.forget(named, at, pseudonyms)
        return len(posts) + len(named)
