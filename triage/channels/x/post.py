"""Posts and private messages of X, as the product sees them: one spelling, whatever X calls its fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from triage.channels.x.snowflake import moment_of


class Post(Struct, frozen=True):
    """One public post.

    ``id`` is of this version; ``versions`` are the ids of all versions, the first one first (an edit is a
    new id). ``in_reply_to`` and ``quotes`` are ids of other posts. ``text`` is whole, with HTML entities
    undone. ``mentions`` are the ids of accounts that it mentions. ``summons`` are the ids of accounts that
    its author named in so many words or quoted, not only by answering: X lets an app answer nobody else. ``links`` are
    where its links lead, which X hides in the text.
    """

    id: str
    versions: tuple[str, ...]
    author_id: str
    created_at: datetime
    text: str
    conversation_id: str | None = None
    in_reply_to: str | None = None
    quotes: str | None = None
    lang: str | None = None
    mentions: frozenset[str] = frozenset()
    summons: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()

    @property
    def writer(self) -> str:
        """The id of who wrote it; empty where X does not say."""
        return self.author_id


class PrivateMessage(Struct, frozen=True):
    """One private message between the brand and one person.

    X names a conversation of two by both their ids, with a dash between; one of several has an id of its own.
    """

    id: str
    conversation_id: str
    sender_id: str
    created_at: datetime
    text: str

    @property
    def writer(self) -> str:
        """The id of who wrote it; empty where X does not say."""
        return self.sender_id

    def other_than(self, account_id: str) -> str | None:
        """The one beside this account in the conversation; ``None`` if there are several, or this is not in it."""
        both = self.conversation_id.split("-")
        others = [one for one in both if one != account_id]
        return others[0] if len(both) == 2 and len(others) == 1 else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that is not there any more, with X's words for why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Posts of one answer, newest first as X gives them, and the token of the next page, if there is one.

    ``left_out`` has the id of each thing that X left out of it, also because it is gone, or that cannot be read;
    ``None`` where nobody can tell.
    """

    posts: tuple[Post, ...]
    next_token: str | None = None
    left_out: tuple[str | None, ...] = ()

    def is_complete_since(self, moment: datetime) -> bool:
        """Whether nothing was left out of it that may have been posted since then."""
        return not _any_since(self.left_out, moment)


@dataclass(frozen=True, slots=True)
class PrivatePage:
    """Private messages of one answer, newest first, and the token of the next page, if there is one.

    ``left_out`` is as in pages of posts.
    """

    messages: tuple[PrivateMessage, ...]
    next_token: str | None = None
    left_out: tuple[str | None, ...] = ()

    def is_complete_since(self, moment: datetime) -> bool:
        """Whether nothing was left out of it that may have been written since then."""
        return not _any_since(self.left_out, moment)


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its id, and its handle without the ``@``."""

    id: str
    handle: str


def _any_since(ids: Iterable[str | None], moment: datetime) -> bool:
    """Whether one of these was given since then; that may be so of what has no id."""
    return any(one is None or moment_of(one) >= moment for one in ids)
