from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.keys import VAULT
from triage.store import open_store
from triage.store.turn import PATIENCE_S, begin_writing


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=5, check_same_thread=False, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        yield connection


def busy_timeout_ms(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    return found


def test_whoever_has_begun_holds_the_write_lock(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as one, opened(tmp_path / "a.db") as other:
        begin_writing(one)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            begin_writing(other, patience_s=0.01)
        one.execute("ROLLBACK")
        begin_writing(other)
        assert other.in_transaction


def test_other_waits_of_the_connection_are_as_before(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as one, opened(tmp_path / "a.db") as other:
        begin_writing(one)
        assert busy_timeout_ms(one) == PATIENCE_S * 1000
        with pytest.raises(sqlite3.OperationalError):
            begin_writing(other, patience_s=0.0)
        assert busy_timeout_ms(other) == PATIENCE_S * 1000


def test_what_is_wrong_otherwise_is_said_at_once(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as connection:
        begin_writing(connection)
        with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
            begin_writing(connection)


def test_a_database_that_stays_locked_is_told_as_the_other_errors_of_databases_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'a.db'}", VAULT)) as store, opened(tmp_path / "a.db") as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("triage.store.engine.PATIENCE_S", 0.01)
        with pytest.raises(sa.exc.OperationalError, match="locked"), store.write():
            pass
        monkeypatch.undo()
        other.execute("ROLLBACK")
        with store.write() as transaction:
            assert transaction.connection.in_transaction()


def test_nobody_waits_for_long_beside_writers_that_come_again_at_once(tmp_path: Path) -> None:
    """With SQLite's own way of waiting ten turns take some 40 seconds here, with this one 1 to 4 on a busy machine."""
    enough = threading.Event()

    def write_on_and_on() -> None:
        with opened(tmp_path / "a.db") as connection:
            while not enough.is_set():
                begin_writing(connection)
                time.sleep(0.003)
                connection.execute("COMMIT")

    with opened(tmp_path / "a.db") as connection:
        busy = [threading.Thread(target=write_on_and_on) for _ in range(3)]
        for each in busy:
            each.start()
        try:
            waits = []
            for _ in range(10):
                time.sleep(0.02)
                began = time.monotonic()
                begin_writing(connection)
                waits.append(time.monotonic() - began)
                connection.execute("COMMIT")
        finally:
            enough.set()
            for each in busy:
                each.join()
    assert sum(waits) < 10.0
