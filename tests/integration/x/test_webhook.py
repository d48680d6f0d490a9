"""Deliveries of X to the product's webhook: made here by hand, and by the stand-in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr
from waitress.server import create_server
from werkzeug.test import TestResponse

from app import x_connection
from app.api import x_webhook
from app.cli.serve import run_server
from app.compose import Product
from app.web import create_app
from tests.doubles import NOON, product_on
from tests.integration.x.following import FACTOR, Line, Notes, eventually
from tests.integration.x.test_connected import product, stored
from tests.xsim.client import SimUser, XSim, running
from triage.channels.x import subscriptions, webhooks
from triage.channels.x.activity import Activity
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening, PostDeleted, Posted
from triage.channels.x.post import Account
from triage.channels.x.watch import Source
from triage.channels.x.webhook import MOST_BYTES, SIGNATURE_HEADER
from triage.clock import FrozenClock
from triage.service.intake import one_at_a_time
from triage.store.budgets import Calls

SECRET = "a consumer secret"
APP = {"consumer_key": "a key", "consumer_secret": SECRET}
BRAND = SimUser("900", "MarramAir", "Marram Air", "a token", "its secret")
MENTION = {
    "data": {
        "event_uuid": "1",
        "filter": {"user_id": "900"},
        "event_type": "post.mention.create",
        "tag": "mentions",
        "payload": {
            "id": "2080765813578191303",
            "text": "wo ist mein Gepäck, @MarramAir? 🧳",
            "author_id": "42",
            "created_at": "2026-07-24T21:23:23.000Z",
            "edit_history_tweet_ids": ["2080765813578191303"],
            "entities": {"mentions": [{"start": 21, "end": 31, "username": "MarramAir", "id": "900"}]},
        },
        "includes": {},
    }
}


class Hook:
    """The application with its webhook mounted, and what came of deliveries."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        self.taken: list[Happening] = []
        self.fails: Exception | None = None
        self.notes = Notes()
        self.app = create_app(product_on(url))
        self.clock = FrozenClock(NOON)
        x_webhook.register(self.app, SecretStr(secret), cache(Activity), self._take, self.notes, self.clock)
        self.client: FlaskClient = self.app.test_client()

    def deliver(self, body: bytes, signature: str | None = None, **more: Any) -> TestResponse:
        headers = {SIGNATURE_HEADER: sign(body) if signature is None else signature}
        return self.client.post("/x/webhook", data=body, headers=headers, **more)

    def challenge(self, token: str) -> TestResponse:
        return self.client.get("/x/webhook", query_string={"crc_token": token, "nonce": "n"})

    @property
    def post_ids(self) -> list[str]:
        return [one.post.id for one in self.taken if isinstance(one, Posted)]

    def _take(self, happenings: Sequence[Happening]) -> None:
        if self.fails:
            raise self.fails
        self.taken += happenings


def sign(message: bytes, secret: str = SECRET) -> str:
    """As X documents it, said again in other words than the product's."""
    return "sha256=" + base64.standard_b64encode(hmac.digest(secret.encode(), message, "sha256")).decode("ascii")


@pytest.fixture
def hook(sqlite_store_url: str) -> Hook:
    return Hook(sqlite_store_url)


# --- The challenge


def test_a_challenge_is_answered_with_the_tokens_signature(hook: Hook) -> None:
    answer = hook.challenge("9b4507b3-9040-4669-9ca3-6b94edb50553")
    assert answer.status_code == 200
    assert answer.json == {"response_token": sign(b"9b4507b3-9040-4669-9ca3-6b94edb50553")}
    assert not hook.notes.alive_at, "anybody may ask"


@pytest.mark.parametrize("token", ["", "a b", "a" * 513, '"', "ü"])
def test_what_is_no_token_is_not_answered(hook: Hook, token: str) -> None:
    answer = hook.challenge(token)
    assert (answer.status_code, answer.data) == (400, b"")


def test_the_challenge_signs_nothing_that_could_be_delivered(hook: Hook) -> None:
    """Challenge and delivery are signed with one secret, and anybody may ask for the challenge."""
    body = json.dumps(MENTION, separators=(",", ":")).encode()
    assert hook.challenge(body.decode()).status_code == 400
    small = b'{"data":[]}'
    assert hook.challenge(small.decode()).status_code == 400


