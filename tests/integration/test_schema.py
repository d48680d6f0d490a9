"""Bringing a database to the current schema: by several at once, from nowhere, from the future."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from tests.doubles import NOON
from tests.keys import VAULT
from triage.domain.case import apply, rebuild
from triage.domain.event import Event, EventKind
from triage.errors import ConfigurationError
from triage.store import open_store, schema
from triage.store.tables import cases, messages, replies

_AT_ONCE = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """URL of a database in which there is nothing yet."""
    url = new_database(request.param)
    with closing(open_store(url, VAULT)) as store, store.write() as transaction:
        if request.param == "postgresql":
            transaction.connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            transaction.connection.execute(sa.text("CREATE SCHEMA public"))
    return f"{url}.new" if request.param == "sqlite" else url


def test_several_that_start_at_once_make_one_schema(empty_database: str) -> None:
    start = threading.Barrier(_AT_ONCE)

    def upgrade() -> None:
        with closing(open_store(empty_database, VAULT)) as store:
            start.wait()
            schema.upgrade(store)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for ended in [threads.submit(upgrade) for _ in range(_AT_ONCE)]:
            ended.result()
    with closing(open_store(empty_database, VAULT)) as store:
        assert schema.is_current(store)


def test_an_empty_database_is_not_current_and_is_no_error(empty_database: str) -> None:
    with closing(open_store(empty_database, VAULT)) as store:
        assert not schema.is_current(store)


def test_a_case_from_before_knows_when_its_customer_was_last_asked_to_go_on_in_private(empty_database: str) -> None:
    asked = {"kind": "agent", "code": "by_choice"}
    told = [
        Event(1, NOON, EventKind.MESSAGE_RECEIVED, data={"channel": "x", "root": "1", "inbound": True}),
        *(Event(1, NOON + timedelta(days=days), EventKind.MOVED_TO_PRIVATE, data=asked) for days in (1, 3, 2)),
        Event(2, NOON, EventKind.MESSAGE_RECEIVED, data={"channel": "x-private", "root": "2", "inbound": True}),
    ]
    with closing(open_store(empty_database, VAULT)) as store:
        schema.upgrade(store, "0009")
        with store.write() as transaction:
            for case in rebuild(told).values():
                before = {name: getattr(case, name) for name in case.__struct_fields__ if name != "private_asked_at"}
                transaction.connection.execute(sa.insert(cases), before)
            transaction.events.append(told)
        schema.upgrade(store)
        with store.read() as transaction:
            assert transaction.cases.all() == rebuild(transaction.events.stream())
            assert transaction.cases.all()[1].private_asked_at == NOON + timedelta(days=3)


def test_replies_from_before_know_whether_they_may_be_out_and_when_they_were_tried(empty_database: str) -> None:
    told = Event(1, NOON, EventKind.MESSAGE_RECEIVED, data={"channel": "x", "root": "1", "inbound": True})
    asked = {"channel": "x", "case_id": 1, "author_id": "7", "inbound": True, "text": "", "normalised": ""}
    like = {"case_id": 1, "message_id": 1, "channel": "x", "in_reply_to": "1", "kind": "agent", "author": "alex"}
    later = NOON + timedelta(minutes=3)
    before = {  # key -> state, attempts, doubt, since when
        "lost": ("sending", 1, "no_answer", later),
        "known": ("sending", 1, "repeated", later),
        "stopped": ("sending", 1, "stopped", later),
        "lost, then known": ("sending", 2, "repeated", later),
        "lost, then ready again": ("pending", 1, None, None),
        "journal's": ("pending", 1, None, None),
        "ambiguous": ("ambiguous", 2, None, None),
        "sent": ("sent", 1, None, None),
        "waits": ("pending", 0, None, None),
    }
    with closing(open_store(empty_database, VAULT)) as store:
        schema.upgrade(store, "0012")
        with store.write() as transaction:
            transaction.connection.execute(sa.insert(cases), msgspec.structs.asdict(apply(None, told)))
            transaction.connection.execute(
                sa.insert(messages), asked | {"id": 1, "external_id": "1", "created_at": NOON, "state": "queued"}
            )
            for key, (state, attempts, doubt, since) in before.items():
                how = {"state": state, "attempts": attempts, "doubt": doubt, "in_doubt_since": since, "text": ""}
                how["channel"] = "journal" if key == "journal's" else "x"
                transaction.connection.execute(sa.insert(replies), like | how | {"key": key, "created_at": NOON})
        schema.upgrade(store)
        with store.read() as transaction:
            found = transaction.replies.of_case(1)
            rows = {row.key: (row.lost_at, row.tried_at) for row in found}
            doubts = {row.key: (row.state, row.doubt, row.in_doubt_since) for row in found}
    assert rows == {
        "lost": (later, NOON),
        "known": (None, NOON),
        "stopped": (NOON, NOON),
        "lost, then known": (NOON, NOON),
        "lost, then ready again": (NOON, NOON),
        "journal's": (None, NOON),
        "ambiguous": (NOON, NOON),
        "sent": (None, NOON),
        "waits": (None, None),
    }
    assert doubts["lost, then ready again"] == ("sending", "no_answer", NOON)
    assert doubts["journal's"] == ("pending", None, None)


def test_messages_from_before_know_whether_they_still_name_somebody(empty_database: str) -> None:
    told = Event(1, NOON, EventKind.MESSAGE_RECEIVED, data={"channel": "x", "root": "1", "inbound": True})
    case = {name: value for name, value in msgspec.structs.asdict(apply(None, told)).items() if "asked" not in name}
    people = {  # id -> author, to whom, whether a customer wrote it, whether its content went
        "deleted": ("7", None, True, NOON),
        "forgotten": ("erased-1", None, True, NOON),
        "held": ("7", None, True, None),
        "answer": ("900", None, False, NOON),
        "private answer": ("900", "7", False, NOON),
        "forgotten private answer": ("900", "erased-1", False, NOON),
    }
    like = {"channel": "x", "case_id": 1, "created_at": NOON, "text": "", "normalised": "", "state": "closed"}
    with closing(open_store(empty_database, VAULT)) as store:
        schema.upgrade(store, "0009")
        with store.write() as transaction:
            transaction.connection.execute(sa.insert(cases), case)
            for name, (author, addressee, inbound, erased) in people.items():
                who = {"author_id": author, "addressee_id": addressee, "inbound": inbound, "erased_at": erased}
                transaction.connection.execute(sa.insert(messages), like | who | {"external_id": name})
        schema.upgrade(store)
        with store.read() as transaction:
            found = transaction.held.named("x", NOON + timedelta(days=1), 9)
    assert {post.external_id for post in found} == {"deleted", "private answer"}


@pytest.mark.parametrize("ask", [schema.upgrade, schema.is_current])
@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("postgresql://u:geheim@127.0.0.1:1/db?sslpassword=geheim", "Connection refused"),
        ("sqlite:///{folder}/a-text", "file is not a database"),
        ("sqlite:///{folder}", "unable to open database file"),
    ],
)
def test_what_is_no_database_is_named_without_its_password(tmp_path, ask, url, complaint) -> None:
    (tmp_path / "a-text").write_text("longer than the header of a database\n" * 50)
    with closing(open_store(url.format(folder=tmp_path), VAULT)) as store, pytest.raises(ConfigurationError) as caught:
        ask(store)
    assert complaint in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_of_a_newer_version_is_left_alone(store) -> None:
    with store.write() as transaction:
        transaction.connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema.is_current(store)
    with pytest.raises(ConfigurationError, match="9999"):
        schema.upgrade(store)
