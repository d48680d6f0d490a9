"""Cases as they stand: a projection of the event log, written only by :mod:`triage.service.ledger`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.case import Case, CaseState
from triage.store.bulk import insert_rows, reserve_ids, update_rows
from triage.store.dialect import among, for_update
from triage.store.tables import cases
from triage.store.types import LARGEST_KEY

_FIELDS = Case.__struct_fields__
_COLUMNS = [cases.c[name] for name in _FIELDS]
_WRITTEN = tuple(name for name in _FIELDS if name not in ("id", "channel"))
_STATE = _FIELDS.index("state")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the worklist starts: after this priority, time and id."""

    priority: int
    queued_at: datetime
    id: int


class Cases:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def reserve(self, count: int) -> list[int]:
        """Ids for cases that are about to be opened."""
        return reserve_ids(self._connection, cases, count)

    def insert(self, opened: Sequence[Case]) -> None:
        insert_rows(self._connection, cases, _FIELDS, [_values(case, _FIELDS) for case in opened])

    def live_by_root(self, channel: str, roots: Iterable[str]) -> dict[str, int]:
        """The live case named by each of these roots."""
        found: dict[str, int] = {}
        query = sa.select(cases.c.root, cases.c.id).where(
            cases.c.channel == channel, among(self._connection, cases.c.root, roots), cases.c.merged_into.is_(None)
        )
        found.update((row.root, row.id) for row in self._connection.execute(query))
        return found

    def lock(self, case_ids: Iterable[int]) -> dict[int, Case]:
        """Read cases that are about to change; nobody else can change them meanwhile."""
        found: dict[int, Case] = {}
        query = (
            sa.select(*_COLUMNS)
            .where(among(self._connection, cases.c.id, sorted({key for key in case_ids if key <= LARGEST_KEY})))
            .order_by(cases.c.id)
        )
        for row in self._connection.execute(for_update(self._connection, query)):
            found[row.id] = _case(row)
        return found

    def get(self, case_id: int) -> Case | None:
        if case_id > LARGEST_KEY:
            return None
        row = self._connection.execute(sa.select(*_COLUMNS).where(cases.c.id == case_id)).first()
        return None if row is None else _case(row)

    def update(self, changed: Sequence[Case]) -> None:
        update_rows(self._connection, cases, _WRITTEN, [_values(case, (*_WRITTEN, "id")) for case in changed])

    def queued(self, queue: str, limit: int) -> list[int]:
        """Ids of the next cases of a queue, locked, skipping those that others are taking now."""
        query = (
            sa.select(cases.c.id)
            .where(cases.c.state == CaseState.QUEUED.value, cases.c.queue == queue)
            .order_by(cases.c.priority, cases.c.queued_at, cases.c.id)
            .limit(limit)
        )
        return list(self._connection.scalars(for_update(self._connection, query, skip_locked=True)))

    def page(
        self,
        *,
        state: CaseState | None,
        queue: str | None,
        owner: str | None,
        after: Place | None,
        limit: int,
    ) -> list[Case]:
        """Cases in the order in which they should be worked on; ``after`` continues a page."""
        when = sa.func.coalesce(cases.c.queued_at, cases.c.opened_at)
        query = sa.select(*_COLUMNS).where(cases.c.merged_into.is_(None))
        for column, value in ((cases.c.state, state), (cases.c.queue, queue), (cases.c.owner, owner)):
            if value is not None:
                query = query.where(column == value)
        if after is not None:
            query = query.where(
                sa.tuple_(cases.c.priority, when, cases.c.id)
                > sa.tuple_(
                    sa.literal(after.priority),
                    sa.literal(after.queued_at, type_=cases.c.queued_at.type),
                    sa.literal(after.id),
                )
            )
        query = query.order_by(cases.c.priority, when, cases.c.id).limit(limit)
        return [_case(row) for row in self._connection.execute(query)]

    def queue_lengths(self) -> dict[str, dict[int, int]]:
        """``queue -> priority -> waiting cases``."""
        query = (
            sa.select(cases.c.queue, cases.c.priority, sa.func.count())
            .where(cases.c.state == CaseState.QUEUED.value)
            .group_by(cases.c.queue, cases.c.priority)
        )
        lengths: dict[str, dict[int, int]] = {}
        for queue, priority, count in self._connection.execute(query):
            lengths.setdefault(queue, {})[priority] = count
        return lengths

    def all(self) -> dict[int, Case]:
        """Every case, merged ones too; for checks and exports."""
        return {row.id: _case(row) for row in self._connection.execute(sa.select(*_COLUMNS))}


def _values(case: Case, names: Sequence[str]) -> list[Any]:
    return [getattr(case, name) for name in names]


def _case(row: sa.Row[Any]) -> Case:
    values = list(row)
    values[_STATE] = CaseState(values[_STATE])
    return Case(*values)
