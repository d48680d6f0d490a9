"""The two spellings in which X lets fields be asked for: of its specification 2.166, and of 2.167 (August 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from triage.channels.x.transport import Ask

#: The name that tweepy gives the parameter, which is that of the older spelling.
_AS_TWEEPY: Final = "tweet.fields"


@dataclass(frozen=True, slots=True)
class Spelling:
    """Names to ask for what :mod:`triage.channels.x.reading` reads, and nothing else, since X charges for things.

    ``beside`` are expansions of a timeline: posts that others quote come along, so that their authors are known.
    """

    parameter: str
    fields: tuple[str, ...]
    always: tuple[str, ...]  # expansions without which the fields are not complete
    beside: tuple[str, ...]
    private_fields: tuple[str, ...]
    private_always: tuple[str, ...]

    def of_posts(self, *, with_quoted: bool) -> Mapping[str, Any]:
        """Arguments for tweepy, for a call that brings posts."""
        expansions = self.always + (self.beside if with_quoted else ())
        return {"tweet_fields": list(self.fields)} | ({"expansions": list(expansions)} if expansions else {})

    def of_private_messages(self) -> Mapping[str, Any]:
        """Arguments for tweepy, for a call that brings private messages."""
        asked = {"dm_event_fields": list(self.private_fields)}
        return asked | ({"expansions": list(self.private_always)} if self.private_always else {})

    def spelt(self, ask: Ask) -> Ask:
        """The request with the parameter as X calls it in this spelling."""
        renamed = {self.parameter if name == _AS_TWEEPY else name: value for name, value in ask.params.items()}
        return replace(ask, params=renamed)


TWEETS: Final = Spelling(
    parameter="tweet.fields",
    fields=(
        "author_id",
        "conversation_id",
        "created_at",
        "display_text_range",
        "edit_history_tweet_ids",
        "entities",
        "lang",
        "note_tweet",
        "referenced_tweets",
    ),
    always=(),
    beside=("referenced_tweets.id",),
    private_fields=("created_at", "dm_conversation_id", "event_type", "sender_id", "text"),
    private_always=(),
)
POSTS: Final = Spelling(
    parameter="post.fields",
    fields=("conversation_id", "created_at", "display_text_range", "entities", "lang", "note_post"),
    always=("author_id", "edit_history_post_ids", "referenced_posts"),
    beside=(),
    private_fields=("created_at", "dm_conversation_id", "event_type", "text"),
    private_always=("sender_id",),
)


def other(spelling: Spelling) -> Spelling:
    return POSTS if spelling is TWEETS else TWEETS
