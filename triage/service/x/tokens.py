"""Tokens of OAuth 2 in the database, sealed, for all processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from pydantic import SecretStr

from triage.channels.x.oauth2 import Tokens
from triage.clock import Clock
from triage.errors import RetryLater
from triage.shapes import ready
from triage.store import Hold, Store

_NAME: Final = "x_tokens"
_PAUSE: Final = timedelta(milliseconds=200)
#: So long is waited for whoever renews tokens; where X takes longer to answer, the next call waits again.
_PATIENCE: Final = timedelta(minutes=2)


class _Kept(msgspec.Struct, frozen=True):
    access: str
    refresh: str
    expires_at: datetime
    origin: str


class StoredTokens:
    """:class:`triage.channels.x.oauth2.TokenKeeper` over the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """See the protocol.

        Raises:
            RetryLater: another process has been at it for too long.
        """
        with self._lock:
            hold = self._hold()
            try:
                yield
            finally:
                hold.release()

    def load(self) -> Tokens | None:
        with self._store.read() as transaction:
            kept = transaction.secrets.kept(_NAME)
        if kept is None:
            return None
        read = msgspec.json.decode(kept, type=_Kept)
        return Tokens(SecretStr(read.access), SecretStr(read.refresh), read.expires_at, read.origin)

    def keep(self, tokens: Tokens) -> None:
        access, refresh = tokens.access.get_secret_value(), tokens.refresh.get_secret_value()
        kept = msgspec.json.encode(_Kept(access, refresh, tokens.expires_at, tokens.origin)).decode()
        self._store.run(lambda transaction: transaction.secrets.keep(_NAME, kept))

    def _hold(self) -> Hold:
        until, never = self._clock.now() + _PATIENCE, threading.Event()
        while (hold := self._store.try_hold("x-tokens")) is None:
            if self._clock.now() >= until:
                raise RetryLater("another process has been renewing the token of X for too long", until + _PATIENCE)
            self._clock.wait(never, _PAUSE)
        return hold


ready(_Kept)
