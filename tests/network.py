"""A channel like a real network: answers get lost, what was posted shows late, and texts may be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from triage.channels.protocol import Found, Presence
from triage.clock import Clock
from triage.domain.erasure import ERASED
from triage.domain.reply import Reply
from triage.errors import Ambiguous, GiveUp, Repeated, RetryLater


class Killed(BaseException):
    """What a process sees of its own end: nothing catches it."""


class Fate(StrEnum):
    """What becomes of a call."""

    WELL = "well"
    LOST_BEFORE = "lost_before"  # it had no effect, and the answer is lost
    LOST_AFTER = "lost_after"  # it had its effect, and the answer is lost
    BROKEN_BEFORE = "broken_before"  # the same two, with an error that nobody foresaw
    BROKEN_AFTER = "broken_after"
    KILLED_BEFORE = "killed_before"  # the process ends
    KILLED_AFTER = "killed_after"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True)
class NetworkPost:
    id: str
    reply_id: int
    in_reply_to: str
    text: str
    shows_at: datetime
    at: datetime | None = None  # when it was posted; None: it is not forgotten


@dataclass
class Network:
    """Posts replies. ``fates`` are of the next calls, ``lags`` of how long the next posts stay unseen.

    It refuses the text of a post for as long as it says, and not a moment longer.
    """

    clock: Clock
    name: str = "memory"
    settles_after: timedelta = timedelta(seconds=60)
    longest_send: timedelta = timedelta()
    fates: list[Fate] = field(default_factory=list)
    looks: list[Fate] = field(default_factory=list)
    lags: list[timedelta] = field(default_factory=list)
    posts: list[NetworkPost] = field(default_factory=list)
    rests: datetime | None = None
    knows_its_posts: bool = True  # for a while it refuses the same text to the same post
    refuses: Callable[[str], bool] = lambda text: False
    calls: int = 0
    _ids: count[int] = field(default_factory=lambda: count(1))

    @property
    def refuses_repeats_for(self) -> timedelta:
        return timedelta(hours=6) if self.knows_its_posts else timedelta()

    def send(self, reply: Reply) -> str:
        self.calls += 1
        fate = self.fates.pop(0) if self.fates else Fate.WELL
        match fate:
            case Fate.KILLED_BEFORE:
                raise Killed
            case Fate.LOST_BEFORE:
                raise Ambiguous("the answer was lost")
            case Fate.BROKEN_BEFORE:
                raise OSError("broken pipe")
            case Fate.LATER:
                raise RetryLater("a limit is used up", self.clock.now() + timedelta(minutes=3))
            case Fate.REFUSED:
                raise GiveUp("the author restricts who can reply")
        if self.refuses(reply.text) or self._refused_as_repeat(reply):
            raise Repeated("the text is a duplicate")
        lag = self.lags.pop(0) if self.lags else timedelta()
        now = self.clock.now()
        post = NetworkPost(f"p{next(self._ids)}", reply.id, reply.in_reply_to, reply.text, now + lag, now)
        self.posts.append(post)
        match fate:
            case Fate.KILLED_AFTER:
                raise Killed
            case Fate.LOST_AFTER:
                raise Ambiguous("the answer was lost")
            case Fate.BROKEN_AFTER:
                raise OSError("broken pipe")
        return post.id

    def find(self, reply: Reply) -> Found:
        match self.looks.pop(0) if self.looks else Fate.WELL:
            case Fate.KILLED_BEFORE | Fate.KILLED_AFTER:
                raise Killed
            case Fate.BROKEN_BEFORE | Fate.BROKEN_AFTER:
                raise OSError("no route to host")
            case Fate.LATER:
                raise RetryLater("a limit is used up", self.clock.now() + timedelta(minutes=3))
            case Fate.WELL if reply.text != ERASED:
                pass
            case _:
                return Found(Presence.UNKNOWN)
        for post in self._same(reply):
            if post.shows_at <= self.clock.now():
                return Found(Presence.PRESENT, post.id)
        return Found(Presence.ABSENT)

    def _refused_as_repeat(self, reply: Reply) -> bool:
        since = self.clock.now() - self.refuses_repeats_for
        return any(post.at is None or post.at > since for post in self._same(reply)) if self.knows_its_posts else False

    def _same(self, reply: Reply) -> list[NetworkPost]:
        return [post for post in self.posts if (post.in_reply_to, post.text) == (reply.in_reply_to, reply.text)]

    def rests_until(self) -> datetime | None:
        return self.rests if self.rests and self.rests > self.clock.now() else None
