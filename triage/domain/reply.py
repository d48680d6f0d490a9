"""A reply on its way out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReplyState(StrEnum):
    PENDING = "pending"  # committed, nobody has tried to send it
    SENDING = "sending"  # committed before the outside call; without an outcome it is in doubt: look, do not resend
    SENT = "sent"
    FAILED = "failed"  # refused for good
    AMBIGUOUS = "ambiguous"  # unknown whether it went out; a person decides
    CANCELLED = "cancelled"  # withdrawn: it has not gone out and will not
    BLOCKED = "blocked"  # stopped by the guard right before it would have left


class ReplyKind(StrEnum):
    AUTOMATIC = "automatic"
    AGENT = "agent"


class Doubt(StrEnum):
    """Why it is not known whether a reply went out."""

    NO_ANSWER = "no_answer"  # the answer was lost
    STOPPED = "stopped"  # the sender stopped while sending
    REPEATED = "repeated"  # the channel knows the text already, perhaps from this very reply
    REFUSED = "refused"  # it was refused now, and an attempt before that may have reached the channel

    @property
    def lost(self) -> bool:
        """Whether the attempt itself may have gone out."""
        return self in (Doubt.NO_ANSWER, Doubt.STOPPED)


@dataclass(frozen=True, slots=True)
class Reply:
    """One outgoing text. ``key`` is unique: the same key is never sent twice.

    ``release_seal`` is there if a supervisor has let the text go although the guard stops it. ``attempts`` counts
    the times that sending was begun, and ``repeats`` those that the channel refused because it knew the text.
    ``doubt`` is why it is unknown whether the last attempt succeeded, ``in_doubt_since`` when that ended, and
    ``problem`` what the channel said. ``tried_at`` is when the last attempt began, and ``lost_at`` when the
    first began of which nobody knows whether it went out: from then on the reply may be out, whatever becomes of later
    attempts. ``recipient`` is the channel's id of whom it answers.
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
    snippet: str | None = None
    attempts: int = 0
    repeats: int = 0
    doubt: Doubt | None = None
    in_doubt_since: datetime | None = None
    problem: str | None = None
    tried_at: datetime | None = None
    lost_at: datetime | None = None
    recipient: str = ""

    @property
    def released(self) -> bool:
        """Whether a supervisor has let exactly this text go."""
        return self.release_seal is not None and self.release_seal == seal(self.key, self.text)

    @property
    def asks_to_move(self) -> bool:
        """Whether the service only asks to go on in private, while a person gets the message: no snippet says that."""
        return self.kind is ReplyKind.AUTOMATIC and self.snippet is None


def seal(key: str, text: str) -> str:
    """What binds a release to one text of one reply: with a word changed, or moved to another reply, it is none."""
    return hashlib.sha256(f"{key}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Release:
    """A supervisor's word that a reply may go out although the guard stops it."""

    by: str
    reason: str
    seal: str
