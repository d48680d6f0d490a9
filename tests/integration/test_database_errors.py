"""What an error of the database says of the rows it was given: nothing. On both engines."""

from __future__ import annotations

import traceback

import pytest

from tests.doubles import frozen, message
from triage.service.intake import take_in
from triage.store import Store

SECRET = "jo.marsh@example.org"
_SQLITE = "CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
_POSTGRESQL = """
CREATE FUNCTION refuse_messages() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse_messages();
"""


def test_an_error_of_the_database_does_not_say_what_a_message_says(store: Store) -> None:
    with store.write() as transaction:
        is_sqlite = store.engine.dialect.name == "sqlite"
        transaction.connection.exec_driver_sql(_SQLITE if is_sqlite else _POSTGRESQL)
    with pytest.raises(Exception, match="broken on purpose") as caught:
        take_in(store, [message("1", f"@MarramAir mail {SECRET}")], frozen())
    assert SECRET not in "".join(traceback.format_exception(caught.value))
