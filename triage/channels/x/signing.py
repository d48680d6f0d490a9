"""What makes a call the brand's: signatures of OAuth 1.0a by tweepy, or a token of OAuth 2."""

from __future__ import annotations

from typing import Protocol, cast

import tweepy
from pydantic import SecretStr
from requests import PreparedRequest
from requests.auth import AuthBase

from triage.channels.x.credentials import OAuth1


class Bearer(AuthBase):
    """A call with a token. Its ``repr`` does not show it."""

    def __init__(self, token: SecretStr) -> None:
        self.token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        return request


class Signer(Protocol):
    """Signs calls of one account."""

    def auth(self) -> AuthBase:
        """What signs the next call.

        Raises:
            RetryLater: there is none now; with the moment to ask again.
        """
        ...

    def instead_of(self, refused: AuthBase) -> AuthBase | None:
        """Something else to try after X did not accept ``refused``; ``None`` where there is nothing else.

        Raises:
            RetryLater: there may be later.
        """
        ...


class OAuth1Signer:
    """Signs with the tokens of OAuth 1.0a, which do not change."""

    def __init__(self, credentials: OAuth1) -> None:
        self._handler = tweepy.OAuth1UserHandler(
            credentials.consumer_key.get_secret_value(),
            credentials.consumer_secret.get_secret_value(),
            credentials.access_token.get_secret_value(),
            credentials.access_token_secret.get_secret_value(),
        )

    def auth(self) -> AuthBase:
        return cast(AuthBase, self._handler.apply_auth())

    def instead_of(self, refused: AuthBase) -> AuthBase | None:  # noqa: ARG002 - the protocol's name
        return None
