"""What the project's own corpus must satisfy before anything is fitted on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from training import splits
from training.corpus import Example
from triage.domain.scores import LABELS, Head, PrivacyRisk, Urgency
from triage.privacy.findings import TYPES
from triage.privacy.risk import exposed_level

#: Fewest messages that a label must have, and the largest share that one label of a head may have.
FEWEST: Final = 120
LARGEST_SHARE: Final = 0.7
#: Fewest messages and trades that the whole corpus must have.
FEWEST_MESSAGES: Final = 5000
FEWEST_TRADES: Final = 12
#: Tags of messages that are hard to judge.
HARD: Final = frozenset(
    {
        "sarcasm", "figurative", "negation", "mixed", "several_needs", "quote", "context_only", "non_english", "spam",
        "brand_word",
    }
)  # fmt: skip
_LONGEST_TEXT: Final = 320


@dataclass(frozen=True, slots=True)
class Demand:
    """A kind of message of which the corpus must have at least ``fewest``."""

    kind: str
    fewest: int
    holds: Callable[[Example], bool]


DEMANDS: Final = (
    Demand("urgent", 400, lambda one: one.labels.get(Head.URGENCY) in (Urgency.CRITICAL, Urgency.HIGH)),
    Demand("with exposed personal data", 500, lambda one: bool(one.spans)),
    Demand("hard", 400, lambda one: not HARD.isdisjoint(one.tags)),
)


def problems(examples: Sequence[Example], shares: splits.Shares) -> list[str]:
    """Everything that is wrong, one sentence each; empty where the corpus is sound."""
    found = [f"{one.id}: {fault}" for one in examples for fault in _faults(one)]
    found += _duplicates(examples)
    found += _balance(examples)
    found += _breadth(examples)
    return found + _across_parts(examples, shares)


def _faults(one: Example) -> list[str]:
    missing = [f"no label for {head.value}" for head in Head if head not in one.labels]
    length = [] if one.text.strip() and len(one.text) <= _LONGEST_TEXT else ["text is blank or too long"]
    origin = [] if one.origin == "own" else ["does not say that it is the project's own"]
    return missing + length + origin + _span_faults(one) + _privacy_faults(one)


def _span_faults(one: Example) -> list[str]:
    found = []
    end_before = 0
    for span in sorted(one.spans, key=lambda span: span.start):
        item = one.text[span.start : span.end]
        if span.type not in TYPES:
            found.append(f"unknown type {span.type}")
        if not 0 <= span.start < span.end <= len(one.text) or item != item.strip():
            found.append(f"[{span.start}, {span.end}] does not frame an item")
        if span.start < end_before:
            found.append(f"[{span.start}, {span.end}] overlaps another item")
        end_before = max(end_before, span.end)
    return found


def _privacy_faults(one: Example) -> list[str]:
    """The level that the spans demand is a floor; medium and high need something exposed."""
    level, demanded = one.labels.get(Head.PRIVACY), exposed_level(one.spans)
    if level is None:
        return []
    order = LABELS[Head.PRIVACY]
    if order.index(level) > order.index(demanded):
        return [f"privacy is {level} but its items demand {demanded.value}"]
    if demanded == PrivacyRisk.NONE and level in (PrivacyRisk.HIGH, PrivacyRisk.MEDIUM):
        return [f"privacy is {level} but nothing is marked"]
    return []


def _duplicates(examples: Sequence[Example]) -> list[str]:
    found = [
        f"id {name} occurs {count} times" for name, count in Counter(one.id for one in examples).items() if count > 1
    ]
    texts: dict[str, str] = {}
    for one in examples:
        key = " ".join(one.text.lower().split())
        if key in texts and one.utterance.in_reply_to is None:
            found.append(f"{one.id}: the same text as {texts[key]}")
        texts.setdefault(key, one.id)
    return found


def _balance(examples: Sequence[Example]) -> list[str]:
    found = []
    for head in Head:
        counts = Counter(one.labels[head] for one in examples if head in one.labels)
        for label in LABELS[head]:
            if counts[label] < FEWEST:
                found.append(f"{head.value} {label}: {counts[label]} messages, at least {FEWEST} are asked for")
            if counts[label] > LARGEST_SHARE * len(examples):
                found.append(f"{head.value} {label}: {counts[label]} of {len(examples)} messages are too many")
    return found


def _breadth(examples: Sequence[Example]) -> list[str]:
    found = []
    if len(examples) < FEWEST_MESSAGES:
        found.append(f"{len(examples)} messages, at least {FEWEST_MESSAGES} are asked for")
    for demand in DEMANDS:
        count = sum(map(demand.holds, examples))
        if count < demand.fewest:
            found.append(f"{count} messages are {demand.kind}, at least {demand.fewest} are asked for")
    trades = {one.trade for one in examples}
    if len(trades) < FEWEST_TRADES:
        found.append(f"{len(trades)} trades, at least {FEWEST_TRADES} are asked for")
    return found


def _across_parts(examples: Sequence[Example], shares: splits.Shares) -> list[str]:
    parts = splits.split(examples, shares)
    where = {id(one): name for name, own in parts.items() for one in own}
    groups = splits.near_duplicates([one.text for one in examples])
    first: dict[int, str] = {}
    found = []
    for one, group in zip(examples, groups, strict=True):
        part = first.setdefault(group, where[id(one)])
        if part != where[id(one)]:
            found.append(f"{one.id}: a near-duplicate is in part {part}, this one in {where[id(one)]}")
    return found
