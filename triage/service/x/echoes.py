"""The product's own replies, coming back as posts of the brand's.

A reply may be seen before X's answer to its sending has arrived, or although that answer was lost. It is known
by what it answers and by its text, and from then on it is sent: nobody sends it again, and it is not taken for
the post of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from triage.channels.x.post import Post
from triage.channels.x.sameness import same_text
from triage.clock import Clock
from triage.domain.event import Event, EventKind
from triage.domain.reply import Reply
from triage.service.ledger import Ledger
from triage.store import Transaction

#: A post may seem to be older than the reply that it is: two clocks never agree.
_MOST_SKEW: Final = timedelta(minutes=2)


def settle_echoes(
    transaction: Transaction, channel: str, posts: Mapping[str, Sequence[Post]], clock: Clock
) -> dict[str, int]:
    """Settle replies that are among the brand's new ``posts``, given by the id of what they answer, as sent.

    Returns:
        ``id of the post's first version -> id of the reply``.
    """
    doubtful = transaction.replies.perhaps_out(channel, posts)
    settled: dict[str, int] = {}
    for reply in doubtful:
        echo = next((post for post in posts[reply.in_reply_to] if _may_be(post, reply, settled)), None)
        if echo is None:
            continue
        settled[echo.versions[0]] = reply.id
        _settle(transaction, reply, echo.versions[0], clock)
    return settled


def _may_be(post: Post, reply: Reply, taken: Mapping[str, int]) -> bool:
    in_time = post.created_at >= reply.created_at - _MOST_SKEW
    return in_time and post.versions[0] not in taken and same_text(reply.text, post.text)


def _settle(transaction: Transaction, reply: Reply, external_id: str, clock: Clock) -> None:
    case_id = transaction.replies.lock(reply.id).case_id
    ledger = Ledger(transaction, [case_id])
    data = {"reply": reply.id, "kind": reply.kind.value}
    at = clock.seen(reply.created_at)
    ledger.add(Event(case_id, at, EventKind.REPLY_SENT, message_id=reply.message_id, data=data))
    ledger.commit()
    transaction.replies.confirm(reply.id, external_id)
