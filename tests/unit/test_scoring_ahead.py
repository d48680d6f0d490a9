"""A scorer that is told what comes next gives the scores that it would have given."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tests.doubles import KeywordScorer
from triage.domain.scores import Scores, Utterance
from triage.service.ahead import ScoringAhead

THANKS, BAG, REFUND = map(Utterance, ("thanks", "my bag", "a refund please"))


class Asked(KeywordScorer):
    """Remembers what it was asked; fails on a text the first time."""

    def __init__(self, failing: str | None = None) -> None:
        self.asked: list[Utterance] = []
        self._failing = failing

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        self.asked += utterances
        if self._failing in [utterance.text for utterance in utterances]:
            self._failing = None
            raise ValueError("no scores")
        return super().score(utterances)


class Held(Asked):
    """Waits before it scores one text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.go_on = threading.Event()
        self.done: list[Utterance] = []

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        if self._text in [utterance.text for utterance in utterances]:
            assert self.go_on.wait(20)
        self.done += utterances
        return super().score(utterances)


def test_scores_come_in_the_order_asked_for_whatever_was_begun() -> None:
    with ScoringAhead(KeywordScorer()) as ahead:
        ahead.begin([BAG, THANKS, BAG])
        asked = [THANKS, REFUND, BAG, THANKS]
        assert ahead.score(asked) == KeywordScorer().score(asked)


def test_what_was_begun_is_scored_once() -> None:
    scorer = Asked()
    with ScoringAhead(scorer) as ahead:
        ahead.begin([THANKS, BAG])
        ahead.begin([REFUND])
        ahead.score([THANKS, BAG])
        ahead.score([REFUND])
    assert scorer.asked == [THANKS, BAG, REFUND]


def test_a_text_that_comes_again_is_neither_scored_again_nor_waited_for() -> None:
    scorer = Held("a refund please")
    with ScoringAhead(scorer) as ahead:
        ahead.begin([THANKS, BAG])
        ahead.begin([THANKS, REFUND])
        ahead.score([THANKS, BAG])
        assert REFUND not in scorer.done
        scorer.go_on.set()
        ahead.score([THANKS, REFUND])
    assert sorted(scorer.asked, key=str) == sorted([THANKS, BAG, REFUND], key=str)


def test_a_text_that_answers_another_one_than_foreseen_is_scored_anew() -> None:
    scorer = Asked()
    with ScoringAhead(scorer) as ahead:
        ahead.begin([THANKS])
        ahead.score([Utterance("thanks", "another parent")])
    assert scorer.asked == [THANKS, Utterance("thanks", "another parent")]


def test_what_failed_in_the_background_is_tried_again_where_it_is_asked_for() -> None:
    with ScoringAhead(Asked(failing="my bag")) as ahead:
        ahead.begin([THANKS, BAG])
        assert ahead.score([THANKS, BAG]) == KeywordScorer().score([THANKS, BAG])


def test_an_error_is_that_of_the_scorer() -> None:
    with ScoringAhead(Asked(failing="my bag")) as ahead, pytest.raises(ValueError, match="no scores"):
        ahead.score([BAG])
