"""What is done with a message, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    ANSWER = "answer"  # the service replies by itself
    QUEUE = "queue"  # a person looks at it
    CLOSE = "close"  # nothing is needed


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


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one message.

    ``reasons`` is never empty: for an answer it says why it is safe, otherwise every rule that kept
    the service from answering, the weightiest first.
    """

    action: Action
    queue: str | None
    priority: int  # 0 is first in the queue
    reasons: tuple[Because, ...]
    match: Match | None = None
