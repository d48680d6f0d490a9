"""X's own client library finds its way about on the stand-in."""

from __future__ import annotations

import json

import pytest
from xdk import Client
from xdk.posts.models import CreateRequest
from xdk.stream.models import UpdateRulesRequest
from xdk.streaming import StreamConfig, StreamError

from tests.xsim.asking import Asking


def as_user(brand: Asking) -> Client:
    return Client(base_url=brand.sim.address, access_token=brand.user.oauth2_access_token)


def as_app(brand: Asking) -> Client:
    return Client(base_url=brand.sim.address, bearer_token=brand.sim.app["bearer_token"])


def test_it_reads_mentions_over_several_pages(brand: Asking) -> None:
    ids = brand.sim.bulk([{"author": f"person{n}", "text": f"@MarramAir question {n}"} for n in range(12)])
    pages = list(as_user(brand).users.get_mentions(brand.user.id, max_results=5, expansions=["author_id"]))
    found = [post.id for page in pages for post in page.data or []]
    assert found == ids[::-1]
    assert [len(page.data) for page in pages] == [5, 5, 2]
    assert pages[0].data[0].author_id == pages[0].includes.users[0].id


def test_it_posts_a_reply_and_finds_it_on_the_own_timeline(brand: Asking) -> None:
    asked = brand.sim.post("ann", "@MarramAir where is my bag?")
    request = CreateRequest.model_validate({"text": "We look.", "reply": {"in_reply_to_tweet_id": asked.id}})
    made = as_user(brand).posts.create(request).data
    (written,) = brand.sim.world(author="MarramAir").posts
    assert (written.id, written.reply_to, written.raw) == (made.id, asked.id, "We look.")
    (page,) = as_user(brand).users.get_posts(brand.user.id, expansions=["referenced_posts"])
    assert page.data[0].referenced_posts[0].id == asked.id


def test_it_reads_the_filtered_stream(brand: Asking) -> None:
    client = as_app(brand)
    client.stream.update_rules(UpdateRulesRequest.model_validate({"add": [{"value": "@MarramAir", "tag": "mentions"}]}))
    stream = client.stream.posts(stream_config=StreamConfig(max_retries=0, timeout=10, chunk_size=1))
    brand.sim.fault("stream_closes", "stream", times=1)
    brand.sim.bulk([{"author": "ann", "text": f"@MarramAir hello {n}"} for n in range(200)], rate=20)
    told = next(stream)
    assert told.data.text.startswith("@MarramAir hello")
    assert told.matching_rules[0].tag == "mentions"


def test_it_reads_activities(brand: Asking) -> None:
    """Replies and private messages; with mentions it drops X's own samples too (it wants a ``post_count``)."""
    client = as_app(brand)
    for event_type in ("post.reply.create", "dm.received"):
        body = {"event_type": event_type, "filter": {"user_id": brand.user.id}}
        assert brand.post("activity/subscriptions", **body).status_code == 200
    stream = client.stream.activity(stream_config=StreamConfig(max_retries=0, timeout=10, chunk_size=1))
    ours = brand.post("tweets", text="we are open").json()["data"]["id"]
    brand.sim.bulk([{"author": "ann", "text": "good to know", "reply_to": ours}] * 200, rate=20)
    events = (json.loads(told.model_dump_json())["data"] for told in stream)
    told = next(events)
    assert (told["event_type"], told["payload"]["text"]) == ("post.reply.create", "@MarramAir good to know")
    brand.sim.message("ann", "MarramAir", "hello")
    assert any(event["event_type"] == "dm.received" for event in events)


def test_it_knows_the_stand_ins_refusals(brand: Asking) -> None:
    brand.sim.fault("stream_refused", "stream")
    stream = as_app(brand).stream.posts(stream_config=StreamConfig(max_retries=0, timeout=5))
    with pytest.raises(StreamError, match="Rate limited"):
        next(stream)
    brand.sim.revoke("MarramAir")
    with pytest.raises(Exception, match="401"):
        as_user(brand).posts.create(CreateRequest.model_validate({"text": "hello"}))
