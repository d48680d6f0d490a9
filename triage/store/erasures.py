"""What was erased at the request of people, and what of it is still to be done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.erasure import Certificate
from triage.store.dialect import for_update
from triage.store.tables import erasures


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure of which some replies may still have their texts in journals."""

    id: int
    replies: Collection[int]


class Erasures:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, certificate: Certificate, replies: Collection[int]) -> None:
        """Keep a certificate, and which replies it waits for until it is finished."""
        row = {
            "certificate": certificate.id,
            "author": certificate.author,
            "channel": certificate.channel,
            "erased_at": certificate.erased_at,
            "actor": certificate.actor,
            "counts": dict(certificate.counts),
            "replies": sorted(replies),
        }
        self._connection.execute(sa.insert(erasures), row)

    def all(self) -> list[Certificate]:
        """Every certificate, oldest first."""
        return self._certificates(sa.select(erasures))

    def of_author(self, author: str) -> list[Certificate]:
        """Certificates with this hash of an author, oldest first."""
        return self._certificates(sa.select(erasures).where(erasures.c.author == author))

    def get(self, certificate: str) -> Certificate | None:
        found = self._certificates(sa.select(erasures).where(erasures.c.certificate == certificate))
        return found[0] if found else None

    def unfinished(self) -> list[Unfinished]:
        """What is still to be done, locked until the transaction ends; what others are doing is left to them."""
        query = sa.select(erasures.c.id, erasures.c.replies).where(erasures.c.finished_at.is_(None))
        rows = self._connection.execute(for_update(self._connection, query.order_by(erasures.c.id), skip_locked=True))
        return [Unfinished(row.id, row.replies) for row in rows]

    def finish(self, erasure_id: int, at: datetime) -> None:
        """Nothing is left to be done."""
        self._connection.execute(
            sa.update(erasures).where(erasures.c.id == erasure_id).values(finished_at=at, replies=[])
        )

    def _certificates(self, query: sa.Select[Any]) -> list[Certificate]:
        rows = self._connection.execute(query.order_by(erasures.c.id))
        return [
            Certificate(row.certificate, row.author, row.channel, row.erased_at, row.finished_at, row.actor, row.counts)
            for row in rows
        ]
