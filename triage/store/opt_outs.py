"""Customers who want no automatic reply, by channel: their ids under a secret, so that they outlive an erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from triage.store.dialect import among, insert_or_ignore
from triage.store.secrets import Secrets
from triage.store.tables import opt_outs

#: A channel and an author's id on it.
Author = tuple[str, str]


class OptOuts:
    def __init__(self, connection: sa.Connection, secrets: Secrets) -> None:
        self._connection = connection
        self._secrets = secrets

    def add(self, channel: str, author_id: str, at: datetime) -> str | None:
        """Remember for good; the author's hash, or ``None`` where it was known already."""
        author = self._secrets.author_hash(author_id)
        row = {"channel": channel, "author": author, "at": at}
        statement = insert_or_ignore(self._connection, opt_outs).returning(opt_outs.c.author)
        return self._connection.execute(statement, row).scalar()

    def among(self, authors: Iterable[Author]) -> set[Author]:
        """Which of these have opted out."""
        if self._connection.execute(sa.select(opt_outs.c.author).limit(1)).first() is None:
            return set()  # the secret need not even be made
        wanted = set(authors)
        hashes = self._secrets.author_hashes({author_id for _, author_id in wanted})
        held = among(self._connection, opt_outs.c.author, hashes.values())
        found = {
            tuple(row) for row in self._connection.execute(sa.select(opt_outs.c.channel, opt_outs.c.author).where(held))
        }
        return {(channel, author_id) for channel, author_id in wanted if (channel, hashes[author_id]) in found}

    def all(self) -> set[tuple[str, str]]:
        """Every ``(channel, author's hash)``; for checks."""
        return {(row.channel, row.author) for row in self._connection.execute(sa.select(opt_outs))}
