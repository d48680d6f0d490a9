"""People and programs that may use the service. Passwords and tokens are kept as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.user import Role, User
from triage.errors import Conflict
from triage.store.tables import users


@dataclass(frozen=True, slots=True)
class Credentials:
    user: User
    password_hash: str | None


class Users:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(
        self, name: str, role: Role, *, password_hash: str | None, token_hash: str | None, created_at: datetime
    ) -> User:
        """Create a user.

        Raises:
            Conflict: the name is taken.
        """
        row = {
            "name": name,
            "role": role.value,
            "password_hash": password_hash,
            "token_hash": token_hash,
            "created_at": created_at,
        }
        try:
            with self._connection.begin_nested():
                made = self._connection.execute(sa.insert(users).returning(users.c.id), row).scalar_one()
        except sa.exc.IntegrityError:
            raise Conflict(f"a user named {name!r} exists already") from None
        return User(made, name, role)

    def get(self, user_id: int) -> User | None:
        return self._one(users.c.id == user_id)

    def by_token_hash(self, token_hash: str) -> User | None:
        return self._one(users.c.token_hash == token_hash)

    def credentials(self, name: str) -> Credentials | None:
        row = self._connection.execute(sa.select(users).where(users.c.name == name)).first()
        return None if row is None else Credentials(_user(row), row.password_hash)

    def any(self) -> bool:
        return self._connection.execute(sa.select(users.c.id).limit(1)).first() is not None

    def _one(self, condition: sa.ColumnElement[bool]) -> User | None:
        row = self._connection.execute(sa.select(users).where(condition)).first()
        return None if row is None else _user(row)


def _user(row: sa.Row[Any]) -> User:
    return User(row.id, row.name, Role(row.role))
