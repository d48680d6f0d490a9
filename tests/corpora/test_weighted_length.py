"""Lengths against X's own conformance suite (twitter-text), whose counts nobody here made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.text.length import LINK_WEIGHT, MAX_WEIGHT, weighted_length

#: Groups of the configuration that X uses today, version 3, and how many cases each has.
_OF_TODAY = {"WeightedTweetsWithDiscountedEmojiCounterTest": 22, "UnicodeDirectionalMarkerCounterTest": 2}
#: The group of version 2, in which every part of an emoji counts; its two cases with such emoji must differ.
_OF_VERSION_2 = {"WeightedTweetsCounterTest": 20}
_EMOJI_IN_PARTS = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}


@pytest.fixture(scope="module")
def suite(corpora: Path) -> Path:
    return corpora / "twitter_text_conformance"


def cases(suite: Path, file: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load((suite / file).read_text(encoding="utf-8"))["tests"]
    return found


@pytest.mark.corpora
@pytest.mark.parametrize(("group", "count"), _OF_TODAY.items())
def test_every_length_is_the_one_that_x_counts(suite: Path, group: str, count: int) -> None:
    of_group = cases(suite, "validate.yml")[group]
    assert len(of_group) == count
    for case in of_group:
        expected = case["expected"]
        assert weighted_length(case["text"]) == expected["weightedLength"], case["description"]
        if expected["valid"]:
            assert weighted_length(case["text"]) <= MAX_WEIGHT


@pytest.mark.corpora
@pytest.mark.parametrize(("group", "count"), _OF_VERSION_2.items())
def test_the_older_rule_differs_for_emoji_in_parts_alone(suite: Path, group: str, count: int) -> None:
    of_group = cases(suite, "validate.yml")[group]
    assert len(of_group) == count
    different = {
        case["description"] for case in of_group if weighted_length(case["text"]) != case["expected"]["weightedLength"]
    }
    assert different == _EMOJI_IN_PARTS


@pytest.mark.corpora
def test_no_link_with_any_domain_that_x_knows_counts_less_than_a_link(suite: Path) -> None:
    texts = [case["text"] for group in cases(suite, "tlds.yml").values() for case in group]
    assert len(texts) == 1574
    for text in texts:
        assert weighted_length(text) >= LINK_WEIGHT
        assert weighted_length(text.removeprefix("https://")) >= LINK_WEIGHT


@pytest.mark.corpora
def test_where_x_finds_links_no_text_is_counted_too_short(suite: Path) -> None:
    of_links = cases(suite, "extract.yml")
    exact = total = 0
    for case in [*of_links["urls"], *of_links["tco_urls_with_params"]]:
        least = LINK_WEIGHT * len(case["expected"])
        assert weighted_length(case["text"]) >= least, case["description"]
        if isinstance(case["expected"], list) and case["text"] in case["expected"]:
            total += 1
            exact += weighted_length(case["text"]) == LINK_WEIGHT
    assert (exact, total) == (total, total)
    assert total > 0
