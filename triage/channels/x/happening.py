"""What streams and webhooks tell: one kind of value for each kind of thing that happened."""

from __future__ import annotations

from dataclasses import dataclass

from triage.channels.x.post import Post, PrivateMessage


@dataclass(frozen=True, slots=True)
class Posted:
    """Somebody posted, or edited a post: a mention, an answer, or one of the brand's own."""

    post: Post


@dataclass(frozen=True, slots=True)
class PostDeleted:
    """An author deleted a post; ``post_id`` may be of any of its versions."""

    post_id: str


@dataclass(frozen=True, slots=True)
class PrivatelyWritten:
    """A private message was received or sent."""

    message: PrivateMessage


Happening = Posted | PostDeleted | PrivatelyWritten
