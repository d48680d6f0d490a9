"""Snippets that compete for a question: one snippet's question is nearer to another's than to its own others.

The similarity is the matcher's own (:mod:`triage.answers.similarity`). It compares wordings, not meanings as a person
does: two questions that sound alike and ask for different things are found as well, and it is right to find them,
since messages like them are answered wrongly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.answers.similarity import QuestionIndex, SentenceVectors
from triage.answers.snippet import Snippet
from triage.answers.terms import plain

#: From here two questions are taken for nearly the same; settled on the demo brand.
ALIKE: Final = 0.6
#: A snippet's own next question may be this much nearer and the other snippet still competes.
_NEAR: Final = 0.05


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two snippets, by number, and their two questions that are most alike, from 0 to 1."""

    first: int
    second: int
    first_question: str
    second_question: str
    alike: float
    #: How near the nearer of the two questions is to its own snippet's next one.
    own: float

    @property
    def compete(self) -> bool:
        """Whether a message like these questions may well go to the wrong one."""
        return self.alike >= ALIKE and self.alike >= self.own - _NEAR


def rivals(snippets: Sequence[Snippet], vectors: SentenceVectors | None, least: float) -> list[Rivals]:
    """All pairs with questions at least ``least`` alike, the most alike first."""
    questions = [(number, text) for number, snippet in enumerate(snippets) for text in snippet.questions]
    index = QuestionIndex([plain(text) for _, text in questions], vectors)
    return sorted(_pairs(questions, index.among_themselves(), least), key=lambda pair: -pair.alike)


def _pairs(questions: Sequence[tuple[int, str]], alike: NDArray[np.float64], least: float) -> Iterator[Rivals]:
    owner = np.array([number for number, _ in questions])
    np.fill_diagonal(alike, 0.0)
    own = np.where(owner[:, None] == owner, alike, 0.0).max(axis=1)
    starts = np.searchsorted(owner, np.arange(owner.max() + 2))
    nearest = np.maximum.reduceat(np.maximum.reduceat(alike, starts[:-1], axis=0), starts[:-1], axis=1)
    for first, second in np.argwhere(np.triu(nearest, k=1) >= least).tolist():
        block = alike[starts[first] : starts[first + 1], starts[second] : starts[second + 1]]
        row, column = divmod(int(block.argmax()), block.shape[1])
        one, other = int(starts[first]) + row, int(starts[second]) + column
        nearest_own = float(min(own[one], own[other]))
        yield Rivals(first, second, questions[one][1], questions[other][1], float(alike[one, other]), nearest_own)
