"""Asking X for mentions, the brand's own posts and private messages: what is sure to find everything.

Streams are quicker but may miss something without a word. A timeline is read from the newest post down to the last
one known. X may show a post late, below others that were read before: so each time a minute is read again, and
every few minutes so much that nothing falls between which X shows a quarter of an hour late. Posts that are known
already change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from msgspec.structs import replace as changed

from triage.channels.x.happening import Happening, Posted, PrivatelyWritten
from triage.channels.x.snowflake import first_id_at, moment_of
from triage.channels.x.watch import Source, Watch
from triage.clock import Clock
from triage.errors import GiveUp
from triage.service.x.asking_again import AskingAgain, LookUp
from triage.service.x.private_pages import BACK, Ask, PrivatePages
from triage.service.x.walking import Walked, after, span, to_read, widened
from triage.store import Store, Transaction
from triage.store.left_out import LeftOut
from triage.store.marks import Gap, Mark

#: How far back a brand is read that was never read before.
FIRST_LOOK: Final = timedelta(hours=1)
#: What X shows later than this may be missed.
LATEST: Final = timedelta(minutes=15)
_OVERLAP: Final = timedelta(minutes=1)
#: How often all is read again that X may still add to. X charges a post once a day, so this costs calls alone: eight
#: for the 800 posts that a timeline has, 24 of the 300 that X allows in 15 minutes.
_WIDE_EVERY: Final = timedelta(minutes=5)
#: Of private messages X allows 15 calls in 15 minutes, and ten are made anyway. Looks for lost replies need some, too.
_LATEST_IN_PRIVATE: Final = timedelta(minutes=10)
_PAGES_AGAIN_IN_PRIVATE: Final = 4
#: How what is said of posts begins that cannot be read any more.
LOST: Final = "X gives back only the latest"
_NO_END: Final = 2**63
#: Pages of one poll at most: more than any timeline has.
_MOST_PAGES: Final = 40


class Written(Protocol):
    """A post, or a private message."""

    @property
    def id(self) -> str: ...

    @property
    def created_at(self) -> datetime: ...

    @property
    def writer(self) -> str: ...


class Shown(Protocol):
    """What X shows of a timeline at once, newest first, and the token of the next page, if there is one.

    For what it leaves out see :class:`triage.channels.x.post.Page`.
    """

    @property
    def posts(self) -> Sequence[Written]: ...

    @property
    def next_token(self) -> str | None: ...

    @property
    def left_out(self) -> Sequence[str | None]: ...


class Pages(Protocol):
    """One timeline of :class:`triage.channels.x.protocol.XApi`."""

    def __call__(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Shown: ...


#: Takes in what happened; when it returns, that is stored.
Take = Callable[[Sequence[Happening]], object]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One timeline: where its pages come from, and what its posts are called.

    X gives back the ``most`` latest posts, or those that are not older than ``back``. ``happened`` makes of a post
    what can be taken in. ``keeps_tokens`` says that a walk goes on by the token of its next page, since X takes no ids.
    Of what it shows ``latest`` late, or less, nothing is missed. ``look_up`` finds posts of it by their ids, if X can.
    For what X left out a poll goes on as long as it has read fewer than ``pages_again``.
    """

    source: Source
    pages: Pages
    most: int
    name: str
    happened: Callable[[Any], Happening] = Posted
    back: timedelta | None = None
    keeps_tokens: bool = False
    latest: timedelta = LATEST
    look_up: LookUp | None = None
    pages_again: int = _MOST_PAGES

    @staticmethod
    def mentions(pages: Pages, look_up: LookUp | None = None) -> Timeline:
        return Timeline(Source.POLL, pages, 800, "mentions", look_up=look_up)

    @staticmethod
    def own_posts(pages: Pages, look_up: LookUp | None = None) -> Timeline:
        """What the brand's people post elsewhere, and the product's own replies."""
        return Timeline(Source.OWN_POSTS, pages, 3200, "posts of the brand", look_up=look_up)

    @staticmethod
    def private_messages(ask: Ask) -> Timeline:
        """What customers and the brand write to each other in private."""
        return Timeline(
            Source.PRIVATE,
            PrivatePages(ask),
            0,
            "private messages",
            PrivatelyWritten,
            BACK,
            keeps_tokens=True,
            latest=_LATEST_IN_PRIVATE,
            pages_again=_PAGES_AGAIN_IN_PRIVATE,
        )

    @property
    def all_of_it(self) -> str:
        """What X gives back, for people."""
        return f"{self.most} {self.name}" if self.back is None else f"{self.back.days} days of {self.name}"

    def may_miss(self, walked: Walked, known_until: datetime, now: datetime) -> bool:
        """Whether a walk ended because X gives back no more, so that some may be missing after ``known_until``."""
        if self.back is None:
            return walked.cut_off(self.most)
        return walked.ended and not walked.reached and known_until < now - self.back


