"""X may show posts late: up to the bound none is lost, at whatever rate they come and wherever polling is cut short."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doubles import NOON
from tests.keys import VAULT
from tests.x_connection import Notes
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening, Posted, PrivatelyWritten
from triage.channels.x.post import Page, Post, PrivateMessage, PrivatePage
from triage.channels.x.snowflake import first_id_at
from triage.clock import FrozenClock
from triage.errors import RetryLater
from triage.service.x.polling import LATEST, Poll, Timeline
from triage.store import Store, open_store

SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=15)
#: X gives back so many: at more than 40 a minute they are fewer than what comes in 20 minutes.
MOST = 800
BUSIEST_S = 1.5
#: … and than what comes until somebody polls again who was away for 12 minutes.
BUSIEST_IN_TROUBLE_S = 3.0
LASTS = timedelta(minutes=40)


@dataclass
class LateX:
    """A timeline on which posts show some time after they were written; ``refuses`` says for which calls it does not
    answer."""

    store: Store
    timeline: Callable[[Callable[..., Page]], Timeline]
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOON))
    posts: list[tuple[Post, datetime]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    calls: list[datetime] = field(default_factory=list)
    refuses: Callable[[], bool] = lambda: False

    def write(self, late: timedelta) -> None:
        now = self.clock.now()
        post_id = str(int(first_id_at(now)) + len(self.posts) % 4096)
        self.posts.append((Post(post_id, (post_id,), "7", now, "@MarramAir where is my bag?"), now + late))

    def pages(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        now = self.clock.now()
        self.calls.append(now)
        if self.refuses():
            raise RetryLater("not now", now + SECOND)
        shown = [post for post, at in self.posts if at <= now][-MOST:]
        below = min(int(one) for one in (until_id, token, str(2**63)) if one)
        asked = [post for post in reversed(shown) if int(since_id or 0) < int(post.id) < below]
        return Page(tuple(asked[:100]), asked[99].id if len(asked) > 100 else None)

    def take(self, happenings: Sequence[Happening]) -> None:
        for one in happenings:
            match one:
                case Posted(post):
                    self.taken.add(post.id)
                case PrivatelyWritten(message):
                    self.taken.add(message.id)

    def poller(self) -> Poll:
        """As a new process has it."""
        return Poll(self.timeline(self.pages), self.store, self.take, Notes(), self.clock)

    def missing(self) -> list[str]:
        return [post.id for post, _ in self.posts if post.id not in self.taken]

    def busiest(self) -> int:
        """The most calls in any quarter of an hour."""
        return max(sum(one <= at < one + WINDOW for at in self.calls) for one in self.calls)


def _private(post: Post) -> PrivateMessage:
    return PrivateMessage(post.id, "7-900", post.author_id, post.created_at, post.text)


def run(x: LateX, *, every: timedelta, poll_every: timedelta, dice: random.Random, troubled: bool) -> None:
    """Posts at a pace, any of them late, while somebody polls, or nobody does for a while."""
    poller = x.poller()
    poller.poll()
    x.write(timedelta())
    poller.poll()
    x.refuses = lambda: troubled and dice.random() < 0.15
    end, write_at, poll_at = x.clock.now() + LASTS, x.clock.now(), x.clock.now()
    while x.clock.now() < end:
        x.clock.advance(max(timedelta(), min(write_at, poll_at) - x.clock.now()))
        if write_at <= x.clock.now():
            x.write(poller.timeline.latest * dice.choice((0, 0, 0, dice.random(), 1)))
            write_at += every
        else:
            with suppress(RetryLater):
                poller.poll()
            away = troubled and dice.random() < 0.02
            poll_at += timedelta(minutes=dice.uniform(1, 12)) if away else poll_every
            poller = x.poller() if away and dice.random() < 0.5 else poller
    x.refuses = lambda: False
    until = x.clock.now() + 2 * LATEST
    while x.clock.now() < until:
        x.clock.advance(poll_every)
        poller.poll()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    every=st.floats(BUSIEST_S, 300),
    poll_every=st.sampled_from((30, 60, 300)),
    seed=st.integers(0, 1 << 16),
    troubled=st.booleans(),
)
def test_no_post_that_x_shows_late_falls_between_two_readings(
    new_database: Callable[[str], str], every: float, poll_every: int, seed: int, troubled: bool
) -> None:
    with closing(open_store(new_database("sqlite"), VAULT)) as store:
        x = LateX(store, Timeline.mentions)
        every = max(every, BUSIEST_IN_TROUBLE_S) if troubled else every
        pace = {"every": every * SECOND, "poll_every": poll_every * SECOND}
        run(x, **pace, dice=random.Random(seed), troubled=troubled)
        assert x.missing() == []
        assert x.busiest() <= Endpoint.MENTIONS.terms.allowances[0].calls


def test_the_busiest_timeline_takes_a_small_part_of_the_calls(store) -> None:
    x = LateX(store, Timeline.mentions)
    run(x, every=BUSIEST_S * SECOND, poll_every=30 * SECOND, dice=random.Random(1), troubled=False)
    assert x.missing() == []
    assert x.busiest() <= 75


@pytest.mark.parametrize("every", [6, 60])
def test_private_messages_that_come_late_are_found_with_the_few_calls_that_x_allows(store, every: int) -> None:
    def timeline(pages: Callable[..., Page]) -> Timeline:
        def ask(*, token: str | None = None) -> PrivatePage:
            page = pages(since_id=None, token=token)
            return PrivatePage(tuple(map(_private, page.posts)), page.next_token)

        return Timeline.private_messages(ask)

    x = LateX(store, timeline)
    run(x, every=every * SECOND, poll_every=90 * SECOND, dice=random.Random(2), troubled=False)
    assert x.missing() == []
    assert x.busiest() <= Endpoint.PRIVATE_EVENTS.terms.allowances[0].calls
