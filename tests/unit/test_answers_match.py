from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from triage.answers import evidence
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.answers.match import LEAST_FITTING, Matcher

TODAY = dt.date(2026, 5, 1)
HOURS = Snippet(
    "hours",
    "Opening hours",
    (
        "When do you open?",
        "What are your opening hours?",
        "are you open on sundays",
        "until what time is the shop open",
    ),
    ("From 9 to 17.",),
    version=4,
)
DOGS = Snippet(
    "dogs",
    "Dogs in the shop",
    ("Can I bring my dog?", "are dogs allowed in the shop", "do you let puppies in", "is my dog welcome"),
    ("On a lead.",),
)
PARKING = Snippet(
    "parking",
    "Parking",
    ("Where can I park my car?", "is there parking at the shop", "how much is the car park", "parking for bikes"),
    ("Behind the house.",),
)
SHOP = KnowledgeBase((DOGS, HOURS, PARKING), TODAY)


class Synonyms:
    """Vectors in which a hound is a dog."""

    version = "synonyms"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        groups = ({"dog", "dogs", "hound", "puppies"}, {"open", "opening", "hours"}, {"park", "parking", "car"})
        return np.array([[float(len(group & set(text.split()))) for group in groups] for text in texts])


def replaced(snippet: Snippet, **changes: object) -> Snippet:
    values = {name: getattr(snippet, name) for name in Snippet.__dataclass_fields__}
    return Snippet(**{**values, **changes})


@pytest.mark.parametrize(
    ("text", "snippet"),
    [
        ("@shop when do you open tomorrow?", "hours"),
        ("may I bring a dog", "dogs"),
        ("wher can i prak", "parking"),
        ("parkign for a car?", "parking"),
    ],
)
def test_the_snippet_whose_questions_are_nearest_comes_first(text: str, snippet: str) -> None:
    assert Matcher(SHOP).match(text, TODAY)[0].snippet == snippet


def test_a_known_question_is_matched_with_its_version_and_itself() -> None:
    best = Matcher(SHOP).match("What are your opening hours?", TODAY)[0]
    assert (best.snippet, best.version, best.question) == ("hours", 4, "What are your opening hours?")


def test_matches_come_best_first_and_no_more_than_asked_for() -> None:
    found = Matcher(SHOP).match("can I park my dog in the shop when you open", TODAY)
    assert [match.confidence for match in found] == sorted((match.confidence for match in found), reverse=True)
    assert len(found) == 3
    assert Matcher(SHOP).match("can I park my dog in the shop when you open", TODAY, limit=2) == found[:2]


def test_a_message_that_shares_nothing_with_the_knowledge_base_is_not_answerable() -> None:
    assert all(match.confidence < 0.2 for match in Matcher(SHOP).match("who won the election in Brazil", TODAY))


def test_confidence_falls_as_a_message_says_more_that_is_not_known() -> None:
    matcher = Matcher(SHOP)
    texts = [
        "When do you open?",
        "When do you open? The violin teacher",
        "When do you open? The violin teacher needs rosin and three Hungarian folk tunes",
    ]
    confidences = [matcher.match(text, TODAY)[0].confidence for text in texts]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] > confidences[2] + 0.1


@pytest.mark.parametrize(
    "text",
    [
        "When do you open? Your staff told me lies",
        "When do you open? You charged me twice yesterday",
        "When do you open?! what a joke",
    ],
)
def test_a_grievance_around_a_known_question_lowers_its_confidence_a_lot(text: str) -> None:
    matcher = Matcher(SHOP)
    plain = matcher.match("When do you open?", TODAY)[0].confidence
    assert matcher.match(text, TODAY)[0].confidence < 0.7 * plain


def test_a_negation_where_no_question_has_one_lowers_confidence() -> None:
    matcher = Matcher(SHOP)
    affirmed, negated = (
        matcher.match(text, TODAY)[0].confidence
        for text in ("are dogs allowed in the shop", "are dogs not allowed in the shop")
    )
    assert (1 - negated) > 10 * (1 - affirmed)


