"""What plain tweepy makes of the stand-in: it reads and writes, and stumbles over the faults that it is known to.

These are the reasons for a transport of our own; where a later tweepy stumbles no more, a test here fails.
"""

from __future__ import annotations

import sys
from threading import Thread
from typing import Any

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from tests.xsim.asking import Asking


class Led(HTTPAdapter):
    """Leads what goes to X to the stand-in; the signature stays that for X."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://api.twitter.com", self._address)
        return super().send(request, *args, **kwargs)


def client(brand: Asking, **options: Any) -> tweepy.Client:
    app, user = brand.sim.app, brand.user
    made = tweepy.Client(
        app["bearer_token"],
        app["consumer_key"],
        app["consumer_secret"],
        user.access_token,
        user.access_token_secret,
        **options,
    )
    made.session.mount("https://", Led(brand.sim.address))
    return made


class Listener(tweepy.StreamingClient):
    """Keeps what a stream told, and stops after some of it, after some connections, or by itself."""

    def __init__(self, brand: Asking, enough: int = 10**9, connections: int = 10**9) -> None:
        super().__init__(brand.sim.app["bearer_token"])
        self.session.mount("https://", Led(brand.sim.address))
        self.heard: list[str] = []
        self.connects = 0
        self.failure: Exception | None = None
        self._enough, self._connections = enough, connections

    def on_connect(self) -> None:
        self.connects += 1
        if self.connects >= self._connections:
            self.disconnect()

    def on_tweet(self, tweet: tweepy.Tweet) -> None:
        self.heard.append(str(tweet.id))
        if len(self.heard) >= self._enough:
            self.disconnect()

    def on_exception(self, exception: Exception) -> None:
        self.failure = exception


@pytest.fixture
def talk(brand: Asking) -> None:
    """Somebody mentions the brand, every 20 milliseconds."""
    brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": "@MarramAir", "tag": "mentions"}]})
    brand.sim.bulk([{"author": "ann", "text": f"@MarramAir hello {n}"} for n in range(500)], rate=50)


def filter_in_thread(listener: Listener, seconds: float = 10) -> None:
    thread = Thread(target=listener.filter, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive()


def test_it_reads_mentions_and_posts_a_reply(brand: Asking) -> None:
    ids = brand.sim.bulk([{"author": "ann", "text": f"@MarramAir {n}"} for n in range(12)])
    fields = ["created_at", "author_id", "conversation_id"]
    found = [
        page.data
        for page in tweepy.Paginator(
            client(brand).get_users_mentions, brand.user.id, max_results=5, tweet_fields=fields, user_auth=True
        )
    ]
    assert [str(tweet.id) for page in found for tweet in page] == ids[::-1]
    client(brand).create_tweet(text="We look.", in_reply_to_tweet_id=ids[0])
    (written,) = brand.sim.world(author="MarramAir").posts
    assert (written.raw, written.reply_to) == ("We look.", ids[0])


def test_it_reads_the_stream(brand: Asking, talk: None) -> None:
    listener = Listener(brand, enough=3)
    filter_in_thread(listener)
    assert len(listener.heard) == 3
    assert listener.failure is None


def test_a_lost_response_is_no_error_of_its_own(brand: Asking) -> None:
    asked = brand.sim.post("ann", "@MarramAir hello")
    brand.sim.fault("lost_applied", "create", times=1)
    with pytest.raises(requests.ConnectionError):
        client(brand).create_tweet(text="We look.", in_reply_to_tweet_id=asked.id)
    with pytest.raises(tweepy.Forbidden, match="duplicate"):
        client(brand).create_tweet(text="We look.", in_reply_to_tweet_id=asked.id)


def test_a_limit_without_a_time_is_run_against_until_python_gives_up(
    brand: Asking,
) -> None:
    brand.sim.fault("rate_limited_bare", "mentions")
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(400)  # sooner than with Python's own 1,000, at which it takes some 970 calls
    try:
        with pytest.raises(RecursionError):
            client(brand, wait_on_rate_limit=True).get_users_mentions(brand.user.id, user_auth=True)
    finally:
        sys.setrecursionlimit(usual)
    assert brand.sim.fired()["rate_limited_bare"] > 100


def test_dates_without_fractions_are_not_read(brand: Asking) -> None:
    brand.sim.post("ann", "@MarramAir hello")
    brand.sim.fault("plain_dates", "mentions")
    with pytest.raises(ValueError, match="does not match format"):
        client(brand).get_users_mentions(brand.user.id, tweet_fields=["created_at"], user_auth=True)


def test_no_call_has_a_time_out(brand: Asking) -> None:
    brand.sim.fault("slow_before", "users.me", params={"seconds": 2})
    call = Thread(target=client(brand).get_me, daemon=True)
    call.start()
    call.join(1.5)
    assert call.is_alive()
    call.join(10)


def test_a_closed_stream_is_opened_again_at_once_and_without_end(brand: Asking, talk: None) -> None:
    brand.sim.limit("stream", app=10_000)
    brand.sim.fault("stream_closes", "stream")
    listener = Listener(brand, connections=100)
    filter_in_thread(listener, seconds=20)
    assert listener.connects == 100


def test_a_line_cut_short_ends_the_stream_for_good(brand: Asking, talk: None) -> None:
    brand.sim.fault("stream_cut", "stream", times=1)
    listener = Listener(brand)
    filter_in_thread(listener)
    assert isinstance(listener.failure, ValueError)


def test_a_rule_without_a_tag_ends_the_stream_for_good(brand: Asking, talk: None) -> None:
    brand.sim.fault("stream_untagged", "stream", times=1)
    listener = Listener(brand)
    filter_in_thread(listener)
    assert isinstance(listener.failure, KeyError)
