"""What the service has said before, so that nobody gets the same text twice."""

from __future__ import annotations

from typing import Final

from triage.answers.compose import Said
from triage.domain.message import StoredMessage
from triage.store import Transaction
from triage.store.replies import NewReply

#: How many of a channel's latest automatic replies count as said of late.
_LATELY: Final = 50


class Sayings:
    """What is in the store, and beside it what one batch has decided to say."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._made: list[tuple[StoredMessage, NewReply]] = []

    @property
    def new(self) -> list[NewReply]:
        """The replies of this batch, in order."""
        return [reply for _, reply in self._made]

    def add(self, message: StoredMessage, reply: NewReply) -> None:
        self._made.append((message, reply))

    def before(self, message: StoredMessage) -> Said:
        """What was said to this customer or in this thread, and on this channel of late."""
        here = self._transaction.said.to_author_of(message.id)
        here |= {reply.text for other, reply in self._made if _same_customer(message, other)}
        fresh = [reply.text for _, reply in reversed(self._made) if reply.channel == message.channel]
        stored = self._transaction.said.latest_automatic(message.channel, _LATELY)
        return Said(frozenset(here), tuple([*fresh, *stored][:_LATELY]))


def _same_customer(one: StoredMessage, other: StoredMessage) -> bool:
    return one.case_id == other.case_id or (one.channel, one.author_id) == (other.channel, other.author_id)
