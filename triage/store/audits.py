"""Automatic answers that people look at afterwards, and whether the service may answer.

Both are projections of ``events``: :mod:`triage.domain.audit` rebuilds them from the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from triage.domain.audit import Answering, Stopped, Tally, Verdict
from triage.domain.reply import ReplyKind, ReplyState
from triage.store.dialect import for_update, insert_or_ignore, serialise
from triage.store.tables import answering, audits, messages, replies

_ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class Sampled:
    """An automatic answer that is to be looked at: to which message, from which snippet."""

    message_id: int
    snippet: str
    version: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sampled answer that was sent and has no verdict yet."""

    sampled: Sampled
    case_id: int
    reply: str


class Audits:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, sampled: Sequence[Sampled]) -> None:
        """Remember what is to be looked at; a message that is decided again, after an edit, counts once."""
        rows = [
            {"message_id": one.message_id, "snippet": one.snippet, "snippet_version": one.version} for one in sampled
        ]
        if rows:
            self._connection.execute(insert_or_ignore(self._connection, audits), rows)

    def waiting(self, limit: int, message_id: int | None = None) -> list[Waiting]:
        """Sampled answers that were sent and wait for a verdict, oldest first; or that of one message.

        What was erased cannot be judged any more and is left out.
        """
        joined = audits.join(messages, audits.c.message_id == messages.c.id).join(
            replies, sa.and_(replies.c.case_id == messages.c.case_id, replies.c.message_id == messages.c.id)
        )
        query = (
            sa.select(
                audits.c.message_id, audits.c.snippet, audits.c.snippet_version, messages.c.case_id, replies.c.text
            )
            .select_from(joined)
            .where(
                audits.c.verdict.is_(None),
                messages.c.erased_at.is_(None),
                replies.c.kind == ReplyKind.AUTOMATIC.value,
                replies.c.state == ReplyState.SENT.value,
            )
            .order_by(audits.c.message_id)
            .limit(limit)
        )
        if message_id is not None:
            query = query.where(audits.c.message_id == message_id)
        return [
            Waiting(Sampled(row.message_id, row.snippet, row.snippet_version), row.case_id, row.text)
            for row in self._connection.execute(query)
        ]

    def judge(self, message_id: int, verdict: Verdict, by: str) -> None:
        self._connection.execute(
            sa.update(audits).where(audits.c.message_id == message_id).values(verdict=verdict.value, by=by)
        )

    def all(self) -> dict[int, tuple[str, Verdict | None]]:
        """``message id -> (snippet, verdict)`` of every sampled answer; for checks."""
        return {
            row.message_id: (row.snippet, Verdict(row.verdict) if row.verdict else None)
            for row in self._connection.execute(sa.select(audits))
        }

    def lock_answering(self) -> Answering:
        """How answering stands; nobody else can change it until this transaction ends."""
        serialise(self._connection, "answering")
        self._connection.execute(
            insert_or_ignore(self._connection, answering), {"id": _ONLY_ROW, "right": 0, "wrong": 0, "unsure": 0}
        )
        self._connection.execute(for_update(self._connection, sa.select(answering.c.id))).all()
        return self.answering()

    def answering(self) -> Answering:
        """How answering stands."""
        row = self._connection.execute(sa.select(answering)).first()
        if row is None:
            return Answering()
        stopped = (
            Stopped(row.stopped_at, row.stopped_audited, row.stopped_wrong, row.stopped_promised)
            if row.stopped_at is not None
            else None
        )
        return Answering(Tally(row.right, row.wrong, row.unsure), stopped)

    def stopped_by(self) -> int | None:
        """The message with whose verdict answering stopped; ``None`` while it has not."""
        return self._connection.execute(sa.select(answering.c.stopped_by_message)).scalar()

    def write_answering(self, now: Answering, stopped_by: int | None) -> None:
        """Write how answering stands; after :meth:`lock_answering`."""
        stopped, tally = now.stopped, now.tally
        self._connection.execute(
            sa.update(answering).values(
                right=tally.right,
                wrong=tally.wrong,
                unsure=tally.unsure,
                stopped_at=stopped.at if stopped else None,
                stopped_audited=stopped.audited if stopped else None,
                stopped_wrong=stopped.wrong if stopped else None,
                stopped_promised=stopped.promised if stopped else None,
                stopped_by_message=stopped_by if stopped else None,
            )
        )
