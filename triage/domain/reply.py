"""A reply on its way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReplyState(StrEnum):
    PENDING = "pending"  # committed, nobody has tried to send it
    SENDING = "sending"  # committed before the outside call; found after a crash: look, do not resend
    SENT = "sent"
    FAILED = "failed"  # refused for good
    AMBIGUOUS = "ambiguous"  # unknown whether it went out; a person decides
    CANCELLED = "cancelled"  # withdrawn before anybody tried to send it


class ReplyKind(StrEnum):
    AUTOMATIC = "automatic"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Reply:
    """One outgoing text. ``key`` is unique: the same key is never sent twice."""

    id: int
    key: str
    case_id: int
    message_id: int
    channel: str
    in_reply_to: str  # the channel's id of the message it answers
    text: str
    kind: ReplyKind
    state: ReplyState
    created_at: datetime
