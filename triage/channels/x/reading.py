"""X's JSON of posts and private messages, in both of its spellings, read into the product's own values.

In August 2026 X renamed fields (``referenced_tweets`` to ``referenced_posts``, …); answers of both kinds are read.
What is not needed is ignored; what is needed but broken costs that one item and no other. Ids stay text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec

from triage.channels.x import raw
from triage.channels.x.outcomes import Unreadable
from triage.channels.x.own_words import shown
from triage.channels.x.post import Account, Gone, Post, PrivateMessage
from triage.channels.x.snowflake import is_id, moment_of
from triage.channels.x.summons import named
from triage.errors import InvalidInput
from triage.text.accept import check_moment
from triage.text.mentions import mentioned

T = TypeVar("T")

#: What X writes for these signs in texts, and no other.
_ENTITY: Final = re.compile("&(amp|lt|gt);")
_SIGN: Final = {"amp": "&", "lt": "<", "gt": ">"}
_HALF: Final = re.compile("[\ud800-\udfff]")
#: How the address of a post looks, from which its author can be told.
_ADDRESS: Final = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(\w{1,20})/status/(\d{1,20})")
#: Kinds of problems that say that a post is not there any more, or not for us.
_GONE: Final = ("resource-not-found", "not-authorized-for-resource", "resource-unavailable", "disallowed-resource")

#: What errors are about: items of an answer, as their own ids name them; others are about what items refer to.
_ITEMS: Final = ("", "tweet", "post", "dm_event")
_ITSELF: Final = ("", "id", "ids")


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside a post: ids of accounts by their names in small letters, and authors of other posts."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)


NOTHING: Final = Around()


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The items of an answer, the token of the next page, and what was wrong with items that were left out.

    ``charged`` are the ids of all items in the answer, and of posts that came along with them: X may charge for each.
    ``left_out`` are the ids of what should be among the items and is not, ``None`` where nobody can tell which.
    """

    items: tuple[T, ...]
    next_token: str | None
    problems: tuple[str, ...]
    charged: frozenset[str]
    left_out: tuple[str | None, ...] = ()


def post_from(item: object, around: Around = NOTHING) -> Post | None:
    """A post as X gives it in JSON that was decoded; ``None`` for a repost, which says nothing of its own.

    ``created_at`` is the id's own moment where X gives none that can be read. ``author_id`` is empty where X
    does not say it.

    Raises:
        InvalidInput: without an id and a text it is none.
    """
    post = _converted(item, raw.Post)
    if not is_id(post.id):
        raise InvalidInput("is no id of X", field="id")
    references = _references(post)
    if "retweeted" in references:
        return None
    note = _lenient(post.note_tweet or post.note_post, raw.Note)
    text = unescaped(note.text if note else post.text)
    entities = [
        one for one in (_lenient(post.entities, raw.Entities), note and _lenient(note.entities, raw.Entities)) if one
    ]
    accounts = {**around.accounts, **_accounts(entities)}
    parent = references.get("replied_to") or _id(post.in_reply_to_tweet_id)
    quoted = references.get("quoted")
    names = named(text, answers=parent is not None, shown_from=_shown_from(post))
    summons = {accounts[name] for name in names if name in accounts}
    if quoted and (author := around.authors.get(quoted) or _author_by_address(quoted, entities, accounts)):
        summons.add(author)
    return Post(
        id=post.id,
        versions=_versions(post),
        author_id=post.author_id if is_id(post.author_id) else "",
        created_at=moment_from(post.created_at, post.id),
        text=text,
        conversation_id=_id(post.conversation_id),
        in_reply_to=parent,
        quotes=quoted,
        lang=post.lang if isinstance(post.lang, str) else None,
        mentions=frozenset(_accounts(entities).values()) | {accounts[n] for n in mentioned(text) if n in accounts},
        summons=frozenset(summons),
        links=_links(entities),
    )


def private_message_from(item: object) -> PrivateMessage | None:
    """A private message as X gives it; ``None`` for an event of another kind, such as somebody joining.

    Raises:
        InvalidInput: without an id it is none.
    """
    event = _converted(item, raw.PrivateMessage)
    if not is_id(event.id):
        raise InvalidInput("is no id of X", field="id")
    if event.event_type != "MessageCreate":
        return None
    return PrivateMessage(
        id=event.id,
        conversation_id=event.dm_conversation_id,
        sender_id=event.sender_id,
        created_at=moment_from(event.created_at, event.id),
        text=unescaped(event.text or ""),
    )


