"""The outbox over the stand-in for X: every fault of posting ends in one post, or in words for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from app.accounts import add_user
from app.compose import Product, compose
from tests.doubles import KeywordScorer, OneSnippet
from tests.keys import KEYS
from tests.xsim.client import SimUser, XSim, running
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.clock import FrozenClock
from triage.domain.case import CaseState
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyKind, ReplyState
from triage.domain.user import Role
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.stuck import StuckReply
from triage.settings import Settings
from triage.store.replies import NewReply

HANDLE = "MarramAir"
PETS = f"@{HANDLE} can pets fly in the cabin?"


@pytest.fixture(scope="module")
def simulated() -> Iterator[XSim]:
    with running() as x:
        yield x


@pytest.fixture
def x(simulated: XSim) -> XSim:
    return simulated.emptied()


@pytest.fixture
def brand(x: XSim) -> SimUser:
    x.user("ann")
    return x.user(HANDLE, credentials=True)


@pytest.fixture
def product(x: XSim, brand: SimUser, sqlite_store_url: str) -> Iterator[Product]:
    settings = Settings(
        database_url=sqlite_store_url,
        encryption_keys=SecretStr(KEYS),
        x_api=x.address,
        x_consumer_key=SecretStr(x.app["consumer_key"]),
        x_consumer_secret=SecretStr(x.app["consumer_secret"]),
        x_access_token=SecretStr(brand.access_token),
        x_access_token_secret=SecretStr(brand.access_token_secret),
        x_timeout_seconds=2,
    )
    made = compose(settings, FrozenClock(datetime.now(UTC)))
    made.__dict__["scorer"] = KeywordScorer()
    made.__dict__["answers"] = OneSnippet()
    with closing(made.store):
        yield made
        made.worker.close()


def asked(product: Product, x: XSim) -> str:
    """A mention that the service answers; its id."""
    post = x.post("ann", PETS)
    one = IncomingMessage(PUBLIC, post.id, "1", True, product.clock.now(), PETS, None, "en", True)
    take_in(product.store, [one], product.clock)
    decide_pending(product.store, product.judge, 10)
    return post.id


def send(product: Product, *minutes: float) -> None:
    """Let the outbox work, and again after each of these spans."""
    product.worker.outbox.drain(10)
    for span in minutes:
        product.clock.advance(timedelta(minutes=span))
        product.worker.outbox.drain(10)


def states(product: Product) -> dict[str, int]:
    with product.store.read() as transaction:
        return {state.value: count for state, count in transaction.replies.counts().items()}


def stuck(product: Product, state: ReplyState | None = None) -> StuckReply:
    sam, _ = add_user(product.store, product.clock, "sam", Role.SUPERVISOR, None)
    (one,) = product.stuck.page(sam, state=state)
    return one


@pytest.mark.parametrize(
    "fault",
    [
        "lost_applied",
        "lost_before",
        "unavailable_html",
        "unavailable_html_applied",
        "unavailable_json",
        "unavailable_json_applied",
        "truncated",
        "duplicate",
        "rate_limited",
        "rate_limited_bare",
    ],
)
def test_whatever_becomes_of_the_call_there_is_one_post_in_the_end(product, x, fault) -> None:
    question = asked(product, x)
    x.fault(fault, "create", times=1)
    send(product, 1, 5, 20)
    assert [post.reply_to for post in x.world(author=HANDLE).posts] == [question]
    assert states(product) == {"sent": 1}
    assert x.fired() == {fault: 1}


def live(product: Product, x: XSim, minutes: int) -> None:
    """Time passes for both, half a minute at a time."""
    for _ in range(2 * minutes):
        product.worker.outbox.drain(10)
        product.clock.advance(timedelta(seconds=30))
        x.advance(30)


@pytest.mark.parametrize("late_s", [70, 130, 600])
def test_an_answer_that_was_lost_and_shows_late_is_neither_repeated_nor_worded_anew(product, x, late_s) -> None:
    asked(product, x)
    x.fault("lost_applied", "create", times=1)
    x.fault("late_own", "timeline", times=1, params={"seconds": late_s})
    live(product, x, 18)
    assert len(x.world(author=HANDLE).posts) == 1
    assert states(product) == {"sent": 1}


def test_an_answer_that_x_has_and_does_not_show_goes_to_a_person(product, x) -> None:
    asked(product, x)
    x.fault("lost_applied", "create", times=1)
    x.fault("late_own", "timeline", times=1, params={"seconds": 86_400})
    live(product, x, 20)
    assert len(x.world(author=HANDLE).posts) == 1
    one = stuck(product)
    assert one.state is ReplyState.AMBIGUOUS
    assert "the channel refused the same text because it has it already" in one.why
    assert "Look for these words there" in one.why


@pytest.mark.parametrize(("late_s", "state"), [(0, "sent"), (90, "sent"), (600, "sent"), (86_400, "ambiguous")])
def test_a_private_message_whose_answer_was_lost_is_never_sent_again(product, x, brand, late_s, state) -> None:
    written_privately(product, x)
    x.fault("lost_applied", "messages.send", times=1)
    x.fault("late_sent", "messages.read", times=1, params={"seconds": late_s})
    live(product, x, 20)
    assert [message.text for message in x.world().messages if message.sender == HANDLE] == ["We have found it."]
    assert states(product) == {state: 1}


def test_a_private_message_that_did_not_arrive_goes_to_a_person(product, x, brand) -> None:
    written_privately(product, x)
    x.fault("lost_before", "messages.send", times=1)
    live(product, x, 20)
    assert states(product) == {"ambiguous": 1}
    assert "since the customer could get it twice" in stuck(product).why


def written_privately(product: Product, x: XSim) -> None:
    """A private message, and an agent's reply that waits to be sent."""
    told = x.message("ann", HANDLE, "my bag is lost")
    ann = next(user.id for user in x.world().users if user.username == "ann")
    one = IncomingMessage(PRIVATE, told.id, ann, True, product.clock.now(), told.text, None, "en", None)
    take_in(product.store, [one], product.clock)
    with product.store.write() as transaction:
        found = transaction.messages.by_external_id(PRIVATE, told.id)
        place = (found.case_id, found.id, PRIVATE, told.id)
        said = NewReply("k", *place, ReplyKind.AGENT, "alex", "We have found it.", product.clock.now())
        transaction.replies.add([said])


