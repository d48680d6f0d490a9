"""The activity stream: events of one account, as they happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from triage.channels.x import subscriptions
from triage.channels.x.activity import Activity
from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening
from triage.channels.x.post import Account
from triage.channels.x.watch import Source
from triage.errors import GiveUp


class ActivityEvents:
    """What is asked for on the activity stream (a ``Feed`` of ``stream.py``): events of one account.

    ``calls`` are the app's. ``private`` are calls in the account's own name: only with them does X tell of
    private messages, and only where the account has let the app read them.
    """

    source = Source.ACTIVITY
    endpoint = Endpoint.ACTIVITY_STREAM
    path = "/2/activity/stream"
    query: Mapping[str, str] = {}

    def __init__(self, calls: Calls, account: Account, private: Calls | None = None) -> None:
        self._calls = calls
        self._private = private
        self._account = account
        self._activity = Activity(account)

    def prepare(self) -> None:
        """Subscribe to what is not subscribed to yet; X keeps subscriptions from one connection to the next."""
        subscriptions.keep(self._calls, subscriptions.PUBLIC_EVENTS, self._account.id)
        if self._private is not None:
            with suppress(GiveUp):  # whoever made the call has noted it; public posts come all the same
                subscriptions.keep(self._private, subscriptions.PRIVATE_EVENTS, self._account.id)

    def read(self, told: Mapping[str, Any]) -> Iterable[Happening]:
        """See :class:`~triage.channels.x.activity.Activity`."""
        return self._activity.read(told)
