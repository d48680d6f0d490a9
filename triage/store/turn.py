"""Waiting for SQLite's only write lock, so that nobody waits for long while others write often.

SQLite's own way of waiting sleeps for up to a tenth of a second between two looks. Among writers that come again at
once, whoever sleeps that long finds the lock taken each time: waits of twelve seconds were seen where a transaction
takes some milliseconds.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Final

#: How long somebody waits for a lock before the database counts as locked, as for all of SQLite's locks.
PATIENCE_S: Final = 30.0
BUSY_TIMEOUT: Final = f"PRAGMA busy_timeout={PATIENCE_S * 1000:.0f}"
_BEGIN: Final = "BEGIN IMMEDIATE"
_FIRST_PAUSE_S: Final = 0.002
_SHORTEST_PAUSE_S: Final = 0.0002
#: After waiting for so long one looks twice as often as at first, after twice as long three times.
_AGEING_S: Final = 0.01


def begin_writing(connection: sqlite3.Connection, patience_s: float = PATIENCE_S) -> None:
    """Begin a transaction that holds the write lock.

    Whoever waits looks the more often the longer it has waited, so that it comes before those who came later.

    Raises:
        sqlite3.OperationalError: the lock was not free within ``patience_s``, or something else is wrong.
    """
    connection.execute("PRAGMA busy_timeout=0")
    try:
        began = time.monotonic()
        while not _begun(connection):
            waited = time.monotonic() - began
            if waited > patience_s:
                connection.execute(_BEGIN)  # in SQLite's own words
                return
            time.sleep(max(_SHORTEST_PAUSE_S, _FIRST_PAUSE_S / (1 + waited / _AGEING_S)))
    finally:
        connection.execute(BUSY_TIMEOUT)


def _begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute(_BEGIN)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the other bytes tell which kind of busy it is
            raise
        return False
    return True
