"""Tokens are kept sealed, for all processes, and renewed by one at a time."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from tests.doubles import NOON, frozen
from triage.channels.x.oauth2 import Tokens
from triage.errors import RetryLater
from triage.service.x.tokens import StoredTokens

GIVEN = Tokens(SecretStr("the access token"), SecretStr("the refresh token"), NOON, "origin")


def test_what_is_kept_is_there_for_another_process(store) -> None:
    assert StoredTokens(store, frozen()).load() is None
    StoredTokens(store, frozen()).keep(GIVEN)
    StoredTokens(store, frozen()).keep(GIVEN)
    assert StoredTokens(store, frozen()).load() == GIVEN


def test_what_an_earlier_version_kept_is_still_read(store) -> None:
    kept = {"access": "a", "refresh": "r", "expires_at": NOON.isoformat(), "origin": "o", "in_use": True}
    store.run(lambda transaction: transaction.secrets.keep("x_tokens", json.dumps(kept)))
    assert StoredTokens(store, frozen()).load() == Tokens(SecretStr("a"), SecretStr("r"), NOON, "o")


def test_no_token_can_be_read_in_the_database(store) -> None:
    StoredTokens(store, frozen()).keep(GIVEN)
    with store.read() as transaction:
        (value,) = transaction.connection.scalars(sa.text("SELECT value FROM secrets WHERE name = 'x_tokens'"))
    assert b"token" not in bytes(value)


def test_one_at_a_time_is_inside(store) -> None:
    inside, most = [], []
    lock = threading.Lock()
    keepers = [StoredTokens(store, frozen()), StoredTokens(store, frozen())]

    def enter(keeper: StoredTokens) -> None:
        for _ in range(5):
            with keeper.alone():
                with lock:
                    inside.append(1)
                    most.append(len(inside))
                with lock:
                    inside.pop()

    threads = [threading.Thread(target=enter, args=(keepers[0],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1


def test_whoever_waits_too_long_comes_back_later(store) -> None:
    waiting = StoredTokens(store, frozen())
    with StoredTokens(store, frozen()).alone(), pytest.raises(RetryLater) as caught, waiting.alone():
        pass
    assert caught.value.not_before > NOON + timedelta(minutes=1)
