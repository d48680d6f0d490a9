"""Private messages as a timeline that can be polled like others.

X gives them newest first, those of the last 30 days, and lets nobody say from which id to which: a walk that goes on
where an earlier one was cut short needs the token of its next page, which is kept with its gap. Without one it
begins at the newest again and passes over what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from triage.channels.x.post import PrivateMessage, PrivatePage

#: How far back X gives private messages.
BACK: Final = timedelta(days=30)


class Ask(Protocol):
    """Pages of :class:`triage.channels.x.protocol.XApi`."""

    def __call__(self, *, token: str | None = None) -> PrivatePage: ...


@dataclass(frozen=True, slots=True)
class PrivatePosts:
    """A page of private messages, as polls read pages."""

    posts: Sequence[PrivateMessage]
    next_token: str | None
    left_out: tuple[str | None, ...]


@dataclass(slots=True)
class PrivatePages:
    """The pages of one account's private messages; ``ask`` is X's own call."""

    ask: Ask

    def __call__(
        self,
        *,
        since_id: str | None,  # noqa: ARG002 - X takes none: a poll stops by itself at what it knows
        until_id: str | None = None,
        token: str | None = None,
    ) -> PrivatePosts:
        page = self.ask(token=token)
        left = [one for one in page.messages if until_id is None or int(one.id) < int(until_id)]
        return PrivatePosts(left, page.next_token, page.left_out)
