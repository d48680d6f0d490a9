"""Opening a database, and transactions on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from math import inf
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import psycopg
import sqlalchemy as sa
from filelock import FileLock, Timeout

from triage.errors import ConfigurationError
from triage.settings import mask_password
from triage.store.sealed import bind_vault, vault_of
from triage.store.transaction import Transaction
from triage.store.turn import BUSY_TIMEOUT, PATIENCE_S, begin_writing
from triage.store.vault import Vault

Result = TypeVar("Result")

_WRITE = "triage_write"
_UNTIL = "triage_until"
#: SQLSTATE of serialisation failure, deadlock, and a row that somebody else has stored meanwhile.
_TRY_AGAIN = frozenset({"40001", "40P01", "23505"})
_MOST_TRIES = 5
#: Connections of those who hurry: few, with few pages in memory on SQLite, where each has its own.
_HURRIED = 2
_FEW_PAGES = "PRAGMA cache_size=-4096"  # 4 MB
_SQLITE_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite"})
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted or overwritten is gone from the file, not only from its tables
    "cache_size=-65536",  # 64 MB: the indexes of a busy day stay in memory
    "wal_autocheckpoint=8000",  # every 32 MB of log, not after every batch
)


class Store:
    """A database, as a source of transactions. Safe to share between threads."""

    def __init__(self, engine: sa.Engine, patience_s: float = inf) -> None:
        self.engine = engine
        self._patience_s = patience_s
        self._hurried: list[Store] = []

    def hurried(self, patience_s: float) -> Store:
        """The same database for somebody who has to answer soon, over connections of its own.

        A transaction, with all that :meth:`run` does to bring it about, ends within so many seconds: waiting for a
        connection, waiting for locks and trying again count. Then an error of SQLAlchemy's ends it, and nothing of it
        has happened. It is closed with this store.
        """
        url, vault = self.engine.url, vault_of(self.engine.dialect)
        engine = _open(url, vault, pool_size=_HURRIED, max_overflow=0, pool_timeout=patience_s)
        sa.event.listen(engine, "before_cursor_execute", _leave_what_is_left)
        if self.one_writer:
            sa.event.listen(engine, "connect", lambda connection, _: connection.execute(_FEW_PAGES))
        store = Store(engine, patience_s)
        self._hurried.append(store)
        return store

    def run(self, work: Callable[[Transaction], Result]) -> Result:
        """``work`` in one writing transaction, again from the start where the database asks for it.

        PostgreSQL ends one of two transactions that wait for each other, and the second of two that
        store the same thing; nothing of the ended one has happened.
        """
        with self._writing() as connection:
            for _ in range(_MOST_TRIES - 1):
                try:
                    with connection.begin():
                        return work(Transaction(connection))
                except (sa.exc.DBAPIError, psycopg.Error) as error:
                    if getattr(getattr(error, "orig", error), "sqlstate", None) not in _TRY_AGAIN:
                        raise
            with connection.begin():
                return work(Transaction(connection))

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that may write: all of it is committed, or nothing.

        On SQLite it takes the write lock at once, so that what is read inside cannot change before
        it is written; on PostgreSQL the repositories lock the rows they are about to change.
        """
        with self._writing() as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads: one consistent picture, without blocking writers."""
        options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        with self._connected(**options) as connection, connection.begin():
            yield Transaction(connection)

    def _writing(self) -> sa.Connection:
        return self._connected(**{_WRITE: True})

    def _connected(self, **options: Any) -> sa.Connection:
        until = time.monotonic() + self._patience_s  # the wait for a connection counts
        return self.engine.connect().execution_options(**options, **{_UNTIL: until})

    @property
    def one_writer(self) -> bool:
        """Whether a transaction that writes keeps all others from writing, and not only from the rows it has locked."""
        return self.engine.dialect.name == "sqlite"

    def try_hold(self, name: str) -> Hold | None:
        """The right to do something that only one process may do at a time, or ``None``.

        It ends when it is released or when the process ends, however it ends.
        """
        if self.engine.dialect.name == "postgresql":
            return _hold_in_server(self.engine, name)
        url = self.engine.url
        return _hold_file(Path(f"{url.database}.{name}.lock")) if _is_file(url) else Hold(lambda: None)

    def exists(self) -> bool:
        """``False`` if it is a file of SQLite's that is not there, which reading would create."""
        return not _is_file(self.engine.url) or Path(str(self.engine.url.database)).exists()

    def forget_leftovers(self) -> None:
        """Empty the write-ahead log of SQLite, in which old values are still to be found.

        If somebody reads for longer than a second it is left to SQLite's own next checkpoint, so that nobody
        who writes is held up. On PostgreSQL old row versions are left to its vacuum.
        """
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection:  # no transaction may be open
                cursor = connection.cursor()
                for order in ("PRAGMA busy_timeout=1000", "PRAGMA wal_checkpoint(TRUNCATE)", BUSY_TIMEOUT):
                    cursor.execute(order)

    def close(self) -> None:
        for store in self._hurried:
            store.close()
        self.engine.dispose()


