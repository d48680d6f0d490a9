"""Lengths against X's own conformance suite (twitter-text), whose counts nobody here made."""

from __future__ import annotations

import pytest

from tests.corpora.conftest import Suite
from training.figures.x_texts import DOMAINS, LENGTHS, LINKS, Group
from triage.text.length import LINK_WEIGHT, weighted_length

_COUNTS = {
    "WeightedTweetsCounterTest": 20,
    "WeightedTweetsWithDiscountedEmojiCounterTest": 22,
    "UnicodeDirectionalMarkerCounterTest": 2,
}

pytestmark = pytest.mark.corpora


@pytest.mark.parametrize("group", LENGTHS, ids=str)
def test_every_length_is_the_one_that_x_counts(suite: Suite, group: Group) -> None:
    cases = suite.cases(group.file, group.name)
    assert len(cases) == _COUNTS[group.name]
    assert [case["description"] for case in cases if not group.agrees(case)] == []


def test_no_link_with_any_domain_that_x_knows_counts_less_than_a_link(suite: Suite) -> None:
    texts = [case["text"] for group in DOMAINS for case in suite.cases(group.file, group.name)]
    assert len(texts) == 1574
    for text in texts:
        assert weighted_length(text) >= LINK_WEIGHT
        assert weighted_length(text.removeprefix("https://")) >= LINK_WEIGHT


def test_where_x_finds_links_no_text_is_counted_too_short(suite: Suite) -> None:
    exact = total = 0
    for case in [case for group in LINKS[:2] for case in suite.cases(group.file, group.name)]:
        least = LINK_WEIGHT * len(case["expected"])
        assert weighted_length(case["text"]) >= least, case["description"]
        if isinstance(case["expected"], list) and case["text"] in case["expected"]:
            total += 1
            exact += weighted_length(case["text"]) == LINK_WEIGHT
    assert (exact, total) == (total, total)
    assert total > 0
