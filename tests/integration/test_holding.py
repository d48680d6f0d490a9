"""What only one process may do: the right to it ends with the process, with its connection, or when it is let go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.doubles import NOON
from tests.keys import VAULT
from tests.x_connection import Notes
from triage.channels.x.watch import Source
from triage.clock import FastClock, SystemClock
from triage.listening import Chore, Listener
from triage.store import Store, open_store


@pytest.fixture
def on_server(new_database: Callable[[str], str]) -> Iterator[Store]:
    with closing(open_store(new_database("postgresql"), VAULT)) as opened:
        yield opened


def lose_connections(store: Store) -> None:
    """As when the server is started anew: all of this database's connections end, but for the one that asks."""
    with store.engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


def test_a_right_is_held_by_one_until_it_lets_go(store) -> None:
    hold = store.try_hold("x")
    assert hold is not None
    assert hold.held()
    assert store.try_hold("x") is None
    assert store.try_hold("y") is not None
    hold.release()
    assert not hold.held()
    assert store.try_hold("x") is not None


def test_a_right_that_was_lost_with_its_connection_is_let_go_without_an_error_and_can_be_had_again(on_server) -> None:
    hold = on_server.try_hold("x")
    assert hold is not None
    lose_connections(on_server)
    assert not hold.held()
    again = on_server.try_hold("x")
    assert again is not None
    hold.release()
    assert again.held()


def test_a_connection_that_is_lost_right_when_it_lets_go_is_no_error(on_server) -> None:
    hold = on_server.try_hold("x")
    assert hold is not None
    lose_connections(on_server)
    hold.release()
    assert on_server.try_hold("x") is not None


def test_listening_goes_on_after_the_server_was_started_anew(on_server) -> None:
    done: list[int] = []
    clock = FastClock(1000, NOON, SystemClock().now())
    chore = Chore("polling", timedelta(seconds=10), lambda: done.append(1), Source.POLL)
    listener = Listener(on_server, [chore], None, lambda happenings: None, Notes(), clock)
    stop = threading.Event()
    thread = threading.Thread(target=listener.run, args=(stop,))
    thread.start()
    try:
        for _ in range(2):
            eventually(lambda: done)
            lose_connections(on_server)
            done.clear()
        eventually(lambda: done)
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