def around_from(includes: object, account: Account | None = None) -> Around:
    """What ``includes`` tells, and the account's own name."""
    included = includes if isinstance(includes, dict) else {}
    users = [one for one in map(_user, _list(included.get("users"))) if one]
    accounts = {user.username.casefold(): user.id for user in users}
    if account:
        accounts[account.handle.casefold()] = account.id
    authors = {one["id"]: one["author_id"] for one in _posts_beside(includes) if _has_author(one)}
    return Around(accounts, authors)


def _posts_beside(includes: object) -> list[Any]:
    """Posts that came along, since others quote or answer them."""
    included = includes if isinstance(includes, dict) else {}
    return _list(included.get("tweets")) + _list(included.get("posts"))


def read_posts(body: bytes, account: Account | None = None) -> Reading[Post]:
    """A page of posts.

    Raises:
        Unreadable: it is none.
    """
    answer = _answer(body)
    around = around_from(answer.includes, account)
    return _page(answer, lambda item: post_from(item, around))


def read_private_messages(body: bytes) -> Reading[PrivateMessage]:
    """A page of private messages.

    Raises:
        Unreadable: it is none.
    """
    return _page(_answer(body), private_message_from)


def read_look_up(
    body: bytes, asked: Iterable[str], account: Account | None = None
) -> tuple[dict[str, Post | Gone], Reading[Post]]:
    """What became of the posts that were asked for, by their ids; and the reading, for its problems.

    Raises:
        Unreadable: X says nothing of any post.
    """
    answer = _answer(body)
    ids = frozenset(asked)
    around = around_from(answer.includes, account)
    reading = _items(answer, lambda item: post_from(item, around))
    if not (reading.items or reading.problems or _problems(answer)):
        raise Unreadable("it says nothing of any post")
    found: dict[str, Post | Gone] = {}
    for problem in _problems(answer):
        post_id = problem.resource_id or problem.value
        if post_id in ids and problem.type.endswith(_GONE):
            found[post_id] = Gone(problem.detail or problem.title)
    for post in reading.items:
        found |= {version: post for version in post.versions if version in ids and version not in found}
        found[post.id] = post  # of two versions that were asked for, each is itself
    return {post_id: one for post_id, one in found.items() if post_id in ids}, reading


def read_account(body: bytes) -> Account:
    """An account.

    Raises:
        Unreadable: it is none.
    """
    user = _user(_answer(body).data)
    if user is None:
        raise Unreadable("it names no account")
    return Account(user.id, user.username)


def read_created(body: bytes) -> str:
    """The id of a post that X has taken.

    Raises:
        Unreadable: it says none.
    """
    return _new_id(body, raw.Created, lambda created: created.id)


def read_sent(body: bytes) -> str:
    """The id of a private message that X has taken.

    Raises:
        Unreadable: it says none.
    """
    return _new_id(body, raw.Sent, lambda sent: sent.dm_event_id)


def unescaped(text: str) -> str:
    """``text`` with the entities undone that X writes, once: what somebody typed as ``&amp;`` stays so.

    Half of a surrogate pair, which nothing can store, becomes the sign for what is no character.
    """
    return _HALF.sub("\ufffd", _ENTITY.sub(lambda found: _SIGN[found[1]], text))


