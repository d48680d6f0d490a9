"""Subscriptions to activity events: which events X tells on the activity stream, and delivers to a webhook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.transport import Ask

_ROUTE: Final = "/2/activity/subscriptions"
_TAG: Final = "triage"
_MOST_PAGES: Final = 10

#: What happens to an account in public, and what it does itself.
PUBLIC_EVENTS: Final = ("post.mention.create", "post.reply.create", "post.create", "post.delete")
#: Private messages. X gives them only to a token of the account that may read them (scope ``dm.read``).
PRIVATE_EVENTS: Final = ("dm.received", "dm.sent")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A subscription that X has."""

    id: str
    event_type: str
    user_id: str
    webhook_id: str | None


def keep(calls: Calls, events: Iterable[str], user_id: str, webhook_id: str | None = None) -> None:
    """Make sure that X tells these events of an account: on the stream, and to the webhook too if one is named.

    A subscription that is there is given the webhook; what goes to a webhook is on the stream as well. Others
    are left alone. Doing it again changes nothing.

    Raises:
        RetryLater: not now.
        GiveUp: X refuses one.
    """
    there = {one.event_type: one for one in _listed(calls) if one.user_id == user_id}
    for event in events:
        kept = there.get(event)
        if kept is None:
            calls.call(Endpoint.SUBSCRIPTIONS, Ask("POST", _ROUTE, json=_asked(event, user_id, webhook_id)))
        elif webhook_id is not None and kept.webhook_id != webhook_id:
            change = {"webhook_id": webhook_id}
            calls.call(Endpoint.SUBSCRIPTIONS, Ask("PUT", f"{_ROUTE}/{kept.id}", json=change))


def _listed(calls: Calls) -> Iterator[_Kept]:
    token: str | None = None
    for _ in range(_MOST_PAGES):
        params = {"max_results": 1000} | ({"pagination_token": token} if token else {})
        answer = calls.call(Endpoint.SUBSCRIPTIONS, Ask("GET", _ROUTE, params=params))
        for one in answer.get("data") or ():
            narrowed = one.get("filter") or {}
            user_id = narrowed.get("user_id")
            if narrowed.keys() - {"user_id"}:
                continue  # one for a keyword or a direction alone is somebody else's
            yield _Kept(
                str(one.get("subscription_id")), str(one.get("event_type")), str(user_id), one.get("webhook_id")
            )
        token = (answer.get("meta") or {}).get("next_token")
        if not token:
            return


def _asked(event: str, user_id: str, webhook_id: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"event_type": event, "filter": {"user_id": user_id}, "tag": _TAG}
    return asked if webhook_id is None else asked | {"webhook_id": webhook_id}
