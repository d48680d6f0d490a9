"""Lengths, mentions and links as X sees them, judged by its own conformance suite (twitter-text)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Setting
from triage.text.length import VERSION_2, VERSION_3, Counting, fits, weighted_length
from triage.text.links import links
from triage.text.mentions import mentions

SUITE: Final = "twitter_text_conformance"
_EVERY: Final = Goal(1, 1)
_REST: Final = Goal(0.95, 1)
_LINKED: Final = re.compile(r'<a href="([^"]*)"')
_LINKED_NAME: Final = re.compile(r'(?:username|list-slug)" href="https://twitter\.com/(\w+)')
_SEARCH: Final = "/search?q="  # what X makes of tags, which are not read here

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the suite's cases, and whether the product sees in the text of one what X sees."""

    file: str
    name: str
    agrees: Callable[[Case], bool]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def measure(setting: Setting) -> Measured:
    """The share of the cases in which the product agrees with X.

    Raises:
        Absent: the suite is not there.
    """
    figures, missed = [], []
    for kind, (goal, groups) in KINDS.items():
        outcomes = [
            (group.agrees(case), f"{group}: {case['description']}")
            for group in groups
            for case in cases(setting.corpus(f"{SUITE}/{group.file}.yml"), group.name)
        ]
        right = sum(agrees for agrees, _ in outcomes)
        figures.append(Figure(kind, right / len(outcomes), goal, Unit.PERCENT, messages=len(outcomes)))
        missed += [said for agrees, said in outcomes if not agrees]
    told = "; ".join(missed) or "nothing"
    return Measured(
        "x-texts", tuple(figures), details=f"The cases of tags are left out: nothing reads tags. Missed: {told}."
    )


def cases(path: Path, group: str) -> list[Case]:
    found: list[Case] = _read(path)[group]
    return found


@cache
def _read(path: Path) -> dict[str, Any]:
    tests: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    return tests


def _counted(counting: Counting) -> Callable[[Case], bool]:
    def agrees(case: Case) -> bool:
        due = case["expected"]
        return (weighted_length(case["text"], counting), fits(case["text"])) == (due["weightedLength"], due["valid"])

    return agrees


def _names(text: str) -> list[str]:
    return [mention.name for mention in mentions(text)]


def _addressed(text: str) -> str | None:
    """Whom a text addresses that begins with a mention."""
    begins = len(text) - len(text.lstrip())
    return next((mention.name for mention in mentions(text) if mention.start == begins), None)


def _named_places(case: Case) -> bool:
    due = [(one["screen_name"], one["indices"][0]) for one in case["expected"]]
    return [(mention.name, mention.start) for mention in mentions(case["text"])] == due


def _addresses(text: str) -> list[str]:
    return [link.text for link in links(text)]


def _linked_places(case: Case) -> bool:
    found = [{"url": one.text, "indices": [one.start, one.end]} for one in links(case["text"])]
    return bool(found == case["expected"])


def _schemed(case: Case, tags: bool) -> bool:
    """In a page X makes links only of addresses with a scheme."""
    due = [html.unescape(one) for one in _LINKED.findall(case["expected"]) if tags or _SEARCH not in one]
    return [link.text for link in links(case["text"]) if link.has_scheme] == due


def _same(found: Callable[[str], Any]) -> Callable[[Case], bool]:
    return lambda case: bool(found(case["text"]) == case["expected"])


def _name_pages(case: Case) -> bool:
    return _names(case["text"]) == _LINKED_NAME.findall(case["expected"])


def _whole_name(case: Case) -> bool:
    return bool((_names(case["text"]) == [case["text"].removeprefix("@")]) == case["expected"])


def _whole_address(case: Case) -> bool:
    return bool((_addresses(case["text"]) == [case["text"]]) == case["expected"])


_PAGES: Final = ("lists", "all", "json")
LENGTHS: Final = (
    Group("validate", "WeightedTweetsCounterTest", _counted(VERSION_2)),  # meant for that version of X's configuration
    Group("validate", "WeightedTweetsWithDiscountedEmojiCounterTest", _counted(VERSION_3)),
    Group("validate", "UnicodeDirectionalMarkerCounterTest", _counted(VERSION_3)),
)
MENTIONS: Final = (
    Group("extract", "mentions", _same(_names)),
    Group("extract", "replies", _same(_addressed)),
    Group("extract", "mentions_with_indices", _named_places),
    Group("extract", "mentions_or_lists_with_indices", _named_places),
    *(Group("autolink", name, _name_pages) for name in ("usernames", *_PAGES)),
    Group("validate", "usernames", _whole_name),
)
LINKS: Final = (
    *(Group("extract", name, _same(_addresses)) for name in ("urls", "tco_urls_with_params")),
    *(Group("extract", name, _linked_places) for name in ("urls_with_indices", "urls_with_directional_markers")),
    *(Group("autolink", name, lambda case: _schemed(case, tags=False)) for name in _PAGES),
    Group("autolink", "urls", lambda case: _schemed(case, tags=True)),
    *(Group("validate", name, _whole_address) for name in ("urls", "urls_without_protocol")),
)
DOMAINS: Final = tuple(Group("tlds", name, _same(_addresses)) for name in ("country", "generic"))
KINDS: Final = {
    "lengths": (_EVERY, LENGTHS),
    "mentions": (_REST, MENTIONS),
    "links": (_REST, LINKS),
    "links with every domain that X knows": (_REST, DOMAINS),
}
