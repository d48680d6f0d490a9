"""Who vents, complains, is in haste or exposes something is never answered by a robot: shipped model, demo brand.

On the messages of the project's own corpus that its recipe holds out, by the labels of people. The shipped
weights were fitted again on all parts after measuring, so this is a contract and no estimate of a rate.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import pytest

from app.compose import DEMO_BRAND
from training.corpus import Example, in_languages, own_files, read_corpus
from training.splits import TEST, Shares, split
from triage.answers.answering import SnippetAnswers
from triage.brand import Brand, load_brand
from triage.conversation import read
from triage.domain.decision import Action, Decision
from triage.domain.scores import Head
from triage.policy import Context, decide
from triage.scoring.scorer import Scorer
from triage.scoring.vectors import PieceVectors
from triage.text.normalise import normalise

MODELS = Path(__file__).parents[2] / "models"
TODAY = dt.date(2026, 11, 22)
COMPLAINTS = ("service_complaint", "product_complaint")
SERIOUS = ("fraud_security", "safety_accessibility", "legal_press")


def _vents(example: Example) -> bool:
    return "venting" in example.tags or example.labels.get(Head.INTENT) in COMPLAINTS


KINDS = {
    "complaints and venting": _vents,
    "sarcasm": lambda one: "sarcasm" in one.tags,
    "unhappy": lambda one: one.labels.get(Head.SENTIMENT) == "negative",
    "urgent": lambda one: one.labels.get(Head.URGENCY) in ("critical", "high"),
    "private": lambda one: one.labels.get(Head.PRIVACY) in ("high", "medium", "low"),
    "serious": lambda one: one.labels.get(Head.INTENT) in SERIOUS,
}


@pytest.fixture(scope="module")
def brand() -> Brand:
    return load_brand(DEMO_BRAND)


@lru_cache(maxsize=1)
def held_out() -> list[Example]:
    return split(in_languages(read_corpus(own_files()).examples, ["en"]), Shares(calibration=0.10, test=0.15))[TEST]


@pytest.fixture(scope="module")
def decisions(brand: Brand) -> list[tuple[Example, Decision]]:
    """Each as the first message of a customer who addresses the brand: where most may be answered."""
    vectors = PieceVectors.load(MODELS / "vectors-minilm")
    answers = SnippetAnswers.load(
        brand.knowledge_base, today=TODAY, variables=brand.variables, signature=brand.signature, vectors=vectors
    )
    examples = held_out()
    scores = Scorer.load(MODELS / "triage-en").score([one.utterance for one in examples])
    decided = []
    for example, judged in zip(examples, scores, strict=True):
        matches = answers.matches(normalise(example.text), TODAY, limit=1)
        around = Context(addressed=True, with_a_person=False, said=read(example.text))
        decided.append((example, decide(judged, next(iter(matches), None), brand.policy, brand.routing, around)))
    return decided


@pytest.mark.parametrize("kind", KINDS)
def test_no_such_message_gets_an_automatic_answer(decisions, kind) -> None:
    of_kind = [(example, decision) for example, decision in decisions if KINDS[kind](example)]
    answered = [example.id for example, decision in of_kind if decision.action is Action.ANSWER]
    assert len(of_kind) >= 40, "too few to say anything"
    assert answered == []


def test_the_demo_brand_does_answer_some_of_the_rest(decisions) -> None:
    """Or the rules above would hold by being silent."""
    assert any(decision.action is Action.ANSWER for _, decision in decisions)
