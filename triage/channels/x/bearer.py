"""The app's bearer token, and the small calls that are made with it: rules, subscriptions, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from pydantic import SecretStr
from requests import PreparedRequest
from requests.auth import AuthBase

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Unreadable
from triage.channels.x.transport import Ask, Caller, Wire


class Bearer(AuthBase):
    """Signs a request with the app's token. Its ``repr`` does not show it."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return request


class Calls(Protocol):
    """Calls that can be made again without harm."""

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        """The JSON object that X answers; an empty one where it has nothing to say.

        Raises:
            RetryLater: not now, or the answer was lost.
            GiveUp: X refuses.
        """
        ...


class SignedCalls:
    """Calls in the name of whom ``auth`` signs for: the app, or the brand's account."""

    def __init__(self, wire: Wire, caller: Caller, auth: AuthBase) -> None:
        self._wire = wire
        self._caller = caller
        self._auth = auth

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        """See :class:`Calls`."""
        return self._caller.call(endpoint, lambda: self._wire.exchange(ask, self._auth), _object)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("it is not a JSON object, or ends too early") from None
