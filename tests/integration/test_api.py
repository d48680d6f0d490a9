"""The JSON API, through Flask's client over a real store."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from werkzeug.test import TestResponse

from app.accounts import by_password
from app.cli import main
from tests.doubles import product_on
from tests.keys import VAULT
from tests.web import MESSAGE, Caller, assert_problem, lost_replies
from triage.domain.reply import ReplyState
from triage.store import open_store
from triage.store.tables import replies


@pytest.fixture
def api(sqlite_store_url) -> Caller:
    return Caller(product_on(sqlite_store_url))


@pytest.fixture
def api_on_both(database_url) -> Caller:
    """Bad input meets each engine: what one of them stores, the other may choke on."""
    return Caller(product_on(database_url))


def a_cursor(priority: int = 1, queued_at: str = "2026-10-20T12:00:00Z", number: int = 1, **more: Any) -> str:
    place = {"priority": priority, "queued_at": queued_at, "id": number} | more
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def handed_in(api: Caller, *messages: dict[str, Any]) -> None:
    response = api.post("/messages/batch", {"messages": list(messages)})
    assert response.status_code == 201, response.json
    api.work()


def test_a_message_goes_from_the_api_to_a_queue_with_its_scores_and_reasons(api) -> None:
    assert api.post("/messages", MESSAGE).json == {"accepted": ["1"], "duplicates": 0}
    api.work()
    shown = api.get("/messages/1").json
    assert (shown["state"], shown["text"]) == ("queued", MESSAGE["text"])
    assert shown["scores"]["intent"] == {"label": "lost_damaged_item", "confidence": 0.95, "why": [["question", 1.0]]}
    assert shown["risk"] == {"level": "none", "score": 0.125, "why": ["told by a double"]}
    assert shown["decision"]["queue"] == "baggage"
    assert {queue["name"]: queue["waiting"] for queue in api.get("/queues").json["queues"]}["baggage"] == 1


def test_a_batch_is_taken_whole_and_duplicates_are_counted(api) -> None:
    batch = {"messages": [MESSAGE, MESSAGE | {"id": "2", "in_reply_to": "1"}, MESSAGE]}
    assert api.post("/messages/batch", batch).json == {"accepted": ["1", "2"], "duplicates": 1}
    assert api.post("/messages/batch", batch).json == {"accepted": [], "duplicates": 3}
    assert len(api.get("/cases").json["cases"]) == 1


BAD_CHANGES = [
    ({"text": ""}, "text"),
    ({"text": "   "}, "text"),
    ({"text": "x" * 100_000}, "text"),
    ({"text": "a\x00b"}, "text"),
    ({"text": "a\ud800b"}, "text"),
    ({"text": 5}, "text"),
    ({"text": None}, "text"),
    ({"id": ""}, "id"),
    ({"id": 7}, "id"),
    ({"id": "x" * 129}, "id"),
    ({"id": "a\ud800"}, "id"),
    ({"author_id": None}, "author_id"),
    ({"inbound": "yes"}, "inbound"),
    ({"created_at": "yesterday"}, "created_at"),
    ({"created_at": "2026-10-20T12:00:00"}, "created_at"),
    ({"created_at": "0001-01-01T00:00:00+05:00"}, "created_at"),
    ({"created_at": "9999-12-31T23:59:59-05:00"}, "created_at"),
    ({"created_at": "2026-10-20T12:10:01Z"}, "created_at"),
    ({"in_reply_to": "a\x00b"}, "in_reply_to"),
    ({"lang": "e\x00n"}, "lang"),
    ({"lang": "x" * 17}, "lang"),
    ({"colour": "red"}, "colour"),
]


def test_bad_input_is_refused_with_its_field_and_nothing_is_stored(api_on_both) -> None:
    api = api_on_both
    for change, field in BAD_CHANGES:
        assert_problem(api.post("/messages", MESSAGE | change), 422, field)
        batch = {"messages": [MESSAGE, MESSAGE | {"id": "2"} | change]}
        assert_problem(api.post("/messages/batch", batch), 422, f"messages.1.{field}")
    assert api.get("/cases").json["cases"] == []


def test_what_no_database_can_be_asked_for_is_refused_with_its_field(api_on_both) -> None:
    api = api_on_both
    handed_in(api, MESSAGE)
    case = api.get("/cases").json["cases"][0]["id"]
    api.post(f"/cases/{case}/claim")
    assert_problem(api.get("/messages/%00"), 422, "message_id")
    for name in ("owner", "queue", "cursor", "state"):
        assert_problem(api.get(f"/cases?{name}=a%00b"), 422, name)
    assert_problem(api.post("/queues/%00/claim", {"count": 1}), 422, "queue")
    assert_problem(api.post(f"/cases/{case}/transfer", {"queue": "a\x00"}), 422, "queue")
    assert_problem(api.post(f"/cases/{case}/close", {"reason": "a\x00"}), 422, "reason")
    assert_problem(api.post(f"/cases/{case}/reply", {"text": "a\x00"}), 422, "text")
    assert_problem(api.post(f"/cases/{case}/reply", {"text": "We look. ^AX", "snippet": "a\x00"}), 422, "snippet")
    assert api.get(f"/cases/{case}").json["replies"] == []


def test_a_cursor_that_was_made_up_is_refused(api_on_both) -> None:
    api = api_on_both
    handed_in(api, MESSAGE)
    assert api.get(f"/cases?cursor={a_cursor(priority=0)}").status_code == 200
    for made_up in (
        a_cursor(priority=2**70),
        a_cursor(number=2**70),
        a_cursor(number=-(2**70)),
        a_cursor(queued_at="0001-01-01T00:00:00+05:00"),
        a_cursor(queued_at="9999-12-31T23:59:59-05:00"),
        a_cursor(queued_at="2026-10-20T12:00:00"),
        base64.urlsafe_b64encode(b'{"x":' + b"[" * 50_000).decode(),
        "é",
        "nonsense",
    ):
        assert_problem(api.get(f"/cases?cursor={made_up}"), 422, "cursor")


def test_a_name_or_password_with_a_nul_signs_nobody_in(database_url) -> None:
    with closing(open_store(database_url, VAULT)) as store:
        assert by_password(store, "alex\0", "secret\0") is None


def test_a_message_may_be_a_little_ahead_of_our_clock(api) -> None:
    assert api.post("/messages", MESSAGE | {"created_at": "2026-10-20T12:10:00Z"}).status_code == 201


@pytest.mark.parametrize("message_id", ["a/b", "/a", "a//b", "..", "batch", "ü/日", "https://example.com/x?y=1#z"])
def test_every_id_that_is_accepted_can_be_asked_for(api, message_id) -> None:
    handed_in(api, MESSAGE | {"id": message_id})
    assert api.get(f"/messages/{quote(message_id, safe='')}").json["id"] == message_id


@pytest.mark.parametrize("missing", ["id", "text", "author_id"])
def test_a_missing_field_is_named(api, missing) -> None:
    body = {key: value for key, value in MESSAGE.items() if key != missing}
    assert_problem(api.post("/messages", body), 422, missing)


def test_an_idempotency_key_makes_a_repeat_harmless(api) -> None:
    first = api.post("/messages", MESSAGE, key="k1")
    again = api.post("/messages", MESSAGE, key="k1")
    assert first.json == again.json == {"accepted": ["1"], "duplicates": 0}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_problem(api.post("/messages", MESSAGE | {"id": "2"}, key="k1"), 422, "Idempotency-Key")
    assert_problem(api.post("/messages", MESSAGE, key="k" * 200), 422, "Idempotency-Key")


def test_a_request_that_was_refused_leaves_its_key_free(api) -> None:
    assert_problem(api.post("/cases/5/claim", key="k1"), 404)
    assert_problem(api.post("/cases/5/claim", key="k1"), 404)
    assert api.post("/messages", MESSAGE, key="k1").status_code == 201


def test_while_a_request_is_being_worked_on_a_second_with_its_key_is_told_so(api) -> None:
    with api.product.store.write() as transaction:
        user = transaction.users.credentials("alex").user
        body = hashlib.sha256(b"POST /api/v1/cases/1/claim\n").hexdigest()
        transaction.keys.reserve(user.id, "k1", body, api.product.clock.now())
    assert_problem(api.post("/cases/1/claim", key="k1"), 409)


def test_a_reply_with_a_key_is_sent_once_however_often_it_is_asked_for(api) -> None:
    handed_in(api, MESSAGE)
    case = api.get("/cases").json["cases"][0]["id"]
    api.post(f"/cases/{case}/claim")
    for _ in range(3):
        assert api.post(f"/cases/{case}/reply", {"text": "We are on it. ^AX"}, key="r1").status_code == 202
    replies = api.get(f"/cases/{case}").json["replies"]
    assert [(reply["text"], reply["state"], reply["author"]) for reply in replies] == [
        ("We are on it. ^AX", "pending", "alex")
    ]


def test_a_case_is_worked_on_from_claim_to_close(api) -> None:
    handed_in(api, MESSAGE)
    case = api.get("/cases?state=queued&queue=baggage").json["cases"][0]["id"]
    assert api.post(f"/cases/{case}/claim").json["owner"] == "alex"
    assert_problem(api.post(f"/cases/{case}/claim", user="robin"), 409)
    assert api.post(f"/cases/{case}/release").json["state"] == "queued"
    assert api.post(f"/cases/{case}/transfer", {"queue": "safety"}).json["queue"] == "safety"
    assert api.post("/queues/safety/claim", {"count": 3}).json["cases"][0]["id"] == case
    assert_problem(api.post(f"/cases/{case}/reply", {"text": "Write to jo@example.org"}), 422, "text")
    assert api.post(f"/cases/{case}/reply", {"text": "We found it. ^AX"}).json["state"] == "waiting"
    assert api.post(f"/cases/{case}/close", {"reason": "resolved"}).json["state"] == "closed"
    assert_problem(api.post(f"/cases/{case}/claim"), 409)


def test_roles_and_unknown_things_are_refused(api) -> None:
    handed_in(api, MESSAGE)
    case = api.get("/cases").json["cases"][0]["id"]
    assert_problem(api.post(f"/cases/{case}/claim", user="feeder"), 403)
    for path in (f"/cases/{case}", "/cases", "/queues", "/report"):
        assert_problem(api.get(path, user="feeder"), 403)
    assert_problem(api.get("/cases/999"), 404)
    assert_problem(api.get(f"/cases/{2**70}"), 404)
    assert_problem(api.post(f"/cases/{2**70}/claim"), 404)
    assert_problem(api.get("/messages/none"), 404)
    assert_problem(api.get("/nowhere"), 404)
    assert_problem(api.post("/cases"), 405)
    assert_problem(api.post("/queues/nowhere/claim", {"count": 1}), 422, "queue")
    assert_problem(api.post(f"/cases/{case}/close", {"reason": "bored"}), 422, "reason")


def test_pages_cover_every_case_once_in_working_order(api) -> None:
    texts = ["my bag is lost", "urgent hacked", "refund please"]
    handed_in(api, *(MESSAGE | {"id": str(n), "text": f"@MarramAir {texts[n % 3]}"} for n in range(25)))
    seen, cursor = [], ""
    while True:
        page = api.get(f"/cases?limit=4{cursor}").json
        seen += [(case["priority"], case["id"]) for case in page["cases"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 25
    assert [priority for priority, _ in seen] == sorted(priority for priority, _ in seen)
    assert_problem(api.get("/cases?cursor=nonsense"), 422, "cursor")
    assert_problem(api.get("/cases?cursor="), 422, "cursor")
    assert_problem(api.get("/cases?limit=0"), 422, "limit")
    assert_problem(api.get("/cases?colour=red"), 422, "colour")


def test_an_automatic_answer_shows_in_the_case_and_the_report(api) -> None:
    handed_in(api, MESSAGE | {"text": "@MarramAir can pets fly?"})
    case = api.get("/cases").json["cases"][0]
    assert case["state"] == "answered"
    detail = api.get(f"/cases/{case['id']}").json
    assert [reply["kind"] for reply in detail["replies"]] == ["automatic"]
    assert detail["suggestions"][0]["snippet"] == "pets-on-board"


def test_the_report_is_the_one_that_the_command_prints(api, sqlite_store_url, monkeypatch) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", sqlite_store_url)
    handed_in(api, MESSAGE | {"text": "@MarramAir can pets fly?"})
    printed = json.loads(CliRunner().invoke(main, ["report", "--json"], catch_exceptions=False).output)
    assert printed["answered_alone"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert api.get("/report").json["report"] == printed


def test_a_program_that_may_not_see_cases_learns_which_one_its_message_is_in(api) -> None:
    handed_in(api, MESSAGE, MESSAGE | {"id": "2", "in_reply_to": "1"}, MESSAGE | {"id": "3"})
    cases = {message: api.get(f"/messages/{message}", user="feeder").json["case"] for message in "123"}
    assert cases["1"] == cases["2"] != cases["3"]
    shown = api.get(f"/cases/{cases['1']}").json
    assert [(message["id"], message["case"]) for message in shown["messages"]] == [("1", cases["1"]), ("2", cases["1"])]


def test_a_queue_that_does_not_exist_is_refused_as_a_filter_as_elsewhere(api) -> None:
    assert_problem(api.get("/cases?queue=nope"), 422, "queue")


def test_health_needs_no_token_and_readiness_checks_what_it_serves(api) -> None:
    assert api.client.get("/api/v1/health").json["status"] == "ok"
    assert api.client.get("/api/v1/ready").json["checks"] == {"database": "ok", "model": "ok", "knowledge_base": "ok"}


def test_a_service_without_its_schema_is_not_ready(tmp_path) -> None:
    from app.web import create_app

    client = create_app(product_on(f"sqlite:///{tmp_path}/empty.db")).test_client()
    response = client.get("/api/v1/ready")
    assert response.status_code == 503
    assert "triage db upgrade" in response.json["checks"]["database"]


def test_a_channel_can_say_that_a_message_was_edited_or_deleted(api) -> None:
    api.post("/messages", MESSAGE)
    api.work()

    def call(method: str, user: str, **body: Any) -> TestResponse:
        return api.client.open("/api/v1/messages/1", method=method, headers=api.headers(user), **body)

    edited = call("PUT", "feeder", json={"text": "@MarramAir my bag is found, thanks"})
    assert (edited.status_code, edited.json["text"]) == (200, "@MarramAir my bag is found, thanks")
    assert edited.json["scores"] is None, "it waits to be decided again"
    assert call("PUT", "feeder", json={"text": ""}).status_code == 422
    deleted = call("DELETE", "sam")
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert call("DELETE", "sam").status_code == 204
    assert api.get("/messages/1").json["text"] == "[erased]"
    for method, body in (("PUT", {"json": {"text": "x"}}), ("DELETE", {})):
        assert call(method, "alex", **body).status_code == 403


# --- automatic answers that are looked at


def test_an_answer_gets_its_verdict_and_the_share_of_wrong_ones_is_said(api) -> None:
    first, second = api.answered(2)
    listed = api.get("/audits").json["audits"]
    assert [one["number"] for one in listed] == [first, second]
    assert listed[0]["text"] == "@MarramAir can pets fly?"
    assert listed[0]["snippet"] == "pets-on-board"
    answering = api.post(f"/audits/{first}", {"verdict": "wrong"}).json
    assert (answering["wrong"], answering["right"], answering["promised"], answering["stopped"]) == (1, 0, 0.02, None)
    assert (round(answering["low"], 3), answering["high"]) == (0.025, 1.0)
    assert_problem(api.post(f"/audits/{first}", {"verdict": "right"}), 409)
    assert_problem(api.post(f"/audits/{second}", {"verdict": "fine"}), 422, "verdict")
    assert_problem(api.post(f"/audits/{second}", {"verdict": "right"}, user="feeder"), 403)


def test_stuck_replies_come_in_pages_and_each_is_on_one(api_on_both) -> None:
    api = api_on_both
    handed_in(api, MESSAGE | {"text": "@MarramAir can pets fly?"})
    with api.product.store.write() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.PENDING)
        told = sa.update(replies).values(state=ReplyState.AMBIGUOUS.value)
        transaction.connection.execute(told)
    ids = [reply.id, *lost_replies(api.product.store, reply.id, 4)]
    for state in ("", "&state=ambiguous"):
        seen: list[list[int]] = []
        before = ""
        while before is not None:
            page = api.get(f"/replies?limit=2{state}{before and f'&before={before}'}").json
            seen.append([one["id"] for one in page["replies"]])
            before = page["next"]
        assert seen == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert api.get("/replies?state=failed").json == {"replies": [], "next": None}


@pytest.mark.parametrize("asked", ["limit=201", "limit=0", "before=0", f"before={2**63}", "before=x", "state=lost"])
def test_a_page_of_replies_that_cannot_be_is_refused(api, asked) -> None:
    assert_problem(api.get(f"/replies?{asked}"), 422, asked.partition("=")[0])


def test_answering_that_stopped_by_itself_is_switched_on_by_a_supervisor_alone(api) -> None:
    assert_problem(api.post("/answering/resume", user="sam"), 409)
    api.stop_answering()
    assert api.get("/answering").json["stopped"] is not None
    assert api.get("/report").json["report"]["audit"]["stops"] == 1
    assert_problem(api.post("/answering/resume"), 403)
    assert api.post("/answering/resume", user="sam").json["stopped"] is None
    assert api.get("/answering").json["wrong"] == 0


def test_that_a_customer_wants_no_automatic_reply_is_said_with_the_case(api) -> None:
    api.post("/messages", MESSAGE | {"text": "@MarramAir stop messaging me"})
    api.work()
    case = api.get("/messages/1").json["case"]
    assert api.get(f"/cases/{case}").json["opted_out"] is True