@dataclass(slots=True)
class Poll:
    """Reads one timeline. Only one process at a time should: two would do no harm, but ask twice as often.

    ``ahead`` is how far the clock is ahead of X's, where X has said what time it is.
    """

    timeline: Timeline
    store: Store
    take: Take
    watch: Watch
    clock: Clock
    ahead: Callable[[], timedelta | None] = lambda: None
    _widened_at: datetime | None = field(default=None, init=False)

    def poll(self) -> None:
        """Read what is new, what earlier polls left unread, and what X left out.

        What was read is taken in, oldest first, also where X refuses to go on; only then it counts as read.

        Raises:
            RetryLater: X does not go on now.
            GiveUp: X does not take the question.
        """
        with self.store.read() as transaction:
            mark = transaction.marks.get(self.timeline.source.value)
            read_at = transaction.marks.put_at().get(self.timeline.source.value)
        first = mark is None
        now = self.clock.now()
        again = self._again.to_read_again(now)
        mark = mark or _before_the_first_look(now)
        wide = self._is_to_widen(now)
        # What shows just after a wide reading is met by the next one, which goes on so far below what was newest then.
        overlap = _WIDE_EVERY + self.timeline.latest if wide else _OVERLAP
        deep = max([overlap, *(span(mark, one) for one in again)])
        walks = zip(to_read(widened(mark, deep), deep), to_read(widened(mark, overlap), overlap), strict=True)
        mark = widened(mark, overlap)
        reading = _Reading(self.timeline, self.watch, again, first=first, now=now)
        try:
            ended = [reading.walk(gap, usual) for gap, usual in walks]
            reading.whole = all(ended)
        finally:
            self._keep(mark, reading, read_at)
            if wide and reading.is_kept:
                self._widened_at = now
        self._again.look()

    @property
    def _again(self) -> AskingAgain:
        timeline = self.timeline
        return AskingAgain(
            timeline.source, timeline.name, timeline.look_up, self.store, self.take, self.watch, self.clock
        )

    def _is_to_widen(self, now: datetime) -> bool:
        last = self._widened_at
        return last is None or not last <= now < last + _WIDE_EVERY

    def _keep(self, mark: Mark, reading: _Reading, read_at: datetime | None) -> None:
        if not reading.walked:
            return
        told = [post for post in reading.posts if post.writer]  # the others are noted as left out
        self.take([self.timeline.happened(post) for post in sorted(told, key=lambda post: int(post.id))])
        self._move(mark, reading)
        for post in reading.posts:
            if int(post.id) > mark.newest:
                self.watch.saw(self.timeline.source, post.id, post.created_at)
        for index, walked in enumerate(reading.walked):
            known_until = moment_of(str(walked.gap.known))
            if index == 0 and read_at is not None:
                known_until = max(known_until, read_at)  # nothing newer was there then
            if not reading.first and self.timeline.may_miss(walked, known_until, self.clock.now()):
                self.watch.failed(self.timeline.source, self._missing(walked, known_until))

    def _move(self, mark: Mark, reading: _Reading) -> None:
        kept, now = after(mark, reading.walked), self.clock.now()
        if reading.first:
            if not reading.is_kept:
                return
            kept = _by_xs_own_ids(kept, reading.walked) if reading.walked[0].ids else self._where_nothing_was()

        def move(transaction: Transaction) -> list[LeftOut]:
            transaction.marks.put(self.timeline.source.value, kept, now)
            given_up = self._again.read_again(transaction, reading.again, reading.left_out, whole=reading.whole)
            self._again.note(transaction, reading.left_out, given_up, latest=reading.walked[0].gap.above)
            return given_up

        given_up = self.store.run(move)
        self._again.say(standing=bool(reading.left_out), given_up=given_up)

    def _where_nothing_was(self) -> Mark:
        """The mark after a first look at an empty timeline: no id says what time it is on X, but X may."""
        return _before_the_first_look(self.clock.now() - (self.ahead() or timedelta()))

    def _missing(self, walked: Walked, since: datetime) -> str:
        """X's search could find some of them, at another price: it is not asked."""
        until = moment_of(str(min(walked.ids))) if walked.ids else self.clock.now()
        return (
            f"{LOST} {self.timeline.all_of_it}: those from {since:%d %b %H:%M} "
            f"to {until:%d %b %H:%M} UTC cannot be read any more, and some may be missing. They are not searched for."
        )


