"""How far timelines of X were read, and what is still to be read below that."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from triage.shapes import ready
from triage.store.dialect import insert_or_ignore
from triage.store.tables import marks


class Gap(msgspec.Struct, frozen=True):
    """Ids that are still to be read: those between ``above`` and ``below``, both excluded.

    ``known`` is the newest id that had been read before: who reads down to it has filled the gap. ``above`` is
    a little lower, since X may show posts late. ``below`` is ``None`` where nothing of the gap was read yet.
    ``newer`` is how many posts the timeline had above ``below``, at least. ``token`` is X's of the page to go on with,
    where X lets nobody ask for ids.
    """

    known: int
    above: int
    below: int | None = None
    newer: int = 0
    token: str | None = None


class Mark(msgspec.Struct, frozen=True):
    """All posts from ``floor`` to the id ``newest`` were read, but for those in ``gaps``, the newest of which is first.

    What is not above ``floor`` was there before the brand was first read.
    """

    newest: int
    floor: int = 0
    gaps: tuple[Gap, ...] = ()


class Marks:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Mark | None:
        """``None`` for a timeline that was never read."""
        row = self._connection.execute(sa.select(marks).where(marks.c.name == name)).first()
        return (
            None if row is None else msgspec.convert({"newest": row.newest, "floor": row.floor, "gaps": row.gaps}, Mark)
        )

    def put_at(self) -> dict[str, datetime]:
        """When each mark was put last."""
        return {row.name: row.at for row in self._connection.execute(sa.select(marks.c.name, marks.c.at))}

    def put(self, name: str, mark: Mark, at: datetime) -> None:
        gaps = msgspec.to_builtins(mark.gaps)
        values = {"newest": mark.newest, "floor": mark.floor, "gaps": gaps, "at": at}
        self._connection.execute(insert_or_ignore(self._connection, marks), {"name": name, **values})
        self._connection.execute(sa.update(marks).where(marks.c.name == name).values(**values))


ready(Mark)
