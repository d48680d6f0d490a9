"""Masking: what is shown in place of exposed items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from triage.domain.scores import Reason, Span
from triage.text.normalise import normalise

#: Finds every exposed item of a text, as :func:`triage.privacy.detect.detect` does.
Find = Callable[[str], tuple[Span, ...]]

#: Stands for a mask while what is left of a text is read: no sign that anybody writes.
_GAP: Final = "\ue000"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with its exposed items masked. Each of ``masks`` is one mask: a range of *this* text, with its type."""

    text: str
    masks: tuple[Span, ...] = ()


def redact(text: str, spans: Iterable[Span]) -> Redacted:
    """``text`` with each exposed range replaced by its type in brackets: ``[ORDER_NO]``.

    Spans may come in any order; where two overlap, every character of either is masked, under the
    type of the one that starts first.

    Raises:
        ValueError: a span reaches outside ``text`` or is empty: it belongs to another text.
    """
    pieces: list[str] = []
    masks: list[Span] = []
    done = length = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"span {span.start}-{span.end} is not one of a text of {len(text)} characters")
        if span.start >= done:
            between, shown = text[done : span.start], f"[{span.type}]"
            start = length + len(between)
            length = start + len(shown)
            masks.append(Span(start, length, span.type))
            pieces += (between, shown)
        done = max(done, span.end)
    pieces.append(text[done:])
    return Redacted("".join(pieces), tuple(masks))


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text of :func:`redact`."""
    return redact(text, spans).text


class ReasonMask:
    """Masks reasons for judgements on one text: a word that only an exposed item says becomes that item's type.

    A word stays if what is left of the text says it too, and so does a cue, which stands in parentheses.
    Words are compared as normalising leaves them, which is how the model read them.
    """

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self._left = _folded(_GAP.join(_between(text, spans))) if spans else ""
        self._hidden = [(_folded(text[span.start : span.end]), span.type) for span in spans]

    def __call__(self, why: Sequence[Reason]) -> tuple[Reason, ...]:
        if not self._hidden:
            return tuple(why)
        return tuple((word if self._may_stay(word) else self._masked(word), share) for word, share in why)

    def _may_stay(self, word: str) -> bool:
        is_cue = len(word) > 2 and word[0] == "(" and word[-1] == ")"  # no word of a text has both
        return is_cue or word.strip().casefold() in self._left

    def _masked(self, word: str) -> str:
        own = (kind for said, kind in self._hidden if word.casefold() in said)
        return f"[{next(own, self._hidden[0][1])}]"


def _between(text: str, spans: Sequence[Span]) -> list[str]:
    """What no span covers, in pieces."""
    pieces, done = [], 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.start >= done:
            pieces.append(text[done : span.start])
        done = max(done, span.end)
    return [*pieces, text[done:]]


def _folded(text: str) -> str:
    return normalise(text).casefold()
