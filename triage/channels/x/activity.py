"""Activity events of X, as its stream and its webhooks tell them: read into what happened."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from triage.channels.x.happening import Happening, PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.post import Account, Post, PrivateMessage
from triage.channels.x.reading import around_from, post_from, unescaped
from triage.channels.x.snowflake import is_id
from triage.errors import InvalidInput

log = logging.getLogger(__name__)

_QUOTE: Final = "post.quote.create"
#: Events that carry a post.
_POSTS: Final = frozenset({"post.create", "post.mention.create", "post.reply.create", _QUOTE})
_DELETIONS: Final = frozenset({"post.delete"})
_PRIVATE: Final = frozenset({"dm.received", "dm.sent"})
#: Events of the same accounts that tell a care team nothing.
_OF_NO_USE: Final = frozenset({"post.repost.create", "dm.read", "dm.indicate_typing"})
_MOST_NOTED: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Activity:
    """Reads events of one account; those of other accounts of the same app are left out.

    Private messages are left out where they are not wanted, whoever has X tell them. So is an event of an unknown
    kind, with a note in the log once per kind.
    """

    def __init__(self, account: Account | None = None, *, private: bool = True) -> None:
        self._account = account
        self._private = private
        self._noted: set[str] = set()

    def read(self, told: Mapping[str, Any]) -> tuple[Happening, ...]:
        """What one event, or several, tell; ``told`` has them as ``data``.

        Raises:
            InvalidInput: something in it is not as X documents it.
        """
        data = told.get("data")
        events = data if isinstance(data, list) else [data]
        try:
            return tuple(happening for event in events for happening in self._happenings(event))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise InvalidInput(f"an event of X cannot be read ({type(error).__name__})") from None

    def _happenings(self, event: Any) -> Iterable[Happening]:
        kind, payload = event["event_type"], event["payload"]
        about = (event.get("filter") or {}).get("user_id")
        if self._account is not None and about not in (None, self._account.id):
            return ()
        if kind in _POSTS:
            post = post_from(payload, around_from(event.get("includes"), self._account))
            if post is None or not (about or self._concerns(post)):
                return ()  # a repost, or another account's
            return (Posted(replace(post, summons=post.summons | {about}) if kind == _QUOTE and about else post),)
        if kind in _DELETIONS:
            return (PostDeleted(_id(payload["id"])),)
        if kind in _PRIVATE:
            return self._privately_written(payload) if self._private else ()
        self._leave_out(str(kind))
        return ()

    def _concerns(self, post: Post) -> bool:
        """Of a post that X does not say an account for: a subscription to some words has none."""
        return self._account is None or self._account.id in {post.author_id, *post.mentions, *post.summons}

    def _privately_written(self, payload: Mapping[str, Any]) -> Iterable[Happening]:
        return (PrivatelyWritten(message) for message in _private_messages(payload) if self._takes_part(message))

    def _takes_part(self, message: PrivateMessage) -> bool:
        return self._account is None or self._account.id in message.conversation_id.split("-")

    def _leave_out(self, kind: str) -> None:
        if kind not in _OF_NO_USE and kind not in self._noted and len(self._noted) < _MOST_NOTED:
            self._noted.add(kind)
            log.warning("X sends events of the kind %.60r, which are not read", kind)


def _private_messages(payload: Mapping[str, Any]) -> Iterator[PrivateMessage]:
    for event in payload["direct_message_events"]:
        if event["type"] != "message_create":
            continue
        created = event["message_create"]
        sender, recipient = _id(created["sender_id"]), _id(created["target"]["recipient_id"])
        yield PrivateMessage(
            id=_id(event["id"]),
            conversation_id="-".join(sorted((sender, recipient), key=int)),  # as X itself names it
            sender_id=sender,
            created_at=_EPOCH + timedelta(milliseconds=int(event["created_timestamp"])),
            text=unescaped(created["message_data"]["text"]),
        )


def _id(value: object) -> str:
    """An id, as text of digits.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or not is_id(value):
        raise ValueError("no id")
    return value
