"""HTTP to X on bad days: everything ends in time, once, and nothing that is secret is written anywhere."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from pydantic import SecretStr

from app.cli.main import _TALKATIVE
from tests.x_connection import Notes, OpenBudget
from triage.channels.x.client import TweepyApi, _Routes
from triage.channels.x.credentials import OAuth1
from triage.channels.x.deadline import Deadline, PunctualAdapter
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Answer, Silence
from triage.channels.x.signing import Bearer, OAuth1Signer
from triage.channels.x.transport import Ask, Caller, Wire
from triage.clock import SystemClock
from triage.errors import Ambiguous, RetryLater

QUICK = timedelta(seconds=0.4)
BRISK = timedelta(seconds=0.05)
ASK = Ask("GET", "/2/users/me")
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"


@contextmanager
def server(serve: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that reads a request and lets ``serve`` answer, and the requests it has read."""
    requests: list[bytes] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with connection:
            requests.append(connection.recv(65536))
            try:
                serve(connection, requests[-1])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        listener.shutdown(socket.SHUT_RDWR)


def saying(*parts: bytes, pause: float = 0) -> Callable[[socket.socket, bytes], None]:
    def serve(connection: socket.socket, _request: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return serve


def exchange(serve: Callable[[socket.socket, bytes], None], ask: Ask = ASK) -> Answer | Silence:
    with server(serve) as (address, _):
        return Wire(address, QUICK).exchange(ask, None)


def test_an_answer_is_read_whole_with_headers_in_small_letters() -> None:
    found = exchange(saying(OK + b"Content-Length: 2\r\nX-Rate-Limit-Limit: 5\r\n\r\n{}"))
    assert (found.status, found.body, found.headers["x-rate-limit-limit"]) == (200, b"{}", "5")


def test_an_answer_in_chunks_is_read_whole() -> None:
    found = exchange(saying(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nab\r\n", b"1\r\nc\r\n", b"0\r\n\r\n"))
    assert found.body == b"abc"


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = Wire(f"http://127.0.0.1:{port}", QUICK).exchange(ASK, None)
    assert found == Silence("X cannot be reached", reached=False)


def test_an_unknown_address_means_that_nothing_was_sent() -> None:
    found = Wire("http://nowhere.invalid", QUICK).exchange(ASK, None)
    assert isinstance(found, Silence)
    assert not found.reached


@pytest.mark.parametrize("address", ["nowhere", "http://", "ftp://x.com"])
def test_an_address_that_is_none_is_said_to_be_so(address) -> None:
    found = Wire(address, QUICK).exchange(ASK, None)
    assert found == Silence("the address of X's API (TRIAGE_X_API) is no address", reached=False)


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    began = time.monotonic()
    found = exchange(lambda connection, _: time.sleep(3))
    assert found == Silence("X did not answer in time", reached=True)
    assert time.monotonic() - began < 2


def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time() -> None:
    began = time.monotonic()
    drip = [OK + b"Content-Length: 1000\r\n\r\n"] + [b" "] * 100
    assert exchange(saying(*drip, pause=0.1)) == Silence("X did not answer in time", reached=True)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nX-Slow: ", OK + b"\r\n"], ids=["headers", "without a length"])
def test_a_whole_exchange_ends_in_time_wherever_in_its_answer_a_server_dawdles(begins) -> None:
    began = time.monotonic()
    assert exchange(saying(begins, *[b"a"] * 100, pause=0.05)) == Silence("X did not answer in time", reached=True)
    assert time.monotonic() - began < 1.5


def test_nothing_leaves_any_more_once_the_time_is_over(monkeypatch) -> None:
    look_up = socket.getaddrinfo

    def slowly(*given: object, **more: object) -> list:
        time.sleep(2.5 * BRISK.total_seconds())  # no time-out of a socket ends this
        return look_up(*given, **more)

    with server(saying(OK + b"Content-Length: 2\r\n\r\n{}")) as (address, requests):
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        found = Wire(address, BRISK).exchange(Ask("POST", "/2/tweets", json={"text": "x"}), None)
    assert isinstance(found, Silence)
    assert not found.reached, "it may be made again"
    assert requests in ([], [b""])


def test_nothing_leaves_late_on_a_connection_that_was_kept_open_either() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    received: list[bytes] = []

    def serve(connection: socket.socket, request: bytes) -> None:
        received.append(request)
        connection.sendall(answer)
        while more := connection.recv(65536):
            received.append(more)
            connection.sendall(answer)

    with server(serve) as (address, _), requests.Session() as session:
        session.mount("http://", PunctualAdapter())
        for _ in range(2):
            with Deadline(timedelta(seconds=5)):
                session.get(address)
        with Deadline(timedelta()) as deadline:
            while not deadline.over:
                time.sleep(0.001)
            with pytest.raises(requests.ConnectTimeout):
                session.get(address)
        with Deadline(timedelta(seconds=5)):
            assert session.get(address).status_code == 200
    assert len(received) == 3


def test_an_answer_that_stops_in_its_middle_is_none() -> None:
    assert isinstance(exchange(saying(OK + b"Content-Length: 1000\r\n\r\n", b"{")), Silence)
    assert isinstance(exchange(saying(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n{")), Silence)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1", b"nonsense\r\n\r\n", OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"]
)
def test_an_answer_that_is_no_http_is_none_and_may_have_been_carried_out(answer) -> None:
    found = exchange(saying(answer))
    assert isinstance(found, Silence)
    assert found.reached


def test_a_redirection_is_not_followed_with_the_credentials() -> None:
    with server(saying(OK + b"Content-Length: 0\r\n\r\n")) as (elsewhere, asked_there):
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
        assert exchange(saying(moved)).status == 302
    assert asked_there == []


def test_no_cookie_is_sent_back_and_no_netrc_is_read(tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password netrc-secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with server(saying(OK + b"Set-Cookie: guest=1\r\nContent-Length: 0\r\n\r\n")) as (address, requests):
        wire = Wire(address, QUICK)
        wire.exchange(ASK, None)
        wire.exchange(ASK, Bearer(SecretStr("mine")))
    first, second = (request.decode().casefold() for request in requests)
    assert "authorization" not in first
    assert "authorization: bearer mine" in second
    assert "cookie" not in second


def test_nothing_is_sent_twice() -> None:
    with server(lambda connection, _: None) as (address, requests):
        Wire(address, QUICK).exchange(Ask("POST", "/2/tweets", json={"text": "x"}), None)
        time.sleep(0.1)
        assert len(requests) == 1


def test_tweepy_only_names_requests_and_makes_none() -> None:
    routes = _Routes()
    assert routes.create_tweet(text="x", in_reply_to_tweet_id="7") == Ask(
        "POST", "/2/tweets", {}, {"reply": {"in_reply_to_tweet_id": "7"}, "text": "x"}
    )
    ask = routes.get_users_mentions("5", since_id="9", pagination_token=None, tweet_fields=["a", "b"])
    assert (ask.method, ask.route, ask.params) == (
        "GET",
        "/2/users/5/mentions",
        {"since_id": "9", "tweet.fields": "a,b"},
    )


# --- Around a call.


def api_at(address: str, budget: OpenBudget, notes: Notes) -> TweepyApi:
    secrets = [SecretStr(f"very-secret-{number}") for number in range(4)]
    caller = Caller(budget, notes, SystemClock(), chance=lambda: 1.0)
    return TweepyApi(Wire(address, QUICK), OAuth1Signer(OAuth1(*secrets)), caller)


def test_every_call_is_counted_before_it_is_made_also_one_that_fails() -> None:
    budget, notes = OpenBudget(), Notes()
    with server(saying(b"")) as (address, _), pytest.raises(RetryLater):
        api_at(address, budget, notes).me()
    assert budget.spent[Endpoint.ME] == 1
    assert notes.problems == [(Endpoint.ME, "the connection broke before X had answered")]


def test_without_budget_no_call_is_made() -> None:
    budget = OpenBudget()
    budget.rest(Endpoint.POST, SystemClock().now() + timedelta(minutes=1))
    with server(saying(b"")) as (address, requests), pytest.raises(RetryLater):
        api_at(address, budget, Notes()).post("x", in_reply_to="7")
    assert requests == []


def test_failures_in_a_row_count_for_each_kind_of_call_and_end_with_a_success() -> None:
    budget = OpenBudget()
    good = OK + b'Content-Length: 40\r\n\r\n{"data": {"id": "5", "username": "Ada"}} '
    answers = [b"", b"", good]
    rests = []
    with server(lambda connection, _: connection.sendall(answers.pop(0) if answers else b"")) as (address, _):
        api = api_at(address, budget, Notes())
        for _ in range(2):
            with pytest.raises(RetryLater) as caught:
                api.me()
            rests.append((caught.value.not_before - SystemClock().now()).total_seconds())
            budget.rests.clear()
        api.me()
        with pytest.raises(Ambiguous):
            api.post("x", in_reply_to="7")
    assert rests == pytest.approx([2, 4], abs=0.5)
    assert budget.rests[Endpoint.POST] - SystemClock().now() <= timedelta(seconds=2)


def test_a_post_with_a_link_is_told_since_it_costs_more() -> None:
    notes = Notes()
    created = OK + b'Content-Length: 29\r\n\r\n{"data": {"id": "7"}}        '
    with server(saying(created)) as (address, _):
        api = api_at(address, OpenBudget(), notes)
        api.post("see https://example.com", in_reply_to="7")
        api.post("see you", in_reply_to="7")
    assert (notes.things[Endpoint.POST], notes.links[Endpoint.POST]) == (2, 1)


def test_no_secret_reaches_the_log_at_the_lowest_level_that_can_be_set(caplog) -> None:
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        with (
            caplog.at_level(logging.DEBUG),
            server(saying(b"")) as (address, requests),
            pytest.raises(Ambiguous) as caught,
        ):
            api_at(address, OpenBudget(), Notes()).post("words of an answer", in_reply_to="7")
    finally:
        for library in _TALKATIVE:
            logging.getLogger(library).setLevel(logging.NOTSET)
    assert b"very-secret-0" in requests[0], "the key is sent, as OAuth has it"
    assert b"very-secret-1" not in requests[0]
    assert "very-secret" not in caplog.text
    assert "words of an answer" not in caplog.text
    assert "very-secret" not in str(caught.value)
