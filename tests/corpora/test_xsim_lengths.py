"""The stand-in's own reading of texts against X's conformance suite: it must not merely agree with the product."""

from __future__ import annotations

import pytest

from tests.corpora.conftest import Suite
from tests.xsim.wording import fits, links, mentions, weighted_length

pytestmark = pytest.mark.corpora

#: A link that begins with the name of a domain in other than Latin letters and has no ``http``.
_NOT_FOUND = {"example.comてすとですtwitter.みんなです"}


@pytest.mark.parametrize(
    ("group", "count"),
    [("WeightedTweetsWithDiscountedEmojiCounterTest", 22), ("UnicodeDirectionalMarkerCounterTest", 2)],
)
def test_every_length_is_the_one_that_x_counts(suite: Suite, group: str, count: int) -> None:
    of_group = suite.cases("validate", group)
    assert len(of_group) == count
    for case in of_group:
        assert weighted_length(case["text"]) == case["expected"]["weightedLength"], case["description"]
        assert fits(case["text"]) == case["expected"]["valid"], case["description"]


def test_mentions_and_links_are_those_that_x_finds(suite: Suite) -> None:
    for case in suite.cases("extract", "mentions"):
        assert [found.name for found in mentions(case["text"])] == case["expected"], case["description"]
    for case in suite.cases("extract", "urls"):
        if case["text"] not in _NOT_FOUND:
            assert [found.link for found in links(case["text"])] == case["expected"], case["description"]
