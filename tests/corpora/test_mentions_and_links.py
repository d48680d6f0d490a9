"""Mentions and links against X's own conformance suite (twitter-text)."""

from __future__ import annotations

import pytest

from tests.corpora.conftest import Suite
from training.figures.x_texts import DOMAINS, LINKS, MENTIONS, Group

#: How many cases the suite has: a group that was read in part would prove little.
_COUNTS = {
    "extract: mentions": 23,
    "extract: replies": 13,
    "extract: mentions_with_indices": 3,
    "extract: mentions_or_lists_with_indices": 5,
    "extract: urls": 91,
    "extract: tco_urls_with_params": 5,
    "extract: urls_with_indices": 10,
    "extract: urls_with_directional_markers": 2,
    "autolink: usernames": 19,
    "autolink: lists": 12,
    "autolink: all": 10,
    "autolink: json": 5,
    "autolink: urls": 78,
    "validate: usernames": 4,
    "validate: urls": 24,
    "validate: urls_without_protocol": 5,
    "tlds: country": 315,
    "tlds: generic": 1259,
}
#: What X's check of a whole address allows, and its search in a text does not find or not to the end.
_ONLY_AS_A_WHOLE = {"port and userinfo", "ipv4", "ipv6", "sub delims and question marks"}

pytestmark = pytest.mark.corpora


@pytest.mark.parametrize("group", [*MENTIONS, *LINKS, *DOMAINS], ids=str)
def test_the_product_sees_the_mentions_and_links_that_x_sees(suite: Suite, group: Group) -> None:
    cases = suite.cases(group.file, group.name)
    assert len(cases) == _COUNTS[str(group)]
    missed = {case["description"].partition(": ")[2] for case in cases if not group.agrees(case)}
    assert missed == (_ONLY_AS_A_WHOLE if str(group) == "validate: urls" else set())
