"""What is taken in, how it is folded, which language it is in, how long it is on X."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from triage.errors import InvalidInput
from triage.text.accept import MAX_CHARACTERS, check_language, check_moment, check_outgoing, check_text, excerpt
from triage.text.language import identify
from triage.text.length import weighted_length
from triage.text.normalise import normalise


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("\u200b", "is empty"),
        ("\x07", "is empty"),
        ("\u2060\ufeff \u202e\u00ad", "is empty"),
        ("\u2800\u3164\ufff9", "is empty"),
        ("x" * (MAX_CHARACTERS + 1), "at most 25,000"),
        ("a\0b", "NUL"),
        ("a\ud800b", "surrogate pair at character 1"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        check_text(text, line=7)
    assert (caught.value.field, caught.value.line) == ("text", 7)


@pytest.mark.parametrize(
    ("text", "named"), [("a\x07b", r"U\+0007"), ("\x1b[31mred", r"U\+001B"), ("a\x85b", r"U\+0085")]
)
def test_a_text_with_a_control_character_is_not_sent(text: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=f"text: contains the control character {named}"):
        check_outgoing(text)


@pytest.mark.parametrize("text", ["two\r\nlines\tand a tab", "👩🏽‍🚀", "\u200fشكرا", "e\u0301", "\ue000"])
def test_line_breaks_tabs_and_invisible_characters_beside_others_are_sent_as_they_are(text: str) -> None:
    assert check_outgoing(text) == text


@pytest.mark.parametrize("text", ["", "\u200b", "\x07"])
def test_a_text_that_shows_nothing_is_not_sent(text: str) -> None:
    with pytest.raises(InvalidInput, match="text: is empty"):
        check_outgoing(text)


@pytest.mark.parametrize("tag", ["x" * 17, "e\0n", "e\udc00"])
def test_a_language_tag_that_cannot_be_kept_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_language(tag, line=3)
    assert (caught.value.field, caught.value.line) == ("lang", 3)


def test_no_language_tag_is_none_and_any_other_is_kept() -> None:
    assert [check_language(tag) for tag in (None, "", "zh-Hant-TW")] == [None, None, "zh-Hant-TW"]


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "1969-12-31T23:59:59+00:00",
        "2200-01-01T00:00:00+00:00",
        "2026-10-20T12:00:00",
    ],
)
def test_a_moment_at_the_ends_of_the_calendar_or_without_a_zone_is_refused(moment: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_moment(datetime.fromisoformat(moment), line=3)
    assert (caught.value.field, caught.value.line) == ("created_at", 3)


def test_a_moment_is_kept_in_utc() -> None:
    assert check_moment(datetime.fromisoformat("2026-10-20T12:00:00+02:00")) == datetime(2026, 10, 20, 10, tzinfo=UTC)
    assert check_moment(datetime.fromisoformat("2026-10-20T12:00:00+02:00")).tzinfo is UTC


def test_an_excerpt_never_holds_more_than_twenty_characters() -> None:
    assert excerpt("x" * 20) == "x" * 20
    assert excerpt("x" * 21) == "x" * 19 + "…"
    assert len(excerpt("my card number is 4111 1111 1111 1111")) == 20


@pytest.mark.parametrize(
    ("refused", "quoted"),
    [
        ("tweet_idd", "tweet_idd"),
        ("2017-10-31 22:10", "9999-99-99 99:99"),
        ("QX7R2M", "XX9X9X"),
        ("jo.marsh@example.org", "xx.xxxxx@xxxxxxx.xxx"),
        ("Jo Marsh", "Xx Xxxxx"),
        ("my card is 4", "xx xxxx xx 9"),
        ("４１１１ ٤² 😡", "9999 99 ·"),
        ("", ""),
    ],
)
def test_an_excerpt_gives_the_shape_of_all_but_plain_names(refused: str, quoted: str) -> None:
    assert excerpt(refused) == quoted


@pytest.mark.parametrize("text", ["\x07bell", "tab\tand\nnewline", "\x1b[31mred", "👩🏽‍🚀", "x" * MAX_CHARACTERS])
def test_control_characters_and_long_posts_are_kept_exactly(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("@MarramAir @other hi", "@user @user hi"),
        ("mail me: jo@example.org", "mail me: jo@example.org"),
        ("see https://t.co/AbC123 &amp; www.example.com/x", "see http://link & http://link"),
        ("sooooo baaaad!!!!!!", "sooo baaad!!!"),
        ("don’t  stop\n\nnow", "don't stop now"),
        ("ＦＵＬＬ width", "FULL width"),
        ("&amp;lt;3", "<3"),
    ],
)
def test_what_means_nothing_is_folded(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("@MarramAir onde está a minha mala? Ninguém responde", None, "pt"),
        ("¿Por qué se ha cancelado mi vuelo de esta mañana?", None, "es"),
        ("lol ok", None, "en"),
        ("https://t.co/x 👍", None, "en"),
        ("ok", "de", "de"),
        ("where is my bag", "und", "en"),
        ("where is my bag", "en-GB", "en"),
    ],
)
def test_the_channels_tag_counts_and_doubt_is_english(text: str, tag: str | None, language: str) -> None:
    assert identify(text, tag) == language


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("hello", 5),
        ("日本", 4),
        ("see https://example.com/a/very/long/path?x=1", 27),
        ("e\u0301", 1),
        ("…", 2),
        # Links: with and without http, and where they end.
        ("t.co", 23),
        ("t.co " * 56, 56 * 24),
        ("HTTPS://A.CO", 23),
        ("www.example.co.uk/x?y=1 now", 27),
        ("(https://example.com/a_(b))", 25),
        ("https://example.com/a.", 24),
        ("https://a.co/日本語", 29),
        ("日本example.com日本", 31),
        ("http://日本語.jp/abc", 23),
        ("https://t.co/AbC123日", 25),
        ("https://example.com?x=1", 23),
        # No links.
        ("https://" + "x" * 500, 508),
        ("https://" + "x" * 64 + ".com", 76),
        ("https://example.com/" + "x" * 5000, 5020),
        ("https://foo_bar.com/" + "x" * 40, 60),
        ("http://localhost/" + "x" * 40, 57),
        ("jo.bloggs@mail.example.org", 26),
        ("@example.com #example.com $example.com", 38),
        ("3.50 or 10.30 a.m.", 18),
        ("Wait...what", 11),
        ("xhttps://example.com/" + "x" * 40, 61),
        # Emoji: 2 however long the sequence; what is no sequence counts part by part.
        ("👩🏽‍🚀", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🏳️‍🌈🏴‍☠️", 4),
        ("⛹🏽‍♀", 2),
        ("🇩🇪", 2),
        ("🇦🇧", 4),
        ("1️⃣ #⃣ ©", 8),
        ("😀\u200d😀", 5),
        ("😀\ufe0f", 4),
        ("🤝🏽", 4),
        ("\U000e0067", 2),
        # A joiner that joins letters is a character like others.
        ("ක්\u200dර", 4),
    ],
)
def test_length_is_counted_as_x_counts(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    ("text", "as_link", "as_text"),
    [("bag.please", 23, 10), ("https://" + "x" * 30 + ".madeup", 23, 45), ("foo_example.com/" + "x" * 30, 27, 46)],
)
def test_a_link_that_x_may_not_see_as_one_counts_what_is_more(text: str, as_link: int, as_text: int) -> None:
    assert weighted_length(text) >= max(as_link, as_text)


@pytest.mark.parametrize(
    "text", ["a." * 12_500, "日a.b" * 6000, "https://a.co/" + "(a" * 12_000, "http://" * 3500, "日-" * 12_500]
)
def test_no_text_takes_long_to_measure(text: str) -> None:
    started = time.perf_counter()
    weighted_length(text)
    assert time.perf_counter() - started < 2
