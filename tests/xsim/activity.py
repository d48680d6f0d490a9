"""X Activity: subscriptions to what happens to an account, told on a stream and to webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.xsim.calls import Asked, as_id
from tests.xsim.clock import Clock, written
from tests.xsim.messages import is_permitted
from tests.xsim.problems import Answer, Refused, forbidden, invalid, typed, wrong_authentication
from tests.xsim.rendering import FIELDS, View, post_body, user_body
from tests.xsim.streams import Stream
from tests.xsim.webhooks import Webhooks
from tests.xsim.world import Happening, Message, Post, User

EVENTS: Final = frozenset(
    {
        "post.create",
        "post.delete",
        "post.mention.create",
        "post.reply.create",
        "post.quote.create",
        "dm.sent",
        "dm.received",
    }
)
_ALL: Final = View(
    fields=frozenset(FIELDS),
    user_fields=frozenset({"created_at", "protected", "verified", "verified_type", "description", "public_metrics"}),
)


@dataclass(slots=True)
class Subscription:
    """Wants one kind of event of one user."""

    id: int
    event_type: str
    user_id: int
    tag: str | None
    webhook_id: int | None
    created_ms: int
    updated_ms: int

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "subscription_id": str(self.id),
            "event_type": self.event_type,
            "filter": {"user_id": str(self.user_id)},
            "created_at": written(self.created_ms),
            "updated_at": written(self.updated_ms),
        }
        if self.tag:
            body["tag"] = self.tag
        if self.webhook_id:
            body["webhook_id"] = str(self.webhook_id)
        return body


class Activity:
    """Subscriptions, and what is told to them."""

    def __init__(self, stream: Stream, webhooks: Webhooks, take_id: Callable[[], int], clock: Clock) -> None:
        self.stream = stream
        self.subscriptions: dict[int, Subscription] = {}
        self._webhooks, self._take_id, self._clock = webhooks, take_id, clock

    def hear(self, happening: Happening) -> None:
        if not self.subscriptions:
            return
        for event_type, user, payload, included in _events(happening):
            for wanted in self.subscriptions.values():
                if (wanted.event_type, wanted.user_id) == (event_type, user.id):
                    self._tell(wanted, payload(), included)

    def subscribe(self, asked: Asked) -> Answer:
        event_type, user_id = asked.text("event_type"), asked.text("filter", "user_id")
        if event_type not in EVENTS or user_id is None:
            raise Refused(invalid(f"the stand-in knows the events {', '.join(sorted(EVENTS))} of one user"))
        key = (event_type, as_id(user_id, "filter.user_id"))
        _may_be_told(asked, *key)
        webhook = self._webhook(asked)
        if any((each.event_type, each.user_id) == key for each in self.subscriptions.values()):
            raise Refused(typed(409, "conflict", "Conflict", "DuplicateSubscriptionFailed: it is there already."))
        now = asked.world.clock.now_ms()
        made = Subscription(self._take_id(), event_type, key[1], asked.text("tag"), webhook, now, now)
        self.subscriptions[made.id] = made
        data = {"subscription": made.body(), "total_subscriptions_for_instance_id": len(self.subscriptions)}
        return Answer(200, {"data": data, "meta": {"total_subscriptions": len(self.subscriptions)}})

    def listed(self, asked: Asked) -> Answer:
        found = [each.body() for each in self.subscriptions.values()]
        return Answer(200, {"data": found, "meta": {"result_count": len(found)}})

    def change(self, asked: Asked) -> Answer:
        known = self._known(asked)
        known.webhook_id = self._webhook(asked) or known.webhook_id
        known.tag = asked.text("tag") or known.tag
        known.updated_ms = asked.world.clock.now_ms()
        data = {"subscription": known.body(), "total_subscriptions": len(self.subscriptions)}
        return Answer(200, {"data": data})

    def end(self, asked: Asked) -> Answer:
        del self.subscriptions[self._known(asked).id]
        return self._ended()

    def end_many(self, asked: Asked) -> Answer:
        for each in asked.query.get("ids", "").split(","):
            self.subscriptions.pop(as_id(each, "ids"), None)
        return self._ended()

    def _ended(self) -> Answer:
        return Answer(200, {"data": {"deleted": True}, "meta": {"total_subscriptions": len(self.subscriptions)}})

    def _known(self, asked: Asked) -> Subscription:
        known = self.subscriptions.get(asked.id_in_path("subscription_id"))
        if known is None:
            raise Refused(typed(404, "resource-not-found", "Not Found Error", "There is no such subscription."))
        return known

    def _webhook(self, asked: Asked) -> int | None:
        named = asked.text("webhook_id")
        if named is not None and as_id(named, "webhook_id") not in self._webhooks.all:
            raise Refused(invalid("There is no such webhook.", webhook_id=named))
        return None if named is None else int(named)

    def _tell(self, wanted: Subscription, payload: dict[str, Any], included: dict[str, Any]) -> None:
        data: dict[str, Any] = {
            "event_uuid": str(self._take_id()),
            "filter": {"user_id": str(wanted.user_id)},
            "event_type": wanted.event_type,
            "payload": payload,
        }
        if wanted.tag:
            data["tag"] = wanted.tag
        if included:
            data["includes"] = included
        self.stream.tell({"data": data})
        if wanted.webhook_id:
            self._webhooks.deliver(wanted.webhook_id, {"data": data})


def _may_be_told(asked: Asked, event_type: str, user_id: int) -> None:
    """Private messages are told to a token of the account itself."""
    if not event_type.startswith("dm."):
        return
    is_permitted(asked)
    if asked.world.rules.private_by_app:
        return
    if asked.caller.user_id is None:
        raise Refused(wrong_authentication("OAuth 1.0a User Context", "OAuth 2.0 User Context"))
    if asked.caller.user_id != user_id:
        raise Refused(forbidden("You may not read the private messages of this account."))


#: Event, whose it is, its payload, and what comes along.
Event = tuple[str, User, Callable[[], dict[str, Any]], dict[str, Any]]


def _events(happening: Happening) -> Iterator[Event]:
    if post := happening.post:
        if happening.kind == "post.delete":
            yield "post.delete", post.author, lambda: {"id": str(post.id), "author_id": str(post.author.id)}, {}
        else:
            yield from _of_post(post)
    if message := happening.message:
        yield "dm.sent", message.sender, lambda: _message(message), {}
        yield "dm.received", message.recipient, lambda: _message(message), {}


def _of_post(post: Post) -> Iterator[Event]:
    def payload() -> dict[str, Any]:
        body: dict[str, Any] = _with_strings(post_body(post, _ALL))
        return body | ({"in_reply_to_tweet_id": str(post.parent.id)} if post.parent else {})

    included = {"users": [_with_strings(user_body(post.author, _ALL))]}
    yield "post.create", post.author, payload, included
    for user in {user.id: user for user in post.mentioned if user and user is not post.author}.values():
        yield "post.mention.create", user, payload, included
    if post.parent and post.parent.author is not post.author:
        yield "post.reply.create", post.parent.author, payload, {}
    if post.quoted and post.quoted.author is not post.author:
        yield "post.quote.create", post.quoted.author, payload, included


def _message(message: Message) -> dict[str, Any]:
    people = (message.sender, message.recipient)
    return {
        "direct_message_events": [
            {
                "type": "message_create",
                "id": str(message.id),
                "created_timestamp": str(message.created_ms),
                "message_create": {
                    "target": {"recipient_id": str(message.recipient.id)},
                    "sender_id": str(message.sender.id),
                    "message_data": {
                        "text": message.text,
                        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
                    },
                },
            }
        ],
        "users": {str(user.id): {"data": _with_strings(user_body(user, _ALL))} for user in people},
    }


def _with_strings(value: Any) -> Any:
    """As activities write numbers: each once more as a string."""
    if isinstance(value, list):
        return [_with_strings(each) for each in value]
    if not isinstance(value, dict):
        return value
    written_out = {name: _with_strings(each) for name, each in value.items()}
    numbers = {f"{name}_str": str(each) for name, each in value.items() if type(each) is int}
    return written_out | numbers
