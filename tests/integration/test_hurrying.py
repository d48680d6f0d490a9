"""Whoever has to answer soon waits for the database for so long and no longer, whatever holds it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from tests.keys import VAULT
from triage.store import Store, Transaction, open_store
from triage.store.dialect import serialise

PATIENCE_S = 0.4
#: What a slow machine may add. It is less than one more wait would be.
_SLOW_S = 0.35


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    one = open_store(database_url, VAULT)
    yield one
    one.close()


@contextmanager
def held(store: Store, name: str, seconds: float) -> Iterator[None]:
    """Somebody has locked what bears this name, for so long."""
    ready = threading.Event()

    def hold() -> None:
        with store.write() as transaction:
            serialise(transaction.connection, name)
            ready.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert ready.wait(10)
    yield
    holder.join()


def locks(*names: str) -> Callable[[Transaction], None]:
    """Work that needs these, one after the other."""

    def work(transaction: Transaction) -> None:
        for name in names:
            serialise(transaction.connection, name)

    return work


def seconds_until_it_failed(store: Store, work: Callable[[Transaction], None]) -> float:
    began = time.monotonic()
    with pytest.raises(sa.exc.SQLAlchemyError):
        store.run(work)
    return time.monotonic() - began


def test_a_lock_is_waited_for_only_so_long(store: Store) -> None:
    hurried = store.hurried(PATIENCE_S)
    with held(store, "a", 1.0):
        assert PATIENCE_S * 0.9 < seconds_until_it_failed(hurried, locks("a")) < PATIENCE_S + _SLOW_S
    hurried.run(locks("a"))


def test_several_locks_are_waited_for_no_longer_than_one(new_database: Callable[[str], str]) -> None:
    store = open_store(new_database("postgresql"), VAULT)
    hurried = store.hurried(PATIENCE_S)
    with ExitStack() as holding:
        for number, name in enumerate("abcd", start=1):
            holding.enter_context(held(store, name, number * PATIENCE_S * 0.8))
        assert seconds_until_it_failed(hurried, locks(*"abcd")) < PATIENCE_S + _SLOW_S
    hurried.run(locks(*"abcd"))
    store.close()


def test_what_has_to_be_tried_again_is_not_tried_for_longer(store: Store) -> None:
    """As after a deadlock, whose loser starts from the beginning."""
    tries: list[float] = []

    def work(transaction: Transaction) -> None:
        transaction.connection.execute(sa.select(1))
        tries.append(time.monotonic())
        time.sleep(PATIENCE_S * 0.7)
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(sa.exc.TimeoutError):
        store.hurried(PATIENCE_S).run(work)
    assert len(tries) == 2, "the third is refused its first statement"


def test_those_who_wait_for_longer_take_no_connection_from_who_hurries(store: Store) -> None:
    hurried = store.hurried(PATIENCE_S)
    pool = store.engine.pool
    assert isinstance(pool, sa.pool.QueuePool)
    with held(store, "a", 1.0):
        waiting = [threading.Thread(target=store.run, args=(locks("a"),)) for _ in range(20)]
        for one in waiting:
            one.start()
        while pool.checkedout() < 15:
            time.sleep(0.01)
        with hurried.read() as transaction:
            transaction.connection.execute(sa.select(1))
        assert seconds_until_it_failed(hurried, locks("a")) < PATIENCE_S + _SLOW_S
    for one in waiting:
        one.join()


def test_the_wait_for_a_connection_counts(store: Store) -> None:
    hurried = store.hurried(PATIENCE_S)
    with held(store, "a", 1.2), ExitStack() as stack:
        stack.enter_context(hurried.read())
        stack.enter_context(hurried.read())
        free = threading.Timer(PATIENCE_S * 0.75, stack.close)
        free.start()
        assert seconds_until_it_failed(hurried, locks("a")) < PATIENCE_S + _SLOW_S
        free.join()


def test_its_connections_close_with_the_store(store: Store) -> None:
    closed: list[object] = []
    hurried = store.hurried(PATIENCE_S)
    hurried.run(locks("a"))
    sa.event.listen(hurried.engine, "close", lambda *told: closed.append(told))
    store.close()
    assert len(closed) == 1
