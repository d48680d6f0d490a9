"""How far the product is, from its database and from the stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from tests.soak.x.traffic import HANDLE
from tests.xsim.client import XSim
from triage.channels.x.snowflake import first_id_at
from triage.channels.x.watch import Source
from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.store import Store
from triage.store.tables import messages, replies

_UNDECIDED: Final = (ReplyState.PENDING.value, ReplyState.SENDING.value)


@dataclass(frozen=True, slots=True)
class Standing:
    x: XSim
    store: Store

    def begun(self) -> bool:
        """Whether each timeline was read for the first time: that goes back an hour, which is soon over here."""
        with self.store.read() as transaction:
            return all(
                transaction.marks.get(source.value) for source in (Source.POLL, Source.OWN_POSTS, Source.PRIVATE)
            )

    def read_to(self) -> int:
        """The id up to which polling has read all mentions."""
        with self.store.read() as transaction:
            mark = transaction.marks.get(Source.POLL.value)
        return 0 if mark is None else min([mark.newest, *(gap.known for gap in mark.gaps)])

    def first_of(self, ago: timedelta) -> int:
        """The lowest id of what was written since so long ago."""
        return int(first_id_at(self._now() - ago))

    def all_decided(self) -> bool:
        """Everything that must be stored is, and nothing that is stored waits."""
        if self._count(messages.c.state == MessageState.RECEIVED.value):
            return False
        with self.store.read() as transaction:
            stored = set(transaction.connection.scalars(sa.select(messages.c.external_id)))
        missing = [
            post.id
            for post in self.x.world().posts
            if post.id == post.versions[-1] and not post.deleted and f"@{HANDLE}" in post.text
            if post.versions[0] not in stored and post.author != HANDLE
        ]
        return not missing

    def undelivered(self) -> int:
        """How many deliveries to the webhook are still on their way."""
        return int(self.x.streams()["undelivered"])

    def all_delivered(self) -> bool:
        """What was deleted meanwhile comes by them alone, and nobody misses it."""
        return not self.undelivered()

    def all_ended(self) -> bool:
        """No reply is on its way any more."""
        with self.store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(replies).where(replies.c.state.in_(_UNDECIDED))
            return not transaction.connection.execute(query).scalar_one()

    def all_looked_up(self) -> bool:
        """All stored posts were looked up again lately."""
        before = self._now() - timedelta(hours=20)
        return not self._count(messages.c.erased_at.is_(None), messages.c.last_seen_at < before)

    def nothing_left(self) -> bool:
        return self.all_ended() and self.all_decided()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.x.control("GET", "clock")["now_ms"] / 1000, UTC)

    def _count(self, *conditions: Any) -> int:
        with self.store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(messages).where(messages.c.channel == "x", *conditions)
            return int(transaction.connection.execute(query).scalar_one())
