"""Looking at automatic answers afterwards: which ones, the verdicts on them, and what these lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from triage.domain.event import Event, EventKind

#: What a hash of eight bytes is below.
_HASHES: Final = 2**64


class Verdict(StrEnum):
    """What a person says of an automatic answer."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"  # counts for neither


@dataclass(frozen=True, slots=True)
class Tally:
    """Verdicts of one run of answering: since its beginning, or since somebody switched it on again."""

    right: int = 0
    wrong: int = 0
    unsure: int = 0

    @property
    def audited(self) -> int:
        """Verdicts that count."""
        return self.right + self.wrong

    def with_one(self, verdict: Verdict) -> Tally:
        return replace(self, **{verdict.value: getattr(self, verdict.value) + 1})


@dataclass(frozen=True, slots=True)
class Stopped:
    """Answering stopped by itself: when, on how many verdicts, and what was promised."""

    at: datetime
    audited: int
    wrong: int
    promised: float  # the largest share that may be wrong


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether the service may answer, as the verdicts so far leave it. A fold of events, like a case."""

    tally: Tally = Tally()
    stopped: Stopped | None = None

    def apply(self, event: Event) -> Answering:
        """Fold one event in; events of other kinds change nothing."""
        match event.kind:
            case EventKind.ANSWER_AUDITED:
                return replace(self, tally=self.tally.with_one(Verdict(event.data["verdict"])))
            case EventKind.ANSWERING_STOPPED:
                data = event.data
                return replace(self, stopped=Stopped(event.at, data["audited"], data["wrong"], data["promised"]))
            case EventKind.ANSWERING_RESUMED:
                return Answering()
            case _:
                return self


def rebuild(events: Iterable[Event]) -> Answering:
    """How answering stands, from the log alone; events in the order in which they were appended."""
    standing = Answering()
    for event in events:
        standing = standing.apply(event)
    return standing


def is_sampled(channel: str, external_id: str, share: float) -> bool:
    """Whether the answer to a message is to be looked at.

    By a hash of the message's id: a sample that nobody can steer, and the same one in every replay.
    """
    digest = hashlib.sha256(f"audit\0{channel}\0{external_id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") < share * _HASHES
