"""What there is: people, posts, private messages, and the order in which X shows them."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from tests.xsim.clock import Clock
from tests.xsim.ids import Snowflakes, born_ms
from tests.xsim.wording import Wording, mentions, word

BY_ID: Final = attrgetter("id")


@dataclass(slots=True)
class User:
    """An account, and its two timelines with the oldest post first."""

    id: int
    username: str
    name: str
    created_ms: int
    blocked: set[int] = field(default_factory=set)
    mentions: list[Post] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Post:
    """A post or one version of it; ``raw`` is what its author typed, ``wording`` what X made of it."""

    id: int
    author: User
    raw: str
    wording: Wording
    created_ms: int
    conversation_id: int
    parent: Post | None
    quoted: Post | None
    versions: list[int]
    lang: str
    who_may_reply: str
    mentioned: tuple[User | None, ...]
    named_by_author: frozenset[int]
    by_api: bool = False
    deleted: bool = False
    superseded: bool = False
    replies: int = 0

    @property
    def shown(self) -> bool:
        """Whether timelines have it."""
        return not self.deleted and not self.superseded


@dataclass(frozen=True, slots=True)
class Message:
    """A private message between two people."""

    id: int
    sender: User
    recipient: User
    text: str
    created_ms: int

    @property
    def conversation_id(self) -> str:
        first, second = sorted((self.sender.id, self.recipient.id))
        return f"{first}-{second}"


@dataclass(slots=True)
class Rules:
    """What X leaves open or changes, and a test sets.

    Args:
        implicit_summons: whether a reply that names the account only because X put the name there summons it.
        names_before_replies: whether X puts the names of those replied to before the text of a reply.
        duplicate_window_s: for how long the same text by the same account is a duplicate.
        timeline_depth: how many posts a timeline goes back.
        private_by_app: whether the app's own token may subscribe to the private messages of an account.
        private_permitted: whether accounts have let the app read and write private messages.
    """

    implicit_summons: bool = True
    names_before_replies: bool = True
    duplicate_window_s: float = 86_400
    timeline_depth: int = 800
    private_by_app: bool = False
    private_permitted: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody posts."""

    author: User
    text: str
    parent: Post | None = None
    quoted: Post | None = None
    lang: str = "en"
    who_may_reply: str = "everyone"
    left_out: frozenset[int] = frozenset()
    by_api: bool = False
    #: Seconds after which the mentions timeline has it; streams have it at once.
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Happening:
    """What streams and webhooks tell: ``post.create``, ``post.delete`` or ``message``."""

    kind: str
    post: Post | None = None
    message: Message | None = None


