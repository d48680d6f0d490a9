"""What the connection to X notes of itself: what it heard and when, what went wrong, what it read and wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore, serialise
from triage.store.tables import problems, sources, spend

#: Under this name the last mention is noted, beside the sources that bring such.
MENTION: Final = "mention"
_MOST_PROBLEMS: Final = 50
_MOST_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """When a source was last heard, and what of; ``lag`` is in seconds. ``None`` where that never was."""

    alive_at: datetime | None = None
    saw_at: datetime | None = None
    last_id: str | None = None
    lag: float | None = None

    def seeing(self, external_id: str, created_at: datetime, at: datetime) -> Heard:
        """With a post or message that was seen at a moment, and written at an earlier one."""
        lag = max(0.0, (at - created_at).total_seconds())  # two clocks never agree
        return replace(self, saw_at=at, last_id=external_id, lag=lag)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, and where: a kind of call or a source; ``times`` in a row, the first at ``first_at``."""

    place: str
    text: str
    first_at: datetime
    at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of one kind, the things they read or wrote, and how many of them wrote a text with a link."""

    calls: int
    things: int
    links: int


class XNotes:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hear(self, source: str, heard: Heard) -> None:
        """Note what is not ``None``."""
        told = {
            "last_alive_at": heard.alive_at,
            "last_saw_at": heard.saw_at,
            "last_id": heard.last_id,
            "last_lag": heard.lag,
        }
        values = {name: value for name, value in told.items() if value is not None}
        self._connection.execute(insert_or_ignore(self._connection, sources), {"name": source})
        if values:
            self._connection.execute(sa.update(sources).where(sources.c.name == source).values(**values))

    def heard(self) -> dict[str, Heard]:
        """``source -> what was heard of it``."""
        return {
            row.name: Heard(row.last_alive_at, row.last_saw_at, row.last_id, row.last_lag)
            for row in self._connection.execute(sa.select(sources))
        }

    def any(self) -> bool:
        """Whether anything was ever heard, or went wrong."""
        heard = sa.or_(*(column.is_not(None) for column in sources.c if column is not sources.c.name))
        query = sa.select(sa.or_(sa.exists().where(heard), sa.exists(sa.select(problems.c.id))))
        return bool(self._connection.execute(query).scalar_one())

    def any_since(self, moment: datetime) -> bool:
        """Whether anything was heard, or went wrong, from that moment on."""
        heard = sa.or_(sources.c.last_alive_at >= moment, sources.c.last_saw_at >= moment)
        wrong = sa.exists(sa.select(problems.c.id).where(problems.c.at >= moment))
        return bool(self._connection.execute(sa.select(sa.or_(sa.exists().where(heard), wrong))).scalar_one())

    def add_problem(self, place: str, text: str, at: datetime) -> None:
        """Note a problem, or that the last one of this place is there again; only the latest are kept."""
        serialise(self._connection, "x-problems")
        text = text[:_MOST_CHARACTERS]
        query = sa.select(problems).where(problems.c.place == place).order_by(problems.c.id.desc()).limit(1)
        last = self._connection.execute(query).first()
        if last is not None and last.text == text:
            again = {"times": last.times + 1, "at": at}
            self._connection.execute(sa.update(problems).where(problems.c.id == last.id).values(**again))
            return
        row = {"place": place, "text": text, "first_at": at, "at": at, "times": 1}
        self._connection.execute(sa.insert(problems), row)
        kept = sa.select(problems.c.id).order_by(problems.c.id.desc()).limit(_MOST_PROBLEMS)
        oldest = min(self._connection.scalars(kept))
        self._connection.execute(sa.delete(problems).where(problems.c.id < oldest))

    def problems(self) -> list[Problem]:
        """The latest problems, the last one first."""
        query = sa.select(problems).order_by(problems.c.at.desc(), problems.c.id.desc())
        return [
            Problem(row.place, row.text, row.first_at, row.at, row.times) for row in self._connection.execute(query)
        ]

    def spend(self, day: date, endpoint: str, spent: Spent) -> None:
        """Count calls of one kind on a day (UTC)."""
        key = {"day": day, "endpoint": endpoint}
        self._connection.execute(
            insert_or_ignore(self._connection, spend), {**key, "calls": 0, "things": 0, "links": 0}
        )
        self._connection.execute(
            sa.update(spend)
            .where(spend.c.day == day, spend.c.endpoint == endpoint)
            .values(
                calls=spend.c.calls + spent.calls,
                things=spend.c.things + spent.things,
                links=spend.c.links + spent.links,
            )
        )

    def spent(self, first: date, last: date) -> Mapping[str, Spent]:
        """``kind of call -> what was spent`` on the days (UTC) from the first to the last."""
        sums = [sa.func.sum(column) for column in (spend.c.calls, spend.c.things, spend.c.links)]
        query = sa.select(spend.c.endpoint, *sums).where(spend.c.day.between(first, last)).group_by(spend.c.endpoint)
        return {row[0]: Spent(*(int(total) for total in row[1:])) for row in self._connection.execute(query)}
