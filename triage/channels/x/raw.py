"""The shapes of X's JSON, as far as they are read: both spellings beside each other."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from triage.shapes import ready


class Body(Struct, frozen=True):
    """What every answer has. ``data`` is left out where there is nothing."""

    data: Any = None
    includes: Any = None
    errors: Any = None
    meta: Any = None


class Mention(Struct, frozen=True):
    username: str
    id: str | None = None


class Url(Struct, frozen=True):
    expanded_url: str | None = None


class Entities(Struct, frozen=True):
    mentions: list[Mention] | None = None
    urls: list[Url] | None = None


class Reference(Struct, frozen=True):
    type: str
    id: str


class Note(Struct, frozen=True):
    """A text beyond 280 characters, whole."""

    text: str
    entities: Any = None


class User(Struct, frozen=True):
    id: str
    username: str


class Post(Struct, frozen=True):
    """A post. Only what nothing can be done without has a type here; the rest is looked at piece by piece."""

    id: str
    text: str
    author_id: str = ""
    created_at: Any = None
    conversation_id: Any = None
    lang: Any = None
    display_text_range: Any = None
    in_reply_to_tweet_id: Any = None
    entities: Any = None
    edit_history_tweet_ids: Any = None
    edit_history_post_ids: Any = None
    referenced_tweets: Any = None
    referenced_posts: Any = None
    note_tweet: Any = None
    note_post: Any = None


class PrivateMessage(Struct, frozen=True):
    id: str
    event_type: str = "MessageCreate"
    text: str | None = None
    sender_id: str = ""
    dm_conversation_id: str = ""
    created_at: Any = None


class Created(Struct, frozen=True):
    """What X says of a post that it has taken."""

    id: str


class Sent(Struct, frozen=True):
    """What X says of a private message that it has taken."""

    dm_event_id: str


class Problem(Struct, frozen=True):
    """One of the errors beside data."""

    type: str = ""
    title: str = ""
    detail: str = ""
    resource_id: str = ""
    value: str = ""
    resource_type: str = ""
    parameter: str = ""


ready(Body, Mention, Url, Entities, Reference, Note, User, Post, PrivateMessage, Created, Sent, Problem)