# --- The signature


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(MENTION).encode(),
        json.dumps(MENTION, ensure_ascii=False).encode(),
        json.dumps(MENTION, sort_keys=True, indent=2).encode(),
        json.dumps({"data": dict(reversed(MENTION["data"].items()))}, separators=(",", ":")).encode(),
    ],
    ids=["escaped", "not ASCII", "sorted and indented", "turned round and tight"],
)
def test_the_signature_is_of_the_bytes_as_they_came(hook: Hook, body: bytes) -> None:
    assert hook.deliver(body).status_code == 200
    (happening,) = hook.taken
    assert isinstance(happening, Posted)
    assert happening.post.text == MENTION["data"]["payload"]["text"]
    assert hook.notes.seen == [(Source.WEBHOOK, "2080765813578191303")]
    assert hook.notes.things == {Endpoint.ACTIVITY_STREAM: 1}, "what X may charge for"
    hook.taken.clear()
    assert hook.deliver(body + b" ", sign(body)).status_code == 401
    assert not hook.taken


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        sign(json.dumps(MENTION).encode(), "another secret"),
        sign(json.dumps(MENTION).encode()).removeprefix("sha256="),
        sign(json.dumps(MENTION).encode()).lower(),
        sign(b""),
        "sha256=" + hashlib.sha256(json.dumps(MENTION).encode()).hexdigest(),
        "sha256=ü",
    ],
)
def test_a_wrong_signature_is_refused_without_a_word(hook: Hook, signature: str) -> None:
    answer = hook.deliver(json.dumps(MENTION).encode(), signature)
    assert (answer.status_code, answer.data) == (401, b"")
    assert not hook.taken
    assert hook.notes == Notes()


def test_another_body_under_a_genuine_signature_is_refused(hook: Hook) -> None:
    genuine = json.dumps(MENTION)
    signature = sign(genuine.encode())
    assert hook.deliver(genuine.encode(), signature).status_code == 200
    hook.taken.clear()
    for other in (
        genuine.replace("wo ist", "wo war"),
        genuine.replace('"author_id": "42"', '"author_id": "43"'),
        genuine.replace(": ", ":"),  # the same JSON in other bytes
        genuine.replace("\\u00e4", "ä"),
    ):
        assert other != genuine
        assert hook.deliver(other.encode(), signature).status_code == 401
    assert not hook.taken


def test_a_delivery_without_a_signature_is_refused(hook: Hook) -> None:
    answer = hook.client.post("/x/webhook", data=json.dumps(MENTION))
    assert (answer.status_code, answer.data) == (401, b"")


def test_wrong_signatures_are_counted_and_told_in_the_log_every_ten_minutes(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    for seconds in (0, 1, 598, 1, 1):
        hook.clock.advance(timedelta(seconds=seconds))
        hook.deliver(b"{}", "sha256=wrong")
    told = [record.getMessage().partition(" to ")[0] for record in caplog.records if "signature" in record.getMessage()]
    assert told == ["a delivery", "3 deliveries"]


@pytest.mark.parametrize("ways", ["forged deliveries", "challenges"])
def test_what_anybody_may_send_costs_the_database_nothing(ways: str, sqlite_store_url: str) -> None:
    one = product(sqlite_store_url, XSim("http://127.0.0.1:9", APP), BRAND)
    client, asked = create_app(one).test_client(), []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)  # whichever connection is taken
    try:
        for _ in range(3):
            if ways == "challenges":
                assert client.get("/x/webhook?crc_token=token").status_code == 200
            else:
                assert client.post("/x/webhook", data=json.dumps(MENTION)).status_code == 401
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert not asked
    one.store.close()


# --- What is in it


def test_a_delivery_that_comes_again_is_acknowledged_again(hook: Hook) -> None:
    body = json.dumps(MENTION).encode()
    assert [hook.deliver(body).status_code for _ in range(3)] == [200, 200, 200]
    assert hook.post_ids == ["2080765813578191303"] * 3  # taking in is what does it once


