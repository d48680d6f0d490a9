"""A request on its way through the endpoints: who calls, what was asked, and what it is read with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.xsim.ids import first_at, from_token
from tests.xsim.problems import Refused, invalid, plain
from tests.xsim.rendering import OLD_NAMES, View
from tests.xsim.signatures import Caller
from tests.xsim.world import Post, User, World

_ID: Final = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call with its parts read. ``path`` are the values in the path, ``body`` is JSON or None."""

    world: World
    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    view: View

    @property
    def user(self) -> User:
        """The user on whose behalf the call is; only for endpoints that want one."""
        return self.world.users[self.caller.user_id or 0]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.query.get(name)
        if raw is None:
            return default
        if not raw.isdigit() or not least <= int(raw) <= most:
            message = f"The `{name}` query parameter value [{raw}] is not between {least} and {most}"
            raise Refused(invalid(message, **{name: raw}))
        return int(raw)

    def id_in(self, name: str) -> int | None:
        raw = self.query.get(name)
        return None if raw is None else as_id(raw, name)

    def id_in_path(self, name: str) -> int:
        return as_id(self.path[name], name)

    def moment(self, name: str) -> int | None:
        """The first id of a time that was asked for."""
        raw = self.query.get(name)
        if raw is None:
            return None
        try:
            return first_at(int(datetime.fromisoformat(raw).timestamp() * 1000))
        except ValueError:
            raise Refused(invalid(f"The `{name}` query parameter value [{raw}] is no date", **{name: raw})) from None

    def page(self) -> tuple[str, int] | None:
        raw = self.query.get("pagination_token")
        if raw is None:
            return None
        try:
            return from_token(raw)
        except ValueError:
            message = f"The `pagination_token` query parameter value [{raw}] is not valid"
            raise Refused(invalid(message, pagination_token=raw)) from None

    def text(self, *path: str) -> str | None:
        """A string in the body; None where it is absent."""
        value = self.body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, str):
            raise Refused(invalid(f"$.{'.'.join(path)}: a string is expected"))
        return value

    def post_named(self, *path: str) -> Post | None:
        """The post whose id is in the body; one that is deleted too. None where no id or no such post is."""
        raw = self.text(*path)
        return None if raw is None else self.world.posts.get(as_id(raw, ".".join(path)))


def as_id(raw: str, name: str) -> int:
    if not _ID.fullmatch(raw):
        message = f"The `{name}` parameter value [{raw}] does not match ^[0-9]{{1,19}}$"
        raise Refused(invalid(message, **{name: raw}))
    return int(raw)


def view_of(query: Mapping[str, str], forced: str | None) -> View:
    """What the query asks for, in either spelling; ``forced`` is the name of a fault that decides on it."""
    new = "post.fields" in query or any(name in OLD_NAMES for name in query.get("expansions", "").split(","))
    fields = _names(query, "tweet.fields") | _names(query, "post.fields")
    return View(
        fields=fields,
        user_fields=_names(query, "user.fields"),
        message_fields=_names(query, "dm_event.fields"),
        expansions=_names(query, "expansions", {"referenced_posts": "referenced_tweets.id"}),
        new_spelling=forced == "new_spelling" or (new and forced != "old_spelling"),
        fractions=forced != "plain_dates",
    )


def not_json() -> Refused:
    return Refused(plain(400, "Invalid Request", "The body is no JSON object."))


def _names(query: Mapping[str, str], name: str, special: Mapping[str, str] | None = None) -> frozenset[str]:
    raw = query.get(name)
    if not raw:
        return frozenset()
    return frozenset((special or {}).get(each) or OLD_NAMES.get(each, each) for each in raw.split(","))
