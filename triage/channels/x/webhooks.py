"""The app's webhooks, as X keeps them: registered, listed, challenged again, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.transport import Ask
from triage.channels.x.webhook import PATH
from triage.errors import InvalidInput

_ROUTE: Final = "/2/webhooks"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. X delivers only to one that is ``valid``: it answered its last challenge rightly."""

    id: str
    url: str
    valid: bool

    @property
    def is_ours(self) -> bool:
        """Whether it leads to a product like this one, by its path. Other programs of the app have webhooks, too."""
        return urlsplit(self.url).path.rstrip("/").endswith(PATH)


def register(calls: Calls, url: str) -> Webhook:
    """Have X deliver to ``url``, which must be HTTPS. X sends a challenge there before it answers.

    Raises:
        InvalidInput: a part of the address is behind a ``#``, which nobody ever sends to a server.
        RetryLater: not now; whether X did it nevertheless is told by :func:`listed`.
        GiveUp: X refuses, for one because the challenge was not answered rightly.
    """
    if "#" in url:
        raise InvalidInput("no delivery gets behind the # of an address: leave it out, and what follows", field="url")
    answer = calls.call(Endpoint.WEBHOOKS, Ask("POST", _ROUTE, json={"url": url}))
    return _webhook(answer.get("data") or answer)


def listed(calls: Calls) -> tuple[Webhook, ...]:
    """The webhooks of the app."""
    return tuple(_webhook(one) for one in calls.call(Endpoint.WEBHOOKS, Ask("GET", _ROUTE)).get("data") or ())


def challenge(calls: Calls, webhook_id: str) -> None:
    """Have X send its challenge again; :func:`listed` tells whether the answer made the webhook valid."""
    calls.call(Endpoint.WEBHOOKS, Ask("PUT", f"{_ROUTE}/{webhook_id}"))


def remove(calls: Calls, webhook_id: str) -> None:
    """Have X deliver no more."""
    calls.call(Endpoint.WEBHOOKS, Ask("DELETE", f"{_ROUTE}/{webhook_id}"))


def _webhook(told: Mapping[str, Any]) -> Webhook:
    return Webhook(str(told.get("id")), str(told.get("url")), bool(told.get("valid")))