def test_a_delivery_that_comes_again_is_stored_once_and_brings_back_nothing_deleted(sqlite_store_url: str) -> None:
    one = product(sqlite_store_url, XSim("http://127.0.0.1:9", APP), BRAND)
    assert one.x is not None
    one.x.api._account = Account(BRAND.id, BRAND.username)  # X is not asked
    client = create_app(one).test_client()
    event = MENTION["data"]
    deletion = {"data": event | {"event_type": "post.delete", "payload": {"id": event["payload"]["id"]}}}
    kept = []
    for told in (MENTION, MENTION, deletion, MENTION, deletion):
        body = json.dumps(told).encode()
        assert client.post("/x/webhook", data=body, headers={SIGNATURE_HEADER: sign(body)}).status_code == 200
        kept.append([message.text for message in stored(one).values()])
    assert kept[0] == kept[1] == [event["payload"]["text"]]
    assert max(map(len, kept)) == 1
    assert event["payload"]["text"] not in [text for texts in kept[2:] for text in texts]
    one.store.close()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'{"data":', b"\xff\xfe", b'{"data":{}}', b'{"data":{"event_type":1}}', b"{}"]
)
def test_what_cannot_be_read_is_refused(hook: Hook, body: bytes) -> None:
    answer = hook.deliver(body)
    assert (answer.status_code, answer.data) == (400, b"")
    assert not hook.taken


