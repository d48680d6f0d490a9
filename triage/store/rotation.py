"""The keys of what is stored: are they all there, and writing everything anew under the first one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from triage.store.dialect import for_update
from triage.store.engine import Store
from triage.store.sealed import sealed_columns, vault_of
from triage.store.tables import metadata
from triage.store.transaction import Transaction
from triage.store.vault import HEAD_BYTES

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """Rows of a table that are under the first key now and were not before; and those that are still not."""

    table: str
    rows: int
    left: int


def check_keys(transaction: Transaction) -> None:
    """See whether the keys of the oldest and the newest rows are there, before anything is written with another.

    Raises:
        ConfigurationError: one is not.
    """
    for table in _sealed_tables():
        key = _primary_key(table)
        for order in (key.asc(), key.desc()):
            transaction.connection.execute(sa.select(*sealed_columns(table)).order_by(order).limit(1)).all()


def rotate_keys(store: Store) -> Iterator[Rotated]:
    """Encrypt everything anew with the first key; one result per table as it is done.

    Each batch is a transaction, and what is under the first key already is left alone, so this may be
    interrupted, run again, and run while others work. ``left`` is above 0 where a process still writes
    with another key.

    Raises:
        ConfigurationError: a key that something is encrypted with is not there.
    """
    for table in _sealed_tables():
        rows = sum(_batches(store, table))
        with store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(table).where(_under_another_key(transaction, table))
            left = transaction.connection.execute(query).scalar_one()
        yield Rotated(table.name, rows, left)


def _batches(store: Store, table: sa.Table) -> Iterator[int]:
    """Write a table anew; how many rows of each batch."""
    done: list[Any] = [None]
    while done:
        after = done[-1]
        done = store.run(partial(_rotate_batch, table=table, after=after))
        yield len(done)


def _rotate_batch(transaction: Transaction, table: sa.Table, after: Any) -> list[Any]:
    """Keys of the rows that were written anew; empty at the end of the table."""
    connection, key, columns = transaction.connection, _primary_key(table), sealed_columns(table)
    query = sa.select(key, *columns).where(_under_another_key(transaction, table)).order_by(key).limit(_BATCH)
    if after is not None:
        query = query.where(key > after)
    rows = connection.execute(for_update(connection, query)).all()
    if rows:
        statement = sa.update(table).where(key == sa.bindparam("of", type_=key.type))
        statement = statement.values({column.name: sa.bindparam(f"new_{column.name}") for column in columns})
        values = [
            {"of": row[0], **{f"new_{c.name}": value for c, value in zip(columns, row[1:], strict=True)}}
            for row in rows
        ]
        connection.execute(statement, values)
    return [row[0] for row in rows]


def _under_another_key(transaction: Transaction, table: sa.Table) -> sa.ColumnElement[bool]:
    head = sa.literal(vault_of(transaction.connection.dialect).head, sa.LargeBinary)
    raw = (sa.type_coerce(column, sa.LargeBinary) for column in sealed_columns(table))
    return sa.or_(*(sa.func.substr(column, 1, HEAD_BYTES, type_=sa.LargeBinary) != head for column in raw))


def _sealed_tables() -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if sealed_columns(table)]


def _primary_key(table: sa.Table) -> sa.Column[Any]:
    (key,) = table.primary_key.columns
    return key
