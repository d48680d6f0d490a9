"""Endpoints of people and posts: timelines, lookups, posting and deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tests.xsim.calls import Asked, as_id
from tests.xsim.clock import written
from tests.xsim.ids import as_token
from tests.xsim.problems import NOT_POSTED, Answer, Refused, forbidden, invalid, not_found, plain
from tests.xsim.rendering import includes, post_body, user_body
from tests.xsim.wording import fits
from tests.xsim.world import Draft, Post, User, between

_NO_END: Final = 1 << 63
_KNOWN: Final = {
    "text",
    "reply",
    "quote_tweet_id",
    "reply_settings",
    "edit_options",
    "made_with_ai",
    "for_super_followers_only",
    "nullcast",
    "paid_partnership",
    "share_with_followers",
    "direct_message_deep_link",
}


def me(asked: Asked) -> Answer:
    return Answer(200, {"data": user_body(asked.user, asked.view)})


def user_by_id(asked: Asked) -> Answer:
    user = asked.world.users.get(asked.id_in_path("id"))
    return _user(asked, user, "id", asked.path["id"])


def user_by_name(asked: Asked) -> Answer:
    name = asked.path["username"]
    return _user(asked, asked.world.named(name), "username", name)


def mentions(asked: Asked) -> Answer:
    return _timeline(asked, _owner(asked).mentions)


def timeline(asked: Asked) -> Answer:
    left_out = asked.query.get("exclude", "").split(",")
    posts = _owner(asked).posts
    return _timeline(asked, [post for post in posts if not post.parent] if "replies" in left_out else posts)


def lookup(asked: Asked) -> Answer:
    """Posts by ids; those that are gone are among the errors, and the status is 200 all the same."""
    raw = asked.query.get("ids", "")
    ids = raw.split(",") if raw else []
    if not 1 <= len(ids) <= 100:
        raise Refused(invalid(f"The number of values in the `ids` query parameter list [{len(ids)}] is not 1 to 100"))
    found = [(each, asked.world.posts.get(as_id(each, "ids"))) for each in ids]
    posts = [post for _, post in found if post and not post.deleted]
    gone = [each for each, post in found if not post or post.deleted]
    return Answer(200, _many(asked, posts, [not_found("tweet", each, "ids") for each in gone]))


def lookup_one(asked: Asked) -> Answer:
    post_id = asked.id_in_path("id")
    post = asked.world.posts.get(post_id)
    if not post or post.deleted:
        return Answer(200, {"errors": [not_found("tweet", str(post_id), "id")]})
    body = _many(asked, [post], [])
    return Answer(200, body | {"data": body["data"][0]})


def create(asked: Asked) -> Answer:
    """Posts for the calling user, if all that X asks of a post is given."""
    if not isinstance(asked.body, dict) or not asked.body:
        raise Refused(plain(400, "Invalid Request", "The request body must be a JSON object with a text."))
    if unknown := asked.body.keys() - _KNOWN:
        raise Refused(invalid(f"$.{min(unknown)}: is not defined in the schema and the schema does not allow it"))
    text = asked.text("text") or ""
    if not fits(text):
        raise Refused(plain(400, "Invalid Request", _TOO_LONG if text else "A post needs a text."))
    parent, quoted = asked.post_named("reply", "in_reply_to_tweet_id"), asked.post_named("quote_tweet_id")
    if "reply" in asked.body:
        _may_reply(asked, parent)
    if asked.world.wrote_before(asked.user, text, parent):
        raise Refused(forbidden(NOT_POSTED["duplicate"]))
    left_out = asked.body.get("reply", {}).get("exclude_reply_user_ids", [])
    draft = Draft(
        author=asked.user,
        text=text,
        parent=parent,
        quoted=quoted,
        who_may_reply=asked.text("reply_settings") or "everyone",
        left_out=frozenset(as_id(each, "exclude_reply_user_ids") for each in left_out),
        by_api=True,
    )
    old = asked.post_named("edit_options", "previous_post_id")
    post = asked.world.edit(old, text) if old and old.author is asked.user else asked.world.publish(draft)
    history = [str(version) for version in post.versions]
    body = {"id": str(post.id), "text": post.wording.text, asked.view.name("edit_history_tweet_ids"): history}
    return Answer(201, {"data": body}, {"location": f"https://api.twitter.com/2/tweets/{post.id}"})


def delete(asked: Asked) -> Answer:
    post = asked.world.posts.get(asked.id_in_path("id"))
    if post and post.author is not asked.user:
        raise Refused(forbidden("You are not authorized to delete this Tweet."))
    if post and not post.deleted:
        asked.world.delete(post)
    return Answer(200, {"data": {"deleted": True}})


def usage(asked: Asked) -> Answer:
    """Posts that lookups and timelines have handed out since the start, all of them as of today."""
    used = asked.world.handed_out
    today = written(asked.world.clock.now_ms() // 86_400_000 * 86_400_000)
    day = {"date": today, "usage": used}
    return Answer(
        200,
        {
            "data": {
                "project_id": "1",
                "project_usage": used,
                "project_cap": 2_000_000,
                "cap_reset_day": 1,
                "daily_project_usage": {"project_id": 1, "usage": [day]},
            }
        },
    )


_TOO_LONG: Final = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see "
    "https://github.com/twitter/twitter-text."
)


def _may_reply(asked: Asked, parent: Post | None) -> None:
    """X's conditions for a reply by an app, in the order in which they are looked at."""
    if parent is None or parent.deleted:
        raise Refused(forbidden(NOT_POSTED["reply_to_deleted"]))
    author, user = parent.author, asked.user
    if user.id in author.blocked:
        raise Refused(forbidden(NOT_POSTED["blocked"]))
    if author is user:
        return
    if parent.who_may_reply != "everyone" and user.id not in parent.named_by_author:
        raise Refused(forbidden(NOT_POSTED["reply_restricted"]))
    if not asked.world.summoned(user, parent):
        raise Refused(forbidden(NOT_POSTED["not_summoned"]))