def test_events_of_other_kinds_are_acknowledged_and_noted_once(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    event = {"data": {"event_type": "spaces.start", "payload": {"anything": "secret words"}}}
    for _ in range(3):
        assert hook.deliver(json.dumps(event).encode()).status_code == 200
    assert not hook.taken
    assert [record.getMessage() for record in caplog.records if "spaces.start" in record.getMessage()] == [
        "X sends events of the kind 'spaces.start', which are not read"
    ]


def test_a_body_beyond_the_limit_is_not_read(hook: Hook) -> None:
    body = json.dumps(MENTION).encode() + b" " * MOST_BYTES
    assert hook.deliver(body).status_code == 413
    assert not hook.taken
    assert hook.deliver(json.dumps(MENTION).encode().ljust(MOST_BYTES)).status_code == 200


def test_what_could_not_be_taken_in_is_not_acknowledged(hook: Hook) -> None:
    hook.fails = OSError("the disk is full")
    assert hook.deliver(json.dumps(MENTION).encode()).status_code == 500
    assert not hook.notes.seen
    hook.fails = None
    assert hook.deliver(json.dumps(MENTION).encode()).status_code == 200


# --- In time for X, which wants an answer within 10 seconds

SOON = 8.0


def deliver(one: Product, *, secret: str = SECRET, within: float = SOON) -> int:
    """The status of the answer to a delivery, which comes soon."""
    body, client = json.dumps(MENTION).encode(), create_app(one).test_client()
    began = time.monotonic()
    answer = client.post("/x/webhook", data=body, headers={SIGNATURE_HEADER: sign(body, secret)})
    assert time.monotonic() - began < within
    return answer.status_code


def test_who_the_account_is_need_not_be_asked_once_any_process_knows(database_url: str) -> None:
    nowhere = XSim("http://127.0.0.1:9", APP)
    one = product(database_url, nowhere, BRAND)
    assert one.x is not None
    one.x.known_account.note(Account(BRAND.id, BRAND.username))
    one.store.close()
    another = product(database_url, nowhere, BRAND)
    assert deliver(another) == 200
    (message,) = stored(another).values()
    assert message.summoned, "the account's name is known, too"
    with another.store.read() as transaction:
        assert transaction.budgets.get(Endpoint.ME.value) == Calls(), "X was not asked"
    another.store.close()


def test_what_was_learnt_of_other_credentials_does_not_count(sqlite_store_url: str) -> None:
    nowhere = XSim("http://127.0.0.1:9", APP)
    one = product(sqlite_store_url, nowhere, replace(BRAND, access_token="another token"))
    assert one.x is not None
    one.x.known_account.note(Account("901", "Another"))
    one.store.close()
    another = product(sqlite_store_url, nowhere, BRAND)
    assert deliver(another) == 503
    another.store.close()


def test_what_x_says_of_the_account_is_known_to_all_processes(x: XSim, sqlite_store_url: str) -> None:
    brand = x.user(BRAND.username, credentials=True)
    one, another = (product(sqlite_store_url, x, brand) for _ in range(2))
    assert one.x is not None
    assert another.x is not None
    assert another.x.known_account.get() is None
    assert one.x.api.me() == another.x.known_account.get() == Account(brand.id, BRAND.username)


def test_no_delivery_waits_for_x_to_say_whose_account_it_is(x: XSim, sqlite_store_url: str) -> None:
    brand = x.user(BRAND.username, credentials=True)
    one = product(sqlite_store_url, x, brand)  # with a time-out of 5 seconds
    x.fault("slow_before", "users.me")
    assert deliver(one, secret=x.app["consumer_secret"], within=3) == 503, "X delivers it again"
    assert stored(one) == {}
    one.store.close()


def test_a_delivery_that_came_before_it_was_known_whose_account_it_is_is_taken_in_when_it_comes_again(
    x: XSim, sqlite_store_url: str
) -> None:
    brand = x.user(BRAND.username, credentials=True)
    one = product(sqlite_store_url, x, brand)
    body = json.dumps(MENTION | {"data": MENTION["data"] | {"filter": {"user_id": brand.id}}}).encode()
    headers = {SIGNATURE_HEADER: sign(body, x.app["consumer_secret"])}
    client = create_app(one).test_client()
    assert client.post("/x/webhook", data=body, headers=headers).status_code == 503
    eventually(lambda: one.x.api.account)
    assert client.post("/x/webhook", data=body, headers=headers).status_code == 200
    assert len(stored(one)) == 1
    one.store.close()


def test_a_delivery_that_cannot_be_stored_in_time_is_refused_in_time_and_taken_in_when_it_comes_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert x_connection._TAKEN_WITHIN_S + 5 * x_connection._NOTED_WITHIN_S < 6, "X waits for 10 seconds"
    monkeypatch.setattr(x_connection, "_TAKEN_WITHIN_S", 0.3)
    one = product(database_url, XSim("http://127.0.0.1:9", APP), BRAND)
    assert one.x is not None
    one.x.known_account.note(Account(BRAND.id, BRAND.username))
    pool = cast("sa.pool.QueuePool", one.store.engine.pool)
    others = [threading.Thread(target=one.store.run, args=(lambda t: one_at_a_time(t, "x"),)) for _ in range(20)]
    with one.store.write() as transaction:
        one_at_a_time(transaction, "x")  # somebody else takes in, and is slow
        for other in others:
            other.start()
        eventually(lambda: pool.checkedout() == 15)  # all that there are
        began = time.monotonic()
        assert deliver(one) >= 500
        assert time.monotonic() - began < 2
    for other in others:
        other.join()
    assert stored(one) == {}
    assert deliver(one) == 200
    assert len(stored(one)) == 1
    one.store.close()


def test_what_came_is_counted_to_the_last_where_nobody_works_beside_the_server(sqlite_store_url: str) -> None:
    one = product(sqlite_store_url, XSim("http://127.0.0.1:9", APP), BRAND)
    assert one.x is not None
    one.x.known_account.note(Account(BRAND.id, BRAND.username))

    class Server:
        def run(self) -> None:
            assert [deliver(one), deliver(one)] == [200, 200]

    run_server(one, Server(), with_worker=False)  # type: ignore[arg-type]
    today = one.clock.now().date()
    with one.store.read() as transaction:
        spent = transaction.x_notes.spent(today, today)
    assert spent[Endpoint.ACTIVITY_STREAM.value].calls == 2
    one.store.close()


# --- What is around it


def test_nothing_of_a_delivery_is_logged_whatever_becomes_of_it(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(MENTION, ensure_ascii=False).encode()
    hook.deliver(body)
    hook.deliver(body, "sha256=wrong")
    hook.deliver(body[:-1])
    hook.fails = ValueError("not now")
    hook.deliver(body)
    assert "Gepäck" not in caplog.text + str(hook.notes.problems)
    assert SECRET not in caplog.text


def test_there_is_no_session_no_cookie_and_no_sign_in(hook: Hook) -> None:
    answers = [hook.challenge("token"), hook.deliver(json.dumps(MENTION).encode()), hook.deliver(b"", "wrong")]
    assert [answer.status_code for answer in answers] == [200, 200, 401]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_it_is_no_part_of_the_api_that_is_documented(hook: Hook) -> None:
    assert "/x/webhook" not in hook.client.get("/api/v1/openapi.json").text


def test_without_a_consumer_secret_there_is_no_webhook(sqlite_store_url: str) -> None:
    client = create_app(product_on(sqlite_store_url)).test_client()
    assert client.get("/x/webhook?crc_token=a").status_code == 404
    assert client.post("/x/webhook", data=b"{}").status_code == 404


# --- The stand-in delivers


@contextmanager
def served(hook: Hook) -> Iterator[str]:
    """The application behind its web server; its address."""
    server = create_server(hook.app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()


@pytest.fixture(scope="module")
def hurried() -> Iterator[XSim]:
    with running(str(FACTOR)) as stand_in:
        yield stand_in


@pytest.fixture
def x(hurried: XSim) -> XSim:
    return hurried.emptied()


@pytest.fixture
def delivered_to(x: XSim, sqlite_store_url: str) -> Iterator[Hook]:
    """A webhook that X knows, and that is told of one account."""
    line, hook = Line.to(x), Hook(sqlite_store_url, x.app["consumer_secret"])
    with served(hook) as address:
        made = webhooks.register(line.calls, f"{address}/x/webhook")
        assert webhooks.listed(line.calls) == (made,)
        assert made.valid
        subscriptions.keep(line.calls, subscriptions.PUBLIC_EVENTS, line.brand.id, made.id)
        yield hook


def test_what_happens_on_x_is_delivered(x: XSim, delivered_to: Hook) -> None:
    mention = x.post("ann", "wo ist mein Gepäck, @MarramAir? 🧳")
    own = x.post("MarramAir", "@ann wir suchen", reply_to=mention.id)
    x.delete(own.id)
    eventually(lambda: len(delivered_to.taken) == 3)  # in any order: deliveries overtake each other
    assert PostDeleted(own.id) in delivered_to.taken
    assert {mention.id, own.id} == set(delivered_to.post_ids)


def test_a_delivery_that_x_repeats_comes_twice(x: XSim, delivered_to: Hook) -> None:
    x.fault("webhook_repeats", "webhook", times=1)
    mention = x.post("ann", "@MarramAir hello")
    eventually(lambda: delivered_to.post_ids == [mention.id] * 2)


def test_a_forged_delivery_is_not_taken(x: XSim, delivered_to: Hook) -> None:
    x.fault("webhook_forged", "webhook", times=1)
    x.post("ann", "@MarramAir forged")
    mention = x.post("ann", "@MarramAir hello")
    eventually(lambda: x.streams()["webhook"].get("refused") == 1)
    eventually(lambda: delivered_to.post_ids)
    assert delivered_to.post_ids == [mention.id]


def test_what_could_not_be_taken_in_is_delivered_again(x: XSim, delivered_to: Hook) -> None:
    delivered_to.fails = OSError("the database is away")
    mention = x.post("ann", "@MarramAir hello")
    eventually(lambda: x.streams()["webhook"].get("refused"))
    delivered_to.fails = None
    eventually(lambda: delivered_to.post_ids == [mention.id])


def test_a_webhook_is_challenged_again_and_removed(x: XSim, delivered_to: Hook) -> None:
    calls = Line.to(x).calls
    (made,) = webhooks.listed(calls)
    webhooks.challenge(calls, made.id)
    assert webhooks.listed(calls) == (made,)
    webhooks.remove(calls, made.id)
    assert webhooks.listed(calls) == ()


def test_a_subscription_that_is_there_is_given_the_webhook(x: XSim, sqlite_store_url: str) -> None:
    line, hook = Line.to(x), Hook(sqlite_store_url, x.app["consumer_secret"])
    subscriptions.keep(line.calls, subscriptions.PUBLIC_EVENTS, line.brand.id)
    with served(hook) as address:
        made = webhooks.register(line.calls, f"{address}/x/webhook")
        for _ in range(2):
            subscriptions.keep(line.calls, subscriptions.PUBLIC_EVENTS, line.brand.id, made.id)
        mention = x.post("ann", "@MarramAir hello")
        eventually(lambda: delivered_to_is(hook, mention.id))
    assert x.ledger()["calls"]["subscriptions"] == 3 + 2 * len(subscriptions.PUBLIC_EVENTS)


def delivered_to_is(hook: Hook, post_id: str) -> bool:
    return hook.post_ids == [post_id]
