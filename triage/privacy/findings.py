"""What a rule is and reports, and how overlapping reports are settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from triage.domain.scores import Span

#: Every type of exposed item, in the order of the labelling guide.
TYPES: Final = (
    "PERSON",
    "EMAIL",
    "PHONE",
    "STREET_ADDRESS",
    "POSTCODE",
    "CARD",
    "BANK_ACCOUNT",
    "NATIONAL_ID",
    "DATE_OF_BIRTH",
    "BOOKING_REF",
    "ORDER_NO",
    "ACCOUNT_NO",
    "TRACKING_NO",
    "TICKET_NO",
    "PASSWORD",
    "IP",
    "MEDICAL",
)


class Ground(IntEnum):
    """Why a rule believes what it reports; the stronger ground wins where two reports overlap."""

    GUESSED = 1  # a shape that is mostly this
    SHAPED = 2  # a shape, or a checksum, that little else has
    SAID = 3  # the text itself says what it is
    CERTAIN = 4  # a shape that nothing else has, or a checksum and the word for it


class Finding(NamedTuple):
    """``text[start:end]`` is taken to be of ``type``."""

    start: int
    end: int
    type: str
    ground: Ground


class Rule(NamedTuple):
    """A search over a view, and what a text must have for the search to be worth its time.

    ``digits``: how many digits at least. ``words``: one of these words (lower case, letters and
    apostrophes only), or ``None`` where no word is needed.
    """

    find: Callable[[str], Iterator[Finding]]
    digits: int = 0
    words: frozenset[str] | None = None


def any_of(words: str) -> frozenset[str]:
    """The words of a text, as the set that a :class:`Rule` waits for."""
    return frozenset(words.split())


def settle(findings: Iterable[Finding]) -> tuple[Span, ...]:
    """The findings that stand, sorted and without overlap: the stronger ground, then the longer."""
    ranked = sorted(findings, key=lambda f: (-f.ground, f.start - f.end, f.start, f.type))
    taken = bytearray(max((f.end for f in ranked), default=0))
    kept: list[Finding] = []
    for new in ranked:
        if 1 not in taken[new.start : new.end]:
            taken[new.start : new.end] = b"\1" * (new.end - new.start)
            kept.append(new)
    return tuple(Span(f.start, f.end, f.type) for f in sorted(kept))
