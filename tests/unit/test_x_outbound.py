"""Ways out to X, and looking up what became of posts, over X in memory."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from tests.doubles import NOON
from tests.x_connection import OpenBudget, reply_to
from triage.channels.protocol import HANDED_OVER_WITHIN, Deleted, Presence, Present
from triage.channels.x.dry_run import DryRun
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.memory import MemoryX
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.outbound import XChannel
from triage.channels.x.post import Page
from triage.channels.x.posts_lookup import XPosts
from triage.channels.x.private_outbound import PrivateXChannel
from triage.channels.x.snowflake import first_id_at
from triage.clock import FrozenClock
from triage.domain.erasure import ERASED
from triage.errors import Ambiguous, GiveUp, RetryLater
from triage.privacy.detect import detect

TEXT = "Yes & up to 8 kg: https://example.com/pets"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def x(clock) -> MemoryX:
    return MemoryX(clock, page=3)


@pytest.fixture
def budget(clock) -> OpenBudget:
    return OpenBudget(clock)


@pytest.fixture
def channel(x, budget) -> XChannel:
    return XChannel(x, budget)


@pytest.fixture
def question(x) -> str:
    return x.write(x.person("Ada"), "@MarramAir can pets fly?").id


def reply(post_id: str, text: str = TEXT, minutes: float = 0):
    return replace(reply_to(post_id, text, at=NOON + timedelta(minutes=minutes)), recipient="1001")


# --- Public replies.


def test_a_reply_that_was_sent_is_found_with_its_id(channel, question) -> None:
    assert channel.name == PUBLIC
    post_id = channel.send(reply(question))
    found = channel.find(reply(question))
    assert (found.presence, found.external_id) == (Presence.PRESENT, post_id)


def test_a_reply_whose_answer_was_lost_is_found(channel, x, question) -> None:
    x.fail(Endpoint.POST, Ambiguous("lost"))
    with pytest.raises(Ambiguous):
        channel.send(reply(question))
    assert channel.find(reply(question)).presence is Presence.PRESENT


def test_looking_posts_nothing(channel, x, question) -> None:
    assert channel.find(reply(question)).presence is Presence.ABSENT
    assert x.calls[Endpoint.POST] == 0


def test_the_same_words_under_another_post_are_another_reply(channel, x, question) -> None:
    other = x.write(x.person("Bob"), "@MarramAir can cats fly?").id
    channel.send(reply(other))
    assert channel.find(reply(question)).presence is Presence.ABSENT


def test_a_reply_is_found_under_another_version_of_what_it_answers(channel, x, question) -> None:
    newest = x.edit(question, "@MarramAir can my pets fly?").id
    post_id = x.post(TEXT, in_reply_to=newest)
    assert channel.find(reply(question)).external_id == post_id


def test_the_same_words_from_long_before_are_another_reply(channel, x, clock, question) -> None:
    channel.send(reply(question))
    clock.advance(timedelta(hours=2))
    assert channel.find(reply(question, minutes=120)).presence is Presence.ABSENT


def test_a_reply_is_found_although_clocks_differ_by_minutes(channel, question) -> None:
    post_id = channel.send(reply(question))
    assert channel.find(reply(question, minutes=4)).external_id == post_id


def test_a_reply_is_found_behind_many_later_posts(channel, x, clock, question) -> None:
    post_id = channel.send(reply(question))
    for number in range(20):
        clock.advance(timedelta(seconds=10))
        x.write(x.me(), f"news {number}")
    assert channel.find(reply(question)).external_id == post_id


def test_absent_is_said_only_when_the_timeline_was_read_past_the_reply(channel, x, clock, question) -> None:
    x.write(x.me(), "older news")
    clock.advance(timedelta(minutes=30))
    for number in range(10):
        x.write(x.me(), f"news {number}")
    assert channel.find(reply(question, minutes=30)).presence is Presence.ABSENT
    assert x.calls[Endpoint.OWN_POSTS] == 4


def test_a_timeline_without_an_end_leaves_it_unknown(channel, x, clock, question) -> None:
    for number in range(100):
        x.write(x.me(), f"news {number}")
    assert channel.find(reply(question)).presence is Presence.UNKNOWN


def test_a_timeline_that_x_refuses_leaves_it_unknown(channel, x, question) -> None:
    x.fail(Endpoint.OWN_POSTS, GiveUp("no right"))
    assert channel.find(reply(question)).presence is Presence.UNKNOWN


def test_a_timeline_that_cannot_be_read_now_is_read_later(channel, x, question) -> None:
    x.fail(Endpoint.OWN_POSTS, RetryLater("limit", NOON))
    with pytest.raises(RetryLater):
        channel.find(reply(question))


def test_a_text_that_was_erased_cannot_be_compared(channel, private, question) -> None:
    channel.send(reply(question))
    for way in (channel, private):
        assert way.find(reply(question, ERASED)).presence is Presence.UNKNOWN


def test_a_timeline_that_breaks_on_a_later_page_is_not_taken_for_read(channel, x, question) -> None:
    for number in range(7):
        x.write(x.me(), f"news {number}")
    read = x.own_posts

    def breaks(*, since_id, until_id=None, token=None):
        if token:
            raise RetryLater("limit", NOON)
        return read(since_id=since_id, until_id=until_id, token=token)

    x.own_posts = breaks
    with pytest.raises(RetryLater):
        channel.find(reply(question))


@pytest.mark.parametrize("text", ["x" * 281, "", "犬" * 141, "a\ufeffb"])
def test_a_text_that_x_would_not_take_is_not_sent(channel, x, question, text) -> None:
    with pytest.raises(GiveUp, match="280"):
        channel.send(reply(question, text))
    assert x.calls[Endpoint.POST] == 0


def test_a_link_counts_as_x_counts_it(channel, question) -> None:
    channel.send(reply(question, "x" * 256 + " https://example.com/" + "y" * 300))


def test_a_channel_says_how_long_it_rests(channel, budget) -> None:
    assert channel.rests_until() is None
    budget.rest(Endpoint.POST, NOON + timedelta(minutes=3))
    assert channel.rests_until() == NOON + timedelta(minutes=3)
    assert channel.settles_after > timedelta(0)


def test_a_channel_says_for_how_long_a_call_of_its_may_have_an_effect(channel, private, x) -> None:
    x.longest_write = timedelta(seconds=17)
    assert channel.longest_send == private.longest_send == HANDED_OVER_WITHIN + timedelta(seconds=17)


# --- Private messages.


@pytest.fixture
def private(x, budget) -> PrivateXChannel:
    return PrivateXChannel(x, budget, lambda ids, reply: ())


def test_a_private_message_that_was_sent_is_found(private, x) -> None:
    asked = x.write_privately(x.person("Ada"), "my booking is lost").id
    assert private.name == PRIVATE
    assert private.find(reply(asked)).presence is Presence.ABSENT
    message_id = private.send(reply(asked))
    assert private.find(reply(asked)).external_id == message_id


def test_an_equal_message_that_is_known_as_another_reply_is_not_this_one(x, budget) -> None:
    asked = x.write_privately(x.person("Ada"), "my booking is lost").id
    first: list[str] = []
    private = PrivateXChannel(x, budget, lambda ids, reply: first)
    first.append(private.send(reply(asked)))
    assert private.find(reply(asked)).presence is Presence.ABSENT
    assert private.find(reply(asked)).external_id is None
    second = private.send(reply(asked))
    assert private.find(reply(asked)).external_id == second


def test_the_persons_own_words_are_not_the_reply(private, x) -> None:
    asked = x.write_privately(x.person("Ada"), TEXT).id
    assert private.find(reply(asked)).presence is Presence.ABSENT


def test_a_private_message_whose_answer_was_lost_is_found(private, x) -> None:
    x.fail(Endpoint.PRIVATE_SEND, Ambiguous("lost"))
    with pytest.raises(Ambiguous):
        private.send(reply("1"))
    assert private.find(reply("1")).presence is Presence.PRESENT


def test_a_conversation_that_x_refuses_leaves_it_unknown(private, x) -> None:
    x.fail(Endpoint.PRIVATE_EVENTS, GiveUp("no right"))
    assert private.find(reply("1")).presence is Presence.UNKNOWN


def test_a_long_private_message_is_no_problem_and_an_endless_one_is_not_sent(private, x) -> None:
    private.send(reply("1", "x" * 10_000))
    with pytest.raises(GiveUp, match="10,001"):
        private.send(reply("1", "x" * 10_001))
    assert x.calls[Endpoint.PRIVATE_SEND] == 1


def test_a_private_channel_rests_on_its_own(private, budget) -> None:
    budget.rest(Endpoint.POST, NOON + timedelta(minutes=3))
    assert private.rests_until() is None


# --- Looking up.


def test_posts_are_present_with_their_newest_text_or_deleted(x) -> None:
    ada = x.person("Ada")
    kept, edited, deleted = (x.write(ada, text).id for text in ("kept", "typo", "regretted"))
    newest = x.edit(edited, "no typo, @MarramAir").id
    x.delete(deleted)
    posts = XPosts(x)
    assert posts.look_up([kept, edited, deleted]) == {
        kept: Present("kept", (kept,), summoned=False),
        edited: Present("no typo, @MarramAir", (edited, newest), summoned=True),
        deleted: Deleted(),
    }
    assert x.calls[Endpoint.LOOK_UP] == 2
    assert (posts.name, posts.most) == (PUBLIC, 100)


def test_an_edited_post_that_was_deleted_is_deleted(x) -> None:
    first = x.write(x.person("Ada"), "typo").id
    x.delete(x.edit(first, "no typo").id)
    assert XPosts(x).look_up([first]) == {first: Deleted()}


def test_a_look_up_without_edits_is_one_call(x) -> None:
    first = x.write(x.person("Ada"), "kept").id
    XPosts(x).look_up([first])
    assert x.calls[Endpoint.LOOK_UP] == 1


# --- Trying without sending.


def test_a_dry_run_logs_what_would_be_sent_with_personal_data_masked(caplog) -> None:
    dry = DryRun(PUBLIC, detect)
    with caplog.at_level(logging.INFO):
        external_id = dry.send(reply("77", "We called you at +44 20 7946 0958 about pets."))
    (record,) = caplog.records
    assert "in reply to 77 on x" in record.getMessage()
    assert "about pets." in record.getMessage()
    assert "7946" not in record.getMessage()
    assert "of 280" in record.getMessage()
    assert not external_id.isdigit()


def test_a_dry_run_sends_nothing_and_refuses_what_x_would_refuse() -> None:
    dry = DryRun(PUBLIC, detect)
    assert dry.rests_until() is None
    with pytest.raises(GiveUp):
        dry.send(reply("77", "x" * 281))


def test_a_dry_run_cannot_say_what_became_of_a_reply_that_was_sent_before_it() -> None:
    assert DryRun(PUBLIC, detect).find(reply("77")).presence is Presence.UNKNOWN


def test_a_dry_run_takes_long_private_messages_as_x_does() -> None:
    assert DryRun(PRIVATE, detect).send(reply("77", "x" * 281))


def test_a_reply_that_may_be_among_what_x_left_out_is_not_called_absent(x, channel, question, monkeypatch) -> None:
    assert channel.find(reply(question)).presence is Presence.ABSENT
    whole = x.own_posts
    monkeypatch.setattr(x, "own_posts", lambda **asked: replace(whole(**asked), left_out=(None,)))
    assert channel.find(reply(question)).presence is Presence.UNKNOWN


def test_what_x_left_out_and_was_posted_before_the_reply_does_not_matter(x, channel, question, monkeypatch) -> None:
    whole, early = x.own_posts, first_id_at(NOON - timedelta(minutes=6))
    monkeypatch.setattr(x, "own_posts", lambda **asked: replace(whole(**asked), left_out=(early,)))
    assert channel.find(reply(question)).presence is Presence.ABSENT
    monkeypatch.setattr(x, "own_posts", lambda **asked: replace(whole(**asked), left_out=(first_id_at(NOON),)))
    assert channel.find(reply(question)).presence is Presence.UNKNOWN


def test_what_x_left_out_in_private_matters_in_the_same_way(x, private, monkeypatch) -> None:
    asked = reply(x.write_privately(x.person("Ada"), "my booking is lost").id)
    whole, early = x.private_messages_with, first_id_at(NOON - timedelta(minutes=6))
    for left_out, presence in [(early, Presence.ABSENT), (first_id_at(NOON), Presence.UNKNOWN)]:
        told = replace(whole("1000"), left_out=(left_out,))
        monkeypatch.setattr(x, "private_messages_with", lambda *_, told=told, **__: told)
        assert private.find(asked).presence is presence


# --- What X does not say, and what it takes twice.


def test_the_same_words_of_which_x_does_not_say_what_they_answer_leave_it_unknown(
    channel, x, question, monkeypatch
) -> None:
    channel.send(reply(question))
    whole = x.own_posts

    def left_out(**asked) -> Page:
        page = whole(**asked)
        return replace(page, posts=tuple(structs.replace(post, in_reply_to=None) for post in page.posts))

    monkeypatch.setattr(x, "own_posts", left_out)
    assert channel.find(reply(question)).presence is Presence.UNKNOWN


def test_the_same_words_that_answer_nothing_are_no_reply(channel, x, question) -> None:
    x.write(x.me(), TEXT)
    assert channel.find(reply(question)).presence is Presence.ABSENT


def test_x_refuses_the_same_text_in_public_and_takes_it_again_in_private(channel, private) -> None:
    assert channel.refuses_repeats_for > timedelta(hours=1)
    assert private.refuses_repeats_for == timedelta(0)


def test_between_the_last_look_at_the_clock_and_the_message_nothing_is_asked(private, x) -> None:
    private.send(reply("1"))
    assert x.calls == {Endpoint.PRIVATE_SEND: 1}
