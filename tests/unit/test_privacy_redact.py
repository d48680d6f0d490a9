"""Masked text shows types in place of values."""

from __future__ import annotations

import pytest

from triage.domain.scores import Span
from triage.privacy.detect import detect
from triage.privacy.redact import ReasonMask, Redacted, mask, redact


def test_each_exposed_range_is_replaced_by_its_type() -> None:
    text = "order no. 118204577, mail jo@post.example"
    assert mask(text, detect(text)) == "order no. [ORDER_NO], mail [EMAIL]"


def test_spans_may_come_in_any_order() -> None:
    assert mask("abcdef", [Span(4, 5, "PHONE"), Span(0, 2, "EMAIL")]) == "[EMAIL]cd[PHONE]f"


def test_overlapping_spans_leave_no_character_of_either() -> None:
    assert mask("abcdef", [Span(1, 4, "CARD"), Span(3, 5, "PHONE")]) == "a[CARD]f"


def test_each_mask_is_a_range_of_the_masked_text() -> None:
    shown = redact("call 0161 496 0000 or jo@post.example!", [Span(5, 18, "PHONE"), Span(22, 37, "EMAIL")])
    assert shown == Redacted("call [PHONE] or [EMAIL]!", (Span(5, 12, "PHONE"), Span(16, 23, "EMAIL")))
    assert [shown.text[one.start : one.end] for one in shown.masks] == ["[PHONE]", "[EMAIL]"]


def test_of_overlapping_spans_there_is_one_mask() -> None:
    assert redact("abcdef", [Span(1, 4, "CARD"), Span(3, 5, "PHONE")]).masks == (Span(1, 7, "CARD"),)


class TestReasons:
    TEXT = "Refund Jo Marsh, booking QX7R2M"
    SPANS = (Span(7, 15, "PERSON"), Span(25, 31, "BOOKING_REF"))

    @pytest.mark.parametrize(
        ("word", "shown"),
        [
            ("QX7R2M", "[BOOKING_REF]"),
            ("qx7r2m", "[BOOKING_REF]"),
            ("Marsh", "[PERSON]"),
            ("Refund", "Refund"),
            ("refund", "refund"),
            ("booking", "booking"),
            (",", ","),
            ("(bias)", "(bias)"),
            ("elsewhere", "[PERSON]"),  # no word of what is left: better masked under a wrong type than shown
        ],
    )
    def test_a_word_that_only_an_exposed_item_says_is_replaced_by_its_type(self, word: str, shown: str) -> None:
        assert ReasonMask(self.TEXT, self.SPANS)([(word, 0.5)]) == ((shown, 0.5),)

    def test_words_are_compared_as_normalising_leaves_them(self) -> None:
        text = "ﬁrst： card ４１１１ &amp; more"
        spans = [Span(text.index("４"), text.index("４") + 4, "CARD")]
        why = [("first", 1.0), ("4111", 0.5), ("&", 0.2), ("more", 0.1)]
        assert [word for word, _ in ReasonMask(text, spans)(why)] == ["first", "[CARD]", "&", "more"]

    def test_what_stands_on_both_sides_of_an_item_is_not_one_word(self) -> None:
        assert ReasonMask("ab12cd", [Span(2, 4, "PHONE")])([("abcd", 1.0)]) == (("[PHONE]", 1.0),)

    def test_without_an_exposed_item_all_words_stay(self) -> None:
        assert ReasonMask("Refund", ())([("Refund", 1.0)]) == (("Refund", 1.0),)


def test_a_text_without_spans_is_left_as_it_is() -> None:
    assert mask("nothing here", ()) == "nothing here"


@pytest.mark.parametrize("span", [Span(3, 9, "CARD"), Span(-1, 2, "CARD"), Span(2, 2, "CARD"), Span(3, 2, "CARD")])
def test_a_span_of_another_text_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="is not one of a text of 4 characters"):
        mask("abcd", [span])
