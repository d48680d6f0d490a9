"""Calls of X's API of late, counted for all processes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.store.dialect import for_update, insert_or_ignore
from triage.store.tables import budgets

#: Calls by the part of a window that they were made in: ``number of the part -> calls``.
Parts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Calls:
    """What is known of one kind of call.

    ``counts`` has the calls of late for each window, by its length in seconds. ``remaining`` is how many X said
    were left until ``resets_at``, less those made since. None may be made before ``rests_until``.
    """

    counts: Mapping[int, Parts] = field(default_factory=dict)
    remaining: int | None = None
    resets_at: datetime | None = None
    rests_until: datetime | None = None


class Budgets:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, endpoint: str) -> Calls:
        """What is known now; nothing for what was never called."""
        return self._read(endpoint, lock=False)

    def all(self) -> dict[str, Calls]:
        """``kind of call -> what is known`` of those that were called."""
        return {row.endpoint: _calls(row) for row in self._connection.execute(sa.select(budgets))}

    def lock(self, endpoint: str) -> Calls:
        """What is known; nobody else can change it until this transaction ends."""
        self._connection.execute(insert_or_ignore(self._connection, budgets), {"endpoint": endpoint, "counts": {}})
        return self._read(endpoint, lock=True)

    def put(self, endpoint: str, calls: Calls) -> None:
        """Write what is known now; after :meth:`lock`."""
        counts = {str(window): {str(part): n for part, n in parts.items()} for window, parts in calls.counts.items()}
        self._connection.execute(
            sa.update(budgets)
            .where(budgets.c.endpoint == endpoint)
            .values(counts=counts, remaining=calls.remaining, resets_at=calls.resets_at, rests_until=calls.rests_until)
        )

    def _read(self, endpoint: str, *, lock: bool) -> Calls:
        query = sa.select(budgets).where(budgets.c.endpoint == endpoint)
        row = self._connection.execute(for_update(self._connection, query) if lock else query).first()
        return Calls() if row is None else _calls(row)


def _calls(row: sa.Row[Any]) -> Calls:
    counts = {int(window): {int(part): n for part, n in parts.items()} for window, parts in row.counts.items()}
    return Calls(counts, row.remaining, row.resets_at, row.rests_until)
