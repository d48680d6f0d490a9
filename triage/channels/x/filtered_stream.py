"""The filtered stream: posts that match rules, as they are written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from triage.channels.x import rules
from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Posted
from triage.channels.x.post import Account, Post
from triage.channels.x.reading import around_from, post_from
from triage.channels.x.watch import Source

log = logging.getLogger(__name__)

#: X kept the old names of fields on streams when it renamed them elsewhere.
_FIELDS: Final = {
    "tweet.fields": "author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,referenced_tweets,text",
    "expansions": "author_id,entities.mentions.username,in_reply_to_user_id,referenced_tweets.id,"
    "referenced_tweets.id.author_id",
    "user.fields": "id,username",
}


class FilteredPosts:
    """What is asked for on the filtered stream (a ``Feed`` of ``stream.py``): what concerns one account."""

    source = Source.STREAM
    endpoint = Endpoint.STREAM
    path = "/2/tweets/search/stream"
    query: Mapping[str, str] = _FIELDS

    def __init__(self, calls: Calls, account: Account) -> None:
        self._calls = calls
        self._account = account
        self._rules: frozenset[str] = frozenset()
        self._noted = False

    def prepare(self) -> None:
        """Put the rules in order, which X keeps from one connection to the next."""
        self._rules = rules.keep(self._calls, self._account)

    def read(self, told: Mapping[str, Any]) -> Iterable[Posted]:
        """The post of one line; none where it is a repost, or what another program of the app asked for."""
        post = post_from(told["data"], around_from(told.get("includes"), self._account))
        if post is None:
            return ()
        if self._concerns_us(post, told.get("matching_rules") or ()):
            return (Posted(post),)
        if not self._noted:
            self._noted = True
            log.warning("the filtered stream also carries posts for rules of another program; they are left out")
        return ()

    def _concerns_us(self, post: Post, matching: Iterable[Mapping[str, Any]]) -> bool:
        """A rule that matched is named by its id; X may leave out its tag, or the rules altogether."""
        if any(str(rule.get("id")) in self._rules for rule in matching):
            return True
        return post.author_id == self._account.id or self._account.id in post.mentions
