"""Column types that hold the same value in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect


class _IsoMoment(sa.types.UserDefinedType[datetime]):
    """ISO 8601 text in UTC with microseconds: sorts as time does."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "VARCHAR(32)"

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:  # noqa: ARG002 - fixed by SQLAlchemy
        def bind(value: datetime | None) -> str | None:
            if value is None:
                return None
            if value.tzinfo is not UTC:
                value = value.astimezone(UTC)
            return value.isoformat(timespec="microseconds")

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None]:  # noqa: ARG002
        parse = datetime.fromisoformat

        def result(value: str | None) -> datetime | None:
            return None if value is None else parse(value)

        return result


#: A moment in UTC: ``timestamptz`` on PostgreSQL, sortable text on SQLite (which has no such type).
#: A session on PostgreSQL runs in UTC (``triage.store.engine``), so both give back aware UTC times.
Moment = sa.DateTime(timezone=True).with_variant(_IsoMoment(), "sqlite")

#: A JSON document; ``jsonb`` on PostgreSQL, so that analysts can query it.
Document = sa.JSON().with_variant(JSONB(), "postgresql")

#: The largest number that can name a row; asking a database for a larger one is an error.
LARGEST_KEY = 2**63 - 1

#: A 64-bit key.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
