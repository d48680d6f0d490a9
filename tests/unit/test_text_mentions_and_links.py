from __future__ import annotations

import pytest

from triage.text.length import VERSION_2, VERSION_3, fits, weighted_length
from triage.text.links import links
from triage.text.mentions import Mention, mentioned, mentions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@MarramAir hello", ["MarramAir"]),
        ("thanks (@Marram_Air)! rt:@other .@third", ["Marram_Air", "other", "third"]),
        ("＠MarramAir 客@MarramAir様", ["MarramAir", "MarramAir"]),
        ("mail jo@example.org or jo@help@example.org", []),
        ("f!@kn f#@kn @@twice @é", []),
        ("@café @http://example.com", []),
        ("see https://example.com/@someone and @me/my-list", ["me"]),
        ("@abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst"]),
    ],
)
def test_mentions_are_found_as_x_finds_them(text: str, found: list[str]) -> None:
    assert [mention.name for mention in mentions(text)] == found


def test_a_mention_says_where_it_stands() -> None:
    text = "well @MarramAir/fleet, hi"
    assert mentions(text) == [Mention("MarramAir", 5, 15)]
    assert text[5:15] == "@MarramAir"


def test_names_are_compared_without_case() -> None:
    assert mentioned("@MARRAMAIR and @marramair") == {"marramair"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.com/a?b=c, then www.example.co.uk.", ["https://example.com/a?b=c", "www.example.co.uk"]),
        ("it came late.please help", []),
        ("https://example.madeup/x http://a.madeup_x", ["https://example.madeup/x"]),
        ("a http://snake_case.example.com b", ["http://snake_case.example.com"]),
        ("http://snake_case.com -lead.com jo@example.com $example.com", []),
        ("日本example.com日本", ["example.com"]),
    ],
)
def test_links_are_found_as_x_finds_them(text: str, found: list[str]) -> None:
    assert [link.text for link in links(text)] == found
    assert all(text[link.start : link.end] == link.text for link in links(text))


def test_an_older_version_of_the_rules_counts_the_parts_of_an_emoji() -> None:
    assert weighted_length("👩🏽‍🚀", VERSION_3) == 2
    assert weighted_length("👩🏽‍🚀", VERSION_2) == 7


@pytest.mark.parametrize(
    ("text", "taken"), [("x" * 280, True), ("x" * 281, False), ("", False), ("日" * 141, False), ("a\ufeffb", False)]
)
def test_a_post_fits_if_x_would_take_it(text: str, taken: bool) -> None:
    assert fits(text) is taken
