from __future__ import annotations

import random

import numpy as np
import pytest

from training.answering import Asked
from training.figures.answers import knowledge_base
from training.matcher_prior import PUBLIC, START, Lesson, drawn, settled
from training.single import Row
from triage.answers.calibration import EVIDENCE, FOR
from triage.answers.evidence import KnownQuestions
from triage.answers.similarity import SentenceVectors

THINGS = ("door", "lamp", "roof", "well")
ROWS = [Row(f"{verb} the {thing}", thing) for thing in THINGS for verb in ("open", "mend", "buy")]


class Letters:
    """Vectors of how often each letter occurs."""

    version = "letters"

    def embed(self, texts: list[str]) -> np.ndarray:
        return np.array([[float(text.count(chr(97 + letter))) for letter in range(26)] for text in texts])


@pytest.fixture
def vectors() -> SentenceVectors:
    return Letters()


def test_a_drawn_lesson_asks_as_much_that_has_an_answer_as_that_has_none() -> None:
    held = [Row(f"paint the {thing}", thing) for thing in THINGS] * 3
    lesson = drawn(ROWS, held, questions=2, snippets=2, seed=1)
    assert [len(snippet.questions) for snippet in lesson.known.snippets] == [2, 2]
    known = {snippet.id for snippet in lesson.known.snippets}
    assert sum(one.snippet is None for one in lesson.asked) == sum(one.snippet in known for one in lesson.asked) == 6
    assert lesson == drawn(ROWS, held, questions=2, snippets=2, seed=1)
    assert lesson != drawn(ROWS, held, questions=2, snippets=2, seed=2)
    assert lesson.weight == PUBLIC


def test_the_settled_curve_is_as_sure_as_the_answers_are_right(vectors: SentenceVectors) -> None:
    chance = random.Random(3)
    known = knowledge_base(ROWS)
    asked = [Asked(row.text, chance.choice([row.label, None, None, None])) for row in ROWS * 20]
    found = settled([Lesson(known, asked, 2000.0)], vectors)
    best = [found.confidence(KnownQuestions.of(known, vectors).evidence(row.text)[0]).max() for row in ROWS]
    right = np.mean([one.snippet is not None for one in asked])
    assert np.mean(best) == pytest.approx(right, abs=0.05)
    for name, weight in zip(EVIDENCE, found.weights, strict=True):
        assert weight >= 0 if name in FOR else weight <= 0


def test_what_bears_the_start_out_leaves_it_near(vectors: SentenceVectors) -> None:
    found = settled([Lesson(knowledge_base(ROWS), [Asked(row.text, row.label) for row in ROWS], 1.0)], vectors)
    assert np.allclose(found.weights, START.weights, atol=0.2)
