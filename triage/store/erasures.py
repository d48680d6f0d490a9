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
    """An erasure whose replies, by key, may still have their texts in journals."""

    id: int
    keys: Collection[str]


class Erasures:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, certificate: Certificate, due: Collection[str]) -> None:
        """Keep a certificate; ``due`` are keys of replies whose texts may be in journals."""
        row = {
            "certificate": certificate.id,
            "author": certificate.author,
            "channel": certificate.channel,
            "erased_at": certificate.erased_at,
            "actor": certificate.actor,
            "counts": dict(certificate.counts),
            "due": sorted(due),
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
        query = sa.select(erasures.c.id, erasures.c.due).where(erasures.c.finished_at.is_(None))
        rows = self._connection.execute(for_update(self._connection, query.order_by(erasures.c.id), skip_locked=True))
        return [Unfinished(row.id, frozenset(row.due)) for row in rows]

    def finish(self, erasure_id: int, at: datetime, lines: int) -> None:
        """Nothing is left to be done; ``lines`` of journals lost their texts."""
        query = sa.select(erasures.c.counts).where(erasures.c.id == erasure_id)
        counts = self._connection.execute(query).scalar_one() | {"journal_lines": lines}
        self._connection.execute(
            sa.update(erasures).where(erasures.c.id == erasure_id).values(finished_at=at, counts=counts, due=[])
        )

    def _certificates(self, query: sa.Select[Any]) -> list[Certificate]:
        rows = self._connection.execute(query.order_by(erasures.c.id))
        return [
            Certificate(row.certificate, row.author, row.channel, row.erased_at, row.finished_at, row.actor, row.counts)
            for row in rows
        ]