def _before_the_first_look(now: datetime) -> Mark:
    since = int(first_id_at(now - FIRST_LOOK))
    return Mark(since, since)


def _by_xs_own_ids(mark: Mark, walked: Sequence[Walked]) -> Mark:
    """The mark after a first look: the clock, which may be wrong, only says how far that goes back."""
    newest = max(walked[0].ids)
    return changed(mark, newest=newest, floor=min(mark.floor, newest))


class _Reading:
    """The walks of one poll, as far as they came."""

    def __init__(
        self, timeline: Timeline, watch: Watch, again: Sequence[LeftOut], *, first: bool, now: datetime
    ) -> None:
        self._timeline = timeline
        self._watch = watch
        self._pages = 0
        self._now = now
        self.again = again
        self.left_out: list[LeftOut] = []
        self.whole = False
        self.first = first
        self.posts: list[Written] = []
        self.walked: list[Walked] = []

    @property
    def is_kept(self) -> bool:
        """Whether what is still to be read after it is known: to its end, or as a gap."""
        return bool(self.walked) and (self.walked[0].ended or bool(self.walked[0].ids))

    def walk(self, gap: Gap, usual: Gap) -> bool:
        """Down one gap, as far as X goes along, and whether that was to its end.

        What was read is in :attr:`walked` also if it raises. The gap is deeper than the ``usual`` one where something
        was left out: what is not read of the rest is no gap, and is asked for again later.
        """
        walked, token, before = Walked(gap), gap.token, self.walked
        while not walked.ended and self._pages < self._most_pages(walked.down(usual)):
            page = self._page(walked, token)
            self._watch.alive(self._timeline.source)
            self._pages += 1
            token = page.next_token
            kept = token if self._timeline.keeps_tokens else None
            self.left_out += self._left_out(page, walked)
            walked = walked.read([int(post.id) for post in page.posts], more=token is not None, token=kept)
            self.walked = [*before, walked.down(usual)]
            self.posts += [post for post in page.posts if int(post.id) > gap.above]
        return walked.ended

    def _most_pages(self, usual: Walked) -> int:
        return self._timeline.pages_again if usual.ended else _MOST_PAGES

    def _left_out(self, page: Shown, walked: Walked) -> Iterator[LeftOut]:
        """What X left out of a page: each by its id, or else somewhere on the page."""
        shown = {int(post.id) for post in page.posts}
        above = walked.gap.above if page.next_token is None else max(walked.gap.above, min(shown, default=0) - 1)
        below = min(walked.ids, default=walked.gap.below or max(shown, default=0) + 1)
        if self._timeline.keeps_tokens and not walked.pages:  # the latest page leaves the same out each time
            above, below = min([above, *(one - 1 for one in shown)]), _NO_END - 1
        nameless = [post.id for post in page.posts if not post.writer]
        yield from (LeftOut.just(post_id, self._now) for post_id in nameless if int(post_id) > walked.gap.above)
        for post_id in page.left_out:
            if post_id is not None and walked.gap.above < int(post_id) < _NO_END and int(post_id) not in shown:
                yield LeftOut.just(post_id, self._now)
        if None in page.left_out and below - above > 1:  # what is above all that was ever read is read again anyway
            yield LeftOut(above, below, self._now, self._now)

    def _page(self, walked: Walked, token: str | None) -> Shown:
        gap = walked.gap
        since = None if self.first or gap.above <= 0 else str(gap.above)
        below = None if gap.below is None else str(gap.below)
        try:
            return self._timeline.pages(since_id=since, until_id=below, token=token)
        except GiveUp:
            if walked.pages or token is None:
                raise
            # The token was kept for longer than X knows it: from the newest again, past what was read before.
            return self._timeline.pages(since_id=since, until_id=below, token=None)
