"""A message, as it came in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class MessageState(StrEnum):
    """Where a message stands. Every inbound message ends in exactly one of the final states."""

    RECEIVED = "received"  # stored, not looked at yet
    ANSWERED = "answered"  # the service answers it by itself
    QUEUED = "queued"  # a person has it, or will
    CLOSED = "closed"  # needs nothing
    RECORDED = "recorded"  # outbound: written by the brand's own people elsewhere


FINAL_STATES = frozenset(MessageState) - {MessageState.RECEIVED}


class IncomingMessage(Struct, frozen=True):
    """One message from one channel, before the store has seen it.

    ``text`` is exactly what arrived. ``created_at`` is timezone-aware, in UTC. ``in_reply_to`` is
    the channel's id of the parent, or ``None``. ``inbound`` is false for the brand's own posts.
    ``lang`` is the channel's own language tag, where it gives one. ``summoned`` says whether the author
    called the brand in so many words, on a channel that lets an app answer nobody else; ``None`` where the
    channel does not ask for it. ``addressee_id`` is the person to whom the brand wrote a private message.
    """

    channel: str
    external_id: str
    author_id: str
    inbound: bool
    created_at: datetime
    text: str
    in_reply_to: str | None = None
    lang: str | None = None
    summoned: bool | None = None
    addressee_id: str | None = None

    @property
    def person_id(self) -> str | None:
        """Whose conversation with the brand this is, where that is known."""
        return self.author_id if self.inbound else self.addressee_id


class StoredMessage(Struct, frozen=True):
    """A message as the store returns it: known to a case, with its normalised text.

    ``erased_at`` is when its content went, after which there is no text to be read.
    """

    id: int
    case_id: int
    channel: str
    external_id: str
    author_id: str
    inbound: bool
    created_at: datetime
    text: str
    normalised: str
    state: MessageState
    in_reply_to: str | None
    lang: str | None
    erased_at: datetime | None = None
    summoned: bool | None = None
    addressee_id: str | None = None
