"""The few places where SQLite and PostgreSQL must be spoken to differently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Query = TypeVar("Query", bound=sa.Select[Any])


def is_postgresql(connection: sa.Connection) -> bool:
    return connection.dialect.name == "postgresql"


def insert_or_ignore(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves alone what a unique constraint says is there already."""
    make = postgresql.insert if is_postgresql(connection) else sqlite.insert
    return make(table).on_conflict_do_nothing()


def for_update(
    connection: sa.Connection, query: Query, *, skip_locked: bool = False, of: sa.Table | None = None
) -> Query:
    """Lock the selected rows, of a join those ``of`` a table; SQLite's writing transactions hold the whole database."""
    return query.with_for_update(skip_locked=skip_locked, of=of) if is_postgresql(connection) else query


def serialise(connection: sa.Connection, name: str) -> None:
    """Let transactions that name the same thing pass one after the other, until this one ends."""
    if is_postgresql(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


def among(connection: sa.Connection, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """``column`` is one of ``values``, however many there are, as one bound parameter.

    An ``IN`` list is written out value by value for each statement, which costs more than the query.
    """
    listed = list(values)
    if is_postgresql(connection):
        return column == sa.any_(sa.bindparam(None, listed, type_=postgresql.ARRAY(column.type)))
    each = sa.func.json_each(sa.bindparam(None, listed, type_=sa.JSON())).table_valued("value")
    return column.in_(sa.select(each.c.value))