def test_a_lost_answer_and_a_timeline_that_cannot_be_read_wait_for_it(product, x) -> None:
    asked(product, x)
    x.fault("lost_applied", "create", times=1)
    x.fault("unavailable_json", "timeline", times=2)
    send(product)
    one = stuck(product)
    assert (one.state, one.may) == (ReplyState.SENDING, {"found"})
    assert one.until is not None
    send(product, 2, 20)
    assert len(x.world(author=HANDLE).posts) == 1
    assert states(product) == {"sent": 1}


def test_a_text_that_the_account_has_posted_is_worded_anew(product, x) -> None:
    asked(product, x)
    with product.store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.PENDING)
    x.post(HANDLE, reply.text)
    send(product, 1, 1)
    (_, answer) = x.world(author=HANDLE).posts
    assert answer.reply_to == reply.in_reply_to
    assert answer.text != reply.text
    assert states(product) == {"sent": 1}


@pytest.mark.parametrize("fault", ["not_summoned", "reply_to_deleted", "reply_restricted", "blocked"])
def test_what_x_refuses_for_good_fails_with_words_that_help(product, x, fault) -> None:
    asked(product, x)
    x.fault(fault, "create", times=1)
    send(product, 60)
    assert x.world(author=HANDLE).posts == []
    assert states(product) == {"failed": 1}
    assert len(stuck(product).why) > 20


def test_while_sending_is_switched_off_x_is_not_called_and_people_see_why(product, x) -> None:
    asked(product, x)
    assert product.x is not None
    product.x_sending.pause("sam", "a wrong price")
    send(product, 5)
    assert x.world(author=HANDLE).posts == []
    assert stuck(product).why == "Sending is switched off by sam: a wrong price."
    product.x_sending.resume("sam", "corrected")
    send(product)
    assert states(product) == {"sent": 1}


def test_what_the_service_decided_before_a_long_pause_goes_to_a_person(product, x) -> None:
    asked(product, x)
    product.x_sending.pause("sam", "an incident")
    send(product, 3 * 60, 61)
    assert states(product) == {"cancelled": 1}
    product.x_sending.resume("sam", "over")
    send(product, 1)
    assert x.world(author=HANDLE).posts == []
    with product.store.read() as transaction:
        (case,) = transaction.cases.all().values()
    assert case.state is CaseState.QUEUED
