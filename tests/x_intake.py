"""A brand on an X in memory, for tests of taking in: timelines with limits and late posts, and what was stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from tests.doubles import NOON, demo_brand
from tests.x_connection import Notes
from triage.channels.x.memory import MemoryX
from triage.channels.x.names import PUBLIC
from triage.channels.x.post import Account, Gone, Page, Post
from triage.clock import FrozenClock
from triage.domain.case import rebuild
from triage.domain.message import StoredMessage
from triage.service.stored_posts import StoredPosts
from triage.service.x.polling import Poll, Timeline
from triage.service.x.taking import Taking
from triage.store import Store


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Brand:
    """One brand. ``most`` is how many posts a timeline gives back, ``late`` how late some posts are shown in it.

    ``left_out`` are posts that are on no page, with the id that X names instead, if any; those in ``unknown`` do not
    look up either. ``interrupt`` is called before each page, with its number; it may raise.
    """

    store: Store
    most: int = 800
    page: int = 100
    late: dict[str, timedelta] = field(default_factory=dict)
    left_out: dict[str, str | None] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    interrupt: Callable[[int], None] = lambda _: None
    pages: int = 0

    def __post_init__(self) -> None:
        self.clock = FrozenClock(NOON)
        self.x = MemoryX(self.clock, page=10_000)
        self.notes = Notes()
        self.rung = 0

    @cached_property
    def account(self) -> Account:
        return self.x.me()

    @cached_property
    def taking(self) -> Taking:
        posts = StoredPosts(self.store, [], self.clock)
        return Taking(self.store, posts, self.clock, lambda: "900", self._ring, demo_brand().private)

    @cached_property
    def mentions(self) -> Poll:
        timeline = Timeline.mentions(lambda **asked: self._page(self.x.mentions, **asked), self._look_up)
        return self.restarted(timeline)

    @cached_property
    def own_posts(self) -> Poll:
        return self.restarted(Timeline.own_posts(lambda **asked: self._page(self.x.own_posts, **asked), self._look_up))

    def restarted(self, timeline: Timeline) -> Poll:
        """A poll as a new process has it."""
        timeline = replace(timeline, most=self.most)
        return Poll(timeline, self.store, self.taking.take, self.notes, self.clock)

    def kill(self) -> None:
        """The process that polls is another one from now on."""
        self.__dict__.pop("mentions", None)
        self.__dict__.pop("own_posts", None)

    def customer(self, text: str = "can pets fly?", *, handle: str = "ann", in_reply_to: str | None = None) -> Post:
        return self.x.write(self.x.person(handle), f"@MarramAir {text}", in_reply_to=in_reply_to)

    def stored(self) -> dict[str, StoredMessage]:
        """What is stored of public posts, by id; that the log gives the cases is checked on the way."""
        with self.store.read() as transaction:
            cases = transaction.cases.all()
            assert rebuild(transaction.events.stream()) == cases
            found = [message for case in cases for message in transaction.messages.in_case(case)]
        assert len({message.external_id for message in found}) == len(found)
        return {message.external_id: message for message in found if message.channel == PUBLIC}

    def _ring(self) -> None:
        self.rung += 1

    def _page(self, ask: Callable[..., Page], since_id: str | None, until_id: str | None, token: str | None) -> Page:
        self.pages += 1
        self.interrupt(self.pages)
        now = self.clock.now()
        shown = [
            post for post in ask(since_id=None).posts if post.created_at + self.late.get(post.id, timedelta()) <= now
        ][: self.most]
        below = min(int(one) for one in (until_id, token, str(2**63)) if one)
        asked = [post for post in shown if int(since_id or 0) < int(post.id) < below]
        page, token = asked[: self.page], asked[self.page - 1].id if len(asked) > self.page else None
        named = tuple(self.left_out[post.id] for post in page if post.id in self.left_out)
        return Page(tuple(post for post in page if post.id not in self.left_out), token, named)

    def _look_up(self, post_ids: Sequence[str]) -> Mapping[str, Post | Gone]:
        return {one: post for one, post in self.x.look_up(post_ids).items() if one not in self.unknown}
