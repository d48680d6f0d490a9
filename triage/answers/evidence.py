"""What speaks for and against each snippet being the answer, and what it would have been for held-out questions.

A regression over all known questions gives each snippet a score: kernel ridge regression, or with very many
questions a multinomial logistic one, which learns more from them. Beside it stand the similarity
to the snippet's nearest question, the lead over the next snippet by both, how much of what the message says
the snippet's questions say too, whether it negates what they affirm, and the
:mod:`signs <triage.answers.signs>` that it is no plain question.

The same evidence is computed as if one question, or one whole snippet, had never been known: the first shows how
well new wordings are matched, the second what a message looks like whose answer the knowledge base does not have.
Of ridge regression that is exact and takes no refitting; with very many questions it is rehearsed once, by what
knows only a part of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.answers import signs
from triage.answers.calibration import EVIDENCE
from triage.answers.coverage import NO_SNIPPET, Coverage
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.ridge import KernelRidge
from triage.answers.similarity import Place, QuestionIndex, SentenceVectors
from triage.answers.softmax import SoftmaxRegression
from triage.answers.terms import content_stems, negates, plain, words

Floats = NDArray[np.float64]

#: Ridge penalty; the kernel's diagonal is 1. From 0.3 to 3 results differ little.
_PENALTY: Final = 1.0
#: Ridge regression takes the cube of this many steps; knowledge bases that know more texts get the other one.
MOST_QUESTIONS: Final = 3000
#: In a rehearsal every so-manieth snippet is left out, and every so-manieth question of the others.
_PARTS: Final = 5
#: Questions that a rehearsal asks, about.
_MOST_HELD_OUT: Final = 1500
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
NO_RANK: Final = -1


@dataclass(frozen=True, slots=True)
class Question:
    """A known text and the number of its snippet; :data:`NO_SNIPPET` for one that has no answer.

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

    def beside(self, other: HeldOut) -> HeldOut:
        """These texts and those of ``other``."""
        return HeldOut(np.concatenate([self.evidence, other.evidence]), np.concatenate([self.rank, other.rank]))

    @property
    def answerable(self) -> Floats:
        """1 where the right snippet was there to be found, else 0."""
        return np.asarray(self.rank != NO_RANK, dtype=np.float64)