class Hold:
    """Something held, until :meth:`release`. ``check`` fails or is false once it is lost without that."""

    def __init__(self, release: Callable[[], None], check: Callable[[], bool] = lambda: True) -> None:
        self._release = release
        self._check = check
        self._held = True

    def held(self) -> bool:
        """Whether it is still held: a server that was restarted has let go of it."""
        try:
            return self._held and self._check()
        except (sa.exc.SQLAlchemyError, psycopg.Error):
            return False

    def release(self) -> None:
        if self._held:
            self._held = False
            self._release()


def _hold_in_server(engine: sa.Engine, name: str) -> Hold | None:
    """A lock of a PostgreSQL session: the server lets go when the connection ends."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    key = sa.func.hashtext(name)
    if connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar_one():

        def release() -> None:
            try:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
            except (sa.exc.SQLAlchemyError, psycopg.Error):  # the server has let go already
                connection.invalidate()
            finally:
                connection.close()

        def check() -> bool:
            return bool(connection.execute(sa.select(sa.true())).scalar_one())

        return Hold(release, check)
    connection.close()
    return None


def _hold_file(path: Path) -> Hold | None:
    """A lock on a file beside the database: the system lets go when the process ends."""
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return None
    return Hold(lock.release)


def _is_file(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def open_store(url: str, vault: Vault) -> Store:
    """The store at ``url``, whose sealed columns are read and written with the keys of ``vault``.

    Nothing is made before the first transaction, and no schema even then.

    Raises:
        ConfigurationError: the URL is not one of SQLite or PostgreSQL.
    """
    return Store(_open(parse_url(url), vault))


def _open(url: sa.URL, vault: Vault, **pool: Any) -> sa.Engine:
    match url.get_backend_name():
        case "sqlite":
            engine = _sqlite(url, pool)
        case "postgresql":
            engine = _postgresql(url.set(drivername="postgresql+psycopg"), pool)
        case other:
            raise ConfigurationError(f"the database {other!r} is not supported; use sqlite or postgresql")
    bind_vault(engine, vault)
    return engine


def parse_url(url: str) -> sa.URL:
    """A database URL in its parts.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigurationError(
            f"{mask_password(url)!r} is not a database URL, such as sqlite:///var/triage.db"
        ) from None


def _options() -> dict[str, Any]:
    return {
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
        "hide_parameters": True,  # an error that is logged must not show what somebody wrote
    }


def _sqlite(url: sa.URL, pool: Mapping[str, Any]) -> sa.Engine:
    if url.drivername not in _SQLITE_DRIVERS:  # one of them encrypts: to go on in the clear would be worse
        raise ConfigurationError(f"the database driver {url.drivername!r} is not supported; write sqlite:///FILE")
    if url.query:
        options = ", ".join(sorted(url.query))
        raise ConfigurationError(f"a database URL of sqlite takes no options; take away {options!r}")
    how = {"timeout": PATIENCE_S, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=how, **_options(), **pool)

    @sa.event.listens_for(engine, "do_connect")
    def make_room(*_: Any) -> None:
        if not _is_file(url):
            return
        try:
            Path(str(url.database)).resolve().parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"the database {url} cannot be made: {error.strerror}") from None

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, explicitly
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _begin_on_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get(_WRITE, False):
        patience_s = min(PATIENCE_S, options[_UNTIL] - time.monotonic())
        try:
            begin_writing(cast("sqlite3.Connection", connection.connection.driver_connection), patience_s)
        except sqlite3.OperationalError as error:  # as SQLAlchemy tells of those that it sees itself
            raise sa.exc.OperationalError(None, None, error) from error
    else:
        connection.exec_driver_sql("BEGIN")


def _postgresql(url: sa.URL, pool: Mapping[str, Any]) -> sa.Engine:
    how = {"options": "-c timezone=UTC"}
    return sa.create_engine(url, pool_pre_ping=True, connect_args=how, **_options(), **pool)


def _leave_what_is_left(connection: sa.Connection, *_: Any) -> None:
    """Each statement of somebody who hurries gets the time that those before it have left.

    PostgreSQL counts its time-outs anew for each statement. On SQLite nothing waits once a transaction has begun.
    """
    left_s = connection.get_execution_options()[_UNTIL] - time.monotonic()
    if left_s <= 0:
        raise sa.exc.TimeoutError("the database was too busy for too long")
    if connection.dialect.name == "postgresql":
        milliseconds = max(1, int(left_s * 1000))  # zero would be for ever
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        driver.execute(f"SET LOCAL statement_timeout = {milliseconds}")
