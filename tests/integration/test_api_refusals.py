"""What the API refuses before a use case is asked, and what it says then."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.cli.serve import make_server
from app.compose import compose
from app.early_refusals import ROOM_TO_EXPLAIN
from tests.doubles import product_on
from tests.web import MESSAGE, Caller, assert_problem
from triage.settings import Settings

#: Words of the framework and of the validation behind it, which mean nothing to a caller.
FOREIGN_WORDS = ("_schema", "Input ", "should", "instance of", "validation", "Validation", "MessageIn", "permitted")


@pytest.fixture
def api(sqlite_store_url) -> Caller:
    return Caller(product_on(sqlite_store_url))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "line 1, column 2"),
        (b'{"id": "1",\n oops}', "line 2, column 2"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'{"id": "\xff"}', "not UTF-8 at byte 9"),
        (json.dumps(MESSAGE).encode("utf-16"), "not UTF-8 at byte 1"),
        (b'{"id": ' + b"9" * 5000 + b"}", "too many digits"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
    ids=["begun", "a word", "nothing", "blank", "not UTF-8", "UTF-16", "long number", "deep lists", "deep objects"],
)
def test_a_body_that_is_not_json_is_refused_with_place_and_reason(api, body, said) -> None:
    assert said in assert_problem(api.raw("/messages", body), 400)["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[1]", "not a list"),
        (b'"x"', "not a text"),
        (b"null", "not null"),
        (b"5", "not a number"),
        (b"true", "not true or false"),
    ],
)
@pytest.mark.parametrize("path", ["/messages", "/queues/general/claim"])
def test_a_body_that_is_json_but_no_object_is_refused(api, path, body, said) -> None:
    problem = assert_problem(api.raw(path, body), 422)
    assert problem["detail"] == f"The body must be a JSON object, {said}."


def test_a_field_whose_name_no_encoding_can_hold_is_refused_all_the_same(api) -> None:
    problem = assert_problem(api.raw("/messages", b'{"\\ud800": 1}'), 422)
    assert problem["detail"] == "the body: has half of a surrogate pair"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_body_that_does_not_say_it_is_json_is_refused(api, content_type) -> None:
    problem = assert_problem(api.raw("/messages", json.dumps(MESSAGE).encode(), content_type=content_type), 415)
    assert "application/json" in problem["detail"]
    assert api.get("/messages/1").status_code == 404


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.x+json"])
def test_what_says_that_it_is_some_json_is_read(api, content_type) -> None:
    assert api.raw("/messages", json.dumps(MESSAGE).encode(), content_type=content_type).status_code == 201


def test_a_byte_order_mark_before_the_json_does_no_harm(api) -> None:
    assert api.raw("/messages", json.dumps(MESSAGE).encode("utf-8-sig")).status_code == 201


def test_a_compressed_body_is_refused_as_such(api) -> None:
    body = gzip.compress(json.dumps(MESSAGE).encode())
    assert "gzip" in assert_problem(api.raw("/messages", body, **{"Content-Encoding": "gzip"}), 415)["detail"]


#: What is said of a message with this change.
REASONS = [
    ({"created_at": 5}, "created_at", "ISO 8601"),
    ({"created_at": 20240101}, "created_at", "ISO 8601"),
    ({"created_at": 1577836800.5}, "created_at", "ISO 8601"),
    ({"created_at": True}, "created_at", "ISO 8601"),
    ({"created_at": "1577836800"}, "created_at", "ISO 8601"),
    ({"created_at": "2024-01-01"}, "created_at", "ISO 8601"),
    ({"created_at": "2024-13-01T00:00:00Z"}, "created_at", "ISO 8601"),
    ({"created_at": "2024-01-01T00:00:00\ud800"}, "created_at", "ISO 8601"),
    ({"created_at": "2024-01-01T00:00:00"}, "created_at", "has no time zone"),
    ({"id": 7}, "id", "must be a text"),
    ({"id": ""}, "id", "must have 1 or more characters"),
    ({"id": "x" * 129}, "id", "must have at most 128 characters"),
    ({"id": "a\ud800"}, "id", "has half of a surrogate pair"),
    ({"id": "a\0"}, "id", "contains a NUL character"),
    ({"inbound": "yes"}, "inbound", "must be true or false"),
    ({"inbound": 1}, "inbound", "must be true or false"),
    ({"colour": "red"}, "colour", "is not a field that is known here"),
]


@pytest.mark.parametrize(("change", "field", "reason"), REASONS)
def test_a_field_of_the_wrong_kind_is_refused_in_plain_words(api, change, field, reason) -> None:
    problem = assert_problem(api.post("/messages", MESSAGE | change), 422, field)
    (error,) = problem["errors"]
    assert reason in error["reason"]
    assert problem["detail"].startswith(f"{field}: ")
    assert not [word for word in FOREIGN_WORDS if word in json.dumps(problem)]


@pytest.mark.parametrize("moment", ["2024-01-01T00:00:00+01:00", "2024-01-01 00:00Z", "2024-01-01t00:00:00.123456789z"])
def test_a_moment_with_a_zone_is_accepted_however_precise(api, moment) -> None:
    assert api.post("/messages", MESSAGE | {"created_at": moment}).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "field", "reason"),
    [
        ("/queues/general/claim", {"count": True}, "count", "must be a whole number"),
        ("/queues/general/claim", {"count": "2"}, "count", "must be a whole number"),
        ("/queues/general/claim", {"count": 2.0}, "count", "must be a whole number"),
        ("/queues/general/claim", {"count": float("nan")}, "count", "must be a whole number"),
        ("/queues/general/claim", {"count": 0}, "count", "must be 1 or more"),
        ("/queues/general/claim", {"count": 101}, "count", "must be 100 or less"),
        ("/messages/batch", {"messages": []}, "messages", "must have 1 or more items"),
        ("/messages/batch", {"messages": [MESSAGE] * 1001}, "messages", "must have at most 1000 items"),
        ("/messages/batch", {"messages": {}}, "messages", "must be a list"),
        ("/messages/batch", {"messages": ["x"]}, "messages.0", "must be an object"),
        ("/cases/1/close", {}, "reason", "is missing"),
    ],
)
def test_what_a_body_may_hold_is_said_in_plain_words(api, path, body, field, reason) -> None:
    problem = assert_problem(api.post(path, body), 422, field)
    assert problem["errors"] == [{"field": field, "reason": reason}]


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("limit=x", "limit", "must be a whole number"),
        ("limit=1.5", "limit", "must be a whole number"),
        ("limit=" + "9" * 5000, "limit", "has too many digits"),
        ("limit=201", "limit", "must be 200 or less"),
        ("state=lost", "state", "must be 'new', "),
        ("colour=red", "colour", "is not a field that is known here"),
    ],
)
def test_what_a_query_may_hold_is_said_in_plain_words(api, query, field, reason) -> None:
    problem = assert_problem(api.get(f"/cases?{query}"), 422, field)
    assert problem["errors"][0]["reason"].startswith(reason)


def test_of_several_wrong_fields_each_is_named(api) -> None:
    problem = assert_problem(api.post("/messages", {"id": 1, "text": 2}), 422)
    assert [error["field"] for error in problem["errors"]] == ["id", "text", "author_id"]
    assert problem["detail"] == "id: must be a text (and 2 more)"


def test_who_is_turned_away_is_told_why(api) -> None:
    without = assert_problem(api.client.get("/api/v1/cases"), 401)
    assert "Authorization: Bearer" in without["detail"]
    basic = api.client.get("/api/v1/cases", headers={"Authorization": "Basic YTpi"})
    assert "Authorization: Bearer" in assert_problem(basic, 401)["detail"]
    wrong = api.client.get("/api/v1/cases", headers={"Authorization": "Bearer wrong"})
    assert "not known" in assert_problem(wrong, 401)["detail"]
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")
    assert "role" in assert_problem(api.get("/cases", user="feeder"), 403)["detail"]


def test_an_address_or_a_method_that_is_not_there_is_said_so(api) -> None:
    assert assert_problem(api.get("/nowhere"), 404)["detail"] == "There is nothing at this address."
    response = api.post("/cases")
    assert "GET" in assert_problem(response, 405)["detail"]
    assert "GET" in response.headers["Allow"]


@contextmanager
def serving(database_url: str) -> Iterator[socket.socket]:
    """A connection to a real server that reads bodies of at most 1,024 bytes."""
    server = make_server(compose(Settings(database_url=database_url, port=0, max_body_bytes=1024)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.effective_port), timeout=10) as connection:
            yield connection
    finally:
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=10)


def answer(connection: socket.socket) -> tuple[bytes, dict[str, Any]]:
    """Head and problem of an answer after which the server hangs up."""
    received = b""
    while part := connection.recv(4096):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    return head, json.loads(body)


HEAD = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_over_a_socket_50_megabytes_are_refused_before_they_are_sent(sqlite_store_url) -> None:
    """None of the body is sent: an answer can come only from a server that does not wait for it."""
    with serving(sqlite_store_url) as connection:
        connection.sendall(HEAD + b"Content-Length: 50000000\r\n\r\n")
        head, problem = answer(connection)
    assert head.startswith(b"HTTP/1.1 413 ")
    assert (problem["status"], problem["instance"]) == (413, "/api/v1/messages")
    assert "at most 1,024 bytes" in problem["detail"]


def test_over_a_socket_a_body_of_unknown_length_is_refused_once_it_is_too_long(sqlite_store_url) -> None:
    """It is sent up to the very byte that is too much: more could reset the connection before it is answered."""
    most = 1024 + ROOM_TO_EXPLAIN
    chunks = (b"1\r\nx\r\n" * most)[:most]
    with serving(sqlite_store_url) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        head, problem = answer(connection)
    assert head.startswith(b"HTTP/1.1 413 ")
    assert "at most 1,024 bytes" in problem["detail"]


def test_over_a_socket_what_is_no_http_is_refused_with_a_problem_too(sqlite_store_url) -> None:
    with serving(sqlite_store_url) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        head, problem = answer(connection)
    assert head.startswith(b"HTTP/1.0 400 ")
    assert problem["status"] == 400


def test_a_body_of_50_megabytes_is_refused_before_it_is_read(api) -> None:
    body = json.dumps(MESSAGE | {"text": "x" * 50_000_000}).encode()
    most = api.product.settings.max_body_bytes
    assert f"{most:,}" in assert_problem(api.raw("/messages", body), 413)["detail"]
    assert api.get("/cases").json["cases"] == []


def test_a_caller_without_a_token_gets_nowhere(api) -> None:
    client: FlaskClient = api.client
    for path in ("/cases", "/queues", "/report", "/messages/1", "/cases/1"):
        assert_problem(client.get(f"/api/v1{path}"), 401)
    for path in ("/messages", "/messages/batch", "/cases/1/claim", "/queues/general/claim"):
        assert_problem(client.post(f"/api/v1{path}", json={}, headers={"Authorization": "Bearer wrong"}), 401)


def test_an_unforeseen_failure_is_a_problem_without_a_traceback(api, monkeypatch) -> None:
    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("triage.service.worklist.queues", explode)
    response = api.get("/queues")
    assert "secret" not in json.dumps(assert_problem(response, 500))
