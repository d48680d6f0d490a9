"""Messages: each exists once, and waits until it has been decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.legs import both_legs
from triage.domain.message import IncomingMessage, MessageState, StoredMessage
from triage.store.bulk import insert_rows, reserve_ids
from triage.store.dialect import among, for_update
from triage.store.tables import messages
from triage.text.normalise import normalise

_COLUMNS = [messages.c[name] for name in StoredMessage.__struct_fields__]
_STATE = StoredMessage.__struct_fields__.index("state")
_INSERTED = (
    "id",
    "channel",
    "external_id",
    "case_id",
    "author_id",
    "inbound",
    "created_at",
    "in_reply_to",
    "lang",
    "text",
    "normalised",
    "state",
    "summoned",
    "addressee_id",
    "last_seen_at",
)


@dataclass(frozen=True, slots=True)
class Parent:
    """What a message's parent says about it: who wrote it, its text, and whether it answers something itself.

    ``text`` is ``None`` where it was erased.
    """

    inbound: bool
    text: str | None
    answers: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A post or private message of the brand's, without its words."""

    case_id: int
    channel: str
    external_id: str
    created_at: datetime


class Messages:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def reserve(self, count: int) -> list[int]:
        """Ids for messages that are about to be inserted."""
        return reserve_ids(self._connection, messages, count)

    def insert(self, new: Sequence[tuple[int, int, IncomingMessage]]) -> None:
        """Store messages as ``(id, case id, message)``, waiting to be decided.

        A message that somebody else has stored meanwhile violates the unique constraint, which ends
        the transaction; the next try (``Store.run``) finds it stored.
        """
        received = MessageState.RECEIVED.value
        rows = [
            (
                number,
                m.channel,
                m.external_id,
                case_id,
                m.author_id,
                m.inbound,
                m.created_at,
                m.in_reply_to,
                m.lang,
                m.text,
                normalise(m.text),
                received,
                m.summoned,
                m.addressee_id,
                m.created_at,  # then at the latest the channel had it
            )
            for number, case_id, m in new
        ]
        insert_rows(self._connection, messages, _INSERTED, rows)

    def move_case(self, absorbed: int, survivor: int) -> None:
        """Hand every message of one case to another."""
        self._connection.execute(sa.update(messages).where(messages.c.case_id == absorbed).values(case_id=survivor))

    def cases_of(self, channel: str, external_ids: Iterable[str]) -> dict[str, int]:
        """The case of each of these that is stored."""
        found: dict[str, int] = {}
        query = sa.select(messages.c.external_id, messages.c.case_id).where(
            messages.c.channel == channel,
            among(self._connection, messages.c.external_id, external_ids),
        )
        found.update((row.external_id, row.case_id) for row in self._connection.execute(query))
        return found

    def parents_in_case(self, case_id: int) -> dict[str, str | None]:
        """``external id -> parent`` of every message of a case."""
        query = sa.select(messages.c.external_id, messages.c.in_reply_to).where(messages.c.case_id == case_id)
        return {row.external_id: row.in_reply_to for row in self._connection.execute(query)}

    def claim_pending(self, limit: int) -> list[StoredMessage]:
        """The oldest undecided messages, locked until the transaction ends.

        Workers on PostgreSQL skip each other's; a worker that dies lets go by dying.
        """
        query = _oldest_pending(limit, *_COLUMNS)
        return _many(self._connection.execute(for_update(self._connection, query, skip_locked=True)))

    def pending_inbound(self, limit: int) -> list[StoredMessage]:
        """Those of the ``limit`` oldest undecided messages that customers wrote, the oldest first; nothing is locked.

        Posts of the brand's, mostly the greater part, are not even decrypted.
        """
        query = (
            sa.select(*_COLUMNS)
            .where(messages.c.id.in_(_oldest_pending(limit, messages.c.id)), messages.c.inbound)
            .order_by(messages.c.created_at, messages.c.id)
        )
        return _many(self._connection.execute(query))

    def pending_posts(self, case_ids: Iterable[int]) -> list[Post]:
        """The brand's posts in these cases that nobody has recorded yet, whoever is about to."""
        query = sa.select(messages.c.case_id, messages.c.channel, messages.c.external_id, messages.c.created_at).where(
            messages.c.state == MessageState.RECEIVED.value,
            sa.not_(messages.c.inbound),
            among(self._connection, messages.c.case_id, case_ids),
        )
        return [Post(*row) for row in self._connection.execute(query)]

    def parents(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Parent]:
        """The stored parents among ``(channel, external id)``."""
        found: dict[tuple[str, str], Parent] = {}
        by_channel: dict[str, list[str]] = {}
        for channel, external_id in wanted:
            by_channel.setdefault(channel, []).append(external_id)
        for channel, ids in by_channel.items():
            query = sa.select(
                messages.c.external_id,
                messages.c.inbound,
                messages.c.text,
                messages.c.in_reply_to,
                messages.c.erased_at,
            ).where(messages.c.channel == channel, among(self._connection, messages.c.external_id, ids))
            for row in self._connection.execute(query):
                text = row.text if row.erased_at is None else None
                found[channel, row.external_id] = Parent(row.inbound, text, bool(row.in_reply_to))
        return found

    def settle(self, states: Mapping[int, MessageState]) -> None:
        """Write the final state of decided messages."""
        by_state: dict[MessageState, list[int]] = {}
        for message_id, state in states.items():
            by_state.setdefault(state, []).append(message_id)
        for state, ids in by_state.items():
            self._connection.execute(
                sa.update(messages).where(among(self._connection, messages.c.id, ids)).values(state=state.value)
            )

    def summon(self, channel: str, external_id: str, *, summoned: bool | None) -> None:
        """Whether its author calls the brand may change with an edit."""
        self._connection.execute(
            sa.update(messages)
            .where(messages.c.channel == channel, messages.c.external_id == external_id)
            .values(summoned=summoned)
        )

    def get(self, message_id: int) -> StoredMessage | None:
        query = sa.select(*_COLUMNS).where(messages.c.id == message_id)
        return next(iter(_many(self._connection.execute(query))), None)

    def by_external_id(self, channel: str, external_id: str) -> StoredMessage | None:
        query = sa.select(*_COLUMNS).where(messages.c.channel == channel, messages.c.external_id == external_id)
        return next(iter(_many(self._connection.execute(query))), None)

    def decided(self, channels: Iterable[str], *, after: int, limit: int) -> list[StoredMessage]:
        """Decided messages of customers on these channels with an id above ``after``, by id; none without content."""
        query = (
            sa.select(*_COLUMNS)
            .where(
                messages.c.id > after,
                messages.c.inbound,
                messages.c.state != MessageState.RECEIVED.value,
                messages.c.erased_at.is_(None),
                among(self._connection, messages.c.channel, channels),
            )
            .order_by(messages.c.id)
            .limit(limit)
        )
        return _many(self._connection.execute(query))

    def channels(self) -> dict[str, int]:
        """``channel -> decided messages of customers``."""
        query = (
            sa.select(messages.c.channel, sa.func.count())
            .where(messages.c.inbound, messages.c.state != MessageState.RECEIVED.value)
            .group_by(messages.c.channel)
            .order_by(messages.c.channel)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def by_author(self, author_id: str, channel: str | None) -> list[StoredMessage]:
        """What an author wrote, and what was written to them in private, oldest first; on one channel (both legs)
        or on all.
        """
        query = sa.select(*_COLUMNS).where(with_person(author_id))
        if channel is not None:
            query = query.where(messages.c.channel.in_(both_legs(channel)))
        return _many(self._connection.execute(query.order_by(messages.c.created_at, messages.c.id)))

    def posts_answering(self, answered: Sequence[StoredMessage]) -> list[StoredMessage]:
        """The brand's own posts that answer these, oldest first."""
        places = {(message.channel, message.external_id) for message in answered}
        query = sa.select(*_COLUMNS).where(
            sa.not_(messages.c.inbound),
            among(self._connection, messages.c.case_id, sorted({message.case_id for message in answered})),
        )
        found = _many(self._connection.execute(query.order_by(messages.c.created_at, messages.c.id)))
        return [post for post in found if (post.channel, post.in_reply_to) in places]

    def in_case(self, case_id: int) -> list[StoredMessage]:
        """The conversation, oldest first."""
        query = sa.select(*_COLUMNS).where(messages.c.case_id == case_id).order_by(messages.c.created_at, messages.c.id)
        return _many(self._connection.execute(query))

    def latest_inbound(self, case_ids: Iterable[int], channel: str | None = None) -> dict[int, StoredMessage]:
        """The customer's last message of each case, on one channel or on any."""
        latest: dict[int, StoredMessage] = {}
        query = (
            sa.select(*_COLUMNS)
            .where(among(self._connection, messages.c.case_id, case_ids), messages.c.inbound)
            .order_by(messages.c.created_at, messages.c.id)
        )
        if channel is not None:
            query = query.where(messages.c.channel == channel)
        latest.update({message.case_id: message for message in _many(self._connection.execute(query))})
        return latest

    def counts(self) -> dict[tuple[bool, MessageState], int]:
        """``(inbound, state) -> number of messages``."""
        query = sa.select(messages.c.inbound, messages.c.state, sa.func.count()).group_by(
            messages.c.inbound, messages.c.state
        )
        return {(row[0], MessageState(row[1])): row[2] for row in self._connection.execute(query)}


def _oldest_pending(limit: int, *columns: sa.Column[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .where(messages.c.state == MessageState.RECEIVED.value)
        .order_by(messages.c.created_at, messages.c.id)
        .limit(limit)
    )


def with_person(person_id: str) -> sa.ColumnElement[bool]:
    """What a person wrote, and what the brand wrote to them in private."""
    return sa.or_(messages.c.author_id == person_id, messages.c.addressee_id == person_id)


def _many(rows: Iterable[sa.Row[Any]]) -> list[StoredMessage]:
    found = []
    for row in rows:
        values = list(row)
        values[_STATE] = MessageState(values[_STATE])
        found.append(StoredMessage(*values))
    return found