def _owner(asked: Asked) -> User:
    user_id = asked.id_in_path("id")
    user = asked.world.users.get(user_id)
    if user is None:
        raise Refused(Answer(200, {"errors": [not_found("user", str(user_id), "id")]}))
    return user


def _user(asked: Asked, user: User | None, parameter: str, value: str) -> Answer:
    if user is None:
        return Answer(200, {"errors": [not_found("user", value, parameter)]})
    return Answer(200, {"data": user_body(user, asked.view)})


def _timeline(asked: Asked, posts: list[Post]) -> Answer:
    """A page, the newest first; ``since_id`` and ``until_id`` are not in it, ``start_time`` is."""
    size = asked.number("max_results", 10, 5, 100)
    reachable = asked.world.timeline(posts)
    start, end = asked.moment("start_time"), asked.moment("end_time")
    since = max(asked.id_in("since_id") or 0, (start or 1) - 1)
    until = min(asked.id_in("until_id") or _NO_END, end or _NO_END)
    page = asked.page()
    if page and page[0] == "n":
        until = min(until, page[1])
    found = between(reachable, since, until)
    if page and page[0] == "p":
        shown, more = [post for post in found if post.id > page[1]][-size:], True
    else:
        shown, more = found[:size], len(found) > size
    return Answer(200, _many(asked, shown, []) | {"meta": _meta(shown, more=more, paged=page is not None)})


def _meta(shown: Sequence[Post], *, more: bool, paged: bool) -> dict[str, Any]:
    meta: dict[str, Any] = {"result_count": len(shown)}
    if shown:
        meta |= {"newest_id": str(shown[0].id), "oldest_id": str(shown[-1].id)}
        if more:
            meta["next_token"] = as_token("n", shown[-1].id)
        if paged:
            meta["previous_token"] = as_token("p", shown[0].id)
    return meta


def _many(asked: Asked, posts: Sequence[Post], errors: list[dict[str, str]]) -> dict[str, Any]:
    """``data``, ``includes`` and ``errors``, each left out where it would be empty."""
    body: dict[str, Any] = {}
    asked.world.handed_out += len(posts)
    if posts:
        body["data"] = [post_body(post, asked.view) for post in posts]
    if brought := includes(posts, asked.view):
        body["includes"] = brought
    if errors:
        body["errors"] = errors
    return body
