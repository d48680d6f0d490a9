"""Public replies on X: the way out of the channel of posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from triage.channels.protocol import HANDED_OVER_WITHIN, Found, Presence
from triage.channels.x.budget import Budget
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PUBLIC
from triage.channels.x.post import Post
from triage.channels.x.protocol import XApi
from triage.channels.x.sameness import same_text
from triage.domain.erasure import ERASED
from triage.domain.reply import Reply
from triage.errors import GiveUp
from triage.text.length import MAX_WEIGHT, fits, weighted_length

#: Clocks differ, the product's and X's: a post may seem to be older than the reply that it is.
SKEW: Final = timedelta(minutes=5)
#: X mostly shows a post on the account's own timeline within this time after it was taken; it promises nothing.
SETTLES_AFTER: Final = timedelta(seconds=60)
#: X answers a text that the account has posted before with 403. It does not say for how long; about a day, as far as is
#: known. A quarter of that is counted on.
REFUSES_REPEATS_FOR: Final = timedelta(hours=6)
#: X gives the last 3,200 posts of a timeline and no more: with so many read, its end is no proof.
_MOST_PAGES: Final = 31


class XChannel:
    """Posts replies. What X's timeline shows settles doubts."""

    name = PUBLIC
    settles_after = SETTLES_AFTER
    refuses_repeats_for = REFUSES_REPEATS_FOR

    def __init__(self, api: XApi, budget: Budget) -> None:
        self._api = api
        self._budget = budget

    @property
    def longest_send(self) -> timedelta:
        return HANDED_OVER_WITHIN + self._api.longest_write

    def rests_until(self) -> datetime | None:
        """When the next reply may go out, ``None`` for at once."""
        return self._budget.rests_until(Endpoint.POST)

    def send(self, reply: Reply) -> str:
        check_length(reply.text)
        return self._api.post(reply.text, in_reply_to=reply.in_reply_to)

    def find(self, reply: Reply) -> Found:
        """Look at the account's own timeline, the newest first, until posts are older than the reply.

        ``ABSENT`` says that it was read so far, or to an end that is its beginning, that nothing was left out
        that may be the reply, and that no answer has these words of which X does not say what it answers.
        """
        if reply.text == ERASED:
            return Found(Presence.UNKNOWN)
        try:
            return self._looked_for(reply)
        except GiveUp:  # it is noted where it happened
            return Found(Presence.UNKNOWN)

    def _looked_for(self, reply: Reply) -> Found:
        since = reply.created_at - SKEW
        elsewhere: list[Post] = []  # the same words under other posts
        token, complete = None, True
        for _ in range(_MOST_PAGES):
            page = self._api.own_posts(since_id=None, token=token)
            alike = [post for post in page.posts if post.created_at >= since and same_text(reply.text, post.text)]
            for post in alike:
                if post.in_reply_to == reply.in_reply_to:
                    return Found(Presence.PRESENT, post.versions[0])
            elsewhere += alike
            complete = complete and page.is_complete_since(since)
            if any(post.created_at < since for post in page.posts) or page.next_token is None:
                found = self._under_another_version(reply, elsewhere)
                return found if complete or found.presence is Presence.PRESENT else Found(Presence.UNKNOWN)
            token = page.next_token
        return Found(Presence.UNKNOWN)

    def _under_another_version(self, reply: Reply, elsewhere: Sequence[Post]) -> Found:
        """A post that was edited has several ids, and X may say that another one was answered."""
        asked = {post.in_reply_to for post in elsewhere} - {None}
        answered = self._api.look_up([reply.in_reply_to]).get(reply.in_reply_to) if asked else None
        versions = answered.versions if isinstance(answered, Post) else ()
        for post in elsewhere:
            if post.in_reply_to in versions:
                return Found(Presence.PRESENT, post.versions[0])
        return Found(Presence.UNKNOWN if any(map(_may_answer, elsewhere)) else Presence.ABSENT)


def _may_answer(post: Post) -> bool:
    """Whether it may be an answer although X does not say to what: what answers nothing begins its conversation."""
    return post.in_reply_to is None and post.conversation_id not in post.versions


def check_length(text: str) -> None:
    """See that X would take the text.

    Raises:
        GiveUp: it is too long or empty, or has a character that X takes in no post.
    """
    if not fits(text):
        raise GiveUp(
            f"X does not take this text: it counts {weighted_length(text)} of at most {MAX_WEIGHT}, or is empty, "
            "or has characters that X refuses"
        )
