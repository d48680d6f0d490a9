"""Writing many rows at a time.

SQLAlchemy's own ``executemany`` spends several times longer on building each row's parameters than
the database spends on storing it. Here the columns' own bind processors are looked up once and rows
go to the driver as tuples: ``executemany`` on SQLite, ``COPY`` on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from triage.store.dialect import is_postgresql

Row = Sequence[Any]
_Bind = Callable[[Any], Any]


def insert_rows(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert ``rows``, each a value per column.

    A constraint that refuses a row ends the transaction with the database's own error.
    """
    if not rows:
        return
    bound = _bound(connection.dialect, table, tuple(columns), rows)
    if is_postgresql(connection):
        _copy(connection, table, columns, bound)
    else:
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", bound)  # noqa: S608 - our own names


def update_rows(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set ``columns`` of the rows whose id is the *last* value of each tuple."""
    if not rows:
        return
    bound = _bound(connection.dialect, table, (*columns, "id"), rows)
    mark = "%s" if is_postgresql(connection) else "?"
    sets = ", ".join(f"{name} = {mark}" for name in columns)
    connection.exec_driver_sql(f"UPDATE {table.name} SET {sets} WHERE id = {mark}", bound)  # noqa: S608 - our own names


def reserve_ids(connection: sa.Connection, table: sa.Table, count: int) -> list[int]:
    """``count`` new ids for a table, ascending, given to nobody else."""
    if not is_postgresql(connection):  # a writing transaction is alone
        last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    sequence = sa.func.nextval(f"{table.name}_id_seq")
    query = sa.select(sequence).select_from(sa.func.generate_series(1, count))
    return list(connection.scalars(query))


def _bound(dialect: Dialect, table: sa.Table, names: tuple[str, ...], rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for index, bind in enumerate(_processors(dialect, table, names)):
        if bind is not None:
            columns[index] = map(bind, columns[index])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=64)
def _processors(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> list[_Bind | None]:
    """What the dialect does to a value of each column before it hands it to the driver."""
    found: list[_Bind | None] = []
    for name in columns:
        column_type = table.c[name].type.dialect_impl(dialect)
        found.append(column_type.bind_processor(dialect))
    return found


def _copy(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    names = ", ".join(columns)
    # The driver's own cursor: SQLAlchemy has no COPY. Errors are the driver's too (see Store.run).
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        if error.diag.message_primary is None:  # not the server's: it knows of no row
            raise
        raise type(error)(error.diag.message_primary) from None  # what follows it quotes the row
