"""The activity stream: events of one account, as they happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triage.channels.x import subscriptions
from triage.channels.x.activity import Activity
from triage.channels.x.bearer import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening
from triage.channels.x.post import Account
from triage.channels.x.subscriptions import PUBLIC_EVENTS
from triage.channels.x.watch import Source


class ActivityEvents:
    """What is asked for on the activity stream (a ``Feed`` of ``stream.py``): events of one account."""

    source = Source.ACTIVITY
    endpoint = Endpoint.ACTIVITY_STREAM
    path = "/2/activity/stream"
    query: Mapping[str, str] = {}

    def __init__(self, calls: Calls, account: Account, events: tuple[str, ...] = PUBLIC_EVENTS) -> None:
        self._calls = calls
        self._account = account
        self._events = events
        self._activity = Activity(account)

    def prepare(self) -> None:
        """Subscribe to what is not subscribed to yet; X keeps subscriptions from one connection to the next."""
        subscriptions.keep(self._calls, self._events, self._account.id)

    def read(self, told: Mapping[str, Any]) -> Iterable[Happening]:
        """See :class:`~triage.channels.x.activity.Activity`."""
        return self._activity.read(told)
