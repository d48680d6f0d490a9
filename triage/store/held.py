"""Posts whose content is still held: finding those whose content has to go, and letting it go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.domain.case import CaseState
from triage.domain.erasure import ERASED
from triage.domain.legs import both_legs
from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.store.dialect import among, for_update
from triage.store.messages import with_person
from triage.store.tables import cases, messages, replies
from triage.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post whose content is held, without the content."""

    id: int
    case_id: int
    channel: str
    external_id: str
    author_id: str
    addressee_id: str | None
    inbound: bool
    created_at: datetime
    state: MessageState

    @property
    def person_id(self) -> str | None:
        """Whose it is, or to whom it is in private; nobody's for a public post of the brand's."""
        return self.author_id if self.inbound else self.addressee_id


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many posts have not been looked up since a moment, and since when the first of them has not."""

    count: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Upkept:
    """Posts that are looked up again: how many, how many of them are new, and when the first one was written."""

    count: int
    new: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class DuePost:
    """A post that is to be looked up again, and since when nobody has."""

    last_seen_at: datetime
    id: int
    external_id: str


_COLUMNS = [messages.c[name] for name in HeldPost.__dataclass_fields__]
_HELD = messages.c.erased_at.is_(None)
#: Without content, but with the ids of their people: somebody deleted them on the channel.
_NAMED = sa.and_(messages.c.erased_at.is_not(None), messages.c.forgotten_at.is_(None))
#: Cases in which the brand owes somebody something.
_WORK = (CaseState.QUEUED.value, CaseState.CLAIMED.value)
#: Replies that somebody is still to get.
_ON_THEIR_WAY = (ReplyState.PENDING.value, ReplyState.SENDING.value)


class HeldPosts:
    """The posts that are found are locked until the transaction ends: nobody decides them meanwhile."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def by_author(self, author_id: str, channel: str | None) -> list[HeldPost]:
        """What an author wrote, and what was written to them in private, on one channel (both legs) or on all."""
        return self._locked(_posts().where(_written_by(author_id, channel)))

    def count_by_author(self, author_id: str, channel: str | None) -> int:
        query = sa.select(sa.func.count()).select_from(messages).where(_HELD, _written_by(author_id, channel))
        return int(self._connection.execute(query).scalar_one())

    def by_external_id(self, channel: str, external_ids: Iterable[str]) -> list[HeldPost]:
        wanted = among(self._connection, messages.c.external_id, external_ids)
        return self._locked(_posts().where(messages.c.channel == channel, wanted))

    def finished(self, channel: str, before: datetime, limit: int) -> list[HeldPost]:
        """The oldest posts from before a moment, in cases in which nothing is left to do.

        What others have locked is left out: it is being worked on.
        """
        query = _finished(_posts(), channel, before).order_by(messages.c.created_at, messages.c.id).limit(limit)
        rows = self._connection.execute(for_update(self._connection, query, skip_locked=True, of=messages))
        return [_post(row) for row in rows]

    def count_finished(self, channel: str, before: datetime) -> int:
        """How many :meth:`finished` would give, were there no limit."""
        query = _finished(sa.select(sa.func.count(messages.c.id)).where(_HELD), channel, before)
        return int(self._connection.execute(query).scalar_one())

    def named_by_author(self, author_id: str, channel: str | None) -> list[HeldPost]:
        """What has no content any more but still names somebody, as in :meth:`by_author`."""
        return self._locked(sa.select(*_COLUMNS).where(_NAMED, _written_by(author_id, channel)))

    def named(self, channel: str, before: datetime, limit: int) -> list[HeldPost]:
        """The oldest posts from before a moment that have no content any more but still name somebody."""
        query = sa.select(*_COLUMNS).where(_named_before(channel, before))
        query = query.order_by(messages.c.created_at, messages.c.id).limit(limit)
        return [_post(row) for row in self._connection.execute(for_update(self._connection, query, skip_locked=True))]

    def count_named(self, channel: str, before: datetime) -> int:
        """How many :meth:`named` would give, were there no limit."""
        query = sa.select(sa.func.count(messages.c.id)).where(_named_before(channel, before))
        return int(self._connection.execute(query).scalar_one())

    def answers_to(self, posts: Sequence[HeldPost]) -> list[HeldPost]:
        """The brand's own posts that answer these, and are not among them: they may repeat what was said."""
        found: list[HeldPost] = []
        known = {post.id for post in posts}
        for channel in sorted({post.channel for post in posts}):
            ids = [post.external_id for post in posts if post.channel == channel]
            query = _posts().where(
                messages.c.channel == channel,
                sa.not_(messages.c.inbound),
                messages.c.case_id.in_({post.case_id for post in posts}),
                among(self._connection, messages.c.in_reply_to, ids),
            )
            found += [post for post in self._locked(query) if post.id not in known]
        return found

    def erase(self, posts: Sequence[HeldPost], at: datetime, pseudonyms: Mapping[str, str]) -> None:
        """Put :data:`ERASED` in the place of their texts, and pseudonyms in the place of people that have one."""
        self._empty(posts, {"text": ERASED, "normalised": normalise(ERASED), "lang": None, "erased_at": at})
        self.forget([post for post in posts if post.person_id is None or post.person_id in pseudonyms], at, pseudonyms)

    def forget(self, posts: Sequence[HeldPost], at: datetime, pseudonyms: Mapping[str, str]) -> None:
        """Put pseudonyms in the place of the people of posts without content."""
        by_people: dict[tuple[str, str | None], list[HeldPost]] = {}
        for post in posts:
            by_people.setdefault((post.author_id, post.addressee_id), []).append(post)
        for (author, addressee), theirs in by_people.items():
            people = {
                "author_id": pseudonyms.get(author, author),
                "addressee_id": addressee and pseudonyms.get(addressee, addressee),
            }
            self._empty(theirs, {**people, "forgotten_at": at})

    def _empty(self, posts: Sequence[HeldPost], values: Mapping[str, Any]) -> None:
        ids = [post.id for post in posts]
        self._connection.execute(
            sa.update(messages).where(among(self._connection, messages.c.id, ids)).values(**values)
        )

    def cases_with_content(self, case_ids: Collection[int]) -> set[int]:
        """Those in which a customer's words are still to be read."""
        query = sa.select(messages.c.case_id).where(
            _HELD, messages.c.inbound, among(self._connection, messages.c.case_id, sorted(case_ids))
        )
        return set(self._connection.scalars(query.distinct()))

    def due_for_a_look(self, channel: str, before: datetime, after: DuePost | None, limit: int) -> list[DuePost]:
        """Posts that the channel was last known to have before a moment, longest ago first; ``after`` continues."""
        query = sa.select(messages.c.last_seen_at, messages.c.id, messages.c.external_id).where(
            _HELD, messages.c.channel == channel, messages.c.last_seen_at < before
        )
        if after is not None:
            seen = sa.literal(after.last_seen_at, type_=messages.c.last_seen_at.type)
            query = query.where(
                sa.tuple_(messages.c.last_seen_at, messages.c.id) > sa.tuple_(seen, sa.literal(after.id))
            )
        rows = self._connection.execute(query.order_by(messages.c.last_seen_at, messages.c.id).limit(limit))
        return [DuePost(*row) for row in rows]

    def overdue(self, channel: str, before: datetime) -> Overdue:
        """Posts that the channel was last known to have before a moment, and that are held."""
        seen = messages.c.last_seen_at
        query = sa.select(sa.func.count(), sa.func.min(seen, type_=seen.type)).where(
            _HELD, messages.c.channel == channel, seen < before
        )
        return Overdue(*self._connection.execute(query).one())

    def upkept(self, channel: str, new_since: datetime) -> Upkept:
        """Posts that are to be looked up again and again; those are new that were written since a moment."""
        at = messages.c.created_at
        query = sa.select(
            sa.func.count(),
            sa.func.count(sa.case((at >= sa.literal(new_since, type_=at.type), 1))),
            sa.func.min(at, type_=at.type),
        ).where(_HELD, messages.c.channel == channel, messages.c.last_seen_at.is_not(None))
        return Upkept(*self._connection.execute(query).one())

    def texts(self, channel: str, external_ids: Iterable[str]) -> dict[str, str]:
        """``external id -> text``, of those whose content is held."""
        query = sa.select(messages.c.external_id, messages.c.text).where(
            _HELD, messages.c.channel == channel, among(self._connection, messages.c.external_id, external_ids)
        )
        return {row.external_id: row.text for row in self._connection.execute(query)}

    def seen(self, channel: str, external_ids: Iterable[str], at: datetime) -> None:
        """The channel has these now, as they are here."""
        self._connection.execute(
            sa.update(messages)
            .where(messages.c.channel == channel, among(self._connection, messages.c.external_id, external_ids))
            .values(last_seen_at=at)
        )

    def edit(self, post_id: int, text: str, state: MessageState) -> None:
        """Replace a text. A state of ``received`` has it decided again; the channel's tag of its language goes."""
        self._connection.execute(
            sa.update(messages)
            .where(messages.c.id == post_id)
            .values(text=text, normalised=normalise(text), lang=None, state=state.value)
        )

    def _locked(self, query: sa.Select[Any]) -> list[HeldPost]:
        """In one order for all who lock, so that they do not wait for each other."""
        rows = self._connection.execute(for_update(self._connection, query.order_by(messages.c.id)))
        return [_post(row) for row in rows]


def _posts() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).where(_HELD)


def _written_by(author_id: str, channel: str | None) -> sa.ColumnElement[bool]:
    author = with_person(author_id)
    return author if channel is None else sa.and_(author, messages.c.channel.in_(both_legs(channel)))


def _named_before(channel: str, before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(_NAMED, messages.c.channel == channel, messages.c.created_at < before)


def _finished(query: sa.Select[Any], channel: str, before: datetime) -> sa.Select[Any]:
    return query.join(cases, cases.c.id == messages.c.case_id).where(
        messages.c.channel == channel,
        messages.c.created_at < before,
        messages.c.state != MessageState.RECEIVED.value,
        cases.c.state.not_in(_WORK),
        ~sa.exists().where(replies.c.message_id == messages.c.id, replies.c.state.in_(_ON_THEIR_WAY)),
    )


def _post(row: sa.Row[Any]) -> HeldPost:
    values = dict(row._mapping)
    values["state"] = MessageState(values["state"])
    return HeldPost(**values)
