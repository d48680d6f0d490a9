"""The view that the rules read has an offset for every offset of the raw text."""

from __future__ import annotations

from triage.privacy.view import BLANK, view_of


def test_full_width_keycap_and_foreign_digits_become_plain_ones() -> None:
    assert view_of("４٤४④") == "4444"
    assert view_of("4️⃣") == "4  "


def test_links_handles_and_hashtags_are_blanked_and_nothing_else() -> None:
    assert view_of("hi @jo_1 see") == f"hi {BLANK * 5} see"
    assert BLANK not in view_of("jo@post.example, order #58210, 50% off @ noon")


def test_look_alike_quotes_and_dashes_are_folded() -> None:
    assert view_of("it’s 20–45") == "it's 20-45"
