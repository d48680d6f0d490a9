"""Subscriptions to activity events: which events X tells on the activity stream, and delivers to a webhook.

Those of other programs of the same app are told from ours by their tag, and left as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.transport import Ask
from triage.errors import GiveUp

_ROUTE: Final = "/2/activity/subscriptions"
_TAG: Final = "triage"
_MOST_PAGES: Final = 10

#: What happens to an account in public, and what it does itself.
PUBLIC_EVENTS: Final = ("post.mention.create", "post.reply.create", "post.quote.create", "post.create", "post.delete")
#: Private messages. X gives them only to a token of the account that may read them (scope ``dm.read``).
PRIVATE_EVENTS: Final = ("dm.received", "dm.sent")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that X has. It need not have a tag, nor a webhook."""

    id: str
    event_type: str
    user_id: str
    tag: str | None = None
    webhook_id: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it was made here, now or earlier."""
        return self.tag == _TAG


def keep(
    calls: Calls, events: Iterable[str], user_id: str, webhook_id: str | None = None, *, making: Calls | None = None
) -> tuple[Subscription, ...]:
    """Make sure that X tells these events of an account: on the stream, and to the webhook too if one is named.

    A subscription of ours that is there is given the webhook; what goes to a webhook is on the stream as well. Doing
    it again changes nothing. ``calls`` are the app's; a subscription is made with ``making`` where that is given.

    Where another program has a subscription to the same event, none is made: X takes mostly one, and would refuse it
    each time. See :func:`make_beside`.

    Returns:
        Those subscriptions of other programs. They are left alone; their events are on the stream, and go to no webhook
        of ours.

    Raises:
        RetryLater: not now.
        GiveUp: X refuses one.
    """
    there = [one for one in _listed(calls) if one.user_id == user_id]
    in_the_way = []
    for event in events:
        same = [one for one in there if one.event_type == event]
        ours = next((one for one in same if one.is_ours), None)
        if ours is not None:
            _lead(calls, ours, webhook_id)
        elif same:
            in_the_way.append(same[0])
        else:
            _make(making or calls, event, user_id, webhook_id)
    return tuple(in_the_way)


def make_beside(
    others: Iterable[Subscription], webhook_id: str | None = None, *, making: Calls
) -> tuple[Subscription, ...]:
    """Have X tell us the same events as these of other programs: on the stream, and to the webhook if one is named.

    Returns:
        Those beside which X takes none of ours.

    Raises:
        RetryLater: not now.
    """
    in_the_way = []
    for one in others:
        try:
            _make(making, one.event_type, one.user_id, webhook_id)
        except GiveUp:
            in_the_way.append(one)
    return tuple(in_the_way)


def end(calls: Calls, events: Collection[str], user_id: str) -> None:
    """Have X tell these events of an account no more, as far as it does so for us. Doing it again changes nothing.

    Raises:
        RetryLater: not now.
        GiveUp: X refuses.
    """
    for one in list(_listed(calls)):
        if one.is_ours and one.user_id == user_id and one.event_type in events:
            calls.call(Endpoint.SUBSCRIPTIONS, Ask("DELETE", f"{_ROUTE}/{one.id}"))


def _make(calls: Calls, event: str, user_id: str, webhook_id: str | None) -> None:
    calls.call(Endpoint.SUBSCRIPTIONS, Ask("POST", _ROUTE, json=_asked(event, user_id, webhook_id)))


def _lead(calls: Calls, ours: Subscription, webhook_id: str | None) -> None:
    if webhook_id is not None and ours.webhook_id != webhook_id:
        change = {"webhook_id": webhook_id}
        calls.call(Endpoint.SUBSCRIPTIONS, Ask("PUT", f"{_ROUTE}/{ours.id}", json=change))


def _listed(calls: Calls) -> Iterator[Subscription]:
    token: str | None = None
    for _ in range(_MOST_PAGES):
        params = {"max_results": 1000} | ({"pagination_token": token} if token else {})
        answer = calls.call(Endpoint.SUBSCRIPTIONS, Ask("GET", _ROUTE, params=params))
        for one in answer.get("data") or ():
            narrowed = one.get("filter") or {}
            if narrowed.keys() - {"user_id"}:
                continue  # one for a keyword or a direction alone is somebody else's
            yield Subscription(
                str(one.get("subscription_id")),
                str(one.get("event_type")),
                str(narrowed.get("user_id")),
                one.get("tag"),
                one.get("webhook_id"),
            )
        token = (answer.get("meta") or {}).get("next_token")
        if not token:
            return


def _asked(event: str, user_id: str, webhook_id: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"event_type": event, "filter": {"user_id": user_id}, "tag": _TAG}
    return asked if webhook_id is None else asked | {"webhook_id": webhook_id}
