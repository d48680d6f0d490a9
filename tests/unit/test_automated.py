"""What speaks for an automated account, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.doubles import NOON
from triage.automated import SPEED, Given, Machine, sign_of_a_machine

REPLY = "Small pets travel in the cabin, up to 8 kg with their carrier."
GIVEN = [Given(1, REPLY, NOON)]
LATER = NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    "text",
    [
        "@x This is an automated response. We answer within 2 days",
        "@x We've received your message and will be in touch",
        "@x Thanks for contacting us! Our hours are 9 to 5 [auto]",
        "@x Hi, I'm a virtual assistant. Ask me anything",
        "@x I am out of the office until Monday",
        "@x Please do not reply to this message",
        "Fares are on our page (automated response)",
        "Automatic reply: back on Tuesday",
        "Opening times are on our page. Automated reply",
        "This inbox is not monitored",
    ],
)
def test_what_says_itself_that_it_is_automatic_is_heard(text) -> None:
    assert sign_of_a_machine(text, LATER, "", []) is Machine.PHRASE


@pytest.mark.parametrize(
    "text",
    [
        "I only got the automatic reply, nobody wrote back",
        "Sent an email. Automatic reply. Sent another",
        "thanks for getting in touch, the app still crashes",
        "can two pets fly with me",
        "what are your office hours",
        "is this a bot?",
        "the ticket machine says out of order",
    ],
)
def test_a_customer_who_tells_of_machines_is_none(text) -> None:
    assert sign_of_a_machine(text, LATER, "", GIVEN) is None


def test_the_products_own_signature_gives_it_away_whatever_its_case() -> None:
    text = "Bags up to 8 kg travel free. (AUTOMATED  reply)"
    assert sign_of_a_machine(text, LATER, "(automated reply)", []) is Machine.SIGNATURE
    assert sign_of_a_machine("hello there", LATER, "", []) is None


def test_our_own_words_coming_back_are_an_echo() -> None:
    assert sign_of_a_machine(f"@you {REPLY.upper()}", LATER, "", GIVEN) is Machine.ECHO
    assert sign_of_a_machine("so my pets can come in the cabin?", LATER, "", GIVEN) is None


def test_nobody_reads_and_writes_within_seconds() -> None:
    assert sign_of_a_machine("and cats?", NOON + SPEED, "", GIVEN) is Machine.SPEED
    assert sign_of_a_machine("and cats?", NOON + SPEED + timedelta(seconds=1), "", GIVEN) is None
    assert sign_of_a_machine("and cats?", NOON, "", GIVEN) is None  # written at the same moment: no answer to it
