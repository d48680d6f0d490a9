from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from triage.answers import evidence
from triage.answers.evidence import NO_RANK, KnownQuestions
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.answers.match import Matcher
from triage.answers.softmax import SoftmaxRegression

TODAY = dt.date(2026, 5, 1)
THINGS = ("dogs", "bikes", "skis", "prams", "cellos", "drones", "plants", "kites", "tents", "boats")
WORDINGS = ("can I bring my {}", "are {} allowed", "what do {} cost", "rules for {}", "how do I pack {}", "{} on board")
MANY = KnowledgeBase(
    tuple(Snippet(thing, "", tuple(one.format(thing) for one in WORDINGS), ("",)) for thing in sorted(THINGS)), TODAY
)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty questions count as very many."""
    monkeypatch.setattr(evidence, "MOST_QUESTIONS", 50)


def test_probabilities_are_of_the_class_whose_examples_lie_there() -> None:
    chance = np.random.default_rng(1)
    centres = np.eye(3)
    classes = np.repeat(np.arange(3), 40)
    features = centres[classes] + chance.normal(0, 0.1, (120, 3))
    fitted = SoftmaxRegression(features, classes, 3)
    for number in range(3):
        found = fitted.probabilities(centres[number])
        assert found.sum() == pytest.approx(1.0)
        assert (found.argmax(), found.max() > 0.9) == (number, True)


@pytest.mark.usefixtures("large")
def test_a_large_knowledge_base_finds_its_snippets() -> None:
    matcher = Matcher(MANY)
    for thing in THINGS:
        assert matcher.match(f"do you take {thing}", TODAY)[0].snippet == thing


@pytest.mark.usefixtures("large")
def test_a_rehearsal_asks_about_known_and_unknown_snippets() -> None:
    held = KnownQuestions.of(MANY).held_out()
    assert 0 < held.answerable.sum() < len(held.rank)
    assert (held.rank[held.answerable == 1] == 0).mean() >= 0.5
    assert (held.rank[held.answerable == 0] == NO_RANK).all()


@pytest.mark.usefixtures("large")
def test_what_no_snippet_is_about_is_less_sure_in_a_large_knowledge_base_too() -> None:
    matcher = Matcher(MANY)
    known = matcher.match("what do kites cost", TODAY)[0].confidence
    assert all(one.confidence < 0.5 * known for one in matcher.match("who won the election", TODAY))
