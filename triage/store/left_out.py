"""What X left out of its answers, or sent so that it cannot be read: what is still to be asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore
from triage.store.tables import left_out

#: From what is above to what is below, where one id is between.
_ONE: Final = 2


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Ids between ``above`` and ``below``, both excluded, of which X left out one at least.

    It is so ``since`` a moment, was ``asked`` for again so often, and is to be again at ``again_at``.
    """

    above: int
    below: int
    since: datetime
    again_at: datetime
    asked: int = 0

    @staticmethod
    def just(post_id: str, at: datetime) -> LeftOut:
        """One thing whose id is known; it is to be asked for at once."""
        return LeftOut(int(post_id) - 1, int(post_id) + 1, at, at)

    @property
    def post_id(self) -> str | None:
        """The id, where only one fits."""
        return str(self.above + 1) if self.below - self.above == _ONE else None

    def touches(self, other: LeftOut) -> bool:
        """Whether some id is in both."""
        return max(self.above, other.above) + 1 < min(self.below, other.below)

    @property
    def holds_any(self) -> bool:
        """Whether there is an id in it."""
        return self.below - self.above > 1

    def joined(self, other: LeftOut) -> LeftOut:
        """Both and what is between, as it is with this one."""
        above, below = min(self.above, other.above), max(self.below, other.below)
        return LeftOut(above, below, self.since, self.again_at, self.asked)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many there are that were asked for again, and X still leaves them out; and since when, at the longest."""

    count: int
    since: datetime


class LeftOuts:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, name: str) -> list[LeftOut]:
        """Those of a timeline, which is due first in front."""
        query = sa.select(left_out).where(left_out.c.name == name).order_by(left_out.c.again_at, left_out.c.above)
        return [
            LeftOut(row.above, row.below, row.since, row.again_at, row.asked) for row in self._connection.execute(query)
        ]

    def add(self, name: str, ones: Iterable[LeftOut]) -> None:
        """Note those that are not noted yet."""
        rows = [
            {
                "name": name,
                "above": one.above,
                "below": one.below,
                "since": one.since,
                "again_at": one.again_at,
                "asked": one.asked,
            }
            for one in ones
        ]
        if rows:
            self._connection.execute(insert_or_ignore(self._connection, left_out), rows)

    def put_off(self, name: str, one: LeftOut, until: datetime) -> None:
        """It was asked for and did not come."""
        asked = {"again_at": until, "asked": left_out.c.asked + 1}
        self._connection.execute(sa.update(left_out).where(*_is(name, one)).values(**asked))

    def bring_forward(self, name: str, to: datetime) -> None:
        """All that is still to come of a timeline is to be asked for from that moment on."""
        later = left_out.c.name == name, left_out.c.again_at > to
        self._connection.execute(sa.update(left_out).where(*later).values(again_at=to))

    def drop(self, name: str, ones: Iterable[LeftOut]) -> None:
        for one in ones:
            self._connection.execute(sa.delete(left_out).where(*_is(name, one)))

    def standing(self, named_before: datetime) -> Mapping[str, Standing]:
        """``timeline -> what X still leaves out``; what X names counts if it did so first before that moment."""
        without_id = left_out.c.below - left_out.c.above > _ONE
        query = (
            sa.select(left_out.c.name, sa.func.count(), sa.func.min(left_out.c.since, type_=left_out.c.since.type))
            .where(left_out.c.asked > 0, sa.or_(without_id, left_out.c.since < named_before))
            .group_by(left_out.c.name)
        )
        return {row[0]: Standing(int(row[1]), row[2]) for row in self._connection.execute(query)}


def _is(name: str, one: LeftOut) -> tuple[sa.ColumnElement[bool], ...]:
    return left_out.c.name == name, left_out.c.above == one.above, left_out.c.below == one.below
