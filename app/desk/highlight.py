"""A message in pieces: exposed items or their masks, and the words that made up the model's mind marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.scores import Head, Reason, Span
from triage.text.normalise import HANDLE, LINK

_STEPS = 3
#: Tokens come from the normalised text; these are what normalising may have made of them.
_FOLDED = {"'": "['’‘‚´`]", '"': '["“”„]'}
_WHOLE = {HANDLE: r"@\w{1,30}", LINK: r"(?:https?://|www\.)\S+"}
_RUN = re.compile(r"(.)\1\1")


@dataclass(frozen=True, slots=True)
class Mark:
    """How much a word spoke for (or against) a head's verdict: ``step`` 1 to 3, relative to the strongest."""

    head: Head
    contribution: float
    step: int

    @property
    def supports(self) -> bool:
        return self.contribution > 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. ``item`` is the type of the exposed item that it is, or is the mask of."""

    text: str
    marks: tuple[Mark, ...] = ()
    item: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    marks: tuple[Mark, ...] = ()
    item: str | None = None


def pieces(text: str, items: Iterable[Span], reasons: Mapping[Head, Sequence[Reason]]) -> list[Piece]:
    """``text`` cut into pieces that, put together, are the text.

    ``items`` are the ranges of exposed items in it, or of their masks, without overlap; no word is marked
    in one. Reasons that are no words of the text (cues such as its length) mark nothing.
    """
    taken = [_Found(span.start, span.end, item=span.type) for span in items]
    for token, marks in sorted(_marks(reasons).items(), key=lambda item: -len(item[0])):
        for match in _pattern(token).finditer(text):
            if match.end() > match.start() and _free(taken, match.start(), match.end()):
                taken.append(_Found(match.start(), match.end(), marks))
    return _cut(text, sorted(taken, key=lambda found: found.start))


def words_found(text: str, reasons: Sequence[Reason]) -> list[Reason]:
    """Those reasons that are words of the text, in their order."""
    return [reason for reason in reasons if _pattern(reason[0]).search(text)]


def _marks(reasons: Mapping[Head, Sequence[Reason]]) -> dict[str, tuple[Mark, ...]]:
    found: dict[str, tuple[Mark, ...]] = {}
    for head, why in reasons.items():
        shares: dict[str, float] = {}
        for token, contribution in why:
            if key := token.strip().casefold():  # "Refund" and "refund" are marked as one
                shares[key] = shares.get(key, 0.0) + contribution
        strongest = max(map(abs, shares.values()), default=0.0)
        for key, share in shares.items():
            if share:
                step = min(_STEPS, 1 + int(_STEPS * abs(share) / strongest))
                found[key] = (*found.get(key, ()), Mark(head, share, step))
    return found


def _pattern(token: str) -> re.Pattern[str]:
    """Where a token of the normalised text stands in the text as received, ignoring case."""
    token = token.strip()
    if whole := _WHOLE.get(token.casefold()):
        return re.compile(whole, re.IGNORECASE)
    parts = []
    rest = token
    while rest:
        character = _FOLDED.get(rest[0], re.escape(rest[0]))
        if _RUN.match(rest):  # normalising cuts "soooooo" down to three
            parts.append(f"{character}{{3,}}")
            rest = rest[3:]
        else:
            parts.append(character)
            rest = rest[1:]
    before = r"(?<!\w)" if token[:1].isalnum() else ""
    after = r"(?!\w)" if token[-1:].isalnum() else ""
    return re.compile(f"{before}{''.join(parts)}{after}", re.IGNORECASE)


def _free(taken: Iterable[_Found], start: int, end: int) -> bool:
    return all(end <= found.start or start >= found.end for found in taken)


def _cut(text: str, found: Iterable[_Found]) -> list[Piece]:
    cut: list[Piece] = []
    here = 0
    for one in found:
        if here < one.start:
            cut.append(Piece(text[here : one.start]))
        cut.append(Piece(text[one.start : one.end], one.marks, one.item))
        here = one.end
    if here < len(text):
        cut.append(Piece(text[here:]))
    return cut
