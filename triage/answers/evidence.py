"""What speaks for and against each snippet being the answer, and what it would have been for held-out questions.

Kernel ridge regression over all known questions gives each snippet a score; beside it stand the similarity
to the snippet's nearest question, the lead over the next snippet by both, how much of what the message says
the snippet's questions say too, and the :mod:`signs <triage.answers.signs>` that it is no plain question.

The same evidence is computed, exactly and without refitting, as if one question, or one whole snippet, had
never been known: the first shows how well new wordings are matched, the second what a message looks like
whose answer the knowledge base does not have.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.answers import signs
from triage.answers.calibration import EVIDENCE
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.ridge import KernelRidge
from triage.answers.similarity import QuestionIndex, SentenceVectors
from triage.answers.terms import content_stems, plain, words

Floats = NDArray[np.float64]

#: Ridge penalty; the kernel's diagonal is 1. From 0.3 to 3 results differ little.
_PENALTY: Final = 1.0
#: The regression is exact and takes the cube of this many steps; larger knowledge bases are thinned evenly.
MOST_QUESTIONS: Final = 3000
_NO_SNIPPET: Final = -1
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
NO_RANK: Final = -1


@dataclass(frozen=True, slots=True)
class Question:
    """A known text and the number of its snippet; :data:`_NO_SNIPPET` for one that has no answer.

    Titles and sentences of answers are not ``asked``: they lend their words, but are no test of matching.
    """

    text: str
    owner: int
    asked: bool = True


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Evidence for the best snippet of n texts that were made unknown, shape (n, evidence), and how right it was.

    ``rank`` is the place of the right snippet by score, 0 for the first, or ``NO_RANK`` where no snippet is right.
    """

    evidence: Floats
    rank: NDArray[np.int64]

    @property
    def right(self) -> Floats:
        """1 where the best snippet is the right one, else 0."""
        return np.asarray(self.rank == 0, dtype=np.float64)

    @property
    def answerable(self) -> Floats:
        """1 where the right snippet was there to be found, else 0."""
        return np.asarray(self.rank != NO_RANK, dtype=np.float64)


class KnownQuestions:
    """All that a knowledge base knows about which text needs which snippet. Snippets are numbered from 0."""

    def __init__(self, knowledge_base: KnowledgeBase, vectors: SentenceVectors | None = None) -> None:
        self._questions: Final = _thinned(_questions(knowledge_base))
        self._snippets: Final = len(knowledge_base.snippets)
        self._owner: Final = np.array([question.owner for question in self._questions], dtype=np.int64)
        self._answered: Final = int((self._owner != _NO_SNIPPET).sum())
        self._starts: Final = np.searchsorted(self._owner[: self._answered], np.arange(self._snippets))
        asked = Counter(question.owner for question in self._questions if question.asked)
        self._asked_ends: Final = [start + asked[number] for number, start in enumerate(self._starts.tolist())]
        read = [plain(question.text) for question in self._questions]
        self._index: Final = QuestionIndex(read, vectors)
        self._stems: Final = [content_stems(words(text)) for text in read]
        self._coverage: Final = _Coverage(self._stems, self._owner, self._snippets)
        self._alike: Final = self._index.among_themselves()
        target = (self._owner[:, None] == np.arange(self._snippets)).astype(np.float64)
        self._ridge: Final = KernelRidge(self._alike, target, _PENALTY)

    def evidence(self, text: str) -> tuple[Floats, list[str]]:
        """Evidence for every snippet, shape (snippets, evidence), and each one's nearest question."""
        read = plain(text)
        alike = self._index.similarities(read)
        found = _evidence(
            self._ridge.scores(alike),
            self._nearest(alike[None])[0],
            alike[self._answered :].max(initial=0.0),
            self._coverage.of(content_stems(words(read))),
            signs.read(text).as_tuple(),
        )
        return found, self._nearest_questions(alike)

    def without_each_question(self) -> HeldOut:
        """Each question and each text without answer, as if it alone had not been known."""
        alike = self._alike.copy()
        np.fill_diagonal(alike, 0.0)
        rows = [row for row, question in enumerate(self._questions) if question.asked]
        return self._held_out(rows, self._ridge.without_itself(), alike, without_snippet=False)

    def without_each_snippet(self) -> HeldOut:
        """Each question as if its whole snippet had not been known: nothing is the right answer."""
        scores = np.zeros((self._answered, self._snippets))
        for number in range(self._snippets):
            block = np.flatnonzero(self._owner == number)
            scores[block] = self._ridge.without_group(block)
        rows = [row for row, question in enumerate(self._questions[: self._answered]) if question.asked]
        return self._held_out(rows, scores, self._alike, without_snippet=True)

    def _held_out(self, rows: Sequence[int], scores: Floats, alike: Floats, *, without_snippet: bool) -> HeldOut:
        nearest = self._nearest(alike)
        no_answer = alike[:, self._answered :].max(axis=1, initial=0.0)
        evidence = np.zeros((len(rows), len(EVIDENCE)))
        rank = np.full(len(rows), NO_RANK)
        for case, row in enumerate(rows):
            owner = int(self._owner[row])
            coverage = self._coverage.of(self._stems[row], without=None if owner == _NO_SNIPPET else owner)
            score, near = scores[row].copy(), nearest[row].copy()
            if without_snippet:
                score[owner], near[owner] = -np.inf, 0.0
            best = int(score.argmax())
            score[np.isneginf(score)] = 0.0
            of_signs = signs.read(self._questions[row].text).as_tuple()
            evidence[case] = _evidence(score, near, float(no_answer[row]), coverage, of_signs)[best]
            if owner != _NO_SNIPPET and not without_snippet:
                rank[case] = int(np.argsort(-score, kind="stable").tolist().index(owner))
        return HeldOut(evidence, rank)

    def _nearest(self, alike: Floats) -> Floats:
        """Largest similarity to a question of each snippet: (n, N) to (n, snippets)."""
        return np.asarray(np.maximum.reduceat(alike[:, : self._answered], self._starts, axis=1))

    def _nearest_questions(self, alike: Floats) -> list[str]:
        """The question of each snippet that is most alike; a snippet's questions come before its other texts."""
        return [
            self._questions[start + int(alike[start:end].argmax())].text
            for start, end in zip(self._starts.tolist(), self._asked_ends, strict=True)
        ]


