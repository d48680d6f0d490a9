"""What happened, one frozen fact a line: the append-only log from which everything is rebuilt.

Events never carry message text, names or reply text, only references and labels, so that erasing a
person's content never needs to touch the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class EventKind(StrEnum):
    MESSAGE_RECEIVED = "message_received"
    MESSAGE_DECIDED = "message_decided"
    BRAND_REPLIED = "brand_replied"  # a person of the brand replied outside this product
    MESSAGE_ERASED = "message_erased"  # its content is gone; what was counted stays counted
    MESSAGE_EDITED = "message_edited"  # its author changed the text on the channel
    CASE_REROOTED = "case_rerooted"  # a parent arrived late: the thread starts further up
    CASE_ABSORBED = "case_absorbed"  # this case took over another, which was the same thread
    CASE_MERGED = "case_merged"  # this case ended: it is now part of another
    CASE_CLAIMED = "case_claimed"
    CASE_RELEASED = "case_released"
    CASE_TRANSFERRED = "case_transferred"
    CASE_CLOSED = "case_closed"
    REPLY_QUEUED = "reply_queued"
    REPLY_SENT = "reply_sent"
    REPLY_FAILED = "reply_failed"
    REPLY_AMBIGUOUS = "reply_ambiguous"
    REPLY_CANCELLED = "reply_cancelled"
    DATA_REVEALED = "data_revealed"  # somebody was shown a message without its masks
    ANSWER_CONFIRMED = "answer_confirmed"  # the customer says that the automatic answer helped
    CUSTOMER_OPTED_OUT = "customer_opted_out"  # from now on no automatic reply to them on this channel
    ANSWER_AUDITED = "answer_audited"  # a person's verdict on an automatic answer
    ANSWERING_STOPPED = "answering_stopped"  # the verdicts prove more wrong answers than were promised
    ANSWERING_RESUMED = "answering_resumed"  # a supervisor switched automatic answers on again
    REPLY_RETRIED = "reply_retried"  # a person knows that it did not go out, and has it sent again
    REPLY_DROPPED = "reply_dropped"  # a person wants it sent no more
    REPLY_BLOCKED = "reply_blocked"  # the guard stopped it right before the channel
    GUARD_RELEASED = "guard_released"  # a supervisor let a reply go that the guard stops
    MOVED_TO_PRIVATE = "moved_to_private"  # the customer was asked to go on in a private message


#: Actor of what the product does by itself; people are named by their user name.
SERVICE = "service"
#: Actor of what happened on the channel, outside the product.
CHANNEL = "channel"


class Event(Struct, frozen=True):
    """One fact about one case. ``at`` is when it happened (UTC), by the clock of the traffic."""

    case_id: int
    at: datetime
    kind: EventKind
    actor: str = SERVICE
    message_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
