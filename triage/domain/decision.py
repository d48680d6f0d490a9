"""What is done with a message, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    ANSWER = "answer"  # the service replies by itself
    QUEUE = "queue"  # a person looks at it
    CLOSE = "close"  # nothing is needed


class Mode(StrEnum):
    """How far a snippet, or all of a brand's, may be used; from the least to the most."""

    OFF = "off"  # not at all
    SUGGEST = "suggest"  # shown to people
    SHADOW = "shadow"  # decided as if live, but not sent: a person answers
    LIVE = "live"  # sent without a person

    def within(self, limit: Mode) -> Mode:
        """The lesser of this mode and ``limit``."""
        return min(self, limit, key=list(Mode).index)


#: Code of the reason for leaving a message alone because the brand has replied since.
ALREADY_REPLIED = "already_replied"
#: Code of the reason for leaving a case to people for good: the customer asked for one.
AGENT_PLEASE = "agent_please"
#: Code of the reason for closing a case as solved by an automatic answer: the customer says so.
SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: a stable code for machines, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A knowledge-base snippet that may answer the message, with the matcher's confidence."""

    snippet: str
    version: int
    confidence: float
    question: str  # the known question it came closest to
    mode: Mode = Mode.LIVE  # how far it may be used


#: Why a conversation goes on in private where nothing in it asks for that: a person of the brand's wants it so.
BY_CHOICE: Final = "by_choice"


@dataclass(frozen=True, slots=True)
class PrivateMove:
    """The conversation should go on in a private message, and why: a code for machines, a sentence for people.

    With ``delete`` the customer should also take the post down: it shows what could be misused.
    """

    code: str
    text: str
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one message.

    ``reasons`` is never empty: for an answer it says why it is safe, otherwise every rule that kept
    the service from answering, the weightiest first. ``move`` is there if the public thread is no place
    to go on.
    """

    action: Action
    queue: str | None
    priority: int  # 0 is first in the queue
    reasons: tuple[Because, ...]
    match: Match | None = None
    move: PrivateMove | None = None
