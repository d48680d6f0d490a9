"""Erasing what a person wrote, at their request, with a certificate that it was done.

All of the database is done in one transaction. Journals of sent replies are files, so they come after it;
the certificate remembers what is still to be done there, until it is. Being interrupted or being asked
again does no harm.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from triage.channels.protocol import Archive
from triage.clock import Clock
from triage.domain.erasure import Cause, Certificate
from triage.domain.event import SERVICE
from triage.errors import NotFound
from triage.service.masking import Order, mask
from triage.service.sweeping import sweep
from triage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Erasure:
    """Forgets people. ``archives`` are the channels that keep texts of replies outside the database."""

    store: Store
    archives: Sequence[Archive]
    clock: Clock

    def held(self, author_id: str, channel: str | None = None) -> int:
        """How many messages of an author, and private ones to them, are held with their content."""
        with self.store.read() as transaction:
            return transaction.held.count_by_author(author_id, channel)

    def erase(self, author_id: str, channel: str | None = None, actor: str = SERVICE) -> Certificate:
        """Let everything go that an author wrote, and what was said to them.

        The author gets a random pseudonym, one for all of it, from which there is no way back. Asked again,
        where nothing is held any more, this gives the last certificate.

        Raises:
            NotFound: nothing is held of this author, and nothing ever was erased.
        """
        made = self.store.run(lambda transaction: self._erase(transaction, author_id, channel, actor))
        sweep(self.store, self.archives, self.clock)
        self.store.forget_leftovers()
        with self.store.read() as transaction:
            return transaction.erasures.get(made.id) or made

    def certificates(self) -> list[Certificate]:
        """Every certificate, oldest first."""
        with self.store.read() as transaction:
            return transaction.erasures.all()

    def _erase(self, transaction: Transaction, author_id: str, channel: str | None, actor: str) -> Certificate:
        author = transaction.secrets.author_hash(author_id)
        posts = transaction.held.by_author(author_id, channel)
        named = transaction.held.named_by_author(author_id, channel)
        if not posts and not named:
            earlier = transaction.erasures.of_author(author)
            if not earlier:
                raise NotFound("nothing is held of this author")
            return earlier[-1]
        at = self.clock.now()
        pseudonyms = {author_id: pseudonym()}
        masked = mask(transaction, posts, Order(Cause.REQUEST, at, actor, pseudonyms))
        transaction.held.forget(named, at, pseudonyms)
        made = Certificate(secrets.token_hex(8), author, channel, at, None, actor, masked.counts)
        transaction.erasures.add(made, masked.replies)
        return made


def pseudonym() -> str:
    """A random name for somebody who shall not be found again."""
    return f"erased-{secrets.token_hex(8)}"
