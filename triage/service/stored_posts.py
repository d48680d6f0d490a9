"""What happens to stored posts after they came in: their authors delete and edit them.

A channel that is told of it passes it on here. One that is not, such as X without its compliance stream,
must look stored posts up again: X asks for 24 hours at most, so what was last seen
:data:`LOOK_AGAIN_AFTER` ago is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from triage.channels.protocol import Archive, Deleted, Posts, Present
from triage.clock import Clock
from triage.domain.case import CaseState
from triage.domain.erasure import Cause
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.message import MessageState
from triage.errors import NotFound
from triage.service.deciding import facts
from triage.service.ledger import Ledger
from triage.service.masking import Order, mask
from triage.service.sweeping import sweep
from triage.store import Store, Transaction
from triage.store.held import DuePost, HeldPost

#: X's 24 hours, less four for a look that is late or has to be tried again.
LOOK_AGAIN_AFTER: Final = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking up brought: numbers of posts. Of ``unknown`` ones the channel said nothing."""

    unchanged: int = 0
    deleted: int = 0
    edited: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class StoredPosts:
    """Keeps what is stored as it is on the channels."""

    store: Store
    archives: Sequence[Archive]
    clock: Clock

    def honour_deletion(self, channel: str, external_id: str, actor: str = CHANNEL) -> None:
        """The author deleted a post: its content goes, and replies to it that did not leave yet never do.

        A case that waits for a person is closed, if there is nothing left in it to be read. The author keeps
        their id, since the conversation may go on. Doing it again changes nothing.

        Raises:
            NotFound: the post has not arrived.
        """
        self.store.run(lambda transaction: self.delete_within(transaction, channel, external_id, actor))
        sweep(self.store, self.archives, self.clock)

    def honour_edit(self, channel: str, external_id: str, text: str, actor: str = CHANNEL) -> None:
        """The author changed a post: the new text takes the place of the old one, which is not kept.

        Where the case still waits for a person, or the service's answer has not left yet, the post is scored
        and decided again, and the answer is withdrawn. Elsewhere the labels stay, without the words that
        they were given for. What was erased stays erased.

        Raises:
            NotFound: the post has not arrived.
        """
        self.store.run(lambda transaction: self.edit_within(transaction, channel, external_id, Present(text), actor))

    def check(self, posts: Posts) -> Looked:
        """Look up again whatever of a channel is due, and honour what was found.

        The channel is asked with no transaction open. What it says nothing of stays due.

        Raises:
            RetryLater: the channel cannot be asked now; what was found before is honoured.
        """
        found = Looked()
        for due in self._due(posts):
            said = posts.look_up(due)
            found = _sum(found, self._honour(posts.name, due, said))
        return found

    def _due(self, posts: Posts) -> Iterator[list[str]]:
        before = self.clock.now() - LOOK_AGAIN_AFTER
        after: DuePost | None = None
        while True:
            with self.store.read() as transaction:
                due = transaction.held.due_for_a_look(posts.name, before, after, posts.most)
            if not due:
                return
            after = due[-1]
            yield [post.external_id for post in due]

    def _honour(self, channel: str, due: Sequence[str], said: Mapping[str, Present | Deleted]) -> Looked:
        with self.store.read() as transaction:
            held = transaction.held.texts(channel, due)
        present = {one: what for one in held if isinstance(what := said.get(one), Present)}
        changed = [one for one, what in present.items() if what.text != held[one] or len(what.versions) > 1]
        deleted = [one for one in held if isinstance(said.get(one), Deleted)]
        for one in deleted:
            self.honour_deletion(channel, one)
        edited = sum(self._honour_version(channel, one, present[one]) for one in changed)
        at = self.clock.now()
        self.store.run(lambda transaction: transaction.held.seen(channel, present, at))
        return Looked(len(present) - edited, len(deleted), edited, len(held) - len(present) - len(deleted))

    def _honour_version(self, channel: str, external_id: str, became: Present) -> bool:
        return self.store.run(lambda transaction: self.edit_within(transaction, channel, external_id, became))

    def delete_within(self, transaction: Transaction, channel: str, external_id: str, actor: str = CHANNEL) -> None:
        """:meth:`honour_deletion` in a transaction of the caller's, who calls :meth:`sweep` after it."""
        posts = _find(transaction, channel, external_id)
        if posts:
            mask(transaction, posts, Order(Cause.DELETED, self.clock.now(), actor, pseudonyms={}))

    def sweep(self) -> None:
        """Take what went from the database out of the archives too."""
        sweep(self.store, self.archives, self.clock)

    def edit_within(
        self, transaction: Transaction, channel: str, external_id: str, became: Present, actor: str = CHANNEL
    ) -> bool:
        """:meth:`honour_edit` in a transaction of the caller's; whether the text changed.

        Versions only go forward: where the channel numbers them, one that is not newer than what is stored changes
        nothing, however late it is told.
        """
        posts = _find(transaction, channel, external_id)  # locked: what is read below stays so
        if not posts or not _is_newer(transaction, external_id, became.versions):
            return False
        (post,) = posts
        transaction.versions.add({one: external_id for one in became.versions if one != external_id})
        if post.inbound and became.summoned is not None:
            transaction.messages.summon(channel, external_id, summoned=became.summoned)
        if transaction.held.texts(channel, [external_id])[external_id] == became.text:
            return False
        _replace_text(transaction, post, became.text, self.clock.now(), actor)
        return True


def _find(transaction: Transaction, channel: str, external_id: str) -> list[HeldPost]:
    """The post, or nothing if its content went before."""
    posts = transaction.held.by_external_id(channel, [external_id])
    if not posts and not transaction.messages.cases_of(channel, [external_id]):
        raise NotFound(f"there is no message {external_id!r} on channel {channel!r}")
    return posts


def _is_newer(transaction: Transaction, external_id: str, versions: Sequence[str]) -> bool:
    if not versions:
        return True  # the channel counts none: what it tells last counts
    known = transaction.versions.latest_of([external_id]).get(external_id, int(external_id))
    return int(versions[-1]) > known


def _replace_text(transaction: Transaction, post: HeldPost, text: str, at: datetime, actor: str) -> None:
    ledger = Ledger(transaction, [post.case_id])
    withdrawn = transaction.replies.withdraw(post.id)
    for reply in withdrawn:
        ledger.add(Event(post.case_id, at, EventKind.REPLY_CANCELLED, actor, post.id, {"reply": reply}))
    waits = ledger.case(post.case_id).state in (CaseState.QUEUED, CaseState.CLAIMED)
    again = post.inbound and post.state is not MessageState.RECEIVED and (waits or bool(withdrawn))
    data = {"undone": _take_back(transaction, post)} if again else {}
    if not again:
        transaction.judgements.forget_words([post.id])
    ledger.add(Event(post.case_id, at, EventKind.MESSAGE_EDITED, actor, post.id, data))
    transaction.held.edit(post.id, text, MessageState.RECEIVED if again else post.state)
    ledger.commit()


def _take_back(transaction: Transaction, post: HeldPost) -> dict[str, Any]:
    """Undo a decision; what the log had kept of it, so that figures can take it back too."""
    judged = transaction.judgements.of([post.id]).get(post.id)
    transaction.judgements.remove([post.id])
    return facts(post.created_at, judged.scores, judged.decision) if judged else {}


def _sum(one: Looked, other: Looked) -> Looked:
    return Looked(*(getattr(one, name) + getattr(other, name) for name in Looked.__dataclass_fields__))
