"""Who is calling: OAuth 1.0a signatures, OAuth 2 user tokens that live two hours, and the app's bearer token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature

from tests.xsim.clock import Clock
from tests.xsim.problems import Refused, unauthorized

#: Hosts for which a client may have signed: its own address here, or X's when a client is led here from there.
HOSTS: Final = ("https://api.twitter.com", "https://api.x.com")
TOKEN_LIFE_S: Final = 7200
_SKEW_S: Final = 300
_NONCES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """The app itself, or a user on whose behalf it calls; ``means`` is ``oauth1``, ``oauth2`` or ``bearer``."""

    means: str
    user_id: int | None

    @property
    def key(self) -> str:
        return str(self.user_id or "app")


@dataclass(frozen=True, slots=True)
class App:
    """The one registered app."""

    consumer_key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    consumer_secret: str = field(default_factory=lambda: secrets.token_urlsafe(36))
    bearer_token: str = field(default_factory=lambda: "AAAA" + secrets.token_urlsafe(48))
    client_id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(36))

    def body(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class UserToken:
    """OAuth 1.0a credentials of a user."""

    user_id: int
    token: str
    secret: str


@dataclass(frozen=True, slots=True)
class Grant:
    """OAuth 2 tokens of a user, of which the access token ends at ``ends``."""

    user_id: int
    access_token: str
    refresh_token: str
    ends: float


class Call(NamedTuple):
    """What of a request is signed: ``path`` begins with a slash, ``query`` is as sent, ``form`` a form's body."""

    method: str
    own_host: str
    path: str
    query: str
    form: str
    authorization: str


@dataclass(slots=True)
class _Signed:
    """What oauthlib looks at."""

    uri: str
    http_method: str
    params: list[tuple[str, str]]
    signature: str


class Credentials:
    """Gives tokens out, knows whose they are, and takes them back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.app = App()
        self._tokens: dict[str, UserToken] = {}
        self._grants: dict[str, Grant] = {}
        self._refreshing: dict[str, Grant] = {}
        self._nonces: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._bearer_revoked = False

    def issue(self, user_id: int) -> UserToken:
        token = UserToken(user_id, f"{user_id}-{secrets.token_urlsafe(24)}", secrets.token_urlsafe(30))
        self._tokens[token.token] = token
        return token

    def grant(self, user_id: int) -> Grant:
        grant = Grant(user_id, secrets.token_urlsafe(60), secrets.token_urlsafe(60), self._clock.now() + TOKEN_LIFE_S)
        self._grants[grant.access_token] = grant
        self._refreshing[grant.refresh_token] = grant
        return grant

    def refresh(self, refresh_token: str) -> Grant | None:
        """New tokens in place of the old ones; None for a refresh token that is used up or unknown."""
        old = self._refreshing.pop(refresh_token, None)
        if old is None:
            return None
        self._grants.pop(old.access_token, None)
        return self.grant(old.user_id)

    def revoke(self, user_id: int | None) -> None:
        """All tokens of a user, or the app's bearer token."""
        if user_id is None:
            self._bearer_revoked = True
        self._tokens = {key: token for key, token in self._tokens.items() if token.user_id != user_id}
        self._grants = {key: grant for key, grant in self._grants.items() if grant.user_id != user_id}
        self._refreshing = {key: grant for key, grant in self._refreshing.items() if grant.user_id != user_id}

    def caller(self, call: Call) -> Caller:
        """Who makes the call; raises Refused with 401 for credentials that are wrong, old or revoked."""
        scheme, _, rest = call.authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(rest.strip())
        if scheme.lower() == "oauth":
            return self._signed(call, rest)
        raise Refused(unauthorized())

    def is_client(self, authorization: str, client_id: str) -> bool:
        """Whether a request for tokens comes from the app: HTTP basic authentication, or its id alone."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != "basic":
            return client_id == self.app.client_id
        expected = base64.b64encode(f"{self.app.client_id}:{self.app.client_secret}".encode()).decode()
        return hmac.compare_digest(rest.strip(), expected)

    def challenge(self, token: str) -> str:
        """What a webhook must answer to a challenge."""
        return sign(self.app.consumer_secret, token.encode())

    def _bearer(self, token: str) -> Caller:
        if token == self.app.bearer_token and not self._bearer_revoked:
            return Caller("bearer", None)
        grant = self._grants.get(token)
        if grant is None or self._clock.now() >= grant.ends:
            raise Refused(unauthorized())
        return Caller("oauth2", grant.user_id)

    def _signed(self, call: Call, header: str) -> Caller:
        oauth = dict(_header_parameters(header))
        token = self._tokens.get(oauth.get("oauth_token", ""))
        if token is None or oauth.get("oauth_consumer_key") != self.app.consumer_key:
            raise Refused(unauthorized())
        self._is_fresh(oauth)
        params = [(name, value) for name, value in oauth.items() if name not in ("oauth_signature", "realm")]
        params += parse_qsl(call.query, keep_blank_values=True) + parse_qsl(call.form, keep_blank_values=True)
        for host in (call.own_host, *HOSTS):
            signed = _Signed(host + call.path, call.method, params, oauth.get("oauth_signature", ""))
            if signature.verify_hmac_sha1(signed, self.app.consumer_secret, token.secret):
                return Caller("oauth1", token.user_id)
        raise Refused(unauthorized())

    def _is_fresh(self, oauth: dict[str, str]) -> None:
        """Clients sign with the real time, whatever this world's clock says."""
        stamp, nonce = oauth.get("oauth_timestamp", ""), oauth.get("oauth_nonce", "")
        if not stamp.isdigit() or abs(int(stamp) - time.time()) > _SKEW_S or (stamp, nonce) in self._nonces:
            raise Refused(unauthorized())
        self._nonces[stamp, nonce] = None
        if len(self._nonces) > _NONCES:
            self._nonces.popitem(last=False)


def sign(secret: str, body: bytes) -> str:
    """X's signature over a body or a challenge: ``sha256=`` and HMAC-SHA256 in base 64."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _header_parameters(header: str) -> list[tuple[str, str]]:
    pairs = (part.strip().partition("=") for part in header.split(","))
    return [(unquote(name), unquote(value.strip('"'))) for name, _, value in pairs if name]
