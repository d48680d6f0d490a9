"""Highlighting never changes what is shown, and never touches a mask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.desk.highlight import pieces
from triage.domain.scores import Head, Span
from triage.privacy.redact import redact

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
def test_the_pieces_of_a_masked_text_are_that_text_and_its_masks_are_pieces_of_their_own(
    given: tuple[str, list[Span]], reasons: list[tuple[str, float]]
) -> None:
    shown = redact(*given)
    cut = pieces(shown.text, shown.masks, {Head.INTENT: reasons})
    assert "".join(piece.text for piece in cut) == shown.text
    assert [piece.text for piece in cut if piece.item] == ["[EMAIL]"] * len(shown.masks)
    assert not any(piece.marks for piece in cut if piece.item)
