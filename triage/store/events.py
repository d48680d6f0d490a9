"""The append-only log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from triage.domain.event import Event, EventKind
from triage.store.bulk import insert_rows
from triage.store.dialect import among
from triage.store.tables import events, messages, revealed

_COLUMNS = [events.c[name] for name in Event.__struct_fields__]
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Look:
    """One look at what is masked: the event and its number, with the message and the case it is in now."""

    id: int
    event: Event
    external_id: str
    case_id: int


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

    def looks_at(self, message_ids: Iterable[int]) -> list[Look]:
        """Every look at these messages, oldest first."""
        query = _looks().where(among(self._connection, events.c.message_id, message_ids)).order_by(events.c.id)
        return [_look(row) for row in self._connection.execute(query)]

    def looks(self, *, before: int | None, limit: int) -> list[Look]:
        """The latest looks at any message, or the latest of those whose number is below ``before``."""
        query = _looks().order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        return [_look(row) for row in self._connection.execute(query)]

    def of_messages(self, message_ids: Iterable[int]) -> list[Event]:
        """What happened with these messages, in whatever case they were. Reads the whole log: for rare questions."""
        query = sa.select(*_COLUMNS).where(among(self._connection, events.c.message_id, message_ids))
        return [_event(row) for row in self._connection.execute(query.order_by(events.c.id))]


def _looks() -> sa.Select[Any]:
    joined = events.join(messages, events.c.message_id == messages.c.id)
    case_now = messages.c.case_id.label("case_now")
    return sa.select(events.c.id, messages.c.external_id, case_now, *_COLUMNS).select_from(joined).where(revealed)


def _look(row: sa.Row[Any]) -> Look:
    return Look(row.id, _event(row), row.external_id, row.case_now)


def _event(row: sa.Row[Any]) -> Event:
    case_id, at, kind, actor, message_id, data = row[-len(_COLUMNS) :]
    return Event(case_id, at, EventKind(kind), actor, message_id, data)
