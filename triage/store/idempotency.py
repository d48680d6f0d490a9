"""Remembering answers to requests, so that a repeated request gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore
from triage.store.tables import idempotency


@dataclass(frozen=True, slots=True)
class Remembered:
    request_hash: str
    status: int | None  # None: not answered yet
    body: Any
    created_at: datetime


class IdempotencyKeys:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def reserve(self, user_id: int, key: str, request_hash: str, at: datetime) -> Remembered | None:
        """Take the key for this request; what is remembered of an earlier one, if there was one."""
        row = {"user_id": user_id, "key": key, "request_hash": request_hash, "created_at": at}
        statement = insert_or_ignore(self._connection, idempotency).returning(idempotency.c.key)
        if self._connection.execute(statement, row).first() is not None:
            return None
        query = sa.select(idempotency).where(idempotency.c.user_id == user_id, idempotency.c.key == key)
        found = self._connection.execute(query).one()
        return Remembered(found.request_hash, found.status, found.body, found.created_at)

    def forget(self, user_id: int, key: str) -> None:
        self._connection.execute(
            sa.delete(idempotency).where(idempotency.c.user_id == user_id, idempotency.c.key == key)
        )

    def remember(self, user_id: int, key: str, status: int, body: Any) -> None:
        self._connection.execute(
            sa.update(idempotency)
            .where(idempotency.c.user_id == user_id, idempotency.c.key == key)
            .values(status=status, body=body)
        )
