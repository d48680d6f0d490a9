"""Highlighting never changes what a customer wrote, and never shows what is hidden."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.desk.highlight import pieces
from triage.domain.scores import Head, Span
from triage.privacy.redact import mask

_TEXT = st.text(alphabet="abcA .'’?@#😡éoo\n", max_size=60)
_REASONS = st.lists(st.tuples(st.text(alphabet="abcA '?@oé", max_size=6), st.floats(-5, 5)), max_size=6)


@st.composite
def _text_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(_TEXT.filter(bool))
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    pairs = draw(st.lists(bounds, max_size=4))
    return text, [Span(min(pair), max(pair), "EMAIL") for pair in pairs if pair[0] != pair[1]]


@given(_TEXT, _REASONS, _REASONS)
def test_pieces_put_together_are_the_text(
    text: str, intent: list[tuple[str, float]], urgency: list[tuple[str, float]]
) -> None:
    cut = pieces(text, (), {Head.INTENT: intent, Head.URGENCY: urgency})
    assert "".join(piece.text for piece in cut) == text


@given(_text_and_spans(), _REASONS)
def test_exactly_what_is_not_hidden_is_shown(given: tuple[str, list[Span]], reasons: list[tuple[str, float]]) -> None:
    text, spans = given
    hidden = {place for span in spans for place in range(span.start, span.end)}
    cut = pieces(text, spans, {Head.INTENT: reasons})
    shown = "".join(piece.text for piece in cut if piece.masked is None)
    assert shown == "".join(character for place, character in enumerate(text) if place not in hidden)


@given(_text_and_spans())
def test_the_conversation_masks_like_the_rest_of_the_product_where_spans_do_not_overlap(
    given: tuple[str, list[Span]],
) -> None:
    text, spans = given
    apart: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    assert "".join(piece.text for piece in pieces(text, apart, {})) == mask(text, apart)
