"""Random values that the product made for itself, once, and tokens that it was given: kept sealed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from secrets import token_hex
from typing import Final

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore
from triage.store.tables import secrets

_AUTHORS: Final = "authors"


class Secrets:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def author_hash(self, author_id: str) -> str:
        """The id under a secret of this database's (HMAC-SHA256, 64 hexadecimal digits).

        The same for the same id as long as the database lives, also after its keys were rotated.
        """
        return self.author_hashes([author_id])[author_id]

    def author_hashes(self, author_ids: Iterable[str]) -> dict[str, str]:
        """Several ids and their hashes, as :meth:`author_hash` gives them."""
        secret = bytes.fromhex(self._value(_AUTHORS))
        return {one: hmac.new(secret, one.encode(), hashlib.sha256).hexdigest() for one in author_ids}

    def kept(self, name: str) -> str | None:
        """What was kept under a name, or ``None``."""
        return self._connection.execute(sa.select(secrets.c.value).where(secrets.c.name == name)).scalar()

    def keep(self, name: str, value: str) -> None:
        """Keep a value that came from elsewhere, such as a token, in the place of an earlier one."""
        self._connection.execute(insert_or_ignore(self._connection, secrets), {"name": name, "value": value})
        self._connection.execute(sa.update(secrets).where(secrets.c.name == name).values(value=value))

    def _value(self, name: str) -> str:
        """The secret of this name, which is made when it is first asked for."""
        query = sa.select(secrets.c.value).where(secrets.c.name == name)
        kept = self._connection.execute(query).scalar()
        if kept is None:
            made = {"name": name, "value": token_hex(32)}
            self._connection.execute(insert_or_ignore(self._connection, secrets), made)
            kept = self._connection.execute(query).scalar_one()
        return str(kept)
