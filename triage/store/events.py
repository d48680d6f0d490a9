"""The append-only log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from triage.domain.event import Event, EventKind
from triage.store.bulk import insert_rows
from triage.store.dialect import among
from triage.store.tables import events

_COLUMNS = [events.c[name] for name in Event.__struct_fields__]
_PAGE = 10_000


class Events:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(self, happened: Sequence[Event]) -> None:
        rows = [(e.case_id, e.message_id, e.at, e.kind, e.actor, e.data) for e in happened]
        insert_rows(self._connection, events, ("case_id", "message_id", "at", "kind", "actor", "data"), rows)

    def stream(self) -> Iterator[Event]:
        """The whole log, in the order in which it was appended, a page at a time."""
        last = 0
        while True:
            query = sa.select(events.c.id, *_COLUMNS).where(events.c.id > last).order_by(events.c.id).limit(_PAGE)
            rows = self._connection.execute(query).all()
            yield from map(_event, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1].id

    def of_case(self, case_id: int) -> list[Event]:
        query = sa.select(*_COLUMNS).where(events.c.case_id == case_id).order_by(events.c.id)
        return [_event(row) for row in self._connection.execute(query)]

    def of_messages(self, message_ids: Iterable[int]) -> list[Event]:
        """What happened with these messages, in whatever case they were. Reads the whole log: for rare questions."""
        query = sa.select(*_COLUMNS).where(among(self._connection, events.c.message_id, message_ids))
        return [_event(row) for row in self._connection.execute(query.order_by(events.c.id))]


def _event(row: sa.Row[Any]) -> Event:
    case_id, at, kind, actor, message_id, data = row[-len(_COLUMNS) :]
    return Event(case_id, at, EventKind(kind), actor, message_id, data)
