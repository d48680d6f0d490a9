"""What the use cases rely on in any ``Answers``; run over the product's own, with and without sentence vectors."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.compose import load_vectors
from triage import settings
from triage.answers.answering import SnippetAnswers
from triage.service.ports import Answers
from triage.text.length import MAX_WEIGHT, weighted_length

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 22)
SIGNATURE = "(automated reply)"
TEXTS = [
    "@user how big can the free cabin bag be?",
    "@user do you take dogs",
    "@user where's my bag, you lost it again!!",
    "@user 🙏",
    "@user",
    "voo cancelado e ninguém responde",
]


@pytest.fixture(scope="module", params=["words and vectors", "words alone"])
def answers(request: pytest.FixtureRequest) -> Answers:
    vectors = load_vectors(settings.read()) if request.param == "words and vectors" else None
    return SnippetAnswers.load(ROOT / "app" / "demo" / "kb", today=TODAY, signature=SIGNATURE, vectors=vectors)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("limit", [1, 3])
def test_matches_are_few_distinct_and_best_first(answers: Answers, text: str, limit: int) -> None:
    found = answers.matches(text, TODAY, limit=limit)
    assert len(found) <= limit
    assert len({match.snippet for match in found}) == len(found)
    assert [match.confidence for match in found] == sorted((match.confidence for match in found), reverse=True)
    assert found == answers.matches(text, TODAY, limit=3)[:limit]


def test_nothing_to_read_matches_nothing_with_confidence(answers: Answers) -> None:
    assert all(match.confidence < 0.1 for match in answers.matches("@user", TODAY))


@pytest.mark.parametrize("text", TEXTS)
def test_whatever_is_matched_can_be_composed_and_fits(answers: Answers, text: str) -> None:
    for match in answers.matches(text, TODAY):
        for channel in ("x", "api", None):
            texts = answers.texts(match.snippet, channel, automatic=True)
            assert texts
            assert len(set(texts)) == len(texts)
            assert all(text.endswith(SIGNATURE) for text in texts)
            assert all(weighted_length(text) <= MAX_WEIGHT for text in texts)
        assert answers.title(match.snippet)


def test_many_threads_get_what_one_gets(answers: Answers) -> None:
    alone = [answers.matches(text, TODAY) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: answers.matches(text, TODAY), TEXTS * 20)) == alone * 20
