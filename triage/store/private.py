"""Private messages: with whom they were exchanged, and in which cases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from triage.domain.event import EventKind
from triage.domain.reply import ReplyState
from triage.store.dialect import among
from triage.store.messages import Post
from triage.store.tables import cases, events, messages, replies

_PERSON = sa.case((messages.c.inbound, messages.c.author_id), else_=messages.c.addressee_id)
_LIVE = cases.c.merged_into.is_(None)
_HELD = messages.c.erased_at.is_(None)
_UNSETTLED = [state.value for state in (ReplyState.PENDING, ReplyState.SENDING, ReplyState.AMBIGUOUS)]


@dataclass(frozen=True, slots=True)
class Written:
    """A private message that is stored: whose conversation it is part of, its case, and when it was written."""

    person_id: str
    case_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A case that began in private: the message that it began with, and when that was written."""

    case_id: int
    message_id: int
    created_at: datetime


class PrivateMessages:
    """Reads only."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def asked(self, channel: str, people: Collection[str]) -> dict[str, dict[int, datetime]]:
        """``person -> live case -> when`` they were last asked on a public channel to go on in private.

        No case without content.
        """
        query = (
            sa.select(messages.c.author_id, messages.c.case_id, cases.c.private_asked_at)
            .join(cases, cases.c.id == messages.c.case_id)
            .where(
                among(self._connection, messages.c.author_id, people),
                messages.c.channel == channel,
                messages.c.inbound,
                _HELD,
                cases.c.channel == channel,
                cases.c.private_asked_at.is_not(None),
                _LIVE,
            )
            .distinct()
        )
        found: dict[str, dict[int, datetime]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.author_id, {})[row.case_id] = row.private_asked_at
        return found

    def written(self, channel: str, people: Collection[str], since: datetime, until: datetime) -> list[Written]:
        """What was exchanged with these people between two moments, on a private channel; none without content."""
        query = (
            sa.select(_PERSON, messages.c.case_id, messages.c.created_at)
            .join(cases, cases.c.id == messages.c.case_id)
            .where(
                self._with(people),
                messages.c.channel == channel,
                messages.c.created_at.between(since, until),
                _HELD,
                _LIVE,
            )
        )
        return [Written(*row) for row in self._connection.execute(query)]

    def requests(self, channel: str, case_ids: Collection[int]) -> dict[int, list[datetime]]:
        """``live case -> when``, each time, its customer was asked on a public channel to go on in private.

        Whoever asked elsewhere did so when that post was written, not when it was read here.
        """
        moment = sa.case((messages.c.inbound, events.c.at), else_=messages.c.created_at)
        query = (
            sa.select(events.c.case_id, moment)
            .join(cases, cases.c.id == events.c.case_id)
            .join(messages, messages.c.id == events.c.message_id)
            .where(
                among(self._connection, cases.c.id, case_ids),
                cases.c.channel == channel,
                cases.c.private_asked_at.is_not(None),
                _LIVE,
                events.c.kind == EventKind.MOVED_TO_PRIVATE.value,
            )
        )
        found: dict[int, list[datetime]] = {}
        for case_id, at in self._connection.execute(query):
            found.setdefault(case_id, []).append(at)
        return found

    def customers(self, channel: str, case_ids: Collection[int]) -> dict[str, set[int]]:
        """``person -> cases``, of these, in which they wrote on a channel; none without content."""
        query = (
            sa.select(messages.c.author_id, messages.c.case_id)
            .where(
                among(self._connection, messages.c.case_id, case_ids),
                messages.c.channel == channel,
                messages.c.inbound,
                _HELD,
            )
            .distinct()
        )
        found: dict[str, set[int]] = {}
        for author, case_id in self._connection.execute(query):
            found.setdefault(author, set()).add(case_id)
        return found

    def begun(self, channel: str, people: Collection[str]) -> dict[str, list[Begun]]:
        """``person -> live cases`` that began on a private channel, by first messages; none whose first is erased."""
        columns = (messages.c.id, messages.c.case_id, messages.c.created_at, messages.c.erased_at)
        query = (
            sa.select(_PERSON.label("person"), *columns)
            .join(cases, cases.c.id == messages.c.case_id)
            .where(self._with(people), messages.c.channel == channel, cases.c.channel == channel, _LIVE)
            .order_by(messages.c.created_at, messages.c.id)
        )
        found: dict[str, list[Begun]] = {}
        seen: set[int] = set()
        for row in self._connection.execute(query):
            if row.case_id not in seen and row.erased_at is None:
                found.setdefault(row.person, []).append(Begun(row.case_id, row.id, row.created_at))
            seen.add(row.case_id)
        return found

    def brand_wrote(self, case_ids: Collection[int]) -> list[Post]:
        """All posts and messages of the brand's in these cases."""
        query = sa.select(messages.c.case_id, messages.c.channel, messages.c.external_id, messages.c.created_at).where(
            sa.not_(messages.c.inbound), among(self._connection, messages.c.case_id, case_ids)
        )
        return [Post(*row) for row in self._connection.execute(query)]

    def answered(self, channel: str, people: Collection[str]) -> dict[str, str]:
        """``id -> author`` of these people's messages that have a reply which may be out, or may still leave."""
        query = (
            sa.select(messages.c.external_id, messages.c.author_id)
            .join(replies, replies.c.message_id == messages.c.id)
            .where(
                replies.c.channel == channel,
                replies.c.state.in_(_UNSETTLED),
                among(self._connection, messages.c.author_id, people),
            )
        )
        return {row.external_id: row.author_id for row in self._connection.execute(query)}

    def _with(self, people: Collection[str]) -> sa.ColumnElement[bool]:
        return sa.or_(
            among(self._connection, messages.c.author_id, people),
            among(self._connection, messages.c.addressee_id, people),
        )
