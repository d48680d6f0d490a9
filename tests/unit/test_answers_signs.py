from __future__ import annotations

import pytest

from triage.answers.signs import Signs, read


@pytest.mark.parametrize(
    "text",
    [
        "How big can a cabin bag be?",
        "@Brand what time do you close on Sundays",
        "Can I bring my guitar on board?",
        "do u allow dogs on the plane please 🐶",
        "Is breakfast included in the Plus fare?",
    ],
)
def test_a_plain_question_shows_no_sign(text: str) -> None:
    assert read(text) == Signs(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "I was charged for a bag",
        "where's my refund",
        "why did you cancel it",
        "my booking hasn't arrived by email",
        "you cancelled on us",
        "we've been waiting for an hour",
    ],
)
def test_a_story_of_ones_own_is_a_sign(text: str) -> None:
    assert read(text).personal > 0


@pytest.mark.parametrize(
    "text", ["what a joke", "£45 for a bag?! robbery", "WHEN DOES THIS OPEN", "thanks for nothing", "is it open 🙄"]
)
def test_venting_is_a_sign(text: str) -> None:
    assert read(text).venting == 1.0


@pytest.mark.parametrize(
    "text", ["When do you open? Can I bring a dog too?", "What are the hours, also who do I email"]
)
def test_a_second_matter_is_a_sign(text: str) -> None:
    assert read(text).several > 0


def test_a_greeting_before_the_question_is_not_a_second_matter() -> None:
    assert read("Hello there! When do you open on Sundays?").several == 0.0


@pytest.mark.parametrize(
    "text", ["yes, the big one", "@Brand we landed safely and the crew sang for us", "no that link is the one I used"]
)
def test_a_message_that_asks_nothing_is_a_statement(text: str) -> None:
    assert read(text).statement == 1.0


@pytest.mark.parametrize(
    "text", ["opening hours sunday", "need to know if dogs are allowed on the bus", "hi, can dogs come in"]
)
def test_a_question_without_a_question_mark_is_no_statement(text: str) -> None:
    assert read(text).statement == 0.0
