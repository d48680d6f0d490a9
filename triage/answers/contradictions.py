"""Answers that seem to say different things about the same: for people to look at, not a proof.

Two snippets are compared where their questions are alike, sentence by sentence: sentences about the same thing that
give different amounts of one unit, or of which one denies, are found; so is a yes against a no at the beginning of
two answers. The phrasings of one snippet are compared as wholes, since they say the same thing in other words: two
that give amounts of one unit and have none in common are found.

What this cannot see: a contradiction in other words ("free" and "£5"), amounts in words beyond twelve, conditions
("in summer", "for members") that make both true, and any language but English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from triage.answers.snippet import Snippet
from triage.answers.statements import Statement, amounts, says_yes, statements

#: How much of what two sentences are about must be shared, as a share of all of it (Jaccard index).
_SAME_MATTER: Final = 0.5
_FEWEST_SHARED: Final = 2


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two passages and what is different: a unit, or ``"yes or no"``."""

    one: str
    other: str
    about: str


def between(one: Snippet, other: Snippet) -> Contradiction | None:
    """The first contradiction between the answers of two snippets whose questions are alike."""
    for first, second in product(one.all_wordings, other.all_wordings):
        if (yes := says_yes(first)) is not None and says_yes(second) is not None and yes is not says_yes(second):
            return Contradiction(first, second, "yes or no")
        for pair in product(statements(first), statements(second)):
            if found := _of_statements(*pair):
                return found
    return None


def within(snippet: Snippet) -> Contradiction | None:
    """The first contradiction between phrasings of one snippet, of one channel or of two."""
    return next(_of_phrasings(snippet.all_wordings), None)


def _of_phrasings(phrasings: Sequence[str]) -> Iterator[Contradiction]:
    for one, other in combinations(phrasings, 2):
        found, compared = amounts(one), amounts(other)
        if unit := _differing_unit(found, compared):
            yield Contradiction(one, other, unit)


def _of_statements(one: Statement, other: Statement) -> Contradiction | None:
    shared = one.about & other.about
    if len(shared) < _FEWEST_SHARED or len(shared) < _SAME_MATTER * len(one.about | other.about):
        return None
    if unit := _differing_unit(one.amounts, other.amounts):
        return Contradiction(one.text, other.text, unit)
    return Contradiction(one.text, other.text, "yes or no") if one.negative != other.negative else None


def _differing_unit(one: frozenset[tuple[str, float]], other: frozenset[tuple[str, float]]) -> str | None:
    """A unit in which both have amounts, none of them the same."""
    for unit in sorted({unit for unit, _ in one} & {unit for unit, _ in other}):
        if {value for of, value in one if of == unit}.isdisjoint(value for of, value in other if of == unit):
            return unit
    return None
