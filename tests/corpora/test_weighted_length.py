"""Lengths against X's own conformance suite (twitter-text), whose counts nobody here made."""

from __future__ import annotations

import pytest

from tests.corpora.conftest import Suite
from triage.text.length import LINK_WEIGHT, VERSION_2, VERSION_3, Counting, fits, weighted_length

#: Each group, how many cases it has, and the version of X's configuration that it is meant for; 3 is today's.
_COUNTERS = {
    "WeightedTweetsCounterTest": (20, VERSION_2),
    "WeightedTweetsWithDiscountedEmojiCounterTest": (22, VERSION_3),
    "UnicodeDirectionalMarkerCounterTest": (2, VERSION_3),
}

pytestmark = pytest.mark.corpora


@pytest.mark.parametrize(("group", "count", "counting"), [(group, *of) for group, of in _COUNTERS.items()])
def test_every_length_is_the_one_that_x_counts(suite: Suite, group: str, count: int, counting: Counting) -> None:
    of_group = suite.cases("validate.yml", group)
    assert len(of_group) == count
    for case in of_group:
        assert weighted_length(case["text"], counting) == case["expected"]["weightedLength"], case["description"]
        assert fits(case["text"]) == case["expected"]["valid"], case["description"]


def test_no_link_with_any_domain_that_x_knows_counts_less_than_a_link(suite: Suite) -> None:
    texts = [case["text"] for group in ("country", "generic") for case in suite.cases("tlds.yml", group)]
    assert len(texts) == 1574
    for text in texts:
        assert weighted_length(text) >= LINK_WEIGHT
        assert weighted_length(text.removeprefix("https://")) >= LINK_WEIGHT


def test_where_x_finds_links_no_text_is_counted_too_short(suite: Suite) -> None:
    exact = total = 0
    for case in [*suite.cases("extract.yml", "urls"), *suite.cases("extract.yml", "tco_urls_with_params")]:
        least = LINK_WEIGHT * len(case["expected"])
        assert weighted_length(case["text"]) >= least, case["description"]
        if isinstance(case["expected"], list) and case["text"] in case["expected"]:
            total += 1
            exact += weighted_length(case["text"]) == LINK_WEIGHT
    assert (exact, total) == (total, total)
    assert total > 0
