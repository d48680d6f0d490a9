"""Asking again for what X left out of an answer, or sent so that it cannot be read.

Polling goes on meanwhile: nothing waits for one broken post. Where its id is known, the post is looked up; where it is
not, or X has no look-up, the timeline is read again down to there. Each time it does not come the pause grows, and in
the end it is given up, which is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from triage.channels.x.happening import Happening, Posted
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.post import Gone, Post
from triage.channels.x.watch import Source, Watch
from triage.clock import Clock
from triage.errors import GiveUp, RetryLater
from triage.store import Store, Transaction
from triage.store.left_out import LeftOut

#: How what is said of posts begins that are asked for no more.
GIVEN_UP: Final = "X still leaves out"
#: For so long a post is looked up, of which the id is known: an update of the product may be what it needs.
_LOOKED_UP_FOR: Final = timedelta(days=7)
#: For so long a timeline is read again.
_READ_AGAIN_FOR: Final = timedelta(days=1)
#: Sooner than that X may only not have it yet where it says that there is no such post.
_GONE_AFTER: Final = timedelta(minutes=15)
#: Until then what X names and does not give may be gone: it is asked for once more when X cannot just be late.
MAY_BE_GONE_FOR: Final = _GONE_AFTER + timedelta(minutes=5)
_FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
_MOST_STRETCHES: Final = 4
_MOST_LOOKED_UP: Final = 100
#: X charges for each look, whatever it gives: of many that do not come one is looked up in so long, on average.
BETWEEN_LOOKS: Final = timedelta(minutes=1)

#: A look at posts by their ids, up to 100.
LookUp = Callable[[Sequence[str]], Mapping[str, Post | Gone]]


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """What X left out of one timeline; ``look_up`` is ``None`` where X looks nothing up by its id."""

    source: Source
    name: str
    look_up: LookUp | None
    store: Store
    take: Callable[[Sequence[Happening]], object]
    watch: Watch
    clock: Clock

    def to_read_again(self, now: datetime) -> list[LeftOut]:
        """Those down to which the timeline is to be read now; what has come by another way is dropped."""
        with self.store.read() as transaction:
            known = transaction.left_out.of(self.source.value)
            due = [one for one in known if one.again_at <= now and not self._is_looked_up(one)]
            here = self._here(transaction, due)
        if here:
            self.store.run(lambda transaction: transaction.left_out.drop(self.source.value, here))
        return [one for one in due if one not in here]

    def note(
        self, transaction: Transaction, found: Sequence[LeftOut], given_up: Sequence[LeftOut], *, latest: int
    ) -> None:
        """Remember what X left out just now, but not what was given up. Above ``latest`` it was read anyway."""
        named = [one for one in found if one.post_id is not None and not any(one.touches(it) for it in given_up)]
        transaction.left_out.add(self.source.value, named)
        unnamed = [one for one in found if one.post_id is None]
        known = [one for one in transaction.left_out.of(self.source.value) if one.post_id is None]
        if new := list(_new_stretches([*known, *given_up], unnamed, latest)):
            transaction.left_out.drop(self.source.value, known)
            transaction.left_out.add(self.source.value, _few([*known, *new]))

    def read_again(
        self, transaction: Transaction, asked: Sequence[LeftOut], found: Sequence[LeftOut], *, whole: bool
    ) -> list[LeftOut]:
        """What became of those that the timeline was read for, to its end or not; the ones that are given up."""
        now = self.clock.now()
        # Of a reading that broke off nothing can be told.
        came = [one for one in asked if whole and not any(one.touches(other) for other in found)]
        transaction.left_out.drop(self.source.value, came)
        return self._put_off_or_give_up(
            transaction, [one for one in asked if one not in came], now, after=_READ_AGAIN_FOR
        )

    def look(self) -> None:
        """Look up what is due, and take in what came."""
        if self.look_up is None:
            return
        now = self.clock.now()
        asked, here = self._due(now)
        wanted = [post_id for post_id in asked if post_id not in here]
        if not asked or (found := self._found(self.look_up, wanted)) is None:
            return
        came = {post_id: one for post_id, one in found.items() if isinstance(one, Post) and one.author_id}
        if came:
            self.take([Posted(post) for post in sorted(came.values(), key=lambda post: int(post.id))])
        gone = {one for one, what in found.items() if isinstance(what, Gone) and now - asked[one].since >= _GONE_AFTER}
        settled = here | gone | came.keys()

        def settle(transaction: Transaction) -> list[LeftOut]:
            pause = BETWEEN_LOOKS * len(transaction.left_out.of(self.source.value))
            transaction.left_out.drop(self.source.value, [asked[one] for one in settled])
            rest = [asked[one] for one in asked if one not in settled]
            given_up = self._put_off_or_give_up(transaction, rest, now, after=_LOOKED_UP_FOR, pause=pause)
            if any(asked[one].asked for one in came):  # X has mended something: the others may come, too
                transaction.left_out.bring_forward(self.source.value, now)
            return given_up

        given_up = self.store.run(settle)
        self.say(standing=bool(wanted), given_up=given_up)

    def _due(self, now: datetime) -> tuple[dict[str, LeftOut], set[str]]:
        """What is to be looked up now, by its id; and which of it has come by another way."""
        with self.store.read() as transaction:
            due = {one.post_id: one for one in transaction.left_out.of(self.source.value) if one.again_at <= now}
            asked = {post_id: one for post_id, one in due.items() if post_id is not None}
            asked = dict(islice(asked.items(), _MOST_LOOKED_UP))
            return asked, {one.post_id for one in self._here(transaction, asked.values()) if one.post_id}

    def _here(self, transaction: Transaction, ones: Iterable[LeftOut]) -> list[LeftOut]:
        """Those that are stored already."""
        ids = {one.post_id: one for one in ones if one.post_id is not None}
        channel = PRIVATE if self.source is Source.PRIVATE else PUBLIC
        return [ids[one] for one in transaction.messages.cases_of(channel, ids)] if ids else []

    @staticmethod
    def _found(look_up: LookUp, wanted: Sequence[str]) -> Mapping[str, Post | Gone] | None:
        """``None`` where X answers later; what it refuses for good counts as not found."""
        try:
            return look_up(wanted) if wanted else {}
        except RetryLater:
            return None
        except GiveUp:
            return {}

    def say(self, *, standing: bool, given_up: Sequence[LeftOut]) -> None:
        """In plain words, for operators."""
        if given_up:
            first = min(one.since for one in given_up)
            text = f"{GIVEN_UP} some of the {self.name} since {first:%d %b %H:%M} UTC. They are asked for no more."
            self.watch.failed(self.source, text)
        elif standing:
            text = f"X left out some of the {self.name}, or sent them so that they cannot be read."
            self.watch.failed(self.source, f"{text} They are asked for again, at most an hour apart.")

    def _is_looked_up(self, one: LeftOut) -> bool:
        return self.look_up is not None and one.post_id is not None

    def _put_off_or_give_up(
        self,
        transaction: Transaction,
        ones: Sequence[LeftOut],
        now: datetime,
        *,
        after: timedelta,
        pause: timedelta = timedelta(),
    ) -> list[LeftOut]:
        """Those that are given up ``after`` so long; the others are asked for after a ``pause`` at least."""
        given_up = [one for one in ones if now - one.since >= after]
        transaction.left_out.drop(self.source.value, given_up)
        for one in ones:
            if one not in given_up:
                transaction.left_out.put_off(self.source.value, one, now + max(pause, _pause(one)))
        return given_up


def _new_stretches(known: Sequence[LeftOut], found: Sequence[LeftOut], latest: int) -> Iterator[LeftOut]:
    """Those that were found and are not known: what touches a known one is taken for the same.

    A reading that went down to a known one may have found another above ``latest``, where it would have ended.
    """
    for one in found:
        parts = one, replace(one, above=max(one.above, latest))
        new = (part for part in parts if part.holds_any and not any(part.touches(other) for other in known))
        yield from islice(new, 1)


def _few(stretches: Sequence[LeftOut]) -> list[LeftOut]:
    """Of more than four the oldest two become one, which is asked for as the newer of them."""
    kept = sorted(stretches, key=lambda one: one.above)
    while len(kept) > _MOST_STRETCHES:
        oldest, newer, *rest = kept
        kept = [newer.joined(oldest), *rest]
    return kept


def _pause(one: LeftOut) -> timedelta:
    return min(_FIRST_PAUSE * (1 << min(one.asked, 10)), LONGEST_PAUSE)
