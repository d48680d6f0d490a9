"""What X really answered, recorded in 2021 and 2022, read by the real client."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from tests.x_connection import PATIENCE, Notes, OpenBudget
from triage.channels.x.client import TweepyApi
from triage.channels.x.credentials import OAuth1
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.post import Account
from triage.channels.x.reading import post_from, read_posts, read_private_messages
from triage.channels.x.signing import OAuth1Signer
from triage.channels.x.transport import Caller, Wire
from triage.clock import SystemClock

NEEDED = {
    "client_create_and_delete_tweet",
    "client_get_me",
    "client_get_tweet",
    "client_get_users_mentions",
    "client_hide_and_unhide_reply",
    "client_search_recent_tweets",
    "manage_and_lookup_direct_messages",
}


class Recorded(BaseAdapter):
    """Answers with what was recorded for a method and path, whatever the query, and whoever's id is in the path."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.exchanges = [one for path in sorted(folder.glob("*.json")) for one in json.loads(path.read_text())]
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        wanted = (request.method, _shape(request.url or ""))
        found = next(one for one in self.exchanges if (one["method"], _shape(one["url"])) == wanted)
        raw = HTTPResponse(
            body=BytesIO(json.dumps(found["body"]).encode()),
            status=found["status"],
            headers=found["headers"],
            preload_content=False,
        )
        response = requests.Response()
        response.status_code, response.raw, response.request = found["status"], raw, request
        response.headers.update(found["headers"])
        return response

    def close(self) -> None: ...


def _shape(url: str) -> str:
    """The path with every id replaced."""
    return "/".join("ID" if part.isdigit() else part for part in urlsplit(url).path.split("/"))


@pytest.fixture
def recorded(x_api: Path) -> Recorded:
    return Recorded(x_api / "recorded")


@pytest.fixture
def budget() -> OpenBudget:
    return OpenBudget()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def api(recorded, budget, notes) -> TweepyApi:
    wire = Wire("https://api.x.com", PATIENCE)
    wire._session.mount("https://", recorded)
    secrets = [SecretStr(f"secret-{number}") for number in range(4)]
    return TweepyApi(wire, OAuth1Signer(OAuth1(*secrets)), Caller(budget, notes, SystemClock()))


def test_the_account(api) -> None:
    assert api.me() == Account("1072250532645998596", "example")


def test_a_page_of_mentions_although_only_ids_and_texts_were_asked_for(api, budget, notes) -> None:
    page = api.mentions(since_id=None)
    assert len(page.posts) == 10
    assert page.posts[0].id == "1578516295611748353"
    assert page.posts[0].created_at.replace(microsecond=0) == datetime(2022, 10, 7, 22, 43, 6, tzinfo=UTC)
    assert page.next_token == "7140dibdnow9c7btw423i3sy3u5zupmkcpofxcsmxj48j"
    assert [limit.limit for limit in budget.learnt[Endpoint.MENTIONS]] == [450]
    assert notes.things[Endpoint.MENTIONS] == 10
    assert notes.problems == []


def test_a_post_that_was_taken(api, notes) -> None:
    assert api.post("Test Tweet", in_reply_to="1") == "1456012973835788293"
    assert notes.things[Endpoint.POST] == 1


def test_private_messages(api) -> None:
    assert api.send_private("750362064426721281", "Testing 1") == "1585800613253812228"
    assert api.private_messages().messages == ()
    messages = api.private_messages_with("750362064426721281").messages
    assert [message.id for message in messages] == ["1585800613752881156", "1585800613253812228"]
    assert {message.text for message in messages} == {"redacted text"}


def test_every_recorded_body_of_posts_or_messages_is_read_whole(recorded) -> None:
    for one in recorded.exchanges:
        body = json.dumps(one["body"]).encode()
        items = one["body"].get("data")
        if isinstance(items, list):
            read = read_private_messages if "dm_" in one["url"] else read_posts
            reading = read(body)
            assert [item.id for item in reading.items] == [item["id"] for item in items], one["url"]
            assert reading.problems == ()
            assert reading.next_token == one["body"]["meta"].get("next_token")
        elif isinstance(items, dict) and "edit_history_tweet_ids" in items:
            assert post_from(items).versions == tuple(items["edit_history_tweet_ids"])


def test_nothing_was_recorded_that_is_not_looked_at_here(x_api) -> None:
    assert {path.stem for path in (x_api / "recorded").glob("*.json")} == NEEDED


def test_no_secret_is_in_an_address_or_in_a_body(api, recorded) -> None:
    api.mentions(since_id=None)
    api.post("Test Tweet", in_reply_to="1")
    for request in recorded.asked:
        assert "secret" not in f"{request.url} {request.body!r}"
        assert "secret-1" not in str(request.headers)


def test_the_example_events_of_x_hold_posts_that_are_read(x_api) -> None:
    events = json.loads((x_api / "activity-events.json").read_text())
    posts = {
        name: post_from(event["data"]["payload"])
        for name, event in events.items()
        if name.startswith("post.") and name != "post.delete"
    }
    brand = "1111111111111111111"
    assert posts["post.repost.create"] is None
    assert posts["post.mention.create"].summons == {brand}
    assert (posts["post.reply.create"].mentions, posts["post.reply.create"].summons) == ({brand}, frozenset())
    assert posts["post.reply.create"].in_reply_to == "2080761390344937796"
    assert posts["post.quote.create"].quotes == "2080761390344937796"
