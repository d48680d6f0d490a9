"""User tokens of OAuth 2: renewed before they end, by one process at a time, and kept for all of them.

X's access tokens live for two hours. A refresh token works once and brings the next one, so what X answers is
kept before anything else is done with it. If a process dies in between, the token may be lost; the access token
still works for a while then, and operators read what to do.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec
from msgspec import Struct
from pydantic import SecretStr
from requests.auth import AuthBase, HTTPBasicAuth

from triage.channels.x.credentials import OAuth2
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Unreadable
from triage.channels.x.signing import Bearer
from triage.channels.x.transport import Ask, Caller, Wire
from triage.errors import RetryLater
from triage.shapes import ready

#: Tokens are renewed so long before they end: time for failures, and for people.
EARLY: Final = timedelta(minutes=30)
_LIFE: Final = timedelta(hours=2)
_ROUTE: Final = "/2/oauth2/token"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What X gave last.

    ``origin`` is a digest of the operator's refresh token from which these come: with a new one, these are
    nothing any more.
    """

    access: SecretStr
    refresh: SecretStr
    expires_at: datetime
    origin: str


class TokenKeeper(Protocol):
    """Keeps tokens for all processes."""

    def alone(self) -> AbstractContextManager[None]:
        """Only one process, and one thread of it, is inside at a time. A process that dies leaves."""
        ...

    def load(self) -> Tokens | None:
        """What was kept last."""
        ...

    def keep(self, tokens: Tokens) -> None:
        """Keep these. They are safe when this returns."""
        ...


class MemoryTokens:
    """Keeps tokens in this process alone."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._lock:
            yield

    def load(self) -> Tokens | None:
        return self._tokens

    def keep(self, tokens: Tokens) -> None:
        self._tokens = tokens


class UserTokens:
    """Signs calls with an access token that is valid: a :class:`~triage.channels.x.signing.Signer`."""

    def __init__(self, client: OAuth2, keeper: TokenKeeper, wire: Wire, caller: Caller) -> None:
        self._client = client
        self._keeper = keeper
        self._wire = wire
        self._caller = caller
        self._origin = hashlib.sha256(client.refresh_token.get_secret_value().encode()).hexdigest()
        self._tokens: Tokens | None = None

    def auth(self) -> AuthBase:
        tokens = self._tokens
        if tokens is None or not self._lasts(tokens, EARLY):
            tokens = self._renewed(refused=None)
        return Bearer(tokens.access)

    def instead_of(self, refused: AuthBase) -> AuthBase | None:
        if not isinstance(refused, Bearer):
            return None
        return Bearer(self._renewed(refused.token).access)

    def _renewed(self, refused: SecretStr | None) -> Tokens:
        """Tokens that another process has got meanwhile, or new ones; at worst the old ones while they last.

        Raises:
            RetryLater: there are none that work.
        """
        with self._keeper.alone():
            kept = self._kept()
            if kept.access == refused or not self._lasts(kept, EARLY):
                try:
                    kept = self._exchanged(kept)
                except RetryLater:
                    if kept.access == refused or not self._lasts(kept, timedelta(0)):
                        raise
            self._tokens = kept
            return kept

    def _kept(self) -> Tokens:
        kept = self._keeper.load()
        if kept is None or kept.origin != self._origin:
            return Tokens(SecretStr(""), self._client.refresh_token, _NEVER, self._origin)
        return kept

    def _exchanged(self, old: Tokens) -> Tokens:
        """New tokens for old ones, kept."""
        secret = self._client.client_secret
        form = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh.get_secret_value(),
            "client_id": self._client.client_id.get_secret_value(),
        }
        auth = HTTPBasicAuth(form["client_id"], secret.get_secret_value()) if secret else None
        given = self._caller.call(
            Endpoint.TOKEN, lambda: self._wire.exchange(Ask("POST", _ROUTE, form=form), auth), _read
        )
        life = timedelta(seconds=given.expires_in) if given.expires_in > 0 else _LIFE
        new = Tokens(
            access=SecretStr(given.access_token),
            refresh=SecretStr(given.refresh_token) if given.refresh_token else old.refresh,
            expires_at=self._caller.clock.now() + life,
            origin=self._origin,
        )
        self._keeper.keep(new)
        self._caller.watch.called(Endpoint.TOKEN, 1)
        return new

    def _lasts(self, tokens: Tokens, left: timedelta) -> bool:
        """Whether there is more than ``left`` before they end."""
        return tokens.expires_at - self._caller.clock.now() > left


class _Given(Struct, frozen=True):
    access_token: str
    refresh_token: str | None = None
    expires_in: int = 0


def _read(body: bytes) -> _Given:
    try:
        return msgspec.json.decode(body, type=_Given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("it has no token") from None


ready(_Given)
