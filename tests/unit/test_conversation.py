"""What a message means for its conversation: every way of saying it here was written for this test."""

from __future__ import annotations

import pytest

from tests.doubles import scores
from triage.conversation import Said, Turn, follow, likeness, read
from triage.domain.scores import Intent, PrivacyRisk, Sentiment, Urgency

STOPS = [
    "STOP",
    "@MarramAir stop",
    "Stop.",
    "please stop!!",
    "@MarramAir STOP messaging me",
    "stop replying to me",
    "Stop sending me these automated replies",
    "unsubscribe",
    "Please don't reply again",
    "dont message me again",
    "@MarramAir do not contact me",
    "leave me alone",
    "opt me out",
    "Just stop tweeting me",
    "will you stop messaging me",
    "I said stop texting me",
    "can you stop replying to me please",
    "never message me again",
    "No more automated replies, thanks",
    "take me off your list",
    "ok. stop writing to me.",
    "please stop tagging me",
    "I want you to stop contacting us",
    "Stop the bot replies",
    "@MarramAir unsubscribe me",
]
NO_STOPS = [
    "where is the bus stop at the terminal?",
    "which stop do I get off at",
    "stop the parcel, I moved house",
    "can you stop my order before it ships",
    "How do I stop auto-renewal?",
    "why did you stop replying to me",
    "you stopped answering my messages",
    "does the flight have a stop in Porto",
    "my card won't stop being declined",
    "non-stop to Lisbon?",
    "you don't reply to me",
    "why don't you answer me",
    "they never contact me",
    "the app stops working",
    "how do I unsubscribe from the newsletter",
    "how can I opt out of paper bills",
    "stop charging me for insurance",
    "Will rain stop the flight",
    "I can't stop smiling, great crew",
    "one stop shop?",
    "please stop the engine noise at night",
    "when will the strikes stop",
    "the wifi keeps stopping",
    "you always stop replying to me halfway",
    "when did you stop answering us on sundays",
]
PERSONS = [
    "agent please",
    "@MarramAir human",
    "AGENT",
    "can I speak to a person",
    "I want to talk to a human being",
    "let me speak with someone",
    "can a human answer me?",
    "I need a real person",
    "get me a human",
    "put me through to an agent",
    "could a real person look at this",
    "I don't want to talk to a bot",
    "please transfer me to a representative",
    "is there a human I can talk to",
    "this is a bot, I want a live agent",
    "escalate this to a manager",
    "chat with an adviser",
    "human please!!",
    "no bots please, human now",
    "can you connect me to customer service staff",
]
NO_PERSONS = [
    "can I bring my dog in person's lap",
    "does each person need a passport",
    "my travel agent booked it, can I change seats",
    "how many bags per person",
    "can someone help me",
    "what does the agent at the gate check",
    "is the price per person",
    "are humans allowed to be late like your planes",
    "I'm a real estate agent flying to Porto",
    "what is the human weight limit",
    "do you have a bottle deposit machine",
    "do I need to be there in person",
    "can two people share a bag",
]
UNSOLVED = [
    "that's not what I asked",
    "That doesn't help",
    "still doesn't work",
    "@MarramAir no, I meant the hold bag",
    "nope",
    "wrong answer",
    "already tried that",
    "I know that, but which form?",
    "thanks but it still won't open",
    "this didn't answer my question",
    "please read my question",
    "the link is broken: that page is 404",
    "not helpful",
    "No luck, same error",
]
SOLVED = [
    "that worked",
    "thanks, that worked!",
    "Thank you",
    "cheers",
    "thx 👍",
    "perfect, that helps",
    "got it, ta",
    "all sorted now",
    "that answers my question",
    "👍",
    "brilliant",
    "it works now",
    "makes sense, thank you so much",
    "exactly what I needed",
]


@pytest.mark.parametrize("text", STOPS)
def test_a_demand_to_stop_is_heard(text) -> None:
    assert read(text).stop
    assert follow(scores(), read(text), answered=False) is Turn.STOP


@pytest.mark.parametrize("text", NO_STOPS)
def test_stop_as_part_of_something_else_is_no_demand(text) -> None:
    assert not read(text).stop


@pytest.mark.parametrize("text", PERSONS)
def test_asking_for_a_person_is_heard_at_any_time(text) -> None:
    assert follow(scores(), read(text), answered=False) is Turn.AGENT_PLEASE
    assert follow(scores(), read(text), answered=True) is Turn.AGENT_PLEASE


@pytest.mark.parametrize("text", NO_PERSONS)
def test_people_in_a_question_are_no_request_for_one(text) -> None:
    assert not read(text).person


@pytest.mark.parametrize("text", UNSOLVED)
def test_saying_that_the_answer_did_not_help_is_heard_after_an_answer_only(text) -> None:
    assert follow(scores(), read(text), answered=True) is Turn.NOT_SOLVED
    assert follow(scores(), read(text), answered=False) is None


@pytest.mark.parametrize("text", SOLVED)
def test_saying_that_it_helped_is_heard(text) -> None:
    assert follow(scores(Intent.FOLLOW_UP), read(text), answered=True) is Turn.SOLVED


@pytest.mark.parametrize(
    "text",
    ["ok thanks, and what about cats?", "thanks! can I also bring skis", "which form is it", "does it fly on sundays"],
)
def test_a_further_question_is_new_however_polite(text) -> None:
    assert follow(scores(), read(text), answered=True) is Turn.NEW_QUESTION


def test_the_same_question_again_is_not_solved() -> None:
    said = read("@MarramAir so can my small dog fly in the cabin??", ["@MarramAir can my small dog fly in the cabin?"])
    assert said.repeats
    assert follow(scores(), said, answered=True) is Turn.NOT_SOLVED
    assert not read("can my bicycle fly in the hold", ["can my small dog fly in the cabin?"]).repeats


@pytest.mark.parametrize(
    "against",
    [
        {"sentiment": Sentiment.NEGATIVE},
        {"urgency": Urgency.CRITICAL},
        {"urgency": Urgency.HIGH},
        {"privacy": PrivacyRisk.MEDIUM},
        {"privacy": PrivacyRisk.HIGH},
        {"language": "es"},
    ],
)
def test_thanks_of_somebody_unhappy_in_haste_or_exposed_is_never_solved(against) -> None:
    assert follow(scores(Intent.PRAISE, **against), read("thanks, that worked"), answered=True) is not Turn.SOLVED


def test_thanks_beside_an_open_need_solve_nothing() -> None:
    assert follow(scores(Intent.REFUND_RETURN), read("thanks in advance for my refund"), answered=True) is (
        Turn.NEW_QUESTION
    )


def test_before_any_answer_thanks_and_questions_are_no_turn() -> None:
    assert follow(scores(Intent.PRAISE), Said(thanks=True), answered=False) is None
    assert follow(scores(), Said(asks=True), answered=False) is None


def test_only_a_demand_without_anything_else_is_bare() -> None:
    assert read("@MarramAir please stop messaging me").only_stop
    assert not read("stop messaging me and refund order 4411 to my card instead").only_stop


def test_likeness_looks_at_telling_words_and_leaves_short_texts_alone() -> None:
    assert likeness("can my small dog fly", "Can my SMALL dog fly?!") == 1.0
    assert likeness("ok then", "ok then") == 0.0
