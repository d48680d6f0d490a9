"""What people wrote is encrypted: texts, replies and judgements, those of existing databases too.

Revision: 0002, after 0001
"""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from triage.store.sealed import vault_of

revision = "0002"
down_revision = "0001"

_BATCH = 1000
_ToBytes = Callable[[Any], bytes]


def upgrade() -> None:
    _seal("messages", "id", {"text": _text, "normalised": _text})
    _seal("replies", "id", {"text": _text, "problem": _text}, optional=frozenset({"problem"}))
    _seal("judgements", "message_id", {"scores": _document, "decision": _document})


def _text(value: str) -> bytes:
    return value.encode()


def _document(value: Any) -> bytes:
    """SQLite gives the JSON as it is kept, PostgreSQL what it says."""
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


def _seal(
    table: str, key: str, columns: dict[str, _ToBytes], optional: frozenset[str] | set[str] = frozenset()
) -> None:
    """Fill a sealed column beside each plain one, and let it take its place.

    No table is made anew: others refer to these, and SQLite would not let them go. Rows that are there need
    a default until they are filled; it stays, since SQLite cannot take it away.
    """
    for name in columns:
        nullable = name in optional
        sealed = sa.Column(
            f"sealed_{name}", sa.LargeBinary(), nullable=nullable, server_default=None if nullable else sa.text("''")
        )
        op.add_column(table, sealed)
    _fill(table, key, columns)
    for name in columns:
        op.drop_column(table, name)
        op.execute(f"ALTER TABLE {table} RENAME COLUMN sealed_{name} TO {name}")


def _fill(table: str, key: str, columns: dict[str, _ToBytes]) -> None:
    connection = op.get_bind()
    vault = vault_of(connection.dialect)
    seal = {name: vault.sealer(f"{table}.{name}") for name in columns}
    names = [key, *columns, *(f"sealed_{name}" for name in columns)]
    rows_of = sa.table(table, *map(sa.column, names))
    by_key = rows_of.c[key]
    write = sa.update(rows_of).where(by_key == sa.bindparam("of", type_=sa.BigInteger()))
    write = write.values({f"sealed_{name}": sa.bindparam(f"new_{name}", type_=sa.LargeBinary()) for name in columns})
    last = 0
    while True:
        query = sa.select(by_key, *(rows_of.c[name] for name in columns)).where(by_key > last)
        rows = connection.execute(query.order_by(by_key).limit(_BATCH)).mappings().all()
        if not rows:
            return
        last = rows[-1][key]
        values = [
            {"of": row[key]}
            | {
                f"new_{name}": None if row[name] is None else seal[name](to_bytes(row[name]))
                for name, to_bytes in columns.items()
            }
            for row in rows
        ]
        connection.execute(write, values)
