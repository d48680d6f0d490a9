"""A text that was sent is known again after all that X does to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.channels.x.sameness import essence, same_text

SENT = "Yes & no: up to 8 kg <in the cabin>.\n\nMore: https://example.com/pets?a=1&b=2 – Ana"


@pytest.mark.parametrize(
    "found",
    [
        SENT,
        "@ada_l Yes & no: up to 8 kg <in the cabin>.\n\nMore: https://t.co/AbC123xyZ9 – Ana",
        "@ada_l @bob Yes &amp; no: up to 8 kg &lt;in the cabin&gt;. More: https://t.co/AbC123xyZ9 – Ana",
        "  Yes & no: up to 8 kg <in the cabin>. \n More: https://t.co/x – Ana ",
    ],
)
def test_what_x_changes_makes_no_other_text(found) -> None:
    assert same_text(SENT, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("See example.com for more", "@ada See https://t.co/AbC123xyZ9 for more"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth", "zerowidth"),
        ("@ada I am on it", "@ada I am on it"),
        ("I am on it @bob", "@ada I am on it @bob"),
        ("hello ☀️", "hello ☀"),
    ],
)
def test_small_things_that_x_does(sent, found) -> None:
    assert same_text(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("Up to 8 kg.", "Up to 9 kg."),
        ("Up to 8 kg.", "Up to 8 kg. And cats?"),
        ("Yes.", "@ada No."),
        ("See https://example.com/a", "See https://example.com/a and more"),
        ("", "Yes."),
        ("I am on it @bob", "I am on it"),
    ],
)
def test_other_words_are_another_text(sent, found) -> None:
    assert not same_text(sent, found)


words = st.lists(
    st.sampled_from(
        ["pets", "fly", "&", "<b>", "8", "kg.", "naïve", "https://example.com/a?b=c&d", "don’t", "@bob", "🐶"]
    ),
    min_size=1,
    max_size=12,
)


@given(words, st.lists(st.sampled_from(["@ada", "@bob", "@MarramAir"]), max_size=3), st.sampled_from([" ", "\n", "  "]))
def test_any_text_is_known_again(parts, names, space) -> None:
    sent = space.join(parts)
    shown = " ".join([*names, *("https://t.co/Ab12" if "://" in part else part for part in parts)])
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert same_text(sent, escaped)
    assert essence(essence(sent)) == essence(sent)
