"""A small X in memory: a double of the API that is tested like the real client, and can be told to fail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import msgspec

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.forbidden import Refusal
from triage.channels.x.post import Account, Gone, Page, Post, PrivateMessage, PrivatePage
from triage.channels.x.snowflake import first_id_at
from triage.channels.x.summons import named
from triage.clock import Clock
from triage.errors import Ambiguous, ChannelError, GiveUp, InvalidInput, Repeated
from triage.text.mentions import mentioned

T = TypeVar("T")

_MOST_LOOKED_UP: Final = 100


class MemoryX:
    """A world of posts, seen through one account.

    ``page`` is how many items an answer has. ``calls`` counts what was asked. Failures are told with
    :meth:`fail`; one of type :class:`~triage.errors.Ambiguous` is raised *after* the call was carried out,
    unless it is a :class:`~triage.errors.Repeated`.
    """

    def __init__(self, clock: Clock, account: Account = Account("900", "MarramAir"), page: int = 100) -> None:  # noqa: B008 - a frozen value
        self.calls: Counter[Endpoint] = Counter()
        self.longest_write = timedelta()
        self._clock = clock
        self._account = account
        self._page = page
        self._people = {account.handle.casefold(): account}
        self._posts: dict[str, Post] = {}
        self._replaced: set[str] = set()  # versions that are not the newest
        self._messages: list[PrivateMessage] = []
        self._failures: defaultdict[Endpoint, list[ChannelError]] = defaultdict(list)
        self._last_id = 0

    # What happens in the world.

    def person(self, handle: str) -> Account:
        """The account of this name; made, if there is none."""
        return self._people.setdefault(handle.casefold(), Account(str(1000 + len(self._people)), handle))

    def write(self, author: Account, text: str, *, in_reply_to: str | None = None, quotes: str | None = None) -> Post:
        """A person posts. As on X, an answer begins with the name of whom it answers."""
        return self._add(author, text, in_reply_to, quotes, versions=())

    def edit(self, post_id: str, text: str) -> Post:
        """The author changes a post: a new id, with the old ones as its history."""
        old = self._posts[post_id]
        author = next(one for one in self._people.values() if one.id == old.author_id)
        self._replaced.update(old.versions)
        return self._add(author, text, old.in_reply_to, old.quotes, versions=old.versions)

    def delete(self, post_id: str) -> None:
        """The author deletes a post, with all its versions."""
        for version in self._posts[post_id].versions:
            self._posts.pop(version, None)

    def write_privately(self, sender: Account, text: str) -> PrivateMessage:
        """A person writes a private message to the account."""
        return self._message(sender.id, sender.id, text)

    def fail(self, endpoint: Endpoint, *errors: ChannelError) -> None:
        """Let the next calls of this kind fail, in this order."""
        self._failures[endpoint] += errors

    # What the account sees of it.

    def me(self) -> Account:
        return self._called(Endpoint.ME, lambda: self._account)

    def mentions(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        def concerns(post: Post) -> bool:
            return self._account.id in post.mentions and post.author_id != self._account.id

        return self._called(Endpoint.MENTIONS, lambda: self._timeline(concerns, since_id, until_id, token))

    def own_posts(self, *, since_id: str | None, until_id: str | None = None, token: str | None = None) -> Page:
        def is_own(post: Post) -> bool:
            return post.author_id == self._account.id

        return self._called(Endpoint.OWN_POSTS, lambda: self._timeline(is_own, since_id, until_id, token))

    def look_up(self, post_ids: Sequence[str]) -> Mapping[str, Post | Gone]:
        if len(post_ids) > _MOST_LOOKED_UP:
            raise InvalidInput(f"X looks up at most {_MOST_LOOKED_UP} posts at a time", field="post_ids")
        gone = Gone("Could not find the post.")
        return self._called(Endpoint.LOOK_UP, lambda: {post_id: self._posts.get(post_id, gone) for post_id in post_ids})

    def post(self, text: str, *, in_reply_to: str) -> str:
        return self._called(Endpoint.POST, lambda: self._answer(text, in_reply_to))

    def private_messages(self, *, token: str | None = None) -> PrivatePage:
        return self._called(Endpoint.PRIVATE_EVENTS, lambda: self._private_page(self._messages, token))

    def private_messages_with(self, participant_id: str, *, token: str | None = None) -> PrivatePage:
        conversation = self._conversation(participant_id)
        with_them = [message for message in self._messages if message.conversation_id == conversation]
        return self._called(Endpoint.PRIVATE_EVENTS, lambda: self._private_page(with_them, token))

    def send_private(self, participant_id: str, text: str) -> str:
        return self._called(Endpoint.PRIVATE_SEND, lambda: self._message(participant_id, self._account.id, text).id)

    def _called(self, endpoint: Endpoint, do: Callable[[], T]) -> T:
        self.calls[endpoint] += 1
        error = self._failures[endpoint].pop(0) if self._failures[endpoint] else None
        if error is not None and (not isinstance(error, Ambiguous) or isinstance(error, Repeated)):
            raise error
        done = do()
        if error is not None:
            raise error
        return done

    def _answer(self, text: str, in_reply_to: str) -> str:
        parent = self._posts.get(in_reply_to)
        if parent is None:
            raise GiveUp(Refusal.PARENT_DELETED.words)
        if parent.author_id != self._account.id and self._account.id not in parent.summons:
            raise GiveUp(Refusal.NOT_SUMMONED.words)
        own = [post for post in self._posts.values() if post.author_id == self._account.id]
        if any(post.in_reply_to == in_reply_to and post.text.endswith(text.strip()) for post in own):
            raise Repeated(Refusal.DUPLICATE.words)
        return self._add(self._account, text, in_reply_to, None, versions=()).id

    def _add(
        self, author: Account, text: str, in_reply_to: str | None, quotes: str | None, versions: tuple[str, ...]
    ) -> Post:
        post_id = self._new_id()
        parent, quoted = self._posts.get(in_reply_to or ""), self._posts.get(quotes or "")
        names = named(text, answers=False, shown_from=None)
        summons = {self._people[name].id for name in names if name in self._people}
        whole = self._after_name_of(parent, author, text)
        post = Post(
            id=post_id,
            versions=(*versions, post_id),
            author_id=author.id,
            created_at=self._clock.now(),
            text=whole,
            conversation_id=(parent.conversation_id if parent else None) or in_reply_to or post_id,
            in_reply_to=in_reply_to,
            quotes=quotes,
            lang="en",
            mentions=frozenset(self._people[name].id for name in mentioned(whole) if name in self._people),
            summons=frozenset(summons | ({quoted.author_id} if quoted else set())),
        )
        self._posts[post_id] = post
        for version in versions:
            self._posts[version] = msgspec.structs.replace(self._posts[version], versions=post.versions)
        return post

    def _after_name_of(self, parent: Post | None, author: Account, text: str) -> str:
        answered = parent and next(one for one in self._people.values() if one.id == parent.author_id)
        if not answered or answered.id == author.id or answered.handle.casefold() in mentioned(text):
            return text
        return f"@{answered.handle} {text}"

    def _message(self, participant_id: str, sender_id: str, text: str) -> PrivateMessage:
        message = PrivateMessage(self._new_id(), self._conversation(participant_id), sender_id, self._clock.now(), text)
        self._messages.append(message)
        return message

    def _conversation(self, participant_id: str) -> str:
        return "-".join(sorted((participant_id, self._account.id), key=int))

    def _new_id(self) -> str:
        self._last_id = max(self._last_id + 1, int(first_id_at(self._clock.now())))
        return str(self._last_id)

    def _timeline(
        self, wanted: Callable[[Post], bool], since_id: str | None, until_id: str | None, token: str | None
    ) -> Page:
        below = min(int(one) for one in (until_id, token, str(2**63)) if one)
        found = [
            post
            for post in sorted(self._posts.values(), key=lambda post: int(post.id), reverse=True)
            if int(since_id or 0) < int(post.id) < below and wanted(post) and post.id not in self._replaced
        ]
        shown = found[: self._page]
        return Page(tuple(shown), shown[-1].id if len(found) > len(shown) else None)

    def _private_page(self, messages: Sequence[PrivateMessage], token: str | None) -> PrivatePage:
        found = [message for message in reversed(messages) if int(message.id) < int(token or 2**63)]
        shown = found[: self._page]
        return PrivatePage(tuple(shown), shown[-1].id if len(found) > len(shown) else None)
