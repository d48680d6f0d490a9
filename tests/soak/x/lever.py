"""The switch that stops what is sent on X, pulled and released; in between nothing may leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from tests.xsim.client import XSim
from triage.clock import SystemClock
from triage.domain.reply import ReplyState
from triage.service.x.switches import SendingSwitch
from triage.store import Store
from triage.store.tables import replies

#: What X was asked before may take so long (the stand-in's time) to be done there.
_ON_ITS_WAY_MS: Final = 60_000


@dataclass
class Lever:
    """``silences`` are the times, in the stand-in's milliseconds since 1970, in which nothing may have left."""

    x: XSim
    store: Store
    silences: list[tuple[int, int]] = field(default_factory=list)
    pulled: bool = False
    _silent_since: int | None = None

    def pull(self) -> None:
        self._switch.pause("kim", "to see whether it holds")
        self.pulled, self._silent_since = True, None

    def look(self) -> None:
        """Silence begins when what was under way as it was pulled has come to an end."""
        if self.pulled and self._silent_since is None and not self._under_way():
            self._silent_since = self._now_ms() + _ON_ITS_WAY_MS

    def release(self) -> None:
        now_ms = self._now_ms()
        self._switch.resume("kim", "it has held")
        if self.pulled and self._silent_since is not None and self._silent_since < now_ms:
            self.silences.append((self._silent_since, now_ms))
        self.pulled = False

    @property
    def _switch(self) -> SendingSwitch:
        return SendingSwitch(self.store, SystemClock())

    def _now_ms(self) -> int:
        now_ms: int = self.x.control("GET", "clock")["now_ms"]
        return now_ms

    def _under_way(self) -> int:
        """Replies whose call has not ended, or whose sender was killed and nobody has noticed yet."""
        calling = sa.and_(replies.c.state == ReplyState.SENDING.value, replies.c.doubt.is_(None))
        with self.store.read() as transaction:
            query = sa.select(sa.func.count()).select_from(replies).where(calling)
            return int(transaction.connection.execute(query).scalar_one())