class World:
    """Everything in memory; one thread changes it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rules = Rules()
        self.users: dict[int, User] = {}
        self.posts: dict[int, Post] = {}
        self.messages: list[Message] = []
        self.handed_out = 0
        self.listeners: list[Callable[[Happening], None]] = []
        #: How late timelines have what is written next; the faults ``late_index``, ``late_own``, ``late_sent`` set it.
        self.lateness: Callable[[str], float] = lambda name: 0.0
        self._by_name: dict[str, User] = {}
        self._ids = Snowflakes()
        self._late: list[tuple[int, int, int]] = []  # when, which post, whose timeline
        self._hidden: dict[int, int] = {}  # which post or message, until when
        self._texts: dict[tuple[int, str], int] = {}

    def take_id(self) -> int:
        return self._ids.take(self.clock.now_ms())

    # --- People

    def join(self, username: str, name: str = "", user_id: int | None = None) -> User:
        """The account of this name, made where there is none."""
        if known := self.named(username):
            return known
        user = User(user_id or self.take_id(), username, name or username, self.clock.now_ms())
        self.users[user.id] = user
        self._by_name[username.lower()] = user
        return user

    def named(self, username: str) -> User | None:
        return self._by_name.get(username.lower())

    # --- Posts

    def publish(self, draft: Draft) -> Post:
        """Posts it, tells streams and webhooks, and puts it into timelines."""
        post = self._compose(draft, self.take_id())
        if draft.parent:
            draft.parent.replies += 1
        self._texts[draft.author.id, draft.text.strip()] = post.created_ms
        self._show(post, draft.late_s or self.lateness("late_index"))
        if draft.by_api:
            self._hide(post, self.lateness("late_own"))
        self._tell(Happening("post.create", post))
        return post

    def edit(self, old: Post, text: str) -> Post:
        """A new version with a new id; timelines show it in place of the old one."""
        draft = Draft(old.author, text, old.parent, old.quoted, old.lang, old.who_may_reply, by_api=old.by_api)
        post = self._compose(draft, self.take_id())
        post.versions = old.versions
        post.versions.append(post.id)
        post.conversation_id = old.conversation_id
        old.superseded = True
        self._show(post, 0.0)
        self._tell(Happening("post.create", post))
        return post

    def delete(self, post: Post) -> None:
        for version in post.versions:
            self.posts[version].deleted = True
        self._tell(Happening("post.delete", post))

    def wrote_before(self, author: User, text: str, parent: Post | None) -> bool:
        """Whether the author's text is a duplicate: the same text lately, or ever in reply to the same post."""
        before = self._texts.get((author.id, text.strip()))
        if before is None:
            return False
        lately = self.clock.now_ms() - before < self.rules.duplicate_window_s * 1000
        return lately or any(
            post.parent is parent and post.raw.strip() == text.strip() and not post.deleted for post in author.posts
        )

    def summoned(self, user: User, by: Post) -> bool:
        """Whether the author of a post addressed the user in it, or quoted the user."""
        if user.id in by.named_by_author or (by.quoted and by.quoted.author is user):
            return True
        return self.rules.implicit_summons and user in by.mentioned

    def timeline(self, posts: list[Post]) -> Sequence[Post]:
        """The posts that are still reachable, with those whose time to be indexed has come."""
        now = self.clock.now_ms()
        while self._late and self._late[0][0] <= now:
            _, post_id, user_id = heapq.heappop(self._late)
            insort(self.users[user_id].mentions, self.posts[post_id], key=BY_ID)
        return [post for post in posts[-self.rules.timeline_depth :] if not self.is_hidden(post)]

    def is_hidden(self, one: Post | Message) -> bool:
        """Whether timelines and conversations do not have it yet."""
        return self.clock.now_ms() < self._hidden.get(one.id, 0)

    # --- Private messages

    def send(self, sender: User, recipient: User, text: str, *, by_api: bool = False) -> Message:
        message_id = self.take_id()
        message = Message(message_id, sender, recipient, text, born_ms(message_id))
        self.messages.append(message)
        sender.messages.append(message)
        recipient.messages.append(message)
        if by_api:
            self._hide(message, self.lateness("late_sent"))
        self._tell(Happening("message", message=message))
        return message

    # --- Inside

    def _compose(self, draft: Draft, post_id: int) -> Post:
        prefixed = self._names_before(draft)
        wording = word(draft.text, tuple(user.username for user in prefixed))
        whole = wording.long or wording
        mentioned = tuple(self.named(found.name) for found in wording.mentions)
        typed = (self.named(found.name) for found in mentions(draft.text))
        post = Post(
            id=post_id,
            author=draft.author,
            raw=draft.text,
            wording=wording,
            created_ms=born_ms(post_id),
            conversation_id=draft.parent.conversation_id if draft.parent else post_id,
            parent=draft.parent,
            quoted=draft.quoted,
            versions=[post_id],
            lang=draft.lang,
            who_may_reply=draft.who_may_reply,
            mentioned=mentioned if whole is wording else tuple(self.named(found.name) for found in whole.mentions),
            named_by_author=frozenset(user.id for user in typed if user),
            by_api=draft.by_api,
        )
        self.posts[post_id] = post
        return post

    def _names_before(self, draft: Draft) -> list[User]:
        if not draft.parent or not self.rules.names_before_replies:
            return []
        typed = {found.name.lower() for found in mentions(draft.text)}
        people = [draft.parent.author, *draft.parent.mentioned]
        wanted = dict.fromkeys(user.id for user in people if user and user is not draft.author)
        users = [self.users[user_id] for user_id in wanted if user_id not in draft.left_out]
        return [user for user in users if user.username.lower() not in typed]

    def _show(self, post: Post, late_s: float) -> None:
        post.author.posts.append(post)
        for user_id in {user.id for user in post.mentioned if user and user is not post.author}:
            user = self.users[user_id]
            if late_s > 0:
                heapq.heappush(self._late, (post.created_ms + int(late_s * 1000), post.id, user_id))
            else:
                insort(user.mentions, post, key=BY_ID)

    def _hide(self, one: Post | Message, late_s: float) -> None:
        if late_s > 0:
            self._hidden[one.id] = one.created_ms + int(late_s * 1000)

    def _tell(self, happening: Happening) -> None:
        for listener in self.listeners:
            listener(happening)


def between(posts: Sequence[Post], since: int, until: int) -> list[Post]:
    """Those with ``since`` < id < ``until``, the newest first."""
    low, high = bisect_left(posts, since + 1, key=BY_ID), bisect_left(posts, until, key=BY_ID)
    return [post for post in reversed(posts[low:high]) if post.shown]
