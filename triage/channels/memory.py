"""The in-memory channel: doubles that are tested like the real ones, and can be told to fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from triage.channels.protocol import Deleted, Found, Presence, Present
from triage.domain.reply import Reply
from triage.errors import Ambiguous, ChannelError, Repeated


class MemoryChannel:
    """Keeps what was sent in ``sent``, by key. ``failures`` are raised, one per send, in order.

    A failure of type :class:`~triage.errors.Ambiguous` is raised *after* the reply was published:
    that is the case which a sender must be able to survive. One of type :class:`~triage.errors.Repeated` is
    raised in its place. ``rests`` is until when it takes no reply.
    """

    def __init__(self, name: str = "memory", failures: Iterable[ChannelError] = (), *, can_look: bool = True) -> None:
        self.name = name
        self.settles_after = timedelta()
        self.refuses_repeats_for = timedelta()
        self.longest_send = timedelta()
        self.rests: datetime | None = None
        self.sent: dict[str, Reply] = {}
        self._failures = list(failures)
        self._can_look = can_look

    def send(self, reply: Reply) -> str:
        failure = self._failures.pop(0) if self._failures else None
        published = failure is None or (isinstance(failure, Ambiguous) and not isinstance(failure, Repeated))
        if published:
            self.sent[reply.key] = reply
        if failure is not None:
            raise failure
        return f"{self.name}-{len(self.sent)}"

    def find(self, reply: Reply) -> Found:
        if not self._can_look:
            return Found(Presence.UNKNOWN)
        if reply.key in self.sent:
            return Found(Presence.PRESENT, f"{self.name}-{list(self.sent).index(reply.key) + 1}")
        return Found(Presence.ABSENT)

    def rests_until(self) -> datetime | None:
        return self.rests


class MemoryPosts:
    """Posts that can be looked up, edited and deleted: ``texts`` are those that are there, by id.

    A post whose id is in ``unknown`` is one that the channel says nothing of.
    """

    def __init__(self, name: str = "memory", texts: Mapping[str, str] | None = None, most: int = 100) -> None:
        self.name = name
        self.most = most
        self.texts = dict(texts or {})
        self.unknown: set[str] = set()

    def look_up(self, external_ids: Sequence[str]) -> Mapping[str, Present | Deleted]:
        return {
            external_id: Present(self.texts[external_id]) if external_id in self.texts else Deleted()
            for external_id in external_ids
            if external_id not in self.unknown
        }
