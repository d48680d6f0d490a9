"""The stream itself, over sockets: what it yields, what it notes, how quickly, and over TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import statistics
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from tests.integration.x.drips import drips
from tests.integration.x.following import CountedBudget, Followed, Line, Notes, eventually, following
from tests.integration.x.lines_server import END, OPEN, answering, chunk
from tests.x_connection import OpenBudget
from tests.xsim.client import running
from triage.channels.x import refusals
from triage.channels.x.accelerating import accelerator
from triage.channels.x.credentials import Credentials, OAuth2
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening, PostDeleted, Posted
from triage.channels.x.post import Account
from triage.channels.x.signing import Bearer
from triage.channels.x.stream import GOOD_AFTER, LOOK_AGAIN_AFTER, PATIENCE, Place, Stream, _Run
from triage.channels.x.watch import Source
from triage.clock import Clock, FastClock, FrozenClock
from triage.errors import ConfigurationError, GiveUp

FACTOR = 600


class Deletions:
    """A feed whose lines are ids."""

    source = Source.STREAM
    endpoint = Endpoint.STREAM
    path = "/2/stream"
    query: Mapping[str, str] = {"a": "b"}

    def __init__(self) -> None:
        self.prepared = 0
        self.refuses: list[Exception] = []

    def prepare(self) -> None:
        self.prepared += 1
        if self.refuses:
            raise self.refuses.pop(0)

    def read(self, told: Mapping[str, Any]) -> Iterable[Happening]:
        return (PostDeleted(told["data"]["id"]),)


@pytest.fixture
def clock() -> FastClock:
    now = datetime.now(UTC)
    return FastClock(FACTOR, now, now)


@pytest.fixture
def notes() -> Notes:
    return Notes()


def stream(address: str, clock: Clock, notes: Notes, feed: Deletions | None = None) -> Stream:
    place = Place(address, Bearer(SecretStr("a token")), timedelta(seconds=2))
    return Stream(feed or Deletions(), place, CountedBudget(clock), notes, clock, lambda: 0.5)


def deleted(followed: Followed) -> list[str]:
    return [one.post_id for _, one in followed.all if isinstance(one, PostDeleted)]


def test_lines_in_pieces_several_at_a_time_and_heartbeats_between(clock: FastClock, notes: Notes) -> None:
    pieces = [b'{"data":{"id"', b':"1"}}\r\n\r\n{"data":{"id":"2"}}\r\n{"da', b'ta":{"id":"3"}}\r', b"\n"]
    with answering(OPEN + b"".join(map(chunk, pieces))) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: deleted(told) == ["1", "2", "3"])
    assert not notes.problems


def test_a_quiet_stream_is_borne_for_longer_than_an_answer_is_waited_for(notes: Notes) -> None:
    now = datetime.now(UTC)
    place = Place("", Bearer(SecretStr("a token")), timedelta(seconds=0.3))
    with answering(OPEN + chunk(b"\r\n")) as address:
        clock = FastClock(1, now, now)
        made = Stream(Deletions(), replace(place, api=address), CountedBudget(clock), notes, clock)
        with following(made) as told:
            time.sleep(1)
            assert len(told.missed) == 1
    assert not notes.problems


def test_a_body_without_chunks_is_not_waited_for_either(clock: FastClock, notes: Notes) -> None:
    plain = b"HTTP/1.0 200 OK\r\n\r\n" + b'{"data":{"id":"1"}}\n'
    with answering(plain) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: deleted(told) == ["1"])


@pytest.mark.parametrize("line", [b"not JSON", b"[]", b'{"data":{}, "x": 1}', b'{"data":{"other":"1"}}', b"\xff"])
def test_a_line_that_cannot_be_read_counts_as_missed_and_the_next_is_read(
    clock: FastClock, notes: Notes, line: bytes
) -> None:
    body = OPEN + chunk(line + b'\n{"data":{"id":"2"}}\n')
    with answering(body) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: deleted(told) == ["2"])
        assert len(told.missed) == 2
    assert len(notes.problems) == 1
    assert line.decode(errors="replace") not in notes.problems[0]


def test_errors_without_data_are_told_in_words_and_do_not_end_it(clock: FastClock, notes: Notes) -> None:
    line = b'{"errors":[{"title":"Something","detail":"is not quite right"}]}\n{"data":{"id":"2"}}\n'
    with answering(OPEN + chunk(line)) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: deleted(told) == ["2"])
    assert notes.problems == ["X says on the stream: Something, is not quite right"]


def test_after_each_gap_it_says_since_when_something_may_be_missed(notes: Notes) -> None:
    began = datetime.now(UTC)
    clock = FastClock(FACTOR, began, began)
    heard = OPEN + chunk(b'{"data":{"id":"1"}}\n')
    with (
        answering(heard + END, b"HTTP/1.1 503 Down\r\n\r\n", heard) as address,
        following(stream(address, clock, notes)) as told,
    ):
        eventually(lambda: deleted(told) == ["1", "1"])
    assert [type(one).__name__ for _, one in told.all] == ["Missed", "PostDeleted"] * 2
    yielded = [began + (datetime.fromtimestamp(moment, UTC) - began) * FACTOR for moment, _ in told.all]
    first, second = told.missed
    assert began <= first.since <= yielded[0]
    assert yielded[0] <= second.since <= yielded[1], "when the last line was heard, not when it was connected again"
    assert notes.problems == ["X closed the connection", "X is down (status 503)"]


def test_pauses_grow_from_failure_to_failure_and_start_anew_after_a_good_connection(
    clock: FastClock, notes: Notes
) -> None:
    made = stream("http://127.0.0.1:9", clock, notes)
    run = _Run(None, None)  # type: ignore[arg-type]
    short = refusals.Ended("X closed the connection", refusals.BROKEN, stood=GOOD_AFTER / 2)
    good = refusals.Ended("X closed the connection", refusals.BROKEN, stood=GOOD_AFTER)
    pauses = [made._pause(run, ended).total_seconds() for ended in (short, short, short, short, good, short)]
    assert pauses == [0.5, 1, 2, 4, 0.5, 1]


def test_what_has_to_be_prepared_is_prepared_again_after_a_refusal_and_not_after_a_break(
    clock: FastClock, notes: Notes
) -> None:
    feed = Deletions()
    heard = OPEN + chunk(b"\r\n")
    with (
        answering(heard + END, b"HTTP/1.1 503 Down\r\n\r\n", heard + END, heard) as address,
        following(stream(address, clock, notes, feed)) as told,
    ):
        eventually(lambda: len(told.missed) == 3)
        assert feed.prepared == 2


def test_what_was_prepared_long_ago_is_looked_at_again(notes: Notes) -> None:
    feed, clock = Deletions(), FrozenClock(datetime(2026, 11, 1, tzinfo=UTC))
    made, run = stream("http://127.0.0.1:9", clock, notes, feed), _Run(None, None)  # type: ignore[arg-type]
    for later in (timedelta(0), LOOK_AGAIN_AFTER - timedelta(seconds=1), timedelta(seconds=1)):
        clock.advance(later)
        made._prepare(run)
    assert feed.prepared == 2


def test_what_x_refuses_to_prepare_is_tried_again_much_later(clock: FastClock, notes: Notes) -> None:
    feed = Deletions()
    feed.refuses = [GiveUp("X refused the call: no access")]
    began = clock.now()
    with answering(OPEN) as address, following(stream(address, clock, notes, feed)):
        assert clock.now() - began >= timedelta(minutes=5)
    assert notes.problems == ["X refused the call: no access"]


def read_until_a_problem(address: str, notes: Notes) -> threading.Thread:
    """What has read, and was told to stop at its first problem."""
    now = datetime.now(UTC)
    clock, stop = FastClock(1, now, now), threading.Event()
    place = Place(address, Bearer(SecretStr("a token")), timedelta(seconds=0.3))
    made = Stream(Deletions(), place, CountedBudget(clock), notes, clock)
    thread = threading.Thread(target=lambda: list(made.happenings(stop)), daemon=True)
    thread.start()
    eventually(lambda: notes.problems, 5)
    stop.set()
    thread.join(5)
    return thread


@pytest.mark.parametrize("length", [b"", b"content-length: 40\r\n", b"transfer-encoding: chunked\r\n"])
def test_a_refusal_whose_body_never_comes_is_not_waited_for_for_ever(notes: Notes, length: bytes) -> None:
    with answering(b"HTTP/1.1 503 Down\r\n" + length + b"\r\n") as address:  # and the connection stays open
        thread = read_until_a_problem(address, notes)
    assert notes.problems == ["X is down (status 503)"]
    assert not thread.is_alive()


def test_headers_that_come_in_drips_are_not_waited_for_for_ever(notes: Notes) -> None:
    with drips(head=b"HTTP/1.1 200 OK\r\nx-slow: ", byte=b"a", every_seconds=0.1) as address:
        thread = read_until_a_problem(address, notes)
    assert notes.problems[0] == "X did not answer in time"
    assert not thread.is_alive()


def test_a_redirection_is_not_followed_with_the_token(clock: FastClock, notes: Notes) -> None:
    away = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"
    with answering(away, OPEN) as address, following(stream(address, clock, notes)):
        pass
    assert notes.problems == ["X refused the stream (status 302)"]


def test_without_a_bearer_token_there_is_no_stream() -> None:
    credentials = Credentials(OAuth2(SecretStr("client"), SecretStr("refresh")))
    now = datetime.now(UTC)
    clock = FastClock(1, now, now)
    with pytest.raises(ConfigurationError, match="TRIAGE_X_BEARER_TOKEN"):
        accelerator(
            "stream",
            credentials,
            Account("900", "MarramAir"),
            api="http://127.0.0.1:9",
            timeout=timedelta(seconds=1),
            budget=OpenBudget(clock),
            watch=Notes(),
            clock=clock,
        )


# --- TLS


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that ``requests`` is told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(private + pem)
    (tmp_path / "trusted.pem").write_bytes(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "trusted.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    return context


def test_a_stalled_connection_over_tls_is_left_too(tls: ssl.SSLContext, clock: FastClock, notes: Notes) -> None:
    with drips(tls, every_seconds=60) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: len(told.missed) >= 2)
    assert set(notes.problems) == {"X said nothing for over a minute, not even a heartbeat"}


def test_it_stops_at_once_over_tls(tls: ssl.SSLContext, notes: Notes) -> None:
    now = datetime.now(UTC)
    with drips(tls, every_seconds=60) as address, following(stream(address, FastClock(1, now, now), notes)) as told:
        started = time.monotonic()
    assert told.ended.is_set()
    assert time.monotonic() - started < 1


def test_threads_do_not_pile_up(clock: FastClock, notes: Notes) -> None:
    before = threading.active_count()
    ends = [OPEN + chunk(b"\r\n") + END] * 6
    with answering(*ends, OPEN) as address, following(stream(address, clock, notes)) as told:
        eventually(lambda: len(told.missed) == 7)
        assert threading.active_count() <= before + 4  # server, follower, timer, and a server's thread
    eventually(lambda: threading.active_count() <= before + 1, PATIENCE.total_seconds())


# --- Speed


@pytest.fixture
def in_real_time() -> Iterator[Line]:
    with running("real") as x:
        yield Line.to(x)


@pytest.mark.alone
def test_a_post_is_yielded_at_once_at_fifty_a_second(in_real_time: Line) -> None:
    line, x = in_real_time, in_real_time.x
    with following(line.filtered()) as followed:
        x.bulk([{"author": "ann", "text": f"@MarramAir number {number}"} for number in range(200)], rate=50)
        eventually(lambda: len(followed.post_ids) == 200, 20)
    delays = sorted(moment - one.post.created_at.timestamp() for moment, one in followed.all if isinstance(one, Posted))
    assert statistics.median(delays) < 0.1
    assert delays[int(len(delays) * 0.99)] < 0.5
