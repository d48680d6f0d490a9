"""The activity stream: events of one account, as they happen."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from triage.channels.x import subscriptions
from triage.channels.x.activity import Activity
from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening
from triage.channels.x.post import Account
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS, Subscription
from triage.channels.x.watch import Source
from triage.errors import ChannelError

log = logging.getLogger(__name__)


class ActivityEvents:
    """What is asked for on the activity stream (a ``Feed`` of ``stream.py``): events of one account.

    ``calls`` are the app's. ``private`` are calls in the account's own name: only with them does X tell of
    private messages, and only where the account has let the app read them. Without them private messages are left
    alone, also where X tells them because another program of the app, or an earlier setting, has subscribed to them.
    """

    source = Source.ACTIVITY
    endpoint = Endpoint.ACTIVITY_STREAM
    path = "/2/activity/stream"
    query: Mapping[str, str] = {}

    def __init__(self, calls: Calls, account: Account, private: Calls | None = None) -> None:
        self._calls = calls
        self._private = private
        self._account = account
        self._activity = Activity(account, private=private is not None)
        self._noted: set[str] = set()

    def prepare(self) -> None:
        """Subscribe to what is not subscribed to yet; X keeps subscriptions from one connection to the next."""
        self._note(subscriptions.keep(self._calls, PUBLIC_EVENTS, self._account.id))
        with suppress(ChannelError):  # whoever made the call has noted it; public posts come all the same
            self._prepare_private()

    def read(self, told: Mapping[str, Any]) -> Iterable[Happening]:
        """See :class:`~triage.channels.x.activity.Activity`."""
        return self._activity.read(told)

    def _prepare_private(self) -> None:
        if self._private is None:
            subscriptions.end(self._calls, PRIVATE_EVENTS, self._account.id)
            return
        self._note(subscriptions.keep(self._calls, PRIVATE_EVENTS, self._account.id, making=self._private))

    def _note(self, in_the_way: Iterable[Subscription]) -> None:
        """Say once of each that it is another program's, whose end would end these events on the stream."""
        for one in in_the_way:
            if one.event_type not in self._noted:
                self._noted.add(one.event_type)
                log.warning(
                    "X tells %s on the activity stream for another program of the app (tag %.60r), whose subscription "
                    "is left alone: when that program ends it, this one is made within the hour",
                    one.event_type,
                    one.tag,
                )
