"""The whole product, connected to the stand-in: mentions come in, answers go out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.accounts import add_user
from app.compose import Product, compose
from tests.doubles import KeywordScorer, OneSnippet
from tests.keys import KEYS
from tests.x_product import at_work
from tests.xsim.client import SimUser, XSim
from triage.domain.event import EventKind
from triage.domain.message import MessageState, StoredMessage
from triage.domain.user import Role
from triage.errors import ConfigurationError
from triage.settings import Settings

HANDLE = "MarramAir"
#: Seconds from a mention on the stream to its decision, for 99 of 100.
PROMISED = 1.0


@pytest.fixture
def x(xsim: XSim) -> XSim:
    return xsim


@pytest.fixture
def brand(x: XSim) -> SimUser:
    x.user("ann")
    return x.user(HANDLE, credentials=True)


def product(url: str, x: XSim, brand: SimUser, **more: Any) -> Product:
    settings = Settings(
        database_url=url,
        encryption_keys=SecretStr(KEYS),
        poll_seconds=0.2,
        x_api=x.address,
        x_consumer_key=SecretStr(x.app["consumer_key"]),
        x_consumer_secret=SecretStr(x.app["consumer_secret"]),
        x_access_token=SecretStr(brand.access_token),
        x_access_token_secret=SecretStr(brand.access_token_secret),
        x_timeout_seconds=5,
        **more,
    )
    made = compose(settings)
    made.__dict__["scorer"] = KeywordScorer()
    made.__dict__["answers"] = OneSnippet()
    return made


def eventually(holds: Callable[[], object], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def stored(one: Product) -> dict[str, StoredMessage]:
    with one.store.read() as transaction:
        cases = transaction.cases.all()
        found = [message for case in cases for message in transaction.messages.in_case(case)]
    return {message.external_id: message for message in found}


def delays(one: Product) -> list[float]:
    """Seconds from when each mention was written to its decision, shortest first."""
    with one.store.read() as transaction:
        decided = {e.message_id: e.at for e in transaction.events.stream() if e.kind is EventKind.MESSAGE_DECIDED}
    return sorted(
        (decided[message.id] - message.created_at).total_seconds()
        for message in stored(one).values()
        if message.id in decided
    )


def test_a_mention_is_polled_answered_and_the_answer_is_known_when_it_comes_back(x, brand, database_url) -> None:
    question = x.post("ann", f"@{HANDLE} can pets fly?")
    one = product(database_url, x, brand, x_poll_seconds=1)
    with at_work(one):
        eventually(lambda: [post for post in x.world(author=HANDLE).posts if post.reply_to == question.id])
        eventually(lambda: stored(one)[question.id].state is MessageState.ANSWERED)
        eventually(lambda: _states(one) == ["sent"])
    again = product(database_url, x, brand, x_poll_seconds=1)  # a new process reads the brand's own posts
    with at_work(again):
        eventually(lambda: len(stored(again)) == 2)
        eventually(lambda: {m.state for m in stored(again).values()} == {MessageState.ANSWERED, MessageState.RECORDED})
    assert len(x.world(author=HANDLE).posts) == 1
    with again.store.read() as transaction:
        kinds = [event.kind for event in transaction.events.stream()]
    assert EventKind.BRAND_REPLIED not in kinds


def _states(one: Product) -> list[str]:
    with one.store.read() as transaction:
        return [row.state for case in transaction.cases.all() for row in transaction.replies.of_case(case)]


@pytest.mark.alone
def test_a_stream_brings_50_mentions_a_second_to_their_decision_within_a_second(x, brand, database_url) -> None:
    one = product(
        database_url, x, brand, x_accelerator="stream", x_bearer_token=SecretStr(x.app["bearer_token"]), x_dry_run=True
    )
    with at_work(one):
        eventually(lambda: x.streams().get("stream"))
        time.sleep(1)
        x.bulk([{"author": "ann", "text": f"@{HANDLE} question {number}"} for number in range(250)], rate=50)
        eventually(lambda: len(delays(one)) == 250)
        took = delays(one)
    assert took[int(0.99 * len(took))] <= PROMISED


def test_what_a_stream_drops_is_found_by_polling_and_nothing_twice(x, brand, sqlite_store_url) -> None:
    one = product(
        sqlite_store_url,
        x,
        brand,
        x_accelerator="stream",
        x_bearer_token=SecretStr(x.app["bearer_token"]),
        x_poll_seconds=1,
        x_dry_run=True,
    )
    x.fault("stream_drops", "stream", probability=0.5, seed=1)
    x.fault("stream_repeats", "stream", probability=0.3, seed=2)
    x.fault("stream_swaps", "stream", probability=0.3, seed=3)
    with at_work(one):
        eventually(lambda: x.streams().get("stream"))
        x.bulk([{"author": "ann", "text": f"@{HANDLE} question {number}"} for number in range(120)], rate=40)
        eventually(lambda: len(delays(one)) == 120)
    assert set(stored(one)) == {post.id for post in x.world(author="ann").posts}


def test_both_streams_at_once_bring_each_mention_once(x, brand, sqlite_store_url) -> None:
    one = product(
        sqlite_store_url,
        x,
        brand,
        x_accelerator="stream+activity",
        x_bearer_token=SecretStr(x.app["bearer_token"]),
        x_poll_seconds=3600,
        x_dry_run=True,
    )
    with at_work(one):
        eventually(lambda: x.streams()["activity"]["open"] and x.streams()["stream"]["open"])
        time.sleep(1)  # what is polled for once the streams are open has been polled
        x.bulk([{"author": "ann", "text": f"@{HANDLE} question {number}"} for number in range(60)], rate=40)
        eventually(lambda: len(delays(one)) == 60)
    assert set(stored(one)) == {post.id for post in x.world(author="ann").posts}
    assert all(x.streams()[name]["told"] >= 60 for name in ("stream", "activity"))
    assert x.ledger()["violations"] == 0


def test_a_deleted_post_is_looked_up_and_let_go_the_next_day(x, brand, sqlite_store_url) -> None:
    one = product(sqlite_store_url, x, brand, x_dry_run=True)
    post = x.post("ann", f"@{HANDLE} my bag is gone")
    with at_work(one):
        eventually(lambda: post.id in stored(one))
    x.delete(post.id)
    again = product(sqlite_store_url, x, brand, x_dry_run=True)
    with again.store.write() as transaction:
        long_ago = again.clock.now() - timedelta(hours=23)
        transaction.held.seen("x", [post.id], long_ago)
    with at_work(again):
        eventually(lambda: stored(again)[post.id].text != f"@{HANDLE} my bag is gone")


def test_without_credentials_there_is_no_connection(sqlite_store_url) -> None:
    one = compose(Settings(database_url=sqlite_store_url, encryption_keys=SecretStr(KEYS)))
    assert one.x is None
    assert {channel.name for channel in one.channels} == {"file", "api"}


def test_a_stream_without_a_bearer_token_is_refused_by_name(x, brand, sqlite_store_url) -> None:
    one = product(sqlite_store_url, x, brand, x_accelerator="stream")
    with pytest.raises(ConfigurationError, match="TRIAGE_X_BEARER_TOKEN"):
        one.x.listener  # noqa: B018


def test_private_messages_are_polled_and_answered_in_private(x, brand, database_url) -> None:
    written = x.message("ann", HANDLE, "my bag is lost")
    one = product(database_url, x, brand, x_poll_seconds=1)
    alex, _ = add_user(one.store, one.clock, "alex", Role.AGENT, None)
    with at_work(one):
        eventually(lambda: stored(one).get(written.id) and stored(one)[written.id].state is MessageState.QUEUED)
        case_id = stored(one)[written.id].case_id
        one.desk.claim(alex, case_id)
        one.desk.reply(alex, case_id, "We have found it. ^AX", key="k", seen=written.id)
        eventually(lambda: _states(one) == ["sent"])
    sent = [message for message in x.world().messages if message.sender == HANDLE]
    assert [(message.recipient, message.text) for message in sent] == [("ann", "We have found it. ^AX")]
    assert x.world(author=HANDLE).posts == []
    again = product(database_url, x, brand, x_poll_seconds=1)  # a new process reads both sides again
    with at_work(again):
        eventually(lambda: len(stored(again)) == 2)
        eventually(lambda: {m.state for m in stored(again).values()} == {MessageState.QUEUED, MessageState.RECORDED})
    with again.store.read() as transaction:
        kinds = [event.kind for event in transaction.events.stream()]
        assert len(transaction.cases.all()) == 1
    assert EventKind.BRAND_REPLIED not in kinds
    assert x.ledger()["violations"] == 0


def test_the_activity_stream_tells_of_private_messages_at_once(x, brand, sqlite_store_url) -> None:
    bearer = SecretStr(x.app["bearer_token"])
    one = product(
        sqlite_store_url, x, brand, x_accelerator="activity", x_bearer_token=bearer, x_poll_seconds=3600, x_dry_run=True
    )
    with at_work(one):
        eventually(lambda: x.streams()["activity"]["open"])
        time.sleep(1)  # what is polled for once the stream is open has been polled
        written = x.message("ann", HANDLE, "my bag is lost")
        eventually(lambda: stored(one).get(written.id), seconds=20)


def test_where_private_messages_are_not_wanted_x_is_not_asked_for_them(x, brand, sqlite_store_url) -> None:
    one = product(sqlite_store_url, x, brand, x_poll_seconds=1, x_private=False)
    question = x.post("ann", f"@{HANDLE} my bag")
    with at_work(one):
        eventually(lambda: question.id in stored(one))
    assert "messages.read" not in x.ledger()["calls"]
