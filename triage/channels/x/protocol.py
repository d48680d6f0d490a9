"""X's API as the rest of the channel uses it: what the real client and the double in memory both do.

Every call can fail in these ways, and in no other:

Raises:
    RetryLater: not now; with the moment from which on it may be tried again. A limit that is used up, a
        server that is down, an answer that cannot be read, a network that is not there, a token that
        has to be renewed by a person.
    GiveUp: X refused this very call for good, in words that an agent can act on.
    Ambiguous: only for calls that write: it is unknown whether X carried it out.
    Repeated: only for calls that write: X has seen the text before, perhaps in this very call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from triage.channels.x.post import Account, Gone, Page, Post, PrivatePage


class XApi(Protocol):
    """One account of X."""

    @property
    def longest_write(self) -> timedelta:
        """A call that writes has its effect within this time after it was made, or never."""
        ...

    def me(self) -> Account:
        """The account whose credentials these are."""
        ...

    def mentions(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        """A page of at most 100 mentions of the account, newest first, with ids in ``(since_id, until_id)``."""
        ...

    def own_posts(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        """A page of at most 100 posts by the account itself, newest first."""
        ...

    def look_up(self, post_ids: Sequence[str]) -> Mapping[str, Post | Gone]:
        """Up to 100 posts; one that X says nothing of is left out."""
        ...

    def post(self, text: str, *, in_reply_to: str) -> str:
        """Answer a post; the id of the new one."""
        ...

    def private_messages(self, *, token: str | None = None) -> PrivatePage:
        """A page of at most 100 private messages with anybody, newest first."""
        ...

    def private_messages_with(self, participant_id: str, *, token: str | None = None) -> PrivatePage:
        """A page of at most 100 private messages with one person, newest first."""
        ...

    def send_private(self, participant_id: str, text: str) -> str:
        """Send a private message; its id."""
        ...