class KnownQuestions:
    """All that a knowledge base knows about which text needs which snippet. Snippets are numbered from 0."""

    def __init__(self, questions: Sequence[Question], vectors: SentenceVectors | None, *, many: bool) -> None:
        """``questions`` in order of their owners, numbered without a gap, and those without an answer last.

        ``many`` chooses the regression.
        """
        self._questions: Final = questions
        self._owner: Final = np.array([question.owner for question in questions], dtype=np.int64)
        self._snippets: Final = int(self._owner.max()) + 1
        self._answered: Final = int((self._owner != NO_SNIPPET).sum())
        self._starts: Final = np.searchsorted(self._owner[: self._answered], np.arange(self._snippets))
        asked = Counter(question.owner for question in questions if question.asked)
        self._asked_ends: Final = [start + asked[number] for number, start in enumerate(self._starts.tolist())]
        self._read: Final = [plain(question.text) for question in questions]
        self._index: Final = QuestionIndex(self._read, vectors)
        split = [words(text) for text in self._read]
        self._stems: Final = [content_stems(found) for found in split]
        self._negates: Final = np.array([negates(found) for found in split])
        #: Snippets none of whose texts negates anything, as 1.
        self._affirmative: Final = np.ones(self._snippets)
        self._affirmative[self._owner[(self._owner != NO_SNIPPET) & self._negates]] = 0.0
        self._coverage: Final = Coverage(self._stems, self._owner, self._snippets)
        self._regression: Final = _Softmax(self._index, self._owner) if many else _Ridge(self._index, self._owner)
        self._version: Final = vectors.version if vectors is not None else ""

    @classmethod
    def of(cls, knowledge_base: KnowledgeBase, vectors: SentenceVectors | None = None) -> KnownQuestions:
        questions = _questions(knowledge_base)
        return cls(questions, vectors, many=len(questions) > MOST_QUESTIONS)

    def evidence(self, text: str) -> tuple[Floats, Floats]:
        """Evidence for every snippet, shape (snippets, evidence), and the similarity to every known text."""
        read = plain(text)
        found_words = words(read)
        place = self._index.place(read)
        covered, uncovered = self._coverage.of(content_stems(found_words))
        columns = _columns(
            self._regression.scores(place)[None],
            self._nearest(place.alike[None]),
            place.alike[None, self._answered :].max(axis=1, initial=0.0),
            covered[None],
            uncovered[None],
            self._affirmative[None] * negates(found_words),
        )
        found = np.empty((self._snippets, len(EVIDENCE)))
        found[:, : len(columns)] = np.concatenate(columns).T
        found[:, len(columns) :] = signs.read(text).as_tuple()
        return found, place.alike

    def held_out(self) -> HeldOut:
        """The evidence for questions as if they, or their whole snippet, had not been known."""
        if isinstance(self._regression, _Softmax):
            return self._rehearsed()
        told = self._told()
        return self._without_question(told).beside(self._without_snippet(told))

    def without_each_question(self) -> HeldOut:
        """Each question and each text without answer, as if it alone had not been known.

        Raises:
            ValueError: there are more than :data:`MOST_QUESTIONS`.
        """
        return self._without_question(self._told())

    def _without_question(self, told: _Told) -> HeldOut:
        scores = self._ridge().fitted.without_itself()[told.rows]
        own = np.take_along_axis(scores, told.owner[:, None], axis=1)
        before = np.where(np.arange(self._snippets) < told.owner[:, None], scores >= own, scores > own)
        rank = np.where(told.owner == NO_SNIPPET, NO_RANK, before.sum(axis=1))
        return HeldOut(told.best(scores, told.nearest), rank)

    def _without_snippet(self, told: _Told) -> HeldOut:
        """Each question as if its whole snippet had not been known: nothing is the right answer."""
        ridge = self._ridge()
        scores = np.zeros((self._answered, self._snippets))
        for number in range(self._snippets):
            block = np.flatnonzero(self._owner == number)
            scores[block] = ridge.fitted.without_group(block)
            scores[block, number] = -np.inf
        told = told.first(int((told.owner != NO_SNIPPET).sum()))
        nearest = told.nearest.copy()
        np.put_along_axis(nearest, told.owner[:, None], 0.0, axis=1)
        return HeldOut(told.best(scores[told.rows], nearest), np.full(len(told.rows), NO_RANK))

    def _told(self) -> _Told:
        """What the texts that are asked say, each as if it had not been known.

        Raises:
            ValueError: there are more than :data:`MOST_QUESTIONS`.
        """
        alike = self._ridge().alike.copy()
        np.fill_diagonal(alike, 0.0)
        rows = np.array([row for row, question in enumerate(self._questions) if question.asked])
        owner = self._owner[rows]
        coverage = [
            self._coverage.of(self._stems[row], None if number == NO_SNIPPET else number)
            for row, number in zip(rows.tolist(), owner.tolist(), strict=True)
        ]
        covered, uncovered = np.array(coverage).transpose(1, 0, 2)
        return _Told(
            rows,
            owner,
            self._nearest(alike)[rows],
            alike[rows, self._answered :].max(axis=1, initial=0.0),
            covered,
            uncovered,
            self._affirmative * self._negates[rows, None],
            np.array([signs.read(self._questions[row].text).as_tuple() for row in rows.tolist()]),
        )

    def _ridge(self) -> _Ridge:
        if isinstance(self._regression, _Softmax):
            raise ValueError(f"over {MOST_QUESTIONS} questions are not left out one by one")  # noqa: TRY004
        return self._regression

    def _rehearsed(self) -> HeldOut:
        """Evidence for a part of the questions by what knows only the others, and only some of the snippets."""
        kept, held, number_of = _parted(self._questions)
        if not kept:
            return HeldOut(np.zeros((0, len(EVIDENCE))), np.zeros(0, np.int64))
        known = dict(zip(self._read, self._index.vectors, strict=True)) if self._index.vectors is not None else None
        part = KnownQuestions(kept, None if known is None else _Remembered(known, self._version), many=True)
        held = held[:: -(-len(held) // _MOST_HELD_OUT) or 1]
        evidence, rank = np.zeros((len(held), len(EVIDENCE))), np.full(len(held), NO_RANK)
        for case, question in enumerate(held):
            found, _ = part.evidence(question.text)
            order = np.argsort(-found[:, 0], kind="stable")
            evidence[case] = found[order[0]]
            if (owner := number_of.get(question.owner)) is not None:
                rank[case] = int(order.tolist().index(owner))
        return HeldOut(evidence, rank)

    def _nearest(self, alike: Floats) -> Floats:
        """Largest similarity to a question of each snippet: (n, N) to (n, snippets)."""
        return np.asarray(np.maximum.reduceat(alike[:, : self._answered], self._starts, axis=1))

    def nearest_question(self, alike: Floats, snippet: int) -> str:
        """The snippet's question that is most alike; its questions come before its other texts."""
        start = int(self._starts[snippet])
        return self._questions[start + int(alike[start : self._asked_ends[snippet]].argmax())].text


@dataclass(frozen=True, slots=True)
class _Told:
    """What n known texts say by themselves of m snippets, as if each text had not been known: shape (n, m) or (n,).

    ``rows`` are their places among all known texts.
    """

    rows: NDArray[np.int64]
    owner: NDArray[np.int64]
    nearest: Floats
    no_answer: Floats
    covered: Floats
    uncovered: Floats
    negated: Floats
    signs: Floats

    def first(self, count: int) -> _Told:
        return _Told(*(getattr(self, field.name)[:count] for field in fields(self)))

    def best(self, scores: Floats, nearest: Floats) -> Floats:
        """Evidence for the snippet with the best score, shape (n, evidence); one that is unknown has ``-inf``."""
        best = scores.argmax(axis=1)[:, None]
        scores = np.where(np.isneginf(scores), 0.0, scores)
        columns = _columns(scores, nearest, self.no_answer, self.covered, self.uncovered, self.negated)
        return np.hstack([*(np.take_along_axis(column, best, axis=1) for column in columns), self.signs])


def _columns(
    scores: Floats, nearest: Floats, no_answer: Floats, covered: Floats, uncovered: Floats, negated: Floats
) -> tuple[Floats, ...]:
    """The :data:`EVIDENCE` up to the signs, each of n texts for m snippets: shape (n, m), ``no_answer`` (n,)."""
    lead = scores - _best_other(scores, np.zeros(len(scores)))
    nearest_lead = nearest - _best_other(nearest, no_answer)
    return scores, lead, nearest, nearest_lead, covered, np.log1p(uncovered), negated


def _best_other(values: Floats, floor: Floats) -> Floats:
    """For each value the largest of the others in its row, or the row's ``floor`` where that is larger."""
    if values.shape[1] == 1:
        return floor[:, None]
    second, first = np.maximum(np.partition(values, -2, axis=1)[:, -2:].T, floor)
    others = np.repeat(first[:, None], values.shape[1], axis=1)
    others[np.arange(len(values)), values.argmax(axis=1)] = second
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
    return found + [Question(text, NO_SNIPPET) for text in knowledge_base.no_answer]


class _Ridge:
    """Scores near 1 for a snippet's own questions and near 0 for others."""

    def __init__(self, index: QuestionIndex, owner: NDArray[np.int64]) -> None:
        self.alike: Final = index.among_themselves()
        target = (owner[:, None] == np.arange(owner.max() + 1)).astype(np.float64)
        self.fitted: Final = KernelRidge(self.alike, target, _PENALTY)

    def scores(self, place: Place) -> Floats:
        return self.fitted.scores(place.alike)


class _Softmax:
    """The probability of each snippet, or that none of them is meant where texts without an answer are known."""

    def __init__(self, index: QuestionIndex, owner: NDArray[np.int64]) -> None:
        self._index: Final = index
        self._snippets: Final = int(owner.max()) + 1
        classes = np.where(owner == NO_SNIPPET, self._snippets, owner)
        self._fitted: Final = SoftmaxRegression(index.features(), classes, int(classes.max()) + 1)

    def scores(self, place: Place) -> Floats:
        return self._fitted.probabilities(self._index.features_of(place))[: self._snippets]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Vectors that have been taken before, by text."""

    vectors: Mapping[str, Floats]
    version: str

    def embed(self, texts: Sequence[str]) -> Floats:
        return np.array([self.vectors[text] for text in texts])


def _parted(questions: Sequence[Question]) -> tuple[list[Question], list[Question], dict[int, int]]:
    """What a rehearsal knows, what it is asked, and the numbers that the snippets it knows get there."""
    snippets = max(question.owner for question in questions) + 1
    known = [number for number in range(snippets) if number % _PARTS != _PARTS - 1]
    number_of = {number: place for place, number in enumerate(known)}
    kept, held = [], []
    seen: Counter[int] = Counter()
    for question in questions:
        seen[question.owner] += 1
        left_out = question.asked and seen[question.owner] % _PARTS == 0
        if question.owner != NO_SNIPPET and question.owner not in number_of:
            held += [question] if left_out else []
        elif left_out:
            held.append(question)
        else:
            kept.append(replace(question, owner=number_of.get(question.owner, NO_SNIPPET)))
    return kept, held, number_of
