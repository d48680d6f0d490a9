"""The product's own replies, coming back as posts of the brand's.

A reply may be seen before X's answer to its sending has arrived, or although that answer was lost. It is known
by what it answers and by its text, and from then on it is sent: nobody sends it again, and it is not taken for
the post of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from triage.channels.x.names import PRIVATE
from triage.channels.x.post import Post
from triage.channels.x.sameness import same_text
from triage.clock import Clock
from triage.domain.message import IncomingMessage
from triage.domain.reply import Reply
from triage.service.settling import settle_as_sent
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
        left = (post for post in posts[reply.in_reply_to] if post.versions[0] not in settled)
        echo = next((post for post in left if _may_be(post.created_at, post.text, reply)), None)
        if echo is None:
            continue
        settled[echo.versions[0]] = reply.id
        settle_as_sent(transaction, reply, echo.versions[0], clock.seen(reply.created_at))
    return settled


def settle_private_echoes(transaction: Transaction, sent: Sequence[IncomingMessage], clock: Clock) -> None:
    """The same for the brand's new private messages, which answer nothing but are known by whom they are to."""
    own = transaction.replies.echoes(PRIVATE, [message.external_id for message in sent])
    new = sorted((one for one in sent if one.external_id not in own), key=lambda one: (one.created_at, one.external_id))
    people = {message.addressee_id for message in new if message.addressee_id is not None}
    if not people:
        return
    author_of = transaction.private.answered(PRIVATE, people)
    taken: set[str] = set()
    for reply in transaction.replies.perhaps_out(PRIVATE, author_of):
        person = author_of[reply.in_reply_to]
        to_them = (one for one in new if one.addressee_id == person and one.external_id not in taken)
        echo = next((one for one in to_them if _may_be(one.created_at, one.text, reply)), None)
        if echo is not None:
            taken.add(echo.external_id)
            settle_as_sent(transaction, reply, echo.external_id, clock.seen(reply.created_at))


def _may_be(at: datetime, text: str, reply: Reply) -> bool:
    return at >= reply.created_at - _MOST_SKEW and same_text(reply.text, text)
