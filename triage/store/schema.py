"""Bringing a database to the current schema, and telling whether it is there."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from triage.errors import ConfigurationError
from triage.settings import mask_password
from triage.store.dialect import serialise
from triage.store.engine import Store
from triage.store.rotation import check_keys

Result = TypeVar("Result")

_MIGRATIONS = Path(__file__).parent / "migrations"
#: Seconds; as long as SQLite itself waits for a lock (``triage.store.engine``), and how often to ask.
_PATIENCE: Final = 30.0
_PAUSE: Final = 0.02


def upgrade(store: Store, revision: str = "head") -> None:
    """Apply the migrations that are missing. Doing it twice, or from two processes at once, changes nothing.

    Raises:
        ConfigurationError: the database cannot be reached or is none, a newer version made it, or it is
            encrypted with a key that is not there.
    """

    def work() -> None:
        with store.write() as transaction:  # on SQLite that alone keeps others out
            serialise(transaction.connection, "schema")
            config = _config()
            config.attributes["connection"] = transaction.connection
            command.upgrade(config, revision)
            if revision == "head":
                check_keys(transaction)
        store.forget_leftovers()

    _with_clear_errors(store, work)


def is_current(store: Store) -> bool:
    """Whether the database has exactly the schema that this version of the product expects.

    Raises:
        ConfigurationError: the database cannot be reached or is none.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()

    def work() -> bool:
        with store.read() as transaction:
            return MigrationContext.configure(transaction.connection).get_current_revision() == head

    return _with_clear_errors(store, work)


def _with_clear_errors(store: Store, work: Callable[[], Result]) -> Result:
    """``work``, with what goes wrong on the way to a database as one line that names the database."""
    try:
        return _patiently(work)
    except (sa.exc.DBAPIError, CommandError) as error:
        url = mask_password(store.engine.url.render_as_string(hide_password=True))
        cause = getattr(error, "orig", None) or error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise ConfigurationError(f"the database {url} cannot be used: {reason}") from None


def _patiently(work: Callable[[], Result]) -> Result:
    """``work``, again while another process turns a new SQLite file to WAL; for that SQLite waits for nobody."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return work()
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
