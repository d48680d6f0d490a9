"""Replies that have not gone out as they should, as people look after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from triage.domain.case import CaseState
from triage.domain.reply import ReplyKind, ReplyState
from triage.store.tables import cases, replies
from triage.store.types import Moment

#: A reply that is ready and still here after so long is not merely waiting for its turn.
PATIENCE: Final = timedelta(minutes=2)
_WITH_PEOPLE = (CaseState.QUEUED.value, CaseState.CLAIMED.value)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Replies without an end: how many wait (the oldest since when), are looked for, and are for people to decide."""

    waiting: int = 0
    in_doubt: int = 0
    ambiguous: int = 0
    oldest: datetime | None = None


class StuckReplies:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def page(self, now: datetime, state: ReplyState | None, before: int | None, limit: int) -> list[sa.Row[Any]]:
        """Everything about replies, the newest first: those in a state, or the stuck ones of any.

        Beside a reply's own columns: ``case_state`` and ``case_owner``.
        """
        query = (
            sa.select(replies, cases.c.state.label("case_state"), cases.c.owner.label("case_owner"))
            .join(cases, cases.c.id == replies.c.case_id)
            .where(_stuck(now) if state is None else replies.c.state == state.value)
            .order_by(replies.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(replies.c.id < before)
        return list(self._connection.execute(query))

    def count(self, now: datetime) -> int:
        """How many are stuck."""
        query = sa.select(sa.func.count()).select_from(replies).join(cases, cases.c.id == replies.c.case_id)
        return int(self._connection.execute(query.where(_stuck(now))).scalar_one())

    def under_way(self, channels: Sequence[str]) -> UnderWay:
        """What is on its way on these channels, stuck or not."""
        states = (ReplyState.PENDING, ReplyState.SENDING, ReplyState.AMBIGUOUS)
        query = (
            sa.select(replies.c.state, sa.func.count(), sa.func.min(replies.c.created_at, type_=Moment))
            .where(replies.c.channel.in_(channels), replies.c.state.in_([state.value for state in states]))
            .group_by(replies.c.state)
        )
        found = {ReplyState(row[0]): (row[1], row[2]) for row in self._connection.execute(query)}
        waiting, doubtful, ambiguous = (found.get(state, (0, None)) for state in states)
        return UnderWay(waiting[0], doubtful[0], ambiguous[0], waiting[1])

    def stale(self, channel: str, before: datetime) -> int | None:
        """The oldest automatic reply of a channel that has waited since before a moment.

        None that a person has let go or has had sent again.
        """
        query = (
            sa.select(replies.c.id)
            .where(
                replies.c.state == sa.literal_column(f"'{ReplyState.PENDING.value}'"),  # as the index has it
                replies.c.channel == channel,
                replies.c.kind == ReplyKind.AUTOMATIC.value,
                replies.c.created_at < before,
                replies.c.released_by.is_(None),
                replies.c.lost_at.is_(None),
            )
            .order_by(replies.c.created_at, replies.c.id)
            .limit(1)
        )
        return self._connection.execute(query).scalar()

    def resolve(self, reply_id: int, state: ReplyState) -> None:
        """A person has decided what becomes of a reply; after it was locked."""
        values: dict[str, Any] = {
            "state": state.value,
            **dict.fromkeys(("problem", "not_before", "doubt", "in_doubt_since", "look_at")),
        }
        self._connection.execute(sa.update(replies).where(replies.c.id == reply_id).values(**values))


def _stuck(now: datetime) -> sa.ColumnElement[bool]:
    state = replies.c.state
    waits = sa.or_(replies.c.not_before > now, replies.c.waits_since <= now - PATIENCE)
    return sa.or_(
        sa.and_(state == ReplyState.PENDING.value, waits),
        sa.and_(state == ReplyState.SENDING.value, replies.c.doubt.is_not(None)),
        sa.and_(state == ReplyState.FAILED.value, cases.c.state.in_(_WITH_PEOPLE)),
        state == ReplyState.AMBIGUOUS.value,
    )
