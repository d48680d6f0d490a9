"""Private messages as a timeline that can be polled like others.

X gives them newest first, those of the last 30 days, and lets nobody say from which id to which: a walk that goes on
where an earlier one was cut short needs the token of its next page. Who has lost it begins at the newest again and
passes over what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from triage.channels.x.post import PrivateMessage, PrivatePage

#: How far back X gives private messages.
BACK: Final = timedelta(days=30)
#: Walks that can be gone on with; older ones begin anew.
_MOST_TOKENS: Final = 64


class Ask(Protocol):
    """Pages of :class:`triage.channels.x.protocol.XApi`."""

    def __call__(self, *, token: str | None = None) -> PrivatePage: ...


@dataclass(frozen=True, slots=True)
class PrivatePosts:
    """A page of private messages, as polls read pages."""

    posts: Sequence[PrivateMessage]
    next_token: str | None


class PrivatePages:
    """The pages of one account's private messages; ``ask`` is X's own call."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._below: dict[str, str] = {}  # lowest id of a page -> token of the next one

    def __call__(
        self,
        *,
        since_id: str | None,  # noqa: ARG002 - X takes none: a poll stops by itself at what it knows
        until_id: str | None = None,
        token: str | None = None,
    ) -> PrivatePosts:
        if token is None and until_id is not None:
            token = self._below.get(until_id)
        page = self._ask(token=token)
        self._remember(page)
        left = [one for one in page.messages if until_id is None or int(one.id) < int(until_id)]
        return PrivatePosts(left, page.next_token)

    def _remember(self, page: PrivatePage) -> None:
        if page.messages and page.next_token is not None:
            self._below[min((one.id for one in page.messages), key=int)] = page.next_token
        while len(self._below) > _MOST_TOKENS:
            self._below.pop(next(iter(self._below)))
