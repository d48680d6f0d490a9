"""Masked text shows types in place of values."""

from __future__ import annotations

import pytest

from triage.domain.scores import Span
from triage.privacy.detect import detect
from triage.privacy.redact import mask


def test_each_exposed_range_is_replaced_by_its_type() -> None:
    text = "order no. 118204577, mail jo@post.example"
    assert mask(text, detect(text)) == "order no. [ORDER_NO], mail [EMAIL]"


def test_spans_may_come_in_any_order() -> None:
    assert mask("abcdef", [Span(4, 5, "PHONE"), Span(0, 2, "EMAIL")]) == "[EMAIL]cd[PHONE]f"


def test_overlapping_spans_leave_no_character_of_either() -> None:
    assert mask("abcdef", [Span(1, 4, "CARD"), Span(3, 5, "PHONE")]) == "a[CARD]f"


def test_a_text_without_spans_is_left_as_it_is() -> None:
    assert mask("nothing here", ()) == "nothing here"


@pytest.mark.parametrize("span", [Span(3, 9, "CARD"), Span(-1, 2, "CARD"), Span(2, 2, "CARD"), Span(3, 2, "CARD")])
def test_a_span_of_another_text_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="is not one of a text of 4 characters"):
        mask("abcd", [span])
