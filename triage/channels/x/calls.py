"""The small calls that streams and webhooks need beside themselves: rules, subscriptions, registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from requests.auth import AuthBase

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Unreadable
from triage.channels.x.transport import Ask, Caller, Wire


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
    """Calls in the name of the app, or of the brand's account; ``auth`` gives what signs the next one."""

    def __init__(self, wire: Wire, caller: Caller, auth: Callable[[], AuthBase]) -> None:
        self._wire = wire
        self._caller = caller
        self._auth = auth

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        """See :class:`Calls`."""
        auth = self._auth()
        return self._caller.call(endpoint, lambda: self._wire.exchange(ask, auth), _object)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("it is not a JSON object, or ends too early") from None
