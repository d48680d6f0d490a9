"""What people have switched on or off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore
from triage.store.tables import switches


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether something is on, and who put it so, when and why."""

    is_on: bool
    by: str
    at: datetime
    reason: str


class Switches:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Switch | None:
        """``None`` for what nobody has touched."""
        row = self._connection.execute(sa.select(switches).where(switches.c.name == name)).first()
        return None if row is None else Switch(row.is_on, row.by, row.at, row.reason)

    def put(self, name: str, switch: Switch) -> None:
        values = {"is_on": switch.is_on, "by": switch.by, "at": switch.at, "reason": switch.reason}
        self._connection.execute(insert_or_ignore(self._connection, switches), {"name": name, **values})
        self._connection.execute(sa.update(switches).where(switches.c.name == name).values(**values))
