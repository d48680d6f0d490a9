"""What X leaves out of an answer, or sends so that it cannot be read, is asked for again, and holds nothing else up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace as changed

from tests.doubles import NOON
from tests.x_intake import Brand
from tests.x_private import Private
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Posted, PrivatelyWritten
from triage.channels.x.memory import MemoryX
from triage.channels.x.post import Gone, Post, PrivateMessage, PrivatePage
from triage.channels.x.watch import Source
from triage.errors import GiveUp, RetryLater
from triage.service.x import polling
from triage.service.x.alarms import Code, alarms
from triage.service.x.asking_again import GIVEN_UP
from triage.service.x.condition import Conditions
from triage.store.left_out import LeftOut

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def brand(store) -> Brand:
    brand = Brand(store)
    brand.customer("first")
    brand.mentions.poll()
    return brand


def left_out(brand: Brand, *, named: bool) -> Post:
    """A mention that X leaves out of its pages and, if it names it there, of look-ups."""
    post = brand.customer("left out")
    brand.left_out[post.id] = post.id if named else None
    brand.unknown.add(post.id)
    return post


def mend(brand: Brand) -> None:
    brand.left_out.clear()
    brand.unknown.clear()


def goes_on(brand: Brand, span: timedelta, every: timedelta = MINUTE) -> None:
    """Somebody writes and it is polled, again and again."""
    until = brand.clock.now() + span
    while brand.clock.now() < until:
        brand.clock.advance(every)
        latest = brand.customer("more", handle="bob")
        brand.mentions.poll()
        assert is_stored(brand, latest.id), "one broken post holds the others up"


def is_stored(brand: Brand, post_id: str, channel: str = "x") -> bool:
    with brand.store.read() as transaction:
        return post_id in transaction.messages.cases_of(channel, [post_id])


def alarming(brand: Brand) -> list[str]:
    """The sources of which an alarm says that X leaves something out."""
    asked = dict.fromkeys((Source.POLL, Source.OWN_POSTS, Source.PRIVATE), MINUTE)
    now = Conditions(brand.store, brand.clock, asked, 10 * HOUR, dry_run=False).now()
    return [alarm.about for alarm in alarms(now) if alarm.code is Code.LEFT_OUT]


def said(brand: Brand) -> set[str]:
    return {text for _, text in brand.notes.problems}


def test_a_mention_that_x_names_and_leaves_out_is_looked_up_at_once(brand) -> None:
    post = left_out(brand, named=True)
    brand.unknown.clear()
    brand.mentions.poll()
    assert is_stored(brand, post.id)
    (text,) = said(brand)
    assert text.startswith("X left out some of the mentions, or sent them so that they cannot be read.")
    assert alarming(brand) == []


@pytest.mark.parametrize("named", [True, False])
def test_one_that_does_not_come_is_an_alarm_until_it_does_and_holds_nothing_up(brand, named: bool) -> None:
    post = left_out(brand, named=named)
    goes_on(brand, 3 * HOUR, every=5 * MINUTE)
    assert not is_stored(brand, post.id)
    assert alarming(brand) == ["poll"]
    brand.kill()
    mend(brand)
    goes_on(brand, HOUR + MINUTE, every=5 * MINUTE)
    assert is_stored(brand, post.id)
    assert alarming(brand) == []


@pytest.mark.parametrize(("named", "days"), [(True, 7), (False, 1)])
def test_one_that_never_comes_is_given_up_and_that_is_said(brand, named: bool, days: int) -> None:
    left_out(brand, named=named)
    brand.mentions.poll()
    before = brand.x.calls.copy()
    goes_on(brand, days * DAY - 6 * HOUR, every=6 * HOUR)
    assert alarming(brand) == ["poll"]
    goes_on(brand, 12 * HOUR, every=6 * HOUR)
    assert alarming(brand) == []
    assert [text for text in said(brand) if text.startswith(GIVEN_UP)] == [
        f"{GIVEN_UP} some of the mentions since 20 Oct 12:00 UTC. They are asked for no more."
    ]
    asked = brand.x.calls - before
    assert asked[Endpoint.MENTIONS] + asked[Endpoint.LOOK_UP] <= 2 * (4 * days + 2)


def test_what_has_no_id_is_read_for_again_at_growing_intervals(brand) -> None:
    post = left_out(brand, named=False)
    brand.mentions.poll()
    reached: set[datetime] = set()
    pages = brand.mentions.timeline.pages
    brand.mentions.timeline = replace(
        brand.mentions.timeline, pages=lambda **asked: asked_from(int(asked["since_id"])) or pages(**asked)
    )

    def asked_from(since_id: int) -> None:
        if since_id < int(post.id):
            reached.add(brand.clock.now())

    goes_on(brand, 25 * MINUTE)  # in which it is read again anyway
    reached.clear()
    goes_on(brand, 5 * HOUR, every=5 * MINUTE)
    assert 5 <= len(reached) <= 7


def stretches(brand: Brand) -> list[LeftOut]:
    with brand.store.read() as transaction:
        return sorted(transaction.left_out.of("poll"), key=lambda one: one.above)


def test_several_that_have_no_ids_are_stretches_of_their_own(brand) -> None:
    first = left_out(brand, named=False)
    goes_on(brand, HOUR, every=5 * MINUTE)
    second = left_out(brand, named=False)
    goes_on(brand, HOUR, every=5 * MINUTE)
    one, other = stretches(brand)
    assert one.above < int(first.id) < one.below
    assert other.above < int(second.id) < other.below
    assert one.since < other.since
    mend(brand)
    goes_on(brand, HOUR + MINUTE, every=5 * MINUTE)
    assert is_stored(brand, first.id)
    assert is_stored(brand, second.id)
    assert stretches(brand) == []


def test_many_that_have_no_ids_are_four_stretches_and_the_oldest_become_one(brand) -> None:
    found = [LeftOut(10 * n, 10 * n + 5, NOON + n * MINUTE, NOON + n * HOUR) for n in range(1, 7)]
    brand.store.run(lambda transaction: brand.mentions._again.note(transaction, found, [], latest=0))
    assert stretches(brand) == [LeftOut(10, 35, NOON + 3 * MINUTE, NOON + 3 * HOUR), *found[3:]]


def test_what_has_no_id_is_asked_for_soon_whatever_was_left_out_long_before(brand) -> None:
    left_out(brand, named=False)
    goes_on(brand, HOUR, every=5 * MINUTE)
    fresh = left_out(brand, named=False)
    goes_on(brand, 30 * MINUTE, every=5 * MINUTE)
    brand.left_out.pop(fresh.id)
    goes_on(brand, 20 * MINUTE, every=5 * MINUTE)
    assert is_stored(brand, fresh.id)


def test_what_has_no_id_is_not_given_up_with_what_was_left_out_long_before(brand) -> None:
    left_out(brand, named=False)
    goes_on(brand, 12 * HOUR, every=6 * HOUR)
    later = left_out(brand, named=False)
    goes_on(brand, 18 * HOUR, every=6 * HOUR)
    assert any(text.startswith(GIVEN_UP) for text in said(brand))
    assert not is_stored(brand, later.id)
    mend(brand)
    goes_on(brand, 6 * HOUR, every=6 * HOUR)
    assert is_stored(brand, later.id)


def test_a_reading_that_does_not_come_down_to_it_says_nothing_of_it(store, monkeypatch) -> None:
    monkeypatch.setattr(polling, "_MOST_PAGES", 2)
    brand = Brand(store, page=5)
    brand.customer("first")
    brand.mentions.poll()
    post = left_out(brand, named=False)
    goes_on(brand, 40 * MINUTE)
    mend(brand)
    goes_on(brand, HOUR, every=5 * MINUTE)
    assert alarming(brand) == ["poll"]
    monkeypatch.undo()
    goes_on(brand, HOUR + MINUTE, every=5 * MINUTE)
    assert is_stored(brand, post.id)
    assert alarming(brand) == []


def test_a_mention_without_an_author_is_asked_for_until_x_says_who_wrote_it(brand) -> None:
    posts: list[Post] = []
    pages, look_up = brand.x.mentions, brand.x.look_up

    def nameless(**asked):
        page = pages(**asked)
        return replace(page, posts=tuple(changed(post, author_id="") for post in page.posts))

    brand.x.mentions = nameless
    brand.x.look_up = lambda ids: {one: changed(post, author_id="") for one, post in look_up(ids).items()}
    for _ in range(15):
        posts.append(brand.customer("who is it?"))
        brand.clock.advance(MINUTE)
        brand.mentions.poll()
    brand.clock.advance(2 * DAY)
    assert alarming(brand) == ["poll"]
    assert any(text.startswith("X left out some of the mentions") for text in said(brand))
    brand.x.mentions, brand.x.look_up = pages, look_up
    brand.mentions.poll()
    assert {post.id for post in posts} <= set(brand.stored())
    assert {brand.stored()[post.id].author_id for post in posts} == {posts[0].author_id}
    assert alarming(brand) == []


def test_very_many_without_an_author_are_looked_up_one_a_minute_and_at_once_when_x_has_mended_it(brand) -> None:
    pages, look_up = brand.x.mentions, brand.x.look_up
    asked: list[str] = []

    def nameless(**given):
        page = pages(**given)
        return replace(page, posts=tuple(changed(post, author_id="") for post in page.posts))

    def looked_up(ids):
        asked.extend(ids)
        return {one: changed(post, author_id="") for one, post in look_up(ids).items()}

    brand.x.mentions, brand.x.look_up = nameless, looked_up
    posts = [brand.customer("who is it?") for _ in range(70)]
    for step in range(2 * 24):
        posts += [brand.customer("who is it?") for _ in range(20)] if step == 2 else []
        brand.mentions.poll()
        brand.clock.advance(30 * MINUTE)
    assert len(asked) <= len(posts) + 24 * 60 + 90
    brand.x.mentions, brand.x.look_up = pages, look_up
    while not is_stored(brand, posts[0].id):
        brand.mentions.poll()
        brand.clock.advance(MINUTE)
    brand.mentions.poll()
    assert {post.id for post in posts} <= set(brand.stored())


def test_a_post_of_the_brands_people_without_an_author_is_looked_up_once_a_time(brand) -> None:
    brand.own_posts.poll()
    own = brand.x.write(brand.account, "We are looking into it")
    pages = brand.x.own_posts

    def nameless(**asked):
        page = pages(**asked)
        return replace(page, posts=tuple(changed(post, author_id="") for post in page.posts))

    brand.x.own_posts = nameless
    brand.unknown.add(own.id)
    brand.own_posts.poll()
    with brand.store.read() as transaction:
        assert transaction.left_out.of("poll") == []
        assert len(transaction.left_out.of("own_posts")) == 1


def test_what_a_stream_tells_without_an_author_is_looked_up_by_the_next_poll(brand) -> None:
    post = brand.x.write(brand.x.person("ann"), "this names nobody, and no poll would find it")
    brand.taking.take([Posted(changed(post, author_id=""))])
    assert not is_stored(brand, post.id)
    brand.mentions.poll()
    assert is_stored(brand, post.id)


def test_one_that_was_deleted_is_asked_for_no_more_once_x_cannot_just_be_late(brand) -> None:
    post = left_out(brand, named=True)
    brand.mentions.poll()
    brand.unknown.clear()
    look_up = brand.x.look_up
    brand.x.look_up = lambda ids: look_up(["0"] if ids == [post.id] else ids) and {post.id: look_up(["0"])["0"]}
    goes_on(brand, HOUR, every=5 * MINUTE)
    with brand.store.read() as transaction:
        assert transaction.left_out.of("poll") == []
    assert not any(text.startswith(GIVEN_UP) for text in said(brand))


def test_one_that_x_names_as_gone_is_no_alarm(brand) -> None:
    post = left_out(brand, named=True)
    brand.x.delete(post.id)
    brand.x.look_up = lambda ids: {one: Gone("it is not there") for one in ids}
    brand.unknown.clear()
    page = brand._page
    brand._page = lambda *way, **asked: replace(page(*way, **asked), left_out=(post.id,))
    for _ in range(8):
        goes_on(brand, 5 * MINUTE)
        assert alarming(brand) == []


def test_a_look_up_that_x_refuses_stops_no_polling(brand) -> None:
    post = left_out(brand, named=True)
    brand.unknown.clear()
    brand.x.fail(
        Endpoint.LOOK_UP, RetryLater("no", brand.clock.now()), GiveUp("never"), RetryLater("no", brand.clock.now())
    )
    goes_on(brand, 10 * MINUTE)
    assert is_stored(brand, post.id)


def test_what_an_error_names_beyond_what_was_asked_for_is_no_mention(brand) -> None:
    elsewhere = brand.x.write(brand.x.person("eve"), "a post that somebody quoted")
    brand.clock.advance(2 * HOUR)
    post = brand.customer("new")
    brand.mentions.poll()
    brand.clock.advance(HOUR)
    brand.left_out[post.id] = elsewhere.id
    brand.customer("newer")
    brand.mentions.poll()
    brand.mentions.poll()
    assert not is_stored(brand, elsewhere.id)


def test_posts_of_the_brands_people_are_looked_up_too(brand) -> None:
    question = brand.customer()
    brand.own_posts.poll()
    own = brand.x.write(brand.account, "We are looking into it", in_reply_to=question.id)
    brand.left_out[own.id] = own.id
    brand.own_posts.poll()
    assert not brand.stored()[own.id].inbound


@pytest.mark.parametrize("way", ["named", "unnamed", "without a sender"])
def test_a_private_message_that_x_leaves_out_is_read_for_again(store, way: str) -> None:
    brand = Private(store)
    brand.writes("first")
    brand.private_messages.poll()
    late = brand.x.write_privately(brand.person("bob"), "left out")
    ask = brand.x.private_messages

    def without(**asked: str | None) -> PrivatePage:
        page = ask(**asked)
        if way == "without a sender":
            told = (changed(one, sender_id="") if one.id == late.id else one for one in page.messages)
            return replace(page, messages=tuple(told))
        left = tuple(one for one in page.messages if one.id != late.id)
        named = late.id if way == "named" else None
        return PrivatePage(left, page.next_token, (named,) * (len(page.messages) - len(left)))

    brand.private_messages.timeline.pages.ask = without
    for _ in range(20):
        brand.later(minutes=2)
        latest = brand.x.write_privately(brand.person(), "more")
        brand.private_messages.poll()
        assert is_stored(brand, latest.id, "x-private")
        with brand.store.read() as transaction:
            assert len(transaction.left_out.of("private")) == 1
    assert alarming(brand) == ["private"]
    assert not is_stored(brand, late.id, "x-private")
    brand.private_messages.timeline.pages.ask = ask
    for _ in range(18):
        brand.later(minutes=2)
        brand.private_messages.poll()
    assert is_stored(brand, late.id, "x-private")
    assert alarming(brand) == []
    assert brand.x.calls[Endpoint.PRIVATE_EVENTS] <= 45


def without(brand: Private, late: PrivateMessage) -> None:
    """From now on X names this message as left out."""
    ask = brand.x.private_messages

    def pages(**asked: str | None) -> PrivatePage:
        page = ask(**asked)
        left = tuple(one for one in page.messages if one.id != late.id)
        named = (late.id,) * (len(page.messages) - len(left))
        return replace(page, messages=left, left_out=named)

    brand.private_messages.timeline.pages.ask = pages


def test_a_private_message_that_came_by_another_way_is_read_for_no_more(store) -> None:
    brand = Private(store)
    brand.writes("first")
    brand.private_messages.poll()
    late = brand.x.write_privately(brand.person("bob"), "left out")
    without(brand, late)
    brand.later(minutes=2)
    brand.private_messages.poll()
    brand.taking.take([PrivatelyWritten(late)])
    for _ in range(2):
        brand.later(minutes=30)
        brand.x.write_privately(brand.person(), "more")
        brand.private_messages.poll()
    with store.read() as transaction:
        assert transaction.left_out.of(Source.PRIVATE.value) == []
    assert alarming(brand) == []


def test_private_messages_far_down_do_not_use_up_the_calls_and_are_given_up_in_a_day(store) -> None:
    brand = Private(store)
    brand.x = MemoryX(brand.clock, page=2)
    brand.writes("first")
    brand.private_messages.poll()
    late = brand.x.write_privately(brand.person("bob"), "left out")
    without(brand, late)
    for hour in range(26):
        for _ in range(3):
            latest = brand.x.write_privately(brand.person(), "more")
        brand.x.calls.clear()
        brand.private_messages.poll()
        assert brand.x.calls[Endpoint.PRIVATE_EVENTS] <= 4
        assert is_stored(brand, latest.id, "x-private")
        assert alarming(brand) == (["private"] if 1 <= hour < 24 else [])
        brand.later(hours=1)
    assert [text for text in said(brand) if text.startswith(GIVEN_UP)]
    with store.read() as transaction:
        assert not transaction.marks.get(Source.PRIVATE.value).gaps


def test_a_message_told_without_a_sender_is_found_by_polling(store) -> None:
    brand = Private(store)
    brand.writes("first")
    brand.private_messages.poll()
    message = brand.x.write_privately(brand.person("bob"), "who?")
    brand.taking.take([PrivatelyWritten(changed(message, sender_id=""))])
    brand.later(minutes=2)
    brand.private_messages.poll()
    assert brand.message(message.id).author_id == brand.person("bob").id
    brand.later(minutes=2)
    brand.private_messages.poll()
    with store.read() as transaction:
        assert transaction.left_out.of(Source.PRIVATE.value) == []
