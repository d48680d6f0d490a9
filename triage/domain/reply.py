"""A reply on its way out."""

from __future__ import annotations

import hashlib
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
    BLOCKED = "blocked"  # stopped by the guard right before it would have left


class ReplyKind(StrEnum):
    AUTOMATIC = "automatic"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Reply:
    """One outgoing text. ``key`` is unique: the same key is never sent twice.

    ``release_seal`` is there if a supervisor has let the text go although the guard stops it.
    """

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
    release_seal: str | None = None

    @property
    def released(self) -> bool:
        """Whether a supervisor has let exactly this text go."""
        return self.release_seal is not None and self.release_seal == seal(self.key, self.text)


def seal(key: str, text: str) -> str:
    """What binds a release to one text of one reply: with a word changed, or moved to another reply, it is none."""
    return hashlib.sha256(f"{key}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Release:
    """A supervisor's word that a reply may go out although the guard stops it."""

    by: str
    reason: str
    seal: str
