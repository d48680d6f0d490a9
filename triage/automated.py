"""Whether a message seems to come from an automated account: what would make two services answer each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from triage.conversation import likeness
from triage.cues import rare
from triage.text.normalise import normalise


class Machine(StrEnum):
    """What speaks for an automated account, as people read it."""

    SIGNATURE = "it is signed as an automatic reply"
    PHRASE = "it says so itself"
    ECHO = "it says what our automatic reply said"
    SPEED = "it came within seconds of our automatic reply"


@dataclass(frozen=True, slots=True)
class Given:
    """An automatic reply that was given to the author of a message, and in which case."""

    case_id: int
    text: str
    at: datetime


#: No person reads a reply and writes one in less.
SPEED: Final = timedelta(seconds=5)
_ECHO: Final = 0.7
#: What an automated account says of itself; a customer who tells of an automatic reply they had is none.
PHRASE: Final = rare(
    "auto|bot|virtual assistant|office|reply to this|is not |unmonitored|received your|thank",
    r"\bthis (?:is|was) an? (?:automat(?:ed|ic)|auto[- ]?generated)\b",
    r"[\[(](?:bot|auto|automated|automatic)(?:[- ](?:reply|response|message|answer))?[\])]",
    r"(?:^|[.!?|^–—-] ?)(?:automat(?:ed|ic)|auto)[- ]?(?:reply|response|message|answer)[.!]?(?=$|:)",
    r"\b(?:i am|i'm|this is) (?:a|an|your) (?:\w+ )?(?:bot|chatbot|virtual assistant)\b",
    r"\bout of (?:the )?office\b",
    r"\b(?:do not|don't) reply to this (?:message|tweet|post|address)\b",
    r"\bthis (?:account|inbox|mailbox) is not (?:monitored|read)\b|\bunmonitored (?:account|inbox|mailbox)\b",
    r"\b(?:we have|we've) received your (?:message|request|enquiry|inquiry|tweet)\b",
    r"\bthank(?:s| you) for (?:(?:contacting|messaging|reaching out to) (?:us\b|@)|your message\b)",
)


def sign_of_a_machine(text: str, written: datetime, signature: str, given: Sequence[Given]) -> Machine | None:
    """What speaks for an automated account, the surest first; ``None`` where nothing does.

    Args:
        signature: the words that end this product's own automatic replies; empty for none.
        given: every automatic reply that this author was given on the channel, in whatever case.
    """
    said = normalise(text).casefold()
    if signature and _folded(signature) in said:
        return Machine.SIGNATURE
    if PHRASE.search(said):
        return Machine.PHRASE
    if any(likeness(text, reply.text) >= _ECHO for reply in given):
        return Machine.ECHO
    if any(timedelta() < written - reply.at <= SPEED for reply in given):
        return Machine.SPEED
    return None


@lru_cache(maxsize=16)
def _folded(signature: str) -> str:
    """There are as many as brands."""
    return normalise(signature).casefold()
