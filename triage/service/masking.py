"""Letting the content of posts go, wherever it is in the database. What was counted stays counted.

Of a post there is left: that it was there, when, in which thread, and what was decided. Its id on the
channel stays too. The event log, which is never edited, names threads by the id of their first post, and
the id is what keeps the same post out when it arrives again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.domain.case import LOWEST_PRIORITY, CaseState
from triage.domain.decision import Action, Because, Decision
from triage.domain.erasure import CLOSED_BECAUSE, Cause
from triage.domain.event import Event, EventKind
from triage.domain.message import MessageState
from triage.domain.scores import UNSCORED
from triage.service.deciding import facts
from triage.service.ledger import Ledger
from triage.store import Transaction
from triage.store.held import HeldPost
from triage.store.replies import ErasedReply

_NOTHING_TO_READ = Decision(
    Action.CLOSE, None, LOWEST_PRIORITY, (Because("erased", "Its content was erased before it was decided."),)
)


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be done: why, when, by whom, and which authors are to be called by which pseudonyms."""

    cause: Cause
    at: datetime
    actor: str
    pseudonyms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Masked:
    """What was done: numbers of things by kind, and the replies whose texts may be in journals too."""

    counts: Mapping[str, int]
    replies: tuple[int, ...]


def mask(transaction: Transaction, posts: Sequence[HeldPost], order: Order) -> Masked:
    """Let the content of these posts go, with all that was made of it and said to it.

    Texts of the posts, of the brand's posts that answer them, and of replies to them; words and places in
    the judgements. Replies that nobody has tried to send are withdrawn. Posts that were not decided yet
    are closed, and so are cases that wait for a person but hold nothing to be read any more.
    """
    answers = transaction.held.answers_to(posts) if posts else []
    ids = [post.id for post in posts]
    ledger = Ledger(transaction, {post.case_id for post in (*posts, *answers)})
    undecided = _close_undecided(transaction, ledger, posts, order)
    replies = transaction.replies.erase(ids, order.at)
    judgements = transaction.judgements.forget_words(ids)
    transaction.held.erase([*posts, *answers], order.at, order.pseudonyms)
    _log(ledger, [*posts, *answers], replies, order)
    closed = _close_cases(transaction, ledger, posts, order)
    ledger.commit()
    addressed = sum(post.addressee_id is not None for post in posts)
    counts = Counter(
        messages=len(posts) - addressed,
        posts_of_the_brand=len(answers) + addressed,
        judgements=judgements,
        replies=len(replies),
        replies_withdrawn=sum(reply.withdrawn for reply in replies),
        closed_undecided=undecided,
        cases_closed=closed,
    )
    return Masked(counts, tuple(reply.id for reply in replies))


def _close_undecided(transaction: Transaction, ledger: Ledger, posts: Sequence[HeldPost], order: Order) -> int:
    """Every message of a customer ends in one final state; these had none yet."""
    undecided = [post for post in posts if post.inbound and post.state is MessageState.RECEIVED]
    for post in undecided:
        data = facts(post.created_at, UNSCORED, _NOTHING_TO_READ)
        ledger.add(Event(post.case_id, order.at, EventKind.MESSAGE_DECIDED, order.actor, post.id, data))
    transaction.messages.settle({post.id: MessageState.CLOSED for post in undecided})
    return len(undecided)


def _log(ledger: Ledger, posts: Sequence[HeldPost], replies: Sequence[ErasedReply], order: Order) -> None:
    for reply in replies:
        if reply.withdrawn:
            data: dict[str, Any] = {"reply": reply.id}
            ledger.add(Event(reply.case_id, order.at, EventKind.REPLY_CANCELLED, order.actor, reply.message_id, data))
    for post in posts:
        data = {"cause": order.cause.value}
        ledger.add(Event(post.case_id, order.at, EventKind.MESSAGE_ERASED, order.actor, post.id, data))


def _close_cases(transaction: Transaction, ledger: Ledger, posts: Sequence[HeldPost], order: Order) -> int:
    """A person who opened such a case would find nothing to read, and nobody to answer."""
    waiting = {case_id for post in posts if _waits(ledger, case_id := post.case_id)}
    empty = sorted(waiting - transaction.held.cases_with_content(waiting))
    for case_id in empty:
        data = {"reason": CLOSED_BECAUSE[order.cause]}
        ledger.add(Event(case_id, order.at, EventKind.CASE_CLOSED, order.actor, data=data))
    return len(empty)


def _waits(ledger: Ledger, case_id: int) -> bool:
    return ledger.case(case_id).state in (CaseState.QUEUED, CaseState.CLAIMED)
