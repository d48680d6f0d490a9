"""The guard, releases and moving to private, as callers of the API meet them. Every value here is invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.doubles import product_on
from tests.web import MESSAGE, Caller, assert_problem
from triage.channels.memory import MemoryChannel
from triage.domain.event import Event, EventKind
from triage.domain.message import IncomingMessage
from triage.service.intake import take_in
from triage.service.ledger import Ledger
from triage.service.outbox import Outbox
from triage.store.tables import replies

BAD = "We will call you on 07700 900123 today. ^AX"
WHY = "The depot's own line, on every label."


class Sending(Caller):
    """A caller whose replies end in a channel that records."""

    def __init__(self, url: str) -> None:
        super().__init__(product_on(url))
        self.channel = MemoryChannel("api")
        self.post("/messages", MESSAGE)
        self.work()
        self.post("/cases/1/claim")

    def send(self) -> list[str]:
        """What has left after one more turn of the outbox."""
        product = self.product
        Outbox(product.store, [self.channel], product.brand.routing, product.clock, product.guard).drain(10)
        return [reply.text for reply in self.channel.sent.values()]

    def only_reply(self) -> dict[str, Any]:
        (reply,) = self.get("/cases/1").json["replies"]
        return dict(reply)


@pytest.fixture
def api(sqlite_store_url: str) -> Sending:
    return Sending(sqlite_store_url)


def test_a_reply_that_the_guard_stops_is_refused_by_type(api: Sending) -> None:
    problem = assert_problem(api.post("/cases/1/reply", {"text": BAD}), 422, field="text")
    assert [error["reason"] for error in problem["errors"]] == ["PHONE"]
    assert api.send() == []


@pytest.mark.parametrize(
    "release", [True, "yes", {}, {"reason": None}, {"reason": WHY, "force": True}, {"reason": WHY, "by": "sam"}]
)
def test_a_release_has_a_reason_and_nothing_else(api: Sending, release: object) -> None:
    assert api.post("/cases/1/reply", {"text": BAD, "release": release}, user="sam").status_code == 422
    assert api.send() == []


@pytest.mark.parametrize("extra", [{"force": True}, {"released_by": "sam"}, {"skip_guard": 1}, {"kind": "automatic"}])
def test_no_other_field_opens_the_way(api: Sending, extra: dict[str, object]) -> None:
    assert api.post("/cases/1/reply", {"text": BAD} | extra, user="sam").status_code == 422
    assert api.send() == []


@pytest.mark.parametrize("user", ["alex", "robin", "feeder"])
def test_nobody_but_a_supervisor_releases(api: Sending, user: str) -> None:
    assert_problem(api.post("/cases/1/reply", {"text": BAD, "release": {"reason": WHY}}, user=user), 403)
    assert_problem(api.post("/cases/1/replies/1/release", {"reason": WHY}, user=user), 403)
    assert api.send() == []


def test_a_supervisor_releases_while_writing_and_the_reply_says_so(api: Sending) -> None:
    assert api.post("/cases/1/reply", {"text": BAD, "release": {"reason": WHY}}, user="sam").status_code == 202
    assert api.send() == [BAD]
    reply = api.only_reply()
    assert (reply["state"], reply["released_by"], reply["release_reason"]) == ("sent", "sam", WHY)


def test_a_reply_that_was_stopped_on_its_way_out_is_released_by_its_id(api: Sending) -> None:
    api.post("/cases/1/reply", {"text": "We are looking for it. ^AX"})
    with api.product.store.write() as transaction:
        transaction.connection.execute(sa.update(replies).values(text=BAD))
    assert api.send() == []
    reply = api.only_reply()
    assert reply["state"] == "blocked"
    assert "PHONE" in reply["problem"]
    assert "900123" not in reply["problem"]
    assert api.get("/cases/1").json["case"]["state"] == "queued"
    path = f"/cases/1/replies/{reply['id']}/release"
    assert_problem(api.post(path, {"reason": " "}, user="sam"), 422, field="release.reason")
    assert api.post(path, {"reason": WHY}, user="sam").status_code == 202
    assert api.send() == [BAD]
    assert_problem(api.post(path, {"reason": WHY}, user="sam"), 409)


def test_a_reply_of_another_case_is_not_released_through_this_one(api: Sending) -> None:
    assert_problem(api.post("/cases/1/replies/77/release", {"reason": WHY}, user="sam"), 404)
    assert_problem(api.post(f"/cases/1/replies/{2**70}/release", {"reason": WHY}, user="sam"), 404)


def test_a_case_moves_to_private_in_the_brands_words_and_keeps_its_id(api: Sending) -> None:
    before = api.get("/cases/1").json
    assert before["case"]["private_since"] is None
    assert "Case%201" in before["private"]["text"]
    assert api.post("/cases/1/move-to-private", {}).status_code == 202
    assert api.send() == [before["private"]["text"]]
    after = api.get("/cases/1").json["case"]
    assert after["id"] == 1
    assert after["private_since"] is not None


def test_a_message_that_exposes_says_why_it_should_go_on_in_private(api: Sending) -> None:
    api.post("/messages", MESSAGE | {"id": "9", "author_id": "9", "text": "@MarramAir secret bag"})
    api.work()
    why = api.get("/messages/9").json["decision"]["move"]
    assert why == {"code": "exposes", "text": "The message shows personal data.", "delete": False}
    assert api.get("/cases/2").json["private"]["why"] == why


def test_a_move_names_the_message_that_was_read(api: Sending) -> None:
    assert_problem(api.post("/cases/1/move-to-private", {"seen": "0"}), 409)
    assert_problem(api.post("/cases/77/move-to-private", {}), 404)
    assert api.send() == []


def both_legs(api: Sending) -> int:
    """A case of X in which the customer wrote in public, and then in private."""
    store, clock = api.product.store, api.product.clock
    public = IncomingMessage("x", "71", "555", True, clock.now(), "@MarramAir my bag is lost")
    take_in(store, [public], clock)
    api.work()
    with store.write() as transaction:
        case_id = transaction.messages.cases_of("x", ["71"])["71"]
        ledger = Ledger(transaction, [case_id])
        ledger.add(Event(case_id, clock.now(), EventKind.MOVED_TO_PRIVATE, data={"kind": "agent", "code": "exposes"}))
        ledger.commit()
    at = clock.now() + timedelta(minutes=1)
    take_in(store, [IncomingMessage("x-private", "72", "555", True, at, "it is blue, the bag")], clock)
    api.work()
    api.post(f"/cases/{case_id}/claim")
    return case_id


def test_a_case_says_what_is_private_and_a_reply_says_where_it_goes(api: Sending) -> None:
    case_id = both_legs(api)
    assert [(one["id"], one["private"]) for one in api.get(f"/cases/{case_id}").json["messages"]] == [
        ("71", False),
        ("72", True),
    ]
    assert_problem(api.post(f"/cases/{case_id}/reply", {"text": "Found."}), 409)
    assert_problem(api.post(f"/cases/{case_id}/reply", {"text": "Found.", "leg": "both"}), 422)
    assert api.post(f"/cases/{case_id}/reply", {"text": "Ring 07700 900123.", "leg": "private"}).status_code == 202
    api.post(f"/cases/{case_id}/claim")
    assert_problem(api.post(f"/cases/{case_id}/reply", {"text": "Ring 07700 900123.", "leg": "public"}), 422)
    assert api.post(f"/cases/{case_id}/reply", {"text": "Found.", "leg": "public"}).status_code == 202
    found = [(one["in_reply_to"], one["private"]) for one in api.get(f"/cases/{case_id}").json["replies"]]
    assert found == [("72", True), ("71", False)]
