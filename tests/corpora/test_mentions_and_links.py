"""Mentions and links against X's own conformance suite (twitter-text)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.corpora.conftest import Suite
from triage.text.links import links
from triage.text.mentions import mentions

_LINKED = re.compile(r'<a href="([^"]*)"')
_SEARCH = "/search?q="  # what X makes of tags, which are not read here
_LINKED_NAME = re.compile(r'(?:username|list-slug)" href="https://twitter\.com/(\w+)')
#: What X's check of a whole address allows, and its search in a text does not find or not to the end.
_ONLY_AS_A_WHOLE = {"port and userinfo", "ipv4", "ipv6", "sub delims and question marks"}

pytestmark = pytest.mark.corpora


def found_links(text: str) -> list[str]:
    return [link.text for link in links(text)]


def names(text: str) -> list[str]:
    return [mention.name for mention in mentions(text)]


def reply_to(text: str) -> str | None:
    """Whom a text addresses that begins with a mention."""
    begins = len(text) - len(text.lstrip())
    return next((mention.name for mention in mentions(text) if mention.start == begins), None)


def assert_all(cases: list[dict[str, Any]], count: int, found: Any, expected: Any = None) -> None:
    assert len(cases) == count
    for case in cases:
        due = case["expected"] if expected is None else expected(case["expected"])
        assert found(case["text"]) == due, case["description"]


@pytest.mark.parametrize(("group", "count"), {"urls": 91, "tco_urls_with_params": 5}.items())
def test_every_link_is_found_and_nothing_else(suite: Suite, group: str, count: int) -> None:
    assert_all(suite.cases("extract.yml", group), count, found_links)


@pytest.mark.parametrize(("group", "count"), {"urls_with_indices": 10, "urls_with_directional_markers": 2}.items())
def test_every_link_is_where_x_sees_it(suite: Suite, group: str, count: int) -> None:
    cases = suite.cases("extract.yml", group)
    assert_all(cases, count, lambda text: [{"url": one.text, "indices": [one.start, one.end]} for one in links(text)])


@pytest.mark.parametrize(("group", "count"), {"country": 315, "generic": 1259}.items())
def test_a_link_with_any_domain_that_x_knows_is_found(suite: Suite, group: str, count: int) -> None:
    assert_all(suite.cases("tlds.yml", group), count, found_links)


def test_every_mention_is_found_and_nothing_else(suite: Suite) -> None:
    assert_all(suite.cases("extract.yml", "mentions"), 23, names)
    assert_all(suite.cases("extract.yml", "replies"), 13, reply_to)


@pytest.mark.parametrize(("group", "count"), {"mentions_with_indices": 3, "mentions_or_lists_with_indices": 5}.items())
def test_every_mention_is_where_x_sees_it(suite: Suite, group: str, count: int) -> None:
    assert_all(
        suite.cases("extract.yml", group),
        count,
        lambda text: [(mention.name, mention.start) for mention in mentions(text)],
        lambda expected: [(one["screen_name"], one["indices"][0]) for one in expected],
    )


_AUTOLINK = {"lists": 12, "all": 10, "json": 5}


@pytest.mark.parametrize(("group", "count"), (_AUTOLINK | {"usernames": 19}).items())
def test_the_names_that_x_turns_into_links_are_found(suite: Suite, group: str, count: int) -> None:
    assert_all(suite.cases("autolink.yml", group), count, names, _LINKED_NAME.findall)


@pytest.mark.parametrize(("group", "count"), (_AUTOLINK | {"urls": 78}).items())
def test_the_addresses_that_x_turns_into_links_are_found(suite: Suite, group: str, count: int) -> None:
    """Here X leaves names without http alone."""
    assert_all(
        suite.cases("autolink.yml", group),
        count,
        lambda text: [link.text for link in links(text) if link.has_scheme],
        lambda page: [html.unescape(one) for one in _LINKED.findall(page) if _SEARCH not in one or group == "urls"],
    )


def test_what_x_checks_as_a_whole_is_found_as_a_whole_but_for_four_forms_of_address(suite: Suite) -> None:
    for group, count in (("urls", 24), ("urls_without_protocol", 5)):
        cases = suite.cases("validate.yml", group)
        assert len(cases) == count
        for case in cases:
            form = case["description"].partition(": ")[2]
            whole = found_links(case["text"]) == [case["text"]]
            assert whole == (case["expected"] and form not in _ONLY_AS_A_WHOLE), case["description"]


def test_a_name_is_valid_if_it_is_a_mention_as_a_whole(suite: Suite) -> None:
    assert_all(suite.cases("validate.yml", "usernames"), 4, lambda text: names(text) == [text.removeprefix("@")])
