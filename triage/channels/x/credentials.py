"""Who the product is on X: the operator's credentials, from settings alone, and never shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import SecretStr

from triage.errors import ConfigurationError
from triage.settings import Settings


@dataclass(frozen=True, slots=True)
class OAuth1:
    """The brand account's token of OAuth 1.0a, with the app's key. It lives until somebody revokes it."""

    consumer_key: SecretStr
    consumer_secret: SecretStr
    access_token: SecretStr
    access_token_secret: SecretStr


@dataclass(frozen=True, slots=True)
class OAuth2:
    """The app's client of OAuth 2 and the first refresh token; a public client has no secret."""

    client_id: SecretStr
    refresh_token: SecretStr
    client_secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """``user`` speaks for the brand's account; ``bearer`` is the app's token, for streams; ``signing`` is the app's
    secret, which webhooks are signed with."""

    user: OAuth1 | OAuth2
    bearer: SecretStr | None = None
    signing: SecretStr | None = None

    @property
    def fingerprint(self) -> str:
        """Tells the account's credentials from others, and says nothing else of them (SHA-256)."""
        user = self.user
        parts = (
            (user.consumer_key, user.access_token) if isinstance(user, OAuth1) else (user.client_id, user.refresh_token)
        )
        return hashlib.sha256("\n".join(part.get_secret_value() for part in parts).encode()).hexdigest()


_OF_USER = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_token_secret")
_OF_CLIENT = ("x_client_id", "x_refresh_token")


def credentials(settings: Settings) -> Credentials | None:
    """The credentials that are set; ``None`` where none is: then there is no X.

    OAuth 1.0a unless a client id or a refresh token of OAuth 2 is given.

    Raises:
        ConfigurationError: some are set and some are missing; with the variables that are.
    """
    by_client = any(_given(settings, name) for name in _OF_CLIENT)
    if by_client:
        client_id, refresh_token = _all(settings, _OF_CLIENT)
        user: OAuth1 | OAuth2 = OAuth2(client_id, refresh_token, _given(settings, "x_client_secret"))
    elif any(_given(settings, name) for name in (*_OF_USER, "x_bearer_token", "x_client_secret")):
        user = OAuth1(*_all(settings, _OF_USER))
    else:
        return None
    return Credentials(user, _given(settings, "x_bearer_token"), _given(settings, "x_consumer_secret"))


def _given(settings: Settings, name: str) -> SecretStr | None:
    """The setting, if it says anything."""
    value: SecretStr | None = getattr(settings, name)
    return value if value and value.get_secret_value().strip() else None


def _all(settings: Settings, names: tuple[str, ...]) -> list[SecretStr]:
    values = [(name, _given(settings, name)) for name in names]
    missing = [f"TRIAGE_{name.upper()}" for name, value in values if value is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigurationError(f"the credentials of X are not complete: {', '.join(missing)} {verb} not set")
    return [value for _, value in values if value is not None]
