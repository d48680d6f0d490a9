"""Posts, people and messages as JSON, in both spellings of X's field names, and no more fields than were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.xsim.clock import written
from tests.xsim.ids import born_ms
from tests.xsim.wording import Found, Wording
from tests.xsim.world import Message, Post, User

Json = dict[str, Any]

#: Names of the specification 2.166 and what 2.167 made of them.
RENAMED: Final = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "referenced_tweets.id": "referenced_posts",
    "referenced_tweets.id.author_id": "referenced_posts.author_id",
    "tweets": "posts",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
    "most_recent_tweet_id": "most_recent_post_id",
}
OLD_NAMES: Final = {new: old for old, new in reversed(RENAMED.items())}
EDITABLE_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class View:
    """What a caller asked for, in the names of 2.166, and how it is spelled."""

    fields: frozenset[str] = frozenset()
    user_fields: frozenset[str] = frozenset()
    message_fields: frozenset[str] = frozenset()
    expansions: frozenset[str] = frozenset()
    new_spelling: bool = False
    fractions: bool = True

    def name(self, old: str) -> str:
        return RENAMED.get(old, old) if self.new_spelling else old


#: Fields that an expansion brings along.
_BROUGHT: Final = {
    "author_id": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "referenced_tweets.id": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
    "entities.mentions.username": "entities",
}
_DEFAULT: Final = frozenset({"id", "text", "edit_history_tweet_ids"})


def post_body(post: Post, view: View) -> Json:
    """A post with the default fields and those asked for; fields without a value are left out."""
    wanted = _DEFAULT | view.fields | {_BROUGHT[each] for each in view.expansions if each in _BROUGHT}
    body: Json = {}
    for name in sorted(wanted):
        make = FIELDS.get(name)
        value = make(post, view) if make else None
        if value is not None:
            body[view.name(name)] = value
    return body


def user_body(user: User, view: View) -> Json:
    body: Json = {"id": str(user.id), "name": user.name, "username": user.username}
    extra: dict[str, Callable[[], Any]] = {
        "created_at": lambda: written(user.created_ms, fractions=view.fractions),
        "protected": lambda: False,
        "verified": lambda: False,
        "verified_type": lambda: "none",
        "description": lambda: "",
        "public_metrics": lambda: {
            "followers_count": 1,
            "following_count": 1,
            view.name("tweet_count"): len(user.posts),
            "listed_count": 0,
            "like_count": 0,
        },
        "most_recent_tweet_id": lambda: str(user.posts[-1].id) if user.posts else None,
    }
    for name in view.user_fields & extra.keys():
        if (value := extra[name]()) is not None:
            body[view.name(name)] = value
    return body


def message_body(message: Message, view: View) -> Json:
    body: Json = {"id": str(message.id), "event_type": "MessageCreate", "text": message.text}
    extra: Json = {
        "sender_id": str(message.sender.id),
        "dm_conversation_id": message.conversation_id,
        "created_at": written(message.created_ms, fractions=view.fractions),
    }
    wanted = view.message_fields | ({"sender_id"} & view.expansions)
    return body | {name: value for name, value in extra.items() if name in wanted}


def includes(posts: Iterable[Post], view: View) -> Json:
    """What the expansions bring, each thing once; empty where they bring nothing."""
    people: dict[int, User] = {}
    others: dict[int, Post] = {}
    for post in posts:
        for user in _people(post, view.expansions):
            people[user.id] = user
        if view.expansions & {"referenced_tweets.id", "referenced_tweets.id.author_id"}:
            others.update({other.id: other for other in (post.parent, post.quoted) if other and not other.deleted})
        if "edit_history_tweet_ids" in view.expansions:
            others[post.id] = post
    found: Json = {}
    if "referenced_tweets.id.author_id" in view.expansions:
        people.update({other.author.id: other.author for other in others.values()})
    if people:
        found["users"] = [user_body(user, view) for user in people.values()]
    if others:
        found[view.name("tweets")] = [post_body(other, view) for other in others.values()]
    return found


def one_post(post: Post, view: View) -> Json:
    """``data`` and ``includes`` of a single post."""
    body: Json = {"data": post_body(post, view)}
    if brought := includes([post], view):
        body["includes"] = brought
    return body


def _people(post: Post, expansions: frozenset[str]) -> Sequence[User]:
    people: list[User] = []
    if "author_id" in expansions:
        people.append(post.author)
    if "in_reply_to_user_id" in expansions and post.parent:
        people.append(post.parent.author)
    if "entities.mentions.username" in expansions:
        people += [user for user in post.mentioned if user]
    return people


def _references(post: Post, _: View) -> list[Json] | None:
    found = [
        {"type": kind, "id": str(other.id)}
        for kind, other in (("quoted", post.quoted), ("replied_to", post.parent))
        if other
    ]
    return found or None


def _metrics(post: Post, view: View) -> Json:
    return {
        view.name("retweet_count"): 0,
        "reply_count": post.replies,
        "like_count": 0,
        "quote_count": 0,
        "bookmark_count": 0,
        "impression_count": 0,
    }


def _entities(wording: Wording, mentioned: Sequence[User | None]) -> Json | None:
    named = [_mention(found, user) for found, user in zip(wording.mentions, mentioned, strict=False)]
    linked = [_link(wording.text, found) for found in wording.links]
    return {name: value for name, value in (("mentions", named), ("urls", linked)) if value} or None


def _mention(found: Found, user: User | None) -> Json:
    body: Json = {"start": found.start, "end": found.end, "username": user.username if user else found.name}
    return body | ({"id": str(user.id)} if user else {})


def _link(text: str, found: Found) -> Json:
    whole = found.link if "://" in found.link else f"http://{found.link}"
    return {
        "start": found.start,
        "end": found.end,
        "url": text[found.start : found.end],
        "expanded_url": whole,
        "display_url": whole.partition("://")[2].removeprefix("www.")[:30],
    }


def _note(post: Post, _: View) -> Json | None:
    if post.wording.long is None:
        return None
    found = _entities(post.wording.long, post.mentioned)
    return {"text": post.wording.long.text} | ({"entities": found} if found else {})


def _edit_controls(post: Post, view: View) -> Json:
    return {
        "edits_remaining": max(0, 6 - len(post.versions)),
        "is_edit_eligible": post.parent is None,
        "editable_until": written(born_ms(post.versions[0]) + EDITABLE_MS, fractions=view.fractions),
    }


FIELDS: Final[dict[str, Callable[[Post, View], Any]]] = {
    "id": lambda post, _: str(post.id),
    "text": lambda post, _: post.wording.text,
    "edit_history_tweet_ids": lambda post, _: [str(version) for version in post.versions],
    "author_id": lambda post, _: str(post.author.id),
    "created_at": lambda post, view: written(post.created_ms, fractions=view.fractions),
    "conversation_id": lambda post, _: str(post.conversation_id),
    "in_reply_to_user_id": lambda post, _: str(post.parent.author.id) if post.parent else None,
    "referenced_tweets": _references,
    "entities": lambda post, _: _entities(post.wording, post.mentioned),
    "display_text_range": lambda post, _: [post.wording.shown_from, len(post.wording.text)],
    "edit_controls": _edit_controls,
    "lang": lambda post, _: post.lang,
    "note_tweet": _note,
    "paid_partnership": lambda post, _: False,
    "possibly_sensitive": lambda post, _: False,
    "public_metrics": _metrics,
    "reply_settings": lambda post, _: post.who_may_reply,
}