class _Coverage:
    """How much of what a text says the questions of each snippet say too, rare words counting more."""

    def __init__(self, stems: Sequence[Sequence[str]], owner: NDArray[np.int64], snippets: int) -> None:
        self._snippets = snippets
        self._documents = len(stems)
        self._holders: dict[str, Counter[int]] = {}
        for of_one, number in zip(stems, owner.tolist(), strict=True):
            for found in of_one if number != _NO_SNIPPET else ():
                self._holders.setdefault(found, Counter())[number] += 1

    def of(self, stems: Sequence[str], without: int | None = None) -> tuple[Floats, Floats]:
        """Share of the weight of ``stems`` that each snippet covers, and the number of stems that it does not.

        ``without`` names a snippet one of whose questions has these very stems and is not to count.
        """
        covered, count, total = np.zeros(self._snippets), np.zeros(self._snippets), 0.0
        for found in stems:
            holders = self._holders.get(found, Counter())
            weight = math.log((1 + self._documents) / (1 + holders.total())) + 1.0
            total += weight
            held = [number for number, times in holders.items() if times > (number == without)]
            covered[held] += weight
            count[held] += 1
        return (covered / total if total else covered), len(stems) - count


def _evidence(
    scores: Floats, nearest: Floats, no_answer: float, coverage: tuple[Floats, Floats], of_signs: tuple[float, ...]
) -> Floats:
    """One row a snippet, columns as in :data:`EVIDENCE`."""
    found = np.empty((len(scores), len(EVIDENCE)))
    found[:, 0] = scores
    found[:, 1] = scores - _best_other(scores, floor=0.0)
    found[:, 2] = nearest
    found[:, 3] = nearest - _best_other(nearest, floor=no_answer)
    found[:, 4] = coverage[0]
    found[:, 5] = np.log1p(coverage[1])
    found[:, 6:] = of_signs
    return found


def _best_other(values: Floats, floor: float) -> Floats:
    """For each value the largest of the others, or ``floor`` where that is larger."""
    if len(values) == 1:
        return np.array([floor])
    second, first = np.partition(values, -2)[-2:]
    others = np.full(len(values), max(float(first), floor))
    others[values.argmax()] = max(float(second), floor)
    return others


def _questions(knowledge_base: KnowledgeBase) -> list[Question]:
    """What is known, in order of snippet; a text that a snippet has twice counts once."""
    found: list[Question] = []
    for owner, snippet in enumerate(knowledge_base.snippets):
        sentences = (sentence for phrasing in snippet.phrasings for sentence in _SENTENCE_END.split(phrasing))
        seen: set[str] = set()
        for number, text in enumerate([*snippet.questions, snippet.title, *sentences]):
            if (key := plain(text)) not in seen and (key or number == 0):
                seen.add(key)
                found.append(Question(text, owner, asked=number < len(snippet.questions)))
    return found + [Question(text, _NO_SNIPPET) for text in knowledge_base.no_answer]


def _thinned(questions: list[Question]) -> list[Question]:
    """At most about :data:`MOST_QUESTIONS`, the same number from each snippet, each one's first."""
    if len(questions) <= MOST_QUESTIONS:
        return questions
    each = max(1, MOST_QUESTIONS // len({question.owner for question in questions}))
    taken: Counter[int] = Counter()
    kept = []
    for question in questions:
        taken[question.owner] += 1
        if taken[question.owner] <= each:
            kept.append(question)
    return kept
