"""Taking in what happened on X, from whatever source, in whatever order, however often it is told.

A post is stored once, under the id of its first version. Another version of a stored post is an edit. A deletion
may be told before the post: then the post is not stored when it comes.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from triage.channels.x.happening import Happening, PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.post import Post, PrivateMessage
from triage.channels.x.posts_lookup import as_it_is
from triage.channels.x.watch import Source
from triage.clock import Clock
from triage.domain.decision import BY_CHOICE
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyKind
from triage.routing.private import PrivateMessages
from triage.service.intake import one_at_a_time, take_in_within
from triage.service.joining import join_late
from triage.service.ledger import Ledger
from triage.service.stored_posts import StoredPosts
from triage.service.x.echoes import settle_echoes, settle_private_echoes
from triage.store import Store, Transaction
from triage.store.left_out import LeftOut
from triage.store.x_notes import MENTION, Heard
from triage.text.accept import MAX_LANGUAGE_CHARACTERS, as_storable

log = logging.getLogger(__name__)

#: How long a deletion is remembered of which the post has not come.
_REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: how many messages are new, and how many posts were edited or deleted."""

    new: int
    edited: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes in what happened to one account. ``ring`` is called when there is something to be decided.

    ``private`` is how the brand asks to go on in a private message.
    """

    store: Store
    posts: StoredPosts
    clock: Clock
    account_id: Callable[[], str]
    ring: Callable[[], None]
    private: PrivateMessages = field(default_factory=PrivateMessages)

    def take(self, happenings: Sequence[Happening]) -> Taken:
        """All of it or nothing is stored. Taking in again what is known changes nothing.

        Raises:
            RetryLater: it is not known yet whose account this is.
        """
        account_id = self.account_id()
        taken = self.store.run(lambda transaction: _Batch(transaction, self, account_id).take(happenings))
        if taken.new or taken.edited:
            self.ring()
        if taken.deleted:
            self.posts.sweep()
        return taken


class _Batch:
    """One batch in one transaction."""

    def __init__(self, transaction: Transaction, taking: Taking, account_id: str) -> None:
        self._transaction = transaction
        self._posts = taking.posts
        self._clock = taking.clock
        self._account_id = account_id
        self._private = taking.private

    def take(self, happenings: Sequence[Happening]) -> Taken:
        one_at_a_time(self._transaction, PUBLIC)  # what is known now stays known until the end
        told_posts = [one.post for one in happenings if isinstance(one, Posted)]
        posts = _latest([post for post in told_posts if post.author_id])
        self._ask_again(Source.POLL, [post.id for post in told_posts if not post.author_id])
        told = {one.post_id for one in happenings if isinstance(one, PostDeleted)}
        seen = self._transaction.versions.latest_of(posts)
        gone = self._gone(told, posts)
        known = set(self._transaction.messages.cases_of(PUBLIC, {*posts, *gone}))
        self._delete(gone, known)
        edited = self._edit([post for first, post in posts.items() if first in known - gone], seen)
        self._remember_versions(posts.values())
        unknown = [post for first, post in posts.items() if first not in known]
        parents = self._parents(unknown)
        new = self._take_in([post for post in unknown if post.versions[0] not in gone], parents)
        if own := [post for post in unknown if post.author_id == self._account_id]:
            self._settle(own, parents)
            self._note_requests([post for post in own if post.versions[0] in new], new)
        if new:
            cases = self._transaction.messages.cases_of(PUBLIC, new)
            join_late(self._transaction, PRIVATE, set(cases.values()), self._clock)
        written = [one.message for one in happenings if isinstance(one, PrivatelyWritten)]
        private = self._take_in_private([message for message in written if message.sender_id])
        self._ask_again(Source.PRIVATE, [message.id for message in written if not message.sender_id])
        return Taken(len(new) + private, edited, len(gone & known))

    def _ask_again(self, source: Source, ids: Sequence[str]) -> None:
        """X does not say who wrote these. Taken in, they would be put down to a person whom all such have in common."""
        for one in ids:
            log.warning("X does not say who wrote %s; it is asked for again", one)
        now = self._clock.now()
        self._transaction.left_out.add(source.value, [LeftOut.just(one, now) for one in ids])

    def _remember_versions(self, posts: Iterable[Post]) -> None:
        """Only those up to the one whose text this is: a newer one is still to come."""
        self._transaction.versions.add(
            {one: post.versions[0] for post in posts for one in post.versions[1:] if int(one) <= int(post.id)}
        )

    def _gone(self, told: Collection[str], posts: Mapping[str, Post]) -> set[str]:
        """First versions of what was deleted, as is told now or was told before."""
        versions_of = {one: first for first, post in posts.items() for one in post.versions}
        early = self._transaction.versions.deleted_early(versions_of)
        first_of = self._transaction.versions.first_of(told) | versions_of
        return {first_of.get(one, one) for one in {*told, *early}}

    def _delete(self, gone: Collection[str], known: Collection[str]) -> None:
        """Let go what is here, and remember what has not come yet."""
        for first in sorted(gone):
            if first in known:
                self._posts.delete_within(self._transaction, PUBLIC, first)
        now = self._clock.now()
        if not_here := set(gone).difference(known):
            self._transaction.versions.delete_early(not_here, now)
            self._transaction.versions.forget_early(now - _REMEMBERED)

    def _edit(self, posts: Sequence[Post], seen: Mapping[str, int]) -> int:
        edited = 0
        for post in posts:
            first = post.versions[0]
            if int(post.id) <= seen.get(first, int(first)):
                continue
            became = as_it_is(post, self._account_id)
            edited += self._posts.edit_within(self._transaction, PUBLIC, first, became)
        return edited

    def _take_in(self, posts: Sequence[Post], parents: Mapping[str, str]) -> Mapping[str, int]:
        """``first version's id -> number`` of those that are stored now."""
        incoming = [_public(post, parents.get(post.id), self._account_id) for post in posts]
        accepted = take_in_within(self._transaction, incoming, self._clock).accepted
        self._note_mention([one for one in posts if one.versions[0] in accepted and one.author_id != self._account_id])
        return accepted

    def _settle(self, own: Sequence[Post], parents: Mapping[str, str]) -> None:
        """Replies of the product's own are settled by their posts, also by those that are deleted again already."""
        answers: dict[str, list[Post]] = defaultdict(list)
        for post in own:
            if (above := parents.get(post.id)) is not None:
                answers[above].append(post)
        if answers:
            settle_echoes(self._transaction, PUBLIC, answers, self._clock)

    def _parents(self, posts: Sequence[Post]) -> dict[str, str]:
        """``id -> first version's id of what it answers``; nothing for a post that answers none."""
        answered = {post.id: post.in_reply_to for post in posts if post.in_reply_to is not None}
        first_of = self._transaction.versions.first_of(answered.values())
        return {post_id: first_of.get(above, above) for post_id, above in answered.items()}

    def _note_requests(self, own: Sequence[Post], ids: Mapping[str, int]) -> None:
        """Who asks elsewhere to go on in private asks for the same as at the desk, where replies are noted anyway."""
        asking = {
            post.versions[0]: post
            for post in own
            if post.in_reply_to is not None and self._private.opened_by(post.text, post.links)
        }
        if not asking:
            return
        replies = self._transaction.replies.echoes(PUBLIC, asking)
        cases = self._transaction.messages.cases_of(PUBLIC, asking.keys() - replies.keys())
        ledger = Ledger(self._transaction, cases.values())
        for first, case_id in sorted(cases.items()):
            at, data = self._clock.seen(asking[first].created_at), {"kind": ReplyKind.AGENT.value, "code": BY_CHOICE}
            ledger.add(Event(case_id, at, EventKind.MOVED_TO_PRIVATE, CHANNEL, ids[first], data))
        ledger.commit()

    def _note_mention(self, posts: Sequence[Post]) -> None:
        """When the last one came, for operators. What others wrote comes in because it names or answers the brand."""
        if not posts:
            return
        last = max(posts, key=lambda post: int(post.id))
        noted = self._transaction.x_notes.heard().get(MENTION, Heard())
        if noted.last_id is None or int(noted.last_id) < int(last.id):
            self._transaction.x_notes.hear(MENTION, Heard().seeing(last.id, last.created_at, self._clock.now()))

    def _take_in_private(self, messages: Sequence[PrivateMessage]) -> int:
        incoming = {message.id: _private(message, self._account_id) for message in messages}
        known = self._transaction.messages.cases_of(PRIVATE, incoming)
        new = [message for key, message in incoming.items() if key not in known]
        # Before they are taken in: a reply of the product's own belongs to the case that it was written in.
        settle_private_echoes(self._transaction, [one for one in new if not one.inbound], self._clock)
        return len(take_in_within(self._transaction, new, self._clock).accepted)


def _latest(posts: Sequence[Post]) -> dict[str, Post]:
    """The newest version of each post, by the id of its first, oldest post first."""
    latest: dict[str, Post] = {}
    for post in sorted(posts, key=lambda post: int(post.id)):
        latest[post.versions[0]] = post
    return dict(sorted(latest.items(), key=lambda item: int(item[0])))


def _public(post: Post, parent: str | None, account_id: str) -> IncomingMessage:
    inbound = post.author_id != account_id
    return IncomingMessage(
        channel=PUBLIC,
        external_id=post.versions[0],
        author_id=post.author_id,
        inbound=inbound,
        created_at=post.created_at,
        text=as_storable(post.text),
        in_reply_to=parent,
        lang=post.lang if post.lang and len(post.lang) <= MAX_LANGUAGE_CHARACTERS else None,
        summoned=account_id in post.summons if inbound else None,
    )


def _private(message: PrivateMessage, account_id: str) -> IncomingMessage:
    return IncomingMessage(
        channel=PRIVATE,
        external_id=message.id,
        author_id=message.sender_id,
        inbound=message.sender_id != account_id,
        created_at=message.created_at,
        text=as_storable(message.text),
        addressee_id=message.other_than(account_id) if message.sender_id == account_id else None,
    )
