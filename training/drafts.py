"""Outgoing drafts written to measure the guard: which must be stopped, which may go, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from triage.domain.scores import Span
from triage.errors import GuardBlocked, InvalidInput
from triage.privacy.guard import Detect, Guard

FOLDER: Final = Path(__file__).parent / "personal_data"
#: Drafts that the guard's rules were completed on, and drafts on which it was measured once, at the end.
DRAFTS: Final = FOLDER / "drafts.jsonl"
UNSEEN: Final = FOLDER / "unseen_drafts.jsonl"
#: Drafts as care teams write them on an ordinary day, by another writer; nothing was changed for them either.
FRESH: Final = FOLDER / "fresh_drafts.jsonl"


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public reply. ``message`` is what it answers, ``exposed`` the personal data in that.

    ``why`` says why it must be stopped: it ``contains``, ``asks`` or ``repeats``; empty where it may go.
    """

    id: str
    text: str
    message: str
    exposed: tuple[tuple[int, int, str], ...]
    published: tuple[str, ...]
    block: bool
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draft and whether the guard stops it."""

    draft: Draft
    stopped: bool

    @property
    def wrong(self) -> bool:
        return self.stopped is not self.draft.block


def read_drafts(path: Path) -> list[Draft]:
    """The drafts of a file, one JSON object a line.

    Raises:
        InvalidInput: a line is no draft, or a span is not one of its message.
    """
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            draft = msgspec.json.decode(line, type=Draft)
        except msgspec.MsgspecError as error:
            raise InvalidInput(str(error), line=number, field=path.name) from None
        if not all(0 <= start < end <= len(draft.message) for start, end, _ in draft.exposed):
            raise InvalidInput("a span is not one of the message", line=number, field="exposed")
        found.append(draft)
    return found


def judge(drafts: Sequence[Draft], detect: Detect) -> list[Outcome]:
    """What the guard makes of each draft, beside what its message exposes, where ``detect`` finds personal data."""
    return [Outcome(draft, _stops(draft, detect)) for draft in drafts]


def _stops(draft: Draft, detect: Detect) -> bool:
    guard = Guard(draft.published, detect)
    try:
        guard.check(draft.text, guard.exposed_by(draft.message, [Span(*span) for span in draft.exposed]))
    except GuardBlocked:
        return True
    return False
