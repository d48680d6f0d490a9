"""What replies have said: to whom, and of late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from triage.automated import Given
from triage.domain.reply import ReplyKind, ReplyState
from triage.store.dialect import among
from triage.store.replies import NEVER_LEFT
from triage.store.tables import messages, replies

_LEAVING = (ReplyState.PENDING.value, ReplyState.SENDING.value)
_LEFT = (ReplyState.SENDING.value, ReplyState.SENT.value, ReplyState.AMBIGUOUS.value)


class SaidTexts:
    """Reads only; replies are written by :class:`triage.store.replies.Replies`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def automatic_to(self, authors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Given]]:
        """Automatic replies that these authors, ``(channel, id)``, were given in any case, oldest first."""
        wanted = set(authors)
        query = (
            sa.select(messages.c.channel, messages.c.author_id, replies.c.case_id, replies.c.text, replies.c.created_at)
            .join(replies, sa.and_(replies.c.case_id == messages.c.case_id, replies.c.message_id == messages.c.id))
            .where(
                among(self._connection, messages.c.author_id, {author_id for _, author_id in wanted}),
                replies.c.kind == ReplyKind.AUTOMATIC.value,
                replies.c.state.not_in(NEVER_LEFT),
            )
            .order_by(replies.c.id)
        )
        found: dict[tuple[str, str], list[Given]] = {}
        for row in self._connection.execute(query):
            if (row.channel, row.author_id) in wanted:
                found.setdefault((row.channel, row.author_id), []).append(Given(row.case_id, row.text, row.created_at))
        return found

    def to_author_of(self, message_id: int) -> set[str]:
        """Texts in the case of a message, and in all cases in which its author has written; withdrawn ones are not."""
        author = sa.select(messages.c.author_id).where(messages.c.id == message_id).scalar_subquery()
        channel = sa.select(messages.c.channel).where(messages.c.id == message_id).scalar_subquery()
        cases = sa.select(messages.c.case_id).where(messages.c.author_id == author, messages.c.channel == channel)
        query = sa.select(replies.c.text).where(
            replies.c.case_id.in_(cases), replies.c.state != ReplyState.CANCELLED.value
        )
        return set(self._connection.scalars(query))

    def latest_automatic(self, channel: str, limit: int) -> list[str]:
        """Texts of the last automatic replies on a channel, the newest first."""
        query = (
            sa.select(replies.c.text)
            .where(replies.c.channel == channel, replies.c.kind == ReplyKind.AUTOMATIC.value)
            .order_by(replies.c.id.desc())
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def latest(self, channel: str, limit: int) -> list[str]:
        """Texts of the last replies of anybody on a channel, the newest first."""
        query = sa.select(replies.c.text).where(replies.c.channel == channel).order_by(replies.c.id.desc()).limit(limit)
        return list(self._connection.scalars(query))

    def since(self, channel: str, moment: datetime) -> set[str]:
        """Texts of all replies on a channel that were written since a moment, or are still to leave."""
        query = sa.select(replies.c.text).where(
            replies.c.channel == channel,
            replies.c.state.not_in(NEVER_LEFT),
            sa.or_(replies.c.created_at >= moment, replies.c.state.in_(_LEAVING)),
        )
        return set(self._connection.scalars(query))

    def automatic_since(self, channel: str, moment: datetime) -> int:
        """How many automatic replies were decided or sent on a channel since a moment.

        Those that never leave do not count.
        """
        query = sa.select(sa.func.count()).where(
            replies.c.channel == channel,
            sa.or_(replies.c.created_at >= moment, replies.c.tried_at >= moment),
            replies.c.kind == ReplyKind.AUTOMATIC.value,
            replies.c.state.not_in(NEVER_LEFT),
        )
        return int(self._connection.execute(query).scalar_one())

    def automatic_left_since(self, channels: Iterable[str], moment: datetime, *, but: int) -> int:
        """How many automatic replies left on these channels since a moment, or may have; one is not counted."""
        query = sa.select(sa.func.count()).where(
            replies.c.tried_at >= moment,
            replies.c.channel.in_(list(channels)),
            replies.c.kind == ReplyKind.AUTOMATIC.value,
            replies.c.state.in_(_LEFT),
            replies.c.id != but,
        )
        return int(self._connection.execute(query).scalar_one())

    def number_waiting(self, channels: Iterable[str]) -> int:
        """How many replies on these channels are still to leave."""
        leaving = replies.c.channel.in_(list(channels)), replies.c.state.in_(_LEAVING)
        return int(self._connection.execute(sa.select(sa.func.count()).where(*leaving)).scalar_one())

    def waiting(self, channel: str) -> list[str]:
        """Texts of the replies on a channel that are still to leave."""
        query = sa.select(replies.c.text).where(replies.c.channel == channel, replies.c.state.in_(_LEAVING))
        return list(self._connection.scalars(query))
