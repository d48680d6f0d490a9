"""What people wrote is not in the database as they wrote it, from the first message on and after an upgrade."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli import run
from tests.doubles import NOON, frozen, message, worker
from tests.keys import KEYS, VAULT
from triage.channels.memory import MemoryChannel
from triage.domain.message import MessageState
from triage.errors import ConfigurationError
from triage.service.intake import take_in
from triage.store import Store, open_store, rotation, schema
from triage.store.keys import VARIABLE, GivenKeys, encode_key, new_key
from triage.store.rotation import rotate_keys
from triage.store.tables import metadata, replies
from triage.store.types import Moment
from triage.store.vault import Vault

TEXT = "@MarramAir can pets fly? my booking is QX7KZP"
WORDS = (b"QX7KZP", b"qx7kzp", b"Pets travel", b"can i bring my dog")


def traffic(store: Store) -> None:
    clock = frozen()
    take_in(store, [message("1", TEXT), message("2", "@MarramAir my bag is gone QX7KZP", minutes=1)], clock)
    worker(store, clock).drain()


def stored_bytes(store: Store) -> bytes:
    """Every value of every row, as the database gives it to somebody without the keys."""
    with store.engine.connect() as connection:
        rows = [row for name in metadata.tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
    return b"\n".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in rows for v in row)


def heads(store: Store) -> set[bytes]:
    with store.engine.connect() as connection:
        return {
            bytes(value)[:5]
            for name, column in (("messages", "text"), ("replies", "text"), ("judgements", "scores"))
            for (value,) in connection.exec_driver_sql(f"SELECT {column} FROM {name}")
        }


def test_no_word_of_a_message_reply_or_judgement_is_stored_in_the_open(store) -> None:
    traffic(store)
    held = stored_bytes(store)
    assert not [word for word in WORDS if word in held]
    with store.read() as transaction:
        kept = transaction.messages.by_external_id("memory", "1")
        assert kept is not None
        assert kept.text == TEXT
        assert transaction.judgements.of([kept.id])[kept.id].scores.intent.why == (("question", 1.0),)
        assert transaction.replies.of_case(kept.case_id)[0].text.startswith("Pets travel")


def test_an_error_of_the_database_shows_no_values(store) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, store.write() as transaction:
        transaction.connection.execute(sa.text("SELECT * FROM nothing WHERE a = :secret"), {"secret": "QX7KZP"})
    assert "QX7KZP" not in str(caught.value)


def test_a_database_of_another_key_is_refused_before_anything_is_written_to_it(store, database_url) -> None:
    traffic(store)
    result = run("report", "--database", database_url, **{VARIABLE: encode_key(new_key())})
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "which is not there" in result.stderr
    upgrade = run("db", "upgrade", "--database", database_url, **{VARIABLE: encode_key(new_key())})
    assert (upgrade.exit_code, upgrade.stderr) == (2, result.stderr)


def test_rotating_puts_everything_under_the_first_key_and_may_be_done_again(store, database_url) -> None:
    traffic(store)
    new = new_key()
    both = {VARIABLE: f"{encode_key(new)},{KEYS}"}
    first = run("db", "rotate-keys", "--database", database_url, **both)
    assert first.exit_code == 0
    assert {"messages: 2 rows encrypted anew", "replies: 1 row encrypted anew"} < set(first.stdout.splitlines())
    assert heads(store) == {Vault(GivenKeys([new])).head}
    assert "messages: 0 rows" in run("db", "rotate-keys", "--database", database_url, **both).stdout
    with closing(open_store(database_url, Vault(GivenKeys([new])))) as opened, opened.read() as transaction:
        kept = transaction.messages.by_external_id("memory", "1")
        assert kept is not None
        assert kept.text == TEXT


def test_rotating_that_was_interrupted_goes_on_where_it_was(store, database_url, monkeypatch) -> None:
    monkeypatch.setattr("triage.store.rotation._BATCH", 1)
    traffic(store)
    vault = Vault(GivenKeys([new_key(), *VAULT._source.all()]))
    with closing(open_store(database_url, vault)) as opened:
        interrupted = rotation._batches(opened, metadata.tables["messages"])
        assert next(interrupted) == 1
        interrupted.close()
        assert len(heads(store)) == 2
        assert [table.rows for table in rotate_keys(opened) if table.table == "messages"] == [1]
    assert heads(store) == {vault.head}


def test_rotating_while_others_work_disturbs_neither(store, database_url, monkeypatch) -> None:
    monkeypatch.setattr("triage.store.rotation._BATCH", 5)
    clock = frozen()
    take_in(store, [message(str(n), TEXT, minutes=n, author=str(n)) for n in range(60)], clock)
    vault = Vault(GivenKeys([new_key(), *VAULT._source.all()]))

    def work() -> None:
        with closing(open_store(database_url, vault)) as other:
            hands = worker(other, clock, channels=[MemoryChannel()], batch=5)
            for n in range(60, 90):
                take_in(other, [message(str(n), TEXT, minutes=n, author=str(n))], clock)
                hands.step()
            hands.drain()
            hands.close()

    with ThreadPoolExecutor(1) as threads, closing(open_store(database_url, vault)) as opened:
        working = threads.submit(work)
        list(rotate_keys(opened))
        working.result()
        list(rotate_keys(opened))
        assert heads(opened) == {vault.head}
        with opened.read() as transaction:
            assert transaction.messages.counts() == {(True, MessageState.ANSWERED): 90}


def test_what_another_process_still_writes_with_the_old_key_is_said(store, database_url, monkeypatch) -> None:
    whole = rotation._batches

    def batches(rotating: Store, table: sa.Table) -> Iterator[int]:
        yield from whole(rotating, table)
        if table.name == "messages":  # by a process that has not been started again
            take_in(store, [message("late", "@MarramAir still here")], frozen())

    monkeypatch.setattr("triage.store.rotation._batches", batches)
    traffic(store)
    result = run("db", "rotate-keys", "--database", database_url, **{VARIABLE: f"{encode_key(new_key())},{KEYS}"})
    assert result.exit_code == 1
    assert result.stderr == "triage: 1 row is under another key: a process still writes with it\n"


def test_a_command_without_a_key_makes_one_beside_the_database(here: Path, monkeypatch) -> None:
    monkeypatch.delenv(VARIABLE)
    (here / "day.jsonl").write_text(
        '{"tweet_id": "1", "author_id": "7", "inbound": true, "created_at": "2026-10-20T12:00:00Z", "text": "hello", '
        '"in_response_to_tweet_id": null}\n'
    )
    first = run("replay", "day.jsonl", "--once", "--database", "sqlite:///var/x.db")
    assert first.exit_code == 0, first.stderr
    assert first.stderr.count("made var/x.key") <= 1
    assert (here / "var" / "x.key").stat().st_mode & 0o777 == 0o600
    (here / "var" / "x.key").unlink()
    again = run("report", "--database", "sqlite:///var/x.db")
    assert again.exit_code == 2
    assert "is encrypted with key" in again.stderr
    assert not (here / "var" / "x.key").exists()


def test_a_wrong_key_in_the_environment_is_named_and_not_shown(here: Path) -> None:
    result = run("db", "upgrade", "--database", "sqlite:///var/x.db", **{VARIABLE: "hunter2"})
    assert result.exit_code == 2
    assert result.stderr == (
        "triage: TRIAGE_ENCRYPTION_KEYS: key 1 is not 32 bytes in URL-safe base64; `triage db new-key` makes one\n"
    )


def test_a_new_key_can_be_used_at_once_and_settings_do_not_show_it(here: Path) -> None:
    key = run("db", "new-key").stdout.strip()
    assert run("db", "upgrade", "--database", "sqlite:///var/x.db", **{VARIABLE: key}).exit_code == 0
    shown = run("settings", **{VARIABLE: key}).stdout
    assert f"{VARIABLE}=**********" in shown
    assert key not in shown


@pytest.fixture(params=["sqlite", "postgresql"])
def first_version(request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path) -> str:
    """A database as the first version of the schema had it, with a message, a reply and a judgement."""
    url = new_database(request.param)
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/first.db"
    with closing(open_store(url, VAULT)) as store:
        if request.param == "postgresql":
            with store.write() as transaction:
                transaction.connection.execute(sa.text("DROP SCHEMA public CASCADE"))
                transaction.connection.execute(sa.text("CREATE SCHEMA public"))
        schema.upgrade(store, "0001")
        with store.write() as transaction:
            for statement in _FIRST_ROWS:
                transaction.connection.execute(sa.text(statement), {"at": datetime(2026, 10, 20, tzinfo=UTC)})
    return url


_FIRST_ROWS = (
    "INSERT INTO cases (id, channel, root, state, opened_at, priority, automatic_replies, version)"
    " VALUES (1, 'memory', '1', 'answered', '2026-10-20T12:00:00+00:00', 2, 1, 3)",
    "INSERT INTO messages (id, channel, external_id, case_id, author_id, inbound, created_at, text, normalised, state)"
    " VALUES (1, 'memory', '1', 1, '7', true, '2026-10-20T12:00:00+00:00', 'It is QX7KZP', 'it is qx7kzp', 'answered')",
    "INSERT INTO replies (id, key, case_id, message_id, channel, in_reply_to, kind, author, text, state, created_at,"
    " attempts, problem) VALUES (1, 'a', 1, 1, 'memory', '1', 'automatic', '', 'Pets travel', 'failed',"
    " '2026-10-20T12:00:00+00:00', 1, 'refused: Pets travel')",
    "INSERT INTO judgements (message_id, model, scores, decision)"
    """ VALUES (1, 'm-1', '{"intent": {"label": "other", "why": [["qx7kzp", 1.0]]}}', '{"action": "answer"}')""",
)


def test_an_upgrade_encrypts_what_is_there_and_leaves_no_trace_of_it_in_the_open(first_version) -> None:
    with closing(open_store(first_version, VAULT)) as store:
        schema.upgrade(store)
        held = stored_bytes(store)
        assert not [word for word in WORDS if word in held]
        with store.read() as transaction:
            kept = transaction.messages.by_external_id("memory", "1")
            assert kept is not None
            assert (kept.text, kept.normalised) == ("It is QX7KZP", "it is qx7kzp")
            assert transaction.held.due_for_a_look("memory", datetime(2026, 10, 21, tzinfo=UTC), None, 9) != []
            row = transaction.connection.execute(sa.select(replies)).one()
            assert (row.text, row.problem) == ("Pets travel", "refused: Pets travel")
            scores = transaction.connection.execute(sa.select(metadata.tables["judgements"].c.scores)).scalar_one()
            assert scores["intent"]["why"] == [["qx7kzp", 1.0]]
        if store.engine.dialect.name == "sqlite":
            path = Path(str(store.engine.url.database))
            files = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
            assert not [word for word in WORDS if word in files]


def test_an_upgrade_encrypts_what_x_said_of_errors_and_goes_on_counting_it(first_version) -> None:
    said = {"place": "post", "text": "X refused: Pets travel", "at": NOON, "first_at": NOON, "times": 2}
    with closing(open_store(first_version, VAULT)) as store:
        schema.upgrade(store, "0010")
        with store.write() as transaction:
            plain = sa.table("problems", *(sa.column(name, Moment if "at" in name else None) for name in said))
            transaction.connection.execute(sa.insert(plain), [said])
        schema.upgrade(store)
        assert b"Pets travel" not in stored_bytes(store)
        with store.write() as transaction:
            transaction.x_notes.add_problem("post", "X refused: Pets travel", NOON)
            transaction.x_notes.add_problem("post", "X is down", NOON)
        with store.read() as transaction:
            told = {problem.text: problem.times for problem in transaction.x_notes.problems()}
        assert told == {"X refused: Pets travel": 3, "X is down": 1}


def test_what_x_says_of_errors_is_not_stored_in_the_open(store) -> None:
    store.run(lambda transaction: transaction.x_notes.add_problem("post", "X refused: Pets travel", NOON))
    assert b"Pets travel" not in stored_bytes(store)


def test_a_damaged_value_is_said_and_not_shown(store) -> None:
    traffic(store)
    with store.write() as transaction:
        transaction.connection.execute(
            sa.text("UPDATE messages SET text = :value WHERE external_id = '1'"), {"value": VAULT.head + b"x" * 40}
        )
    with pytest.raises(ConfigurationError, match=r"messages\.text in the database is damaged"), store.read() as t:
        t.messages.by_external_id("memory", "1")
