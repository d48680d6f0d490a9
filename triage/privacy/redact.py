"""Masking: what is shown in place of exposed items."""

from __future__ import annotations

from collections.abc import Iterable

from triage.domain.scores import Span


def mask(text: str, spans: Iterable[Span]) -> str:
    """``text`` with each exposed range replaced by its type in brackets: ``[ORDER_NO]``.

    Spans may come in any order; where two overlap, every character of either is masked, under the
    type of the one that starts first.

    Raises:
        ValueError: a span reaches outside ``text`` or is empty: it belongs to another text.
    """
    pieces: list[str] = []
    done = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"span {span.start}-{span.end} is not one of a text of {len(text)} characters")
        if span.start >= done:
            pieces += (text[done : span.start], f"[{span.type}]")
        done = max(done, span.end)
    pieces.append(text[done:])
    return "".join(pieces)
