"""Private messages on X: the way out of the private channel."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from triage.channels.protocol import HANDED_OVER_WITHIN, Found, Presence
from triage.channels.x.budget import Budget
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PRIVATE
from triage.channels.x.outbound import SETTLES_AFTER, SKEW
from triage.channels.x.protocol import XApi
from triage.channels.x.sameness import same_text
from triage.domain.erasure import ERASED
from triage.domain.reply import Reply
from triage.errors import GiveUp
from triage.text.length import MAX_PRIVATE_CHARACTERS

#: Which of these messages are known to be other replies.
OtherReplies = Callable[[Collection[str], Reply], Collection[str]]

_MOST_PAGES: Final = 10


class PrivateXChannel:
    """Sends private messages. What the conversation shows settles doubts.

    X knows no answer to a certain message there: a reply is known by its text. A message that is known to be
    another reply with the same text is not taken for it. X takes the same message as often as it is sent, so one that
    is not found must not be sent again.
    """

    name = PRIVATE
    settles_after = SETTLES_AFTER
    refuses_repeats_for = timedelta()

    def __init__(self, api: XApi, budget: Budget, others: OtherReplies) -> None:
        self._api = api
        self._budget = budget
        self._others = others

    @property
    def longest_send(self) -> timedelta:
        return HANDED_OVER_WITHIN + self._api.longest_write

    def rests_until(self) -> datetime | None:
        """When the next message may go out, ``None`` for at once."""
        return self._budget.rests_until(Endpoint.PRIVATE_SEND)

    def send(self, reply: Reply) -> str:
        check_private_length(reply.text)
        return self._api.send_private(reply.recipient, reply.text)

    def find(self, reply: Reply) -> Found:
        """Look at the conversation, the newest first, until messages are older than the reply."""
        if reply.text == ERASED:
            return Found(Presence.UNKNOWN)
        try:
            return self._looked_for(reply)
        except GiveUp:  # it is noted where it happened
            return Found(Presence.UNKNOWN)

    def _looked_for(self, reply: Reply) -> Found:
        since, me = reply.created_at - SKEW, self._api.me()
        token, complete = None, True
        for _ in range(_MOST_PAGES):
            page = self._api.private_messages_with(reply.recipient, token=token)
            complete = complete and page.is_complete_since(since)
            recent = [one for one in page.messages if one.sender_id == me.id and one.created_at >= since]
            same = [message.id for message in recent if same_text(reply.text, message.text)]
            if same and (left := [one for one in same if one not in self._others(same, reply)]):
                return Found(Presence.PRESENT, left[-1])  # the oldest
            if any(message.created_at < since for message in page.messages) or page.next_token is None:
                return Found(Presence.ABSENT if complete else Presence.UNKNOWN)
            token = page.next_token
        return Found(Presence.UNKNOWN)


def check_private_length(text: str) -> None:
    """See that X would take the text as a private message.

    Raises:
        GiveUp: it is empty or too long.
    """
    if not 0 < len(text) <= MAX_PRIVATE_CHARACTERS:
        raise GiveUp(f"X takes private messages of up to {MAX_PRIVATE_CHARACTERS:,} characters; this has {len(text):,}")
