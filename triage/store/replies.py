"""The outbox: replies on their way out, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.erasure import ERASED
from triage.domain.reply import Doubt, Release, Reply, ReplyKind, ReplyState
from triage.store.dialect import among, for_update, insert_or_ignore
from triage.store.tables import messages, replies
from triage.store.types import LARGEST_KEY

_RECIPIENT = (
    sa.select(messages.c.author_id).where(messages.c.id == replies.c.message_id).scalar_subquery().label("recipient")
)
_COLUMNS = [*(replies.c[name] for name in Reply.__dataclass_fields__ if name != "recipient"), _RECIPIENT]


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply to commit. ``key`` names its cause: a second with the same key is never made."""

    key: str
    case_id: int
    message_id: int
    channel: str
    in_reply_to: str
    kind: ReplyKind
    author: str
    text: str
    created_at: datetime
    snippet: str | None = None
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Why nobody knows whether a reply went out, since when, and when to look again."""

    why: Doubt
    since: datetime
    look_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt to send, or of looking for its result.

    ``attempt`` is the number of the attempt that it belongs to. A reply that stays "sending" has a ``doubt``;
    one that is pending again may have another ``text``. ``because`` is the code of why it was withdrawn.
    """

    reply_id: int
    attempt: int
    state: ReplyState
    external_id: str | None = None
    problem: str | None = None
    not_before: datetime | None = None
    types: tuple[str, ...] = ()  # of personal data, where the guard stopped it
    doubt: InDoubt | None = None
    text: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reply stands, whatever its sender knows of it."""

    case_id: int
    erased: bool
    state: ReplyState
    attempts: int


@dataclass(frozen=True, slots=True)
class ErasedReply:
    """A reply whose text goes or went; ``withdrawn`` if nobody had tried to send it until then."""

    id: int
    key: str
    channel: str
    case_id: int
    message_id: int
    withdrawn: bool


_ERASED = [replies.c[name] for name in ("id", "key", "channel", "case_id", "message_id", "state")]

#: States in which a reply that somebody has tried to send may be out, although nobody knows it.
_PERHAPS_OUT = [state.value for state in (ReplyState.PENDING, ReplyState.SENDING, ReplyState.AMBIGUOUS)]
#: States in which a reply may still leave, and nobody is sending it.
_NOT_LEFT = frozenset({ReplyState.PENDING.value, ReplyState.BLOCKED.value})
#: States in which a reply has not reached the customer and will not.
NEVER_LEFT = [state.value for state in (ReplyState.CANCELLED, ReplyState.BLOCKED, ReplyState.FAILED)]


class Replies:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, new: Sequence[NewReply]) -> list[int]:
        """Commit replies as pending; ids of those whose key was not there yet."""
        if not new:
            return []
        rows = [
            {
                "key": reply.key,
                "case_id": reply.case_id,
                "message_id": reply.message_id,
                "channel": reply.channel,
                "in_reply_to": reply.in_reply_to,
                "kind": reply.kind.value,
                "author": reply.author,
                "text": reply.text,
                "snippet": reply.snippet,
                "state": ReplyState.PENDING.value,
                "created_at": reply.created_at,
                "waits_since": reply.created_at,
                "attempts": 0,
                **_values(reply.release),
            }
            for reply in new
        ]
        statement = insert_or_ignore(self._connection, replies).returning(replies.c.id)
        return list(self._connection.scalars(statement, rows))

    def exists(self, key: str) -> bool:
        """Whether a reply was committed under this key before."""
        return self._connection.execute(sa.select(replies.c.id).where(replies.c.key == key)).first() is not None

    def take_pending(self, channel: str, now: datetime) -> Reply | None:
        """Mark the reply of a channel whose turn it is as being sent, and return it.

        People's replies go before automatic ones; among them the one that has been ready the longest. One that
        had to wait counts from the end of its wait, so it neither overtakes others nor falls behind for good.

        The caller commits before it sends. Whoever finds a reply "sending" after a crash knows that
        it may have gone out.
        """
        query = (
            sa.select(*_COLUMNS)
            .where(
                replies.c.state == sa.literal_column(f"'{ReplyState.PENDING.value}'"),  # as the index has it
                replies.c.channel == channel,
                sa.or_(replies.c.not_before.is_(None), replies.c.not_before <= now),
            )
            .order_by(replies.c.kind, replies.c.waits_since, replies.c.id)  # "agent" is before "automatic"
            .limit(1)
        )
        row = self._connection.execute(for_update(self._connection, query, skip_locked=True)).first()
        if row is None:
            return None
        return self.begin(_reply(row), now)

    def begin(self, reply: Reply, now: datetime) -> Reply:
        """Mark a reply that is locked as being sent, as :meth:`take_pending` does."""
        begun = replace(reply, state=ReplyState.SENDING, attempts=reply.attempts + 1, tried_at=now)
        nothing = {"doubt": None, "in_doubt_since": None, "look_at": None}
        self._connection.execute(
            sa.update(replies)
            .where(replies.c.id == reply.id)
            .values(state=begun.state.value, attempts=begun.attempts, tried_at=now, **nothing)
        )
        return begun

    def without_outcome(self, channels: Sequence[str], now: datetime) -> list[Reply]:
        """Replies that are being sent as far as anybody knows, and are to be looked for now."""
        query = (
            sa.select(*_COLUMNS)
            .where(
                replies.c.state == ReplyState.SENDING.value,
                among(self._connection, replies.c.channel, channels),
                sa.or_(replies.c.look_at.is_(None), replies.c.look_at <= now),
            )
            .order_by(replies.c.id)
        )
        return [_reply(row) for row in self._connection.execute(query)]

    def case_of(self, reply_id: int) -> int:
        """The case that a reply belongs to now."""
        return int(self._connection.execute(sa.select(replies.c.case_id).where(replies.c.id == reply_id)).scalar_one())

    def lock(self, reply_id: int) -> Standing:
        """Keep others from moving or erasing a reply until this transaction ends; where it stands now."""
        columns = (replies.c.case_id, replies.c.erased_at, replies.c.state, replies.c.attempts)
        query = sa.select(*columns).where(replies.c.id == reply_id)
        row = self._connection.execute(for_update(self._connection, query)).one()
        return Standing(row.case_id, row.erased_at is not None, ReplyState(row.state), row.attempts)

    def erase(self, message_ids: Iterable[int], at: datetime) -> list[ErasedReply]:
        """Take the texts out of all replies to these messages, and withdraw those that have not left."""
        held = sa.and_(among(self._connection, replies.c.message_id, message_ids), replies.c.erased_at.is_(None))
        query = sa.select(*_ERASED).where(held).order_by(replies.c.id)
        found = [_erased(row) for row in self._connection.execute(for_update(self._connection, query))]
        self._cancel([reply.id for reply in found if reply.withdrawn])
        self._connection.execute(
            sa.update(replies)
            .where(among(self._connection, replies.c.id, [reply.id for reply in found]))
            # The seal is a hash of the text, from which a short one could be found by trying.
            .values(text=ERASED, problem=None, release_reason=None, release_seal=None, erased_at=at)
        )
        return found

    def withdraw(self, message_id: int) -> list[int]:
        """Withdraw automatic replies to a message that nobody has tried to send yet; their ids.

        They give up their keys, so the message may be answered again. One that may be out keeps it.
        """
        query = sa.select(replies.c.id).where(
            replies.c.message_id == message_id,
            replies.c.state == ReplyState.PENDING.value,
            replies.c.kind == ReplyKind.AUTOMATIC.value,
            replies.c.lost_at.is_(None),
        )
        ids = list(self._connection.scalars(for_update(self._connection, query)))
        self._cancel(ids)
        for reply_id in ids:
            self._connection.execute(
                sa.update(replies).where(replies.c.id == reply_id).values(key=f"withdrawn:{reply_id}")
            )
        return ids

    def unswept(self) -> list[ErasedReply]:
        """Erased replies whose texts may be in journals, locked; those that are being sent right now are for later."""
        query = sa.select(*_ERASED).where(
            replies.c.erased_at.is_not(None), replies.c.swept_at.is_(None), replies.c.state != ReplyState.SENDING.value
        )
        rows = self._connection.execute(for_update(self._connection, query.order_by(replies.c.id), skip_locked=True))
        return [_erased(row) for row in rows]

    def swept(self, reply_ids: Iterable[int], at: datetime) -> None:
        """The texts of these are in no journal any more."""
        self._connection.execute(
            sa.update(replies).where(among(self._connection, replies.c.id, reply_ids)).values(swept_at=at)
        )

    def all_swept(self, reply_ids: Iterable[int]) -> bool:
        query = sa.select(replies.c.id).where(
            among(self._connection, replies.c.id, reply_ids), replies.c.swept_at.is_(None)
        )
        return self._connection.execute(query.limit(1)).first() is None

    def _cancel(self, ids: Sequence[int]) -> None:
        self._connection.execute(
            sa.update(replies)
            .where(among(self._connection, replies.c.id, ids))
            .values(state=ReplyState.CANCELLED.value)
        )

    def in_state(self, state: ReplyState, channels: Sequence[str] | None = None) -> list[Reply]:
        query = sa.select(*_COLUMNS).where(replies.c.state == state.value).order_by(replies.c.id)
        if channels is not None:
            query = query.where(among(self._connection, replies.c.channel, channels))
        return [_reply(row) for row in self._connection.execute(query)]

    def settle(self, outcome: Outcome) -> None:
        """Write what came of an attempt to send, if the reply still is in that very attempt."""
        values: dict[str, Any] = {
            "state": outcome.state.value,
            "external_id": outcome.external_id,
            "problem": outcome.problem,
            "not_before": outcome.not_before,
            "doubt": outcome.doubt.why.value if outcome.doubt else None,
            "in_doubt_since": outcome.doubt.since if outcome.doubt else None,
            "look_at": outcome.doubt.look_at if outcome.doubt else None,
        }
        if outcome.doubt is not None and outcome.doubt.why.lost:
            values["lost_at"] = sa.func.coalesce(replies.c.lost_at, replies.c.tried_at, replies.c.created_at)
        elif outcome.state is ReplyState.AMBIGUOUS:
            values["lost_at"] = sa.func.coalesce(replies.c.lost_at, replies.c.created_at)
        if outcome.not_before is not None:
            values["waits_since"] = outcome.not_before
        if outcome.text is not None:
            values |= {"text": outcome.text, "repeats": replies.c.repeats + 1}
        self._connection.execute(
            sa.update(replies)
            .where(
                replies.c.id == outcome.reply_id,
                replies.c.state == ReplyState.SENDING.value,
                replies.c.attempts == outcome.attempt,
            )
            .values(**values)
        )

    def perhaps_out(self, channel: str, answered: Iterable[str]) -> list[Reply]:
        """Replies to these posts that somebody has tried to send, and nobody knows to be out; locked, oldest first."""
        query = (
            sa.select(*_COLUMNS)
            .where(
                replies.c.channel == channel,
                among(self._connection, replies.c.in_reply_to, answered),
                replies.c.state.in_(_PERHAPS_OUT),
                replies.c.attempts > 0,
            )
            .order_by(replies.c.id)
        )
        return [_reply(row) for row in self._connection.execute(for_update(self._connection, query))]

    def confirm(self, reply_id: int, external_id: str | None) -> None:
        """It was seen on the channel, under this id if it is known; after it was locked."""
        self._connection.execute(
            sa.update(replies)
            .where(replies.c.id == reply_id)
            .values(
                state=ReplyState.SENT.value,
                external_id=external_id,
                problem=None,
                not_before=None,
                doubt=None,
                in_doubt_since=None,
                look_at=None,
            )
        )

    def find(self, reply_id: int) -> Reply | None:
        """One reply, locked until this transaction ends."""
        if reply_id > LARGEST_KEY:
            return None
        query = sa.select(*_COLUMNS).where(replies.c.id == reply_id)
        row = self._connection.execute(for_update(self._connection, query)).first()
        return None if row is None else _reply(row)

    def release(self, reply_id: int, release: Release) -> None:
        """Let a blocked reply be sent after all."""
        self._connection.execute(
            sa.update(replies)
            .where(replies.c.id == reply_id, replies.c.state == ReplyState.BLOCKED.value)
            .values(state=ReplyState.PENDING.value, problem=None, not_before=None, **_values(release))
        )

    def cancel_pending(self, case_id: int) -> list[int]:
        """Withdraw automatic replies that wait, unless a person let them go or had them sent again; their ids."""
        statement = (
            sa.update(replies)
            .where(
                replies.c.case_id == case_id,
                replies.c.state == ReplyState.PENDING.value,
                replies.c.kind == ReplyKind.AUTOMATIC.value,
                replies.c.released_by.is_(None),
                replies.c.lost_at.is_(None),
            )
            .values(state=ReplyState.CANCELLED.value)
            .returning(replies.c.id)
        )
        return list(self._connection.scalars(statement))

    def move_case(self, absorbed: int, survivor: int) -> None:
        self._connection.execute(sa.update(replies).where(replies.c.case_id == absorbed).values(case_id=survivor))

    def of_case(self, case_id: int) -> list[sa.Row[Any]]:
        """Everything about the replies of a case, oldest first."""
        query = sa.select(replies).where(replies.c.case_id == case_id).order_by(replies.c.id)
        return list(self._connection.execute(query))

    def to_messages(self, message_ids: Iterable[int]) -> list[sa.Row[Any]]:
        """Everything about the replies to these messages, oldest first."""
        query = sa.select(replies).where(among(self._connection, replies.c.message_id, message_ids))
        return list(self._connection.execute(query.order_by(replies.c.id)))

    def echoes(self, channel: str, external_ids: Iterable[str]) -> dict[str, int]:
        """Which of these posts are our own sent replies: ``external id -> reply id``."""
        found: dict[str, int] = {}
        query = sa.select(replies.c.external_id, replies.c.id).where(
            replies.c.channel == channel, among(self._connection, replies.c.external_id, external_ids)
        )
        found.update((row.external_id, row.id) for row in self._connection.execute(query))
        return found

    def counts(self) -> Mapping[ReplyState, int]:
        query = sa.select(replies.c.state, sa.func.count()).group_by(replies.c.state)
        return {ReplyState(state): count for state, count in self._connection.execute(query)}


def _values(release: Release | None) -> dict[str, str | None]:
    return {
        "released_by": release.by if release else None,
        "release_reason": release.reason if release else None,
        "release_seal": release.seal if release else None,
    }


def _erased(row: sa.Row[Any]) -> ErasedReply:
    withdrawn = row.state in _NOT_LEFT
    return ErasedReply(row.id, row.key, row.channel, row.case_id, row.message_id, withdrawn)


def _reply(row: sa.Row[Any]) -> Reply:
    values = dict(row._mapping)
    values["kind"] = ReplyKind(values["kind"])
    values["state"] = ReplyState(values["state"])
    values["doubt"] = Doubt(values["doubt"]) if values["doubt"] else None
    return Reply(**values)
