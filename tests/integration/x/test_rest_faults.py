"""What X and networks do to calls: first what plain tweepy makes of it, then what the product does."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
import requests
import tweepy

from tests.x_connection import Brand, brand_on, of_client, plain_tweepy, reply_to
from tests.xsim.client import SimPost, XSim, running
from triage.channels.protocol import Presence
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.oauth2 import MemoryTokens
from triage.channels.x.outbound import XChannel
from triage.channels.x.post import Gone, Post
from triage.channels.x.private_outbound import PrivateXChannel
from triage.clock import FastClock, SystemClock
from triage.errors import Ambiguous, GiveUp, RetryLater


@pytest.fixture(scope="module")
def stand_in() -> Iterator[XSim]:
    with running() as x:
        x.user("Ada")
        yield x


@pytest.fixture
def x(stand_in: XSim) -> Iterator[XSim]:
    yield stand_in
    stand_in.no_faults()


@pytest.fixture
def brand(x: XSim) -> Brand:
    brand = brand_on(x)
    brand.api.me()
    return brand


@pytest.fixture
def mention(brand: Brand) -> SimPost:
    """Ada asks the brand something."""
    return brand.x.post("Ada", f"@{brand.user.username} can pets fly & how much is it? {time.monotonic_ns()}")


def now():
    return SystemClock().now()


# --- Time-outs.


def test_plain_tweepy_waits_for_an_answer_that_does_not_come(x, brand) -> None:
    x.fault("slow_before", "mentions", times=1, params={"seconds": 4})
    client = plain_tweepy(x, brand.user)
    waiting = threading.Thread(
        target=lambda: client.get_users_mentions(brand.user.id, user_auth=True), daemon=True, name="tweepy"
    )
    waiting.start()
    waiting.join(timeout=3)
    assert waiting.is_alive(), "tweepy has learnt about time-outs"


def test_a_read_without_an_answer_ends_in_time_and_is_tried_later(x, brand) -> None:
    x.fault("slow_before", "mentions", times=1, params={"seconds": 5})
    began = time.monotonic()
    with pytest.raises(RetryLater, match="did not answer in time") as caught:
        brand.api.mentions(since_id=None)
    assert time.monotonic() - began < 4
    assert caught.value.not_before > now() - timedelta(seconds=1)


def test_a_post_without_an_answer_is_in_doubt_and_found_on_the_timeline(x, brand, mention) -> None:
    x.fault("slow_applied", "create", times=1, params={"seconds": 5})
    resolves(brand, reply_to(mention.id, "Up to 8 kg in the cabin."), "did not answer in time")


def test_a_post_that_x_never_carried_out_is_absent(x, brand, mention) -> None:
    x.fault("slow_before", "create", times=1, params={"seconds": 5})
    channel, reply = XChannel(brand.api, brand.budget), reply_to(mention.id, "Up to 8 kg in the cabin.")
    with pytest.raises(Ambiguous):
        channel.send(reply)
    assert channel.find(reply).presence is Presence.ABSENT
    assert brand.posts() == []


# --- Lost answers.


def test_plain_tweepy_has_no_error_for_a_lost_answer_and_posting_again_is_refused(x, brand, mention) -> None:
    client = plain_tweepy(x, brand.user)
    x.fault("lost_applied", "create", times=1)
    with pytest.raises(requests.ConnectionError) as caught:
        client.create_tweet(text="Yes, they can.", in_reply_to_tweet_id=mention.id)
    assert not isinstance(caught.value, tweepy.TweepyException)
    with pytest.raises(tweepy.Forbidden, match="duplicate"):
        client.create_tweet(text="Yes, they can.", in_reply_to_tweet_id=mention.id)
    assert len(brand.posts()) == 1


def test_a_post_whose_answer_was_lost_is_in_doubt_and_found_on_the_timeline(x, brand, mention) -> None:
    x.fault("lost_applied", "create", times=1)
    resolves(brand, reply_to(mention.id, "Yes & with a leash: https://example.com/pets?a=1&b=2"), "connection broke")


def test_a_post_lost_on_the_way_is_in_doubt_and_absent(x, brand, mention) -> None:
    x.fault("lost_before", "create", times=1)
    channel, reply = XChannel(brand.api, brand.budget), reply_to(mention.id, "Yes, they can.")
    with pytest.raises(Ambiguous, match="connection broke"):
        channel.send(reply)
    assert channel.find(reply).presence is Presence.ABSENT


def test_a_post_that_is_read_again_on_the_same_day_costs_nothing_more(brand, mention) -> None:
    brand.api.mentions(since_id=None)
    read = brand.notes.things[Endpoint.MENTIONS]
    brand.api.mentions(since_id=None)
    assert brand.notes.things[Endpoint.MENTIONS] == read > 0


def test_a_read_whose_answer_was_lost_is_tried_later(x, brand) -> None:
    x.fault("lost_before", "mentions", times=1)
    with pytest.raises(RetryLater, match="connection broke"):
        brand.api.mentions(since_id=None)


def test_a_post_that_never_left_may_be_sent_again(brand) -> None:
    with brand.nowhere(), pytest.raises(RetryLater, match="cannot be reached"):
        brand.api.post("Yes, they can.", in_reply_to="2080761390344937796")


def test_a_truncated_page_is_tried_later(x, brand, mention) -> None:
    x.fault("truncated", "mentions", times=1)
    with pytest.raises(RetryLater):
        brand.api.mentions(since_id=None)
    brand.budget.rests.clear()
    assert [post.id for post in brand.api.mentions(since_id=None).posts] == [mention.id]


def test_a_truncated_answer_to_a_post_is_in_doubt_and_found_on_the_timeline(x, brand, mention) -> None:
    x.fault("truncated", "create", times=1)
    resolves(brand, reply_to(mention.id, "Yes, they can."), "unknown whether X did it")


# --- 503.


@pytest.mark.parametrize("kind", ["html", "json"])
def test_a_server_that_is_down_is_asked_later(x, brand, kind) -> None:
    x.fault(f"unavailable_{kind}", "mentions", times=1)
    with pytest.raises(RetryLater, match="503") as caught:
        brand.api.mentions(since_id=None)
    assert now() - timedelta(seconds=1) < caught.value.not_before < now() + timedelta(minutes=15)
    assert brand.said() == "X failed with status 503"


@pytest.mark.parametrize("kind", ["html", "json"])
def test_a_post_that_was_applied_before_a_503_is_found(x, brand, mention, kind) -> None:
    x.fault(f"unavailable_{kind}_applied", "create", times=1)
    resolves(brand, reply_to(mention.id, "Yes, they can."), "503")


@pytest.mark.parametrize("kind", ["html", "json"])
def test_a_post_that_was_not_applied_before_a_503_is_absent(x, brand, mention, kind) -> None:
    x.fault(f"unavailable_{kind}", "create", times=1)
    channel, reply = XChannel(brand.api, brand.budget), reply_to(mention.id, "Yes, they can.")
    with pytest.raises(Ambiguous, match="503"):
        channel.send(reply)
    assert channel.find(reply).presence is Presence.ABSENT


# --- 429.


def test_plain_tweepy_asks_without_end_where_a_429_says_no_time(x, brand) -> None:
    x.fault("rate_limited_bare", "mentions")
    client = plain_tweepy(x, brand.user, wait_on_rate_limit=True)
    gc.disable()  # what is collected at the bottom of the recursion has no room left to be finished in
    try:
        with pytest.raises(RecursionError):
            client.get_users_mentions(brand.user.id, user_auth=True)
    finally:
        gc.enable()
    assert x.fired()["rate_limited_bare"] > 300, "tweepy has learnt to stop, or to wait"


def test_a_429_without_a_time_is_backed_off_from_longer_each_time(x, brand) -> None:
    x.fault("rate_limited_bare", "mentions", times=5)
    pauses = []
    for _ in range(5):
        brand.budget.rests.clear()
        with pytest.raises(RetryLater) as caught:
            brand.api.mentions(since_id=None)
        pauses.append((caught.value.not_before - now()).total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[-1] > 10
    assert brand.budget.rests[Endpoint.MENTIONS] == caught.value.not_before


def test_after_a_429_no_call_is_made_before_the_time_that_it_names(x, brand) -> None:
    x.fault("rate_limited", "mentions", times=1, params={"seconds": 600})
    with pytest.raises(RetryLater) as caught:
        brand.api.mentions(since_id=None)
    assert timedelta(seconds=590) < caught.value.not_before - now() < timedelta(seconds=610)
    asked = x.ledger()["calls"]["mentions"]
    with pytest.raises(RetryLater):
        brand.api.mentions(since_id=None)
    assert x.ledger()["calls"]["mentions"] == asked


def test_plain_tweepy_waits_for_a_limit_that_is_not_used_up(x, brand, mention, monkeypatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tweepy.client.time", SimpleNamespace(time=time.time, sleep=waits.append))
    x.fault("rate_limited_day", "create", times=1, params={"seconds": 40_000})
    client = plain_tweepy(x, brand.user, wait_on_rate_limit=True)
    client.create_tweet(text="Yes, they can.", in_reply_to_tweet_id=mention.id)
    assert 0 < max(waits) < 1_000


def test_the_limit_of_a_day_counts_where_a_429_has_both(x, brand, mention) -> None:
    x.fault("rate_limited_day", "create", times=1, params={"seconds": 40_000})
    with pytest.raises(RetryLater) as caught:
        brand.api.post("Yes, they can.", in_reply_to=mention.id)
    assert timedelta(seconds=39_900) < caught.value.not_before - now() < timedelta(seconds=40_100)


def test_the_budget_learns_from_every_answer(brand) -> None:
    brand.api.mentions(since_id=None)
    (limit,) = brand.budget.learnt[Endpoint.MENTIONS]
    assert (limit.limit, limit.remaining) == (300, 299)
    assert limit.resets_at > now()


# --- 403.


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not_summoned", "named or quoted the account"),
        ("reply_to_deleted", "was deleted"),
        ("reply_restricted", "restricted who may answer"),
        ("blocked", "has blocked the account"),
    ],
)
def test_a_refused_post_is_given_up_with_words_for_agents(x, brand, mention, fault, words) -> None:
    x.fault(fault, "create", times=1)
    with pytest.raises(GiveUp, match=words):
        brand.api.post("Yes, they can.", in_reply_to=mention.id)


def test_a_duplicate_text_may_be_the_very_reply_and_is_looked_for(x, brand, mention) -> None:
    resolves(brand, reply_to(mention.id, "Yes, they can."), "posted this text before", sent_before=True)


def test_a_duplicate_of_another_post_is_absent(x, brand, mention) -> None:
    x.fault("duplicate", "create", times=1)
    channel, reply = XChannel(brand.api, brand.budget), reply_to(mention.id, "Yes, they can.")
    with pytest.raises(Ambiguous):
        channel.send(reply)
    assert channel.find(reply).presence is Presence.ABSENT


# --- Credentials.


def test_a_revoked_token_is_said_in_plain_words_and_tried_again_later(x, brand) -> None:
    x.revoke(brand.user.username)
    with pytest.raises(RetryLater) as caught:
        brand.api.mentions(since_id=None)
    assert timedelta(minutes=14) < caught.value.not_before - now() <= timedelta(minutes=15)
    assert brand.said().startswith("X does not accept the access token any more")
    assert brand.user.access_token not in brand.said()


def test_plain_tweepy_writes_tokens_to_the_log(x, brand, caplog) -> None:
    client = plain_tweepy(x, brand.user, bearer_token=brand.user.oauth2_access_token)
    with caplog.at_level(logging.DEBUG, "tweepy.client"):
        client.get_users_mentions(brand.user.id)
    assert brand.user.oauth2_access_token in caplog.text


def test_the_product_writes_none_although_it_asks_tweepy(x, brand, caplog) -> None:
    with caplog.at_level(logging.DEBUG, "tweepy.client"):
        brand.api.mentions(since_id=None)
    assert caplog.text == ""


def test_plain_tweepy_goes_on_with_an_oauth2_token_that_has_ended() -> None:
    with running() as x:
        x.user("Ada")
        user = x.user("Oauth2", credentials=True)
        client = plain_tweepy(x, user, bearer_token=user.oauth2_access_token)
        assert client.get_users_mentions(user.id).data is None
        x.advance(7300)
        with pytest.raises(tweepy.Unauthorized):
            client.get_users_mentions(user.id)
        with pytest.raises(tweepy.Unauthorized):
            client.get_users_mentions(user.id)


def test_oauth2_tokens_are_renewed_before_they_end_and_shared() -> None:
    factor, began = 60, now()
    with running(clock=str(factor)) as x:
        x.user("Ada")
        clock = FastClock(factor, began, began)
        keeper = MemoryTokens()
        brand = brand_on(x, oauth2=True, clock=clock, keeper=keeper)
        for _ in range(3):
            assert brand.api.mentions(since_id=None).posts == ()
            first = keeper.load()
            x.advance(7300)  # the stand-in's clock alone: the product's is behind, and finds out by a 401
            assert brand.api.mentions(since_id=None).posts == ()
            assert keeper.load() != first
        assert of_client(x, brand.user).refresh_token != keeper.load().refresh
        assert brand.notes.problems == []


# --- What is read.


def test_plain_tweepy_cannot_read_dates_without_fractions(x, brand, mention) -> None:
    x.fault("plain_dates", "mentions", times=1)
    client = plain_tweepy(x, brand.user)
    with pytest.raises(ValueError, match="does not match format"):
        client.get_users_mentions(brand.user.id, tweet_fields=["created_at"], user_auth=True)


def test_dates_without_fractions_are_read(x, brand, mention) -> None:
    x.fault("plain_dates", "mentions", times=1)
    (post,) = brand.api.mentions(since_id=None).posts
    assert abs(post.created_at - now()) < timedelta(minutes=1)


@pytest.mark.parametrize("spelling", ["new_spelling", "old_spelling"])
def test_both_spellings_read_the_same(x, brand, mention, spelling) -> None:
    answer = x.post("Ada", f"@{brand.user.username} and cats?", reply_to=mention.id)
    x.edit(answer.id, f"@{brand.user.username} and cats too?")
    x.fault(spelling, "mentions", times=1)
    posts = brand.api.mentions(since_id=mention.id).posts
    assert [(post.text, post.in_reply_to, len(post.versions)) for post in posts] == [
        (f"@{brand.user.username} and cats too?", mention.id, 2)
    ]
    assert posts[0].summons >= {brand.user.id}


def test_ids_keep_their_19_digits(brand, mention) -> None:
    (post,) = brand.api.mentions(since_id=None).posts
    assert post.id == mention.id
    assert len(post.id) == 19


def test_a_deleted_post_looks_up_as_gone_beside_one_that_is_there(x, brand, mention) -> None:
    gone = x.post("Ada", "never mind")
    x.delete(gone.id)
    found = brand.api.look_up([gone.id, mention.id])
    assert isinstance(found[gone.id], Gone)
    assert isinstance(found[mention.id], Post)
    assert found[mention.id].text == mention.raw


def test_partial_errors_cost_no_post(x, brand, mention) -> None:
    quoting = x.post("Ada", "look at this", quote=mention.id)
    x.fault("partial_errors", "lookup", times=1)
    x.fault("partial_errors", "mentions", times=1)
    assert [post.id for post in brand.api.mentions(since_id=None).posts] == [mention.id]
    assert set(brand.api.look_up([mention.id, quoting.id])) == {mention.id, quoting.id}


def test_a_mention_that_x_leaves_out_of_a_page_is_known_if_x_names_it(x, brand, mention) -> None:
    x.fault("left_out", "mentions", times=1)
    page = brand.api.mentions(since_id=None)
    assert (page.posts, page.left_out) == ((), (mention.id,))
    assert brand.api.look_up(page.left_out)[mention.id].text == mention.raw
    x.fault("left_out", "mentions", times=1, params={"named": 0})
    page = brand.api.mentions(since_id=None)
    assert (page.posts, page.left_out) == ((), (None,))
    assert "X left something out" in brand.said()


def test_a_post_twice_in_a_page_is_there_twice_for_others_to_know(x, brand, mention) -> None:
    x.fault("repeated", "mentions", times=1)
    assert {post.id for post in brand.api.mentions(since_id=None).posts} == {mention.id}


def test_own_posts_come_back_on_the_timeline_as_the_replies_that_they_are(brand, mention) -> None:
    post_id = XChannel(brand.api, brand.budget).send(reply_to(mention.id, "Yes & more at https://example.com/pets"))
    (own,) = brand.api.own_posts(since_id=None).posts
    assert (own.id, own.in_reply_to, own.author_id) == (post_id, mention.id, brand.user.id)


def test_a_private_message_whose_answer_was_lost_is_found_in_the_conversation(x, brand) -> None:
    asked = x.message("Ada", brand.user.username, "my booking is lost")
    ada = next(user.id for user in x.world().users if user.username == "Ada")
    x.fault("lost_applied", "messages.send", times=1)
    channel = PrivateXChannel(brand.api, brand.budget, lambda ids, reply: ())
    reply = replace(reply_to(asked.id, "We are looking & will write: https://example.com/lost"), recipient=ada)
    with pytest.raises(Ambiguous):
        channel.send(reply)
    sent = [message for message in x.world().messages if message.sender == brand.user.username]
    assert channel.find(reply).external_id == sent[0].id
    assert len(sent) == 1


def test_a_private_message_to_somebody_who_takes_none_is_given_up(x, brand) -> None:
    x.user(f"Shy{brand.user.id}"[:15])
    shy = next(user for user in x.world().users if user.username.startswith("Shy"))
    x.block(shy.username, brand.user.username)
    with pytest.raises(GiveUp, match="private messages"):
        brand.api.send_private(shy.id, "hello")


def resolves(brand: Brand, reply, words: str, *, sent_before: bool = False) -> None:
    """The reply's sending ends in doubt, is then found, and is on X once."""
    channel = XChannel(brand.api, brand.budget)
    if sent_before:
        channel.send(reply)
    with pytest.raises(Ambiguous, match=words):
        channel.send(reply)
    found = channel.find(reply)
    (post_id,) = brand.posts()
    assert (found.presence, found.external_id) == (Presence.PRESENT, post_id)
