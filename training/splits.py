"""Which examples are fitted on, calibrated on and tested on: decided by what they say, for good.

Near-duplicates go together, or a test would ask what was learnt by heart. Where a group goes depends
on a hash of its texts alone, so adding a file moves no example that has no new near-duplicate.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from training.corpus import Example
from triage.errors import InvalidInput

TRAIN: Final = "train"
CALIBRATION: Final = "calibration"
TEST: Final = "test"

#: Share of the shorter text's runs of three words that two texts must share to be near-duplicates.
NEAR: Final = 0.5
_RUN: Final = 3
_NOISE: Final = re.compile(r"@\w+|https?://\S+")
_WORDS: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of the corpus is calibrated and tested on; the rest is fitted on."""

    calibration: float
    test: float

    def __post_init__(self) -> None:
        if not (self.calibration >= 0 and self.test >= 0 and self.calibration + self.test < 1):
            raise InvalidInput("calibration and test shares must leave something to fit on", field="split")


def split(examples: Sequence[Example], shares: Shares) -> dict[str, list[Example]]:
    """The examples of each part, in their order."""
    parts: dict[str, list[Example]] = {TRAIN: [], CALIBRATION: [], TEST: []}
    groups = near_duplicates([example.text for example in examples])
    texts: dict[int, list[str]] = defaultdict(list)
    for example, group in zip(examples, groups, strict=True):
        texts[group].append(example.text)
    part_of = {group: part(members, shares) for group, members in texts.items()}
    for example, group in zip(examples, groups, strict=True):
        parts[part_of[group]].append(example)
    return parts


def part(texts: Sequence[str], shares: Shares) -> str:
    """Where a group of near-duplicates goes."""
    digest = hashlib.sha256("\n".join(sorted(texts)).encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < shares.test:
        return TEST
    return CALIBRATION if place < shares.test + shares.calibration else TRAIN


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """For each text the number of the first text of its group of near-duplicates."""
    holds = _incidence([_runs(text) for text in texts])
    size = holds.sum(axis=1)
    common = (holds @ holds.T).tocoo()
    one, other = common.coords
    near = common.data >= NEAR * np.minimum(size[one], size[other])
    pairs = sparse.coo_array((common.data[near], (one[near], other[near])), shape=common.shape)
    _, groups = connected_components(pairs, directed=False)
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return list(map(int, first[group]))


def _incidence(runs: Sequence[set[tuple[str, ...]]]) -> sparse.csr_array:
    """Which text has which run: ones in ``(texts, runs)``."""
    columns: dict[tuple[str, ...], int] = {}
    places = [columns.setdefault(run, len(columns)) for own in runs for run in own]
    ends = np.cumsum([0, *map(len, runs)])
    return sparse.csr_array((np.ones(len(places), np.int32), places, ends), shape=(len(runs), len(columns)))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(_NOISE.sub(" ", text.lower()))
    if len(words) < _RUN:
        return {tuple(words)}
    return {tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)}