def moment_from(value: object, post_id: str) -> datetime:
    """When something was written: as X says it, with or without fractions of a second, else as its id does."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return check_moment(moment)
        except (ValueError, InvalidInput):
            pass
    return moment_of(post_id)


def _answer(body: bytes) -> raw.Body:
    try:
        try:
            return msgspec.json.decode(body, type=raw.Body)
        except msgspec.DecodeError:  # half of a surrogate pair in one post must not cost the others
            return msgspec.convert(json.loads(body), raw.Body)
    except (ValueError, msgspec.ValidationError, RecursionError):
        raise Unreadable("it is not JSON, or ends too early") from None


def _page(answer: raw.Body, make: Callable[[object], T | None]) -> Reading[T]:
    """A page, which X gives a ``meta`` even where it is empty; without one, an error may have eaten the posts."""
    if answer.data is None and not isinstance(answer.meta, dict):
        said = "; ".join(problem.detail or problem.title for problem in _problems(answer))
        raise Unreadable(shown(said) or "it has no data")
    return _items(answer, make)


def _items(answer: raw.Body, make: Callable[[object], T | None]) -> Reading[T]:
    raw_items = answer.data if isinstance(answer.data, list) else [] if answer.data is None else [answer.data]
    items: list[T] = []
    problems = [
        f"X left something out: {shown(one.detail or one.title)}"
        for one in _problems(answer)
        if not one.type.endswith(_GONE)
    ]
    left_out = [post_id for problem in _problems(answer) for post_id in _left_out(problem)]
    for item in raw_items:
        try:
            made = make(item)
        except InvalidInput as error:
            left_out.append(_id(item.get("id")) if isinstance(item, dict) else None)
            problems.append(f"X sent something that cannot be read{_id_of(item)}, and it was left out: {error}")
        else:
            items += [made] if made is not None else []
    token = answer.meta.get("next_token") if isinstance(answer.meta, dict) else None
    token = token if isinstance(token, str) and token else None
    charged = _ids([*raw_items, *_posts_beside(answer.includes)])
    return Reading(tuple(items), token, tuple(problems), charged, tuple(left_out))


def _ids(things: Iterable[object]) -> frozenset[str]:
    """Of those that have one."""
    return frozenset(found for one in things if isinstance(one, dict) and (found := _id(one.get("id"))))


def _left_out(problem: raw.Problem) -> Iterable[str | None]:
    """Of an error that is about an item of the answer itself, not about one that it refers to: the id, if it has one.

    One that X says is not there any more, without saying which, is not missed.
    """
    if problem.resource_type not in _ITEMS or problem.parameter not in _ITSELF:
        return
    post_id = _id(problem.resource_id) or _id(problem.value)
    if post_id or not problem.type.endswith(_GONE):
        yield post_id


def _new_id(body: bytes, shape: type[T], of: Callable[[T], str]) -> str:
    created = _lenient(_answer(body).data, shape)
    if created is None or not is_id(of(created)):
        raise Unreadable("it does not say the new id")
    return of(created)


def _converted(item: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(item, shape)
    except UnicodeEncodeError:  # half of a surrogate pair where none may be
        raise InvalidInput("is not readable") from None
    except msgspec.ValidationError as error:
        raise InvalidInput(str(error)) from None


def _lenient(item: object, shape: type[T]) -> T | None:
    try:
        return msgspec.convert(item, shape) if item is not None else None
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None


def _user(item: object) -> raw.User | None:
    user = _lenient(item, raw.User)
    return user if user and is_id(user.id) else None


def _problems(answer: raw.Body) -> list[raw.Problem]:
    return [one for one in (_lenient(item, raw.Problem) for item in _list(answer.errors)) if one]


def _references(post: raw.Post) -> dict[str, str]:
    """Ids of the posts that this one refers to, by how it does."""
    items = _list(post.referenced_tweets) + _list(post.referenced_posts)
    found = [one for one in (_lenient(item, raw.Reference) for item in items) if one]
    return {one.type: one.id for one in found if is_id(one.id)}


def _versions(post: raw.Post) -> tuple[str, ...]:
    ids = _list(post.edit_history_tweet_ids) or _list(post.edit_history_post_ids)
    versions = sorted({one for one in ids if isinstance(one, str) and is_id(one)}, key=int)
    return tuple(versions) or (post.id,)


def _accounts(entities: Iterable[raw.Entities]) -> dict[str, str]:
    mentioned_ones = [mention for one in entities for mention in one.mentions or ()]
    return {one.username.casefold(): one.id for one in mentioned_ones if one.id and is_id(one.id)}


def _links(entities: Iterable[raw.Entities]) -> tuple[str, ...]:
    """Where the links of a text lead, each once."""
    return tuple(dict.fromkeys(url.expanded_url for one in entities for url in one.urls or () if url.expanded_url))


def _author_by_address(quoted: str, entities: Iterable[raw.Entities], accounts: Mapping[str, str]) -> str | None:
    """X gives a quoted post as a link at the end, and the link has its author's name in it."""
    found = [match for match in map(_ADDRESS.match, _links(entities)) if match and match[2] == quoted]
    return accounts.get(found[0][1].casefold()) if found else None


def _shown_from(post: raw.Post) -> int | None:
    shown = _list(post.display_text_range)
    return shown[0] if len(shown) == 2 and isinstance(shown[0], int) else None


def _has_author(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and isinstance(item.get("author_id"), str)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and is_id(value) else None


def _id_of(item: object) -> str:
    post_id = _id(item.get("id")) if isinstance(item, dict) else None
    return f" (id {post_id})" if post_id else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
