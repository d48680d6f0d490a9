"""One suite for X's API: the double in memory, and the real client against the stand-in, must behave alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import pytest

from tests.x_connection import brand_on
from tests.xsim.client import SimUser, XSim, running
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.memory import MemoryX
from triage.channels.x.post import Account, Gone, Post
from triage.channels.x.protocol import XApi
from triage.channels.x.sameness import same_text
from triage.clock import FrozenClock, SystemClock
from triage.errors import Ambiguous, GiveUp, InvalidInput, Repeated, RetryLater


class World(Protocol):
    """X as its people see it, and ``api`` as the brand does."""

    api: XApi
    brand: Account

    def write(self, text: str, *, to: str | None = None, quotes: str | None = None) -> str:
        """Somebody, always the same, posts; the id."""
        ...

    def edit(self, post_id: str, text: str) -> str: ...

    def delete(self, post_id: str) -> None: ...

    def write_privately(self, text: str) -> str: ...

    @property
    def person(self) -> str: ...

    def has(self) -> list[str]:
        """Texts that the brand has posted."""
        ...

    def break_after_post(self) -> None: ...

    def limit_mentions(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self._clock = FrozenClock(SystemClock().now())
        self.x = MemoryX(self._clock, page=3)
        self.api: XApi = self.x
        self.brand = self.x.me()
        self._ada = self.x.person("Ada")

    def write(self, text: str, *, to: str | None = None, quotes: str | None = None) -> str:
        self._clock.advance(timedelta(seconds=1))
        return self.x.write(self._ada, text, in_reply_to=to, quotes=quotes).id

    def edit(self, post_id: str, text: str) -> str:
        return self.x.edit(post_id, text).id

    def delete(self, post_id: str) -> None:
        self.x.delete(post_id)

    def write_privately(self, text: str) -> str:
        return self.x.write_privately(self._ada, text).id

    @property
    def person(self) -> str:
        return self._ada.id

    def has(self) -> list[str]:
        return [post.text for post in self.x.own_posts(since_id=None).posts]

    def break_after_post(self) -> None:
        self.x.fail(Endpoint.POST, Ambiguous("broken"))

    def limit_mentions(self) -> None:
        self.x.fail(Endpoint.MENTIONS, RetryLater("limit", self._clock.now() + timedelta(minutes=15)))


@dataclass
class OnStandIn:
    x: XSim
    ada: SimUser
    api: XApi = field(init=False)
    brand: Account = field(init=False)

    def __post_init__(self) -> None:
        one = brand_on(self.x)
        self.api = one.api
        self.brand = one.api.me()

    def write(self, text: str, *, to: str | None = None, quotes: str | None = None) -> str:
        return self.x.post(self.ada.username, text, reply_to=to, quote=quotes).id

    def edit(self, post_id: str, text: str) -> str:
        return self.x.edit(post_id, text).id

    def delete(self, post_id: str) -> None:
        self.x.delete(post_id)

    def write_privately(self, text: str) -> str:
        return self.x.message(self.ada.username, self.brand.handle, text).id

    @property
    def person(self) -> str:
        return self.ada.id

    def has(self) -> list[str]:
        return [post.raw for post in self.x.world(author=self.brand.handle).posts]

    def break_after_post(self) -> None:
        self.x.fault("lost_applied", "create", times=1)

    def limit_mentions(self) -> None:
        self.x.fault("rate_limited", "mentions", times=1)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[tuple[XSim, SimUser]]:
    with running() as x:
        yield x, x.user("Ada", credentials=True)


@pytest.fixture(params=["memory", "stand-in"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        return InMemory()
    x, ada = request.getfixturevalue("stand_in")
    x.no_faults()
    return OnStandIn(x, ada)


def at(world: World) -> str:
    return f"@{world.brand.handle}"


def test_the_account_knows_itself(world) -> None:
    assert world.api.me() == world.brand
    assert world.brand.id.isdigit()


def test_there_is_nothing_where_nobody_wrote(world) -> None:
    for page in (world.api.mentions(since_id=None), world.api.own_posts(since_id=None)):
        assert (page.posts, page.next_token) == ((), None)
    assert world.api.look_up([]) == {}


def test_mentions_come_newest_first_with_all_that_is_known(world) -> None:
    first = world.write(f"{at(world)} does <b> & co fly?")
    second = world.write(f"{at(world)} hello?", to=first)
    newer, older = world.api.mentions(since_id=None).posts
    assert (newer.id, older.id) == (second, first)
    assert older.text == f"{at(world)} does <b> & co fly?"
    assert (newer.in_reply_to, older.in_reply_to) == (first, None)
    assert newer.conversation_id == older.conversation_id == first
    assert older.author_id == world.person
    assert older.versions == (first,)
    assert world.brand.id in older.mentions
    assert abs(older.created_at - SystemClock().now()) < timedelta(minutes=10)


def test_ids_bound_what_is_asked_for_and_are_not_in_it_themselves(world) -> None:
    ids = [world.write(f"{at(world)} number {number}") for number in range(4)]
    assert [post.id for post in world.api.mentions(since_id=ids[0], until_id=ids[3]).posts] == [ids[2], ids[1]]


def test_pages_follow_each_other_to_the_end(world) -> None:
    ids = [world.write(f"{at(world)} number {number}") for number in range(7)]
    found, token = [], None
    while True:
        page = world.api.mentions(since_id=ids[0], token=token)
        found += [post.id for post in page.posts]
        token = page.next_token
        if token is None:
            break
    assert found == ids[:0:-1]


def test_own_posts_are_no_mentions(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    own = world.api.post("Yes, up to 8 kg.", in_reply_to=mention)
    assert [post.id for post in world.api.own_posts(since_id=None).posts] == [own]
    assert own not in [post.id for post in world.api.mentions(since_id=None).posts]


def test_who_is_named_in_so_many_words_is_summoned_and_who_is_only_answered_is_not(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    own = world.api.post("Yes, up to 8 kg.", in_reply_to=mention)
    only_answering = world.write("thanks, and cats?", to=own)
    naming = world.write(f"and {at(world)}, cats?", to=own)
    quoting = world.write("look at this", quotes=own)
    found = world.api.look_up([mention, only_answering, naming])
    summoned = {post_id: world.brand.id in post.summons for post_id, post in found.items() if isinstance(post, Post)}
    assert summoned == {mention: True, only_answering: False, naming: True}
    by_mention = {post.id: post for post in world.api.mentions(since_id=None).posts}
    assert world.brand.id not in by_mention[only_answering].summons
    assert quoting  # a quote without a name is no mention: streams bring it


def test_an_edited_post_is_a_new_version_and_the_old_one_is_not_listed(world) -> None:
    first = world.write(f"{at(world)} can pets fly?")
    second = world.edit(first, f"{at(world)} can cats fly?")
    (post,) = world.api.mentions(since_id=None).posts
    assert (post.id, post.versions, post.text) == (second, (first, second), f"{at(world)} can cats fly?")


def test_a_deleted_post_is_gone(world) -> None:
    kept, deleted = world.write(f"{at(world)} a"), world.write(f"{at(world)} b")
    world.delete(deleted)
    found = world.api.look_up([kept, deleted])
    assert isinstance(found[kept], Post)
    assert isinstance(found[deleted], Gone)
    assert found[deleted].reason
    assert [post.id for post in world.api.mentions(since_id=None).posts] == [kept]


def test_more_than_a_hundred_posts_are_not_looked_up_at_a_time(world) -> None:
    with pytest.raises(InvalidInput):
        world.api.look_up([str(number) for number in range(1, 102)])


def test_a_reply_is_on_the_timeline_under_what_it_answers(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    own = world.api.post("Yes & more: https://example.com/pets", in_reply_to=mention)
    (post,) = world.api.own_posts(since_id=None).posts
    assert (post.id, post.in_reply_to, post.author_id) == (own, mention, world.brand.id)
    assert same_text("Yes & more: https://example.com/pets", post.text)


def test_a_text_that_was_posted_before_may_be_the_same_post(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    world.api.post("Yes, up to 8 kg.", in_reply_to=mention)
    with pytest.raises(Repeated):
        world.api.post("Yes, up to 8 kg.", in_reply_to=mention)
    assert len(world.has()) == 1


def test_a_post_that_is_not_there_cannot_be_answered(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    world.delete(mention)
    with pytest.raises(GiveUp, match="deleted"):
        world.api.post("Yes.", in_reply_to=mention)


def test_who_did_not_summon_the_account_cannot_be_answered(world) -> None:
    complaint = world.write("what an airline")
    with pytest.raises(GiveUp, match="named or quoted"):
        world.api.post("Sorry!", in_reply_to=complaint)


def test_a_broken_answer_leaves_the_post_there(world) -> None:
    mention = world.write(f"{at(world)} can pets fly?")
    world.break_after_post()
    with pytest.raises(Ambiguous):
        world.api.post("Yes, up to 8 kg.", in_reply_to=mention)
    assert len(world.has()) == 1


def test_a_limit_that_is_used_up_says_when_to_come_back(world) -> None:
    world.limit_mentions()
    with pytest.raises(RetryLater) as caught:
        world.api.mentions(since_id=None)
    assert caught.value.not_before > SystemClock().now()


def test_private_messages_of_both_sides_come_newest_first(world) -> None:
    first = world.write_privately("my booking is AB12CD")
    second = world.api.send_private(world.person, "thank you & see you")
    for page in (world.api.private_messages(), world.api.private_messages_with(world.person)):
        newer, older = page.messages
        assert (newer.id, older.id) == (second, first)
        assert (newer.sender_id, older.sender_id) == (world.brand.id, world.person)
        assert (newer.text, older.text) == ("thank you & see you", "my booking is AB12CD")
        assert newer.conversation_id == older.conversation_id