def test_a_snippet_is_suggested_for_a_message_that_vents_though_hardly_sure() -> None:
    found = Matcher(SHOP).match("what a joke, you were closed yesterday!! when do you open?", TODAY)
    assert found[0].snippet == "hours"
    assert found[0].confidence < 0.1


def test_an_agent_is_shown_what_fits_whatever_is_told_around_it() -> None:
    matcher = Matcher(SHOP)
    vents = "what a joke, you were closed yesterday!! when do you open?"
    (calm, *_), (angry, *_) = (matcher.suggestions(text, TODAY) for text in ("when do you open?", vents))
    assert (calm.snippet, angry.snippet) == ("hours", "hours")
    assert angry.confidence > 10 * matcher.match(vents, TODAY)[0].confidence


def test_a_snippet_that_hardly_fits_is_not_suggested() -> None:
    matcher = Matcher(SHOP)
    text = "is the shop open for my dog food order"
    found = {match.snippet: match.confidence for match in matcher.match(text, TODAY)}
    assert min(found.values()) < LEAST_FITTING
    assert {match.snippet for match in matcher.suggestions(text, TODAY)} < found.keys()
    assert matcher.suggestions("who won the election in Brazil", TODAY) == []
    suggested = (match for one in (text, "can I park my dog") for match in matcher.suggestions(one, TODAY))
    assert all(match.confidence >= LEAST_FITTING for match in suggested)


def test_an_expired_snippet_is_never_matched_and_nothing_else_takes_its_place() -> None:
    expired = KnowledgeBase((DOGS, replaced(HOURS, valid_until=dt.date(2026, 4, 30)), PARKING), TODAY)
    text = "What are your opening hours?"
    before = Matcher(expired).match(text, dt.date(2026, 4, 30))
    after = Matcher(expired).match(text, TODAY)
    assert before[0].snippet == "hours"
    assert [match for match in before if match.snippet != "hours"] == after
    assert all(match.confidence < 0.3 for match in after)


def test_what_is_known_to_have_no_answer_is_less_sure() -> None:
    warned = KnowledgeBase(SHOP.snippets, TODAY, no_answer=("can I bring my dog to the vet", "dog food prices"))
    text = "can I bring my dog to a vet"
    assert Matcher(warned).match(text, TODAY)[0].confidence < Matcher(SHOP).match(text, TODAY)[0].confidence


def test_sentence_vectors_find_what_no_word_has_in_common() -> None:
    text = "hound permitted?"
    with_vectors, without = (Matcher(SHOP, vectors).match(text, TODAY) for vectors in (Synonyms(), None))
    assert with_vectors[0].snippet == "dogs"
    assert with_vectors[0].confidence > max((match.confidence for match in without), default=0.0)


def test_an_empty_knowledge_base_matches_nothing() -> None:
    assert Matcher(KnowledgeBase((), TODAY)).match("When do you open?", TODAY) == []


@pytest.mark.parametrize("snippets", [(HOURS,), (replaced(HOURS, questions=("When do you open?",), title=""),)])
def test_a_knowledge_base_of_one_snippet_works_and_stays_silent_on_the_rest(snippets: tuple[Snippet, ...]) -> None:
    matcher = Matcher(KnowledgeBase(snippets, TODAY))
    known = matcher.match("When do you open?", TODAY)[0].confidence
    unknown = [match.confidence for match in matcher.match("Do you repair violins?", TODAY)]
    assert known > 0.9
    assert all(confidence < 0.4 for confidence in unknown)


def test_a_title_is_a_question_too() -> None:
    titled = KnowledgeBase((replaced(DOGS, title="Veterinary emergencies"), HOURS), TODAY)
    assert Matcher(titled).match("veterinary emergencies", TODAY)[0].snippet == "dogs"


def test_equal_knowledge_bases_give_equal_matchers() -> None:
    first, second = Matcher(SHOP), Matcher(SHOP)
    assert first.calibration == second.calibration
    assert first.match("is it open", TODAY) == second.match("is it open", TODAY)


def test_a_huge_knowledge_base_keeps_questions_of_every_snippet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_QUESTIONS", 6)
    matcher = Matcher(SHOP)
    for snippet in SHOP.snippets:
        assert matcher.match(snippet.questions[0], TODAY)[0].snippet == snippet.id
