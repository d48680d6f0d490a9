"""The stand-in against X's own OpenAPI documents: 2.166 for what it says by default, 2.167 for the later names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from tests.xsim.asking import Asking, lines

SERVER = "https://api.x.com"


@cache
def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


class Referee:
    """Judges responses by one of the documents."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        # X's documents themselves are not valid to the letter; what they say of bodies is
        self._openapi = OpenAPI.from_dict(self.document, config=Config(spec_validator_cls=None))

    def judge(self, response: requests.Response, body: bytes | None = None) -> Any:
        """The JSON of a response that the document allows; raises what openapi-core raises for another one.

        A line of a stream is judged as ``body``, as if it were all of the response.
        """
        assert response.status_code in (200, 201), response.text
        sent = response.request.copy()
        parts = urlsplit(sent.url or "")
        sent.url = f"{SERVER}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        judged = response
        if body is not None:
            judged = requests.Response()
            judged.status_code, judged.headers, judged._content = response.status_code, response.headers, body
        self._openapi.validate_response(RequestsOpenAPIRequest(sent), RequestsOpenAPIResponse(judged))
        return json.loads(judged.content)

    def of_activity(self, event_type: str) -> Referee:
        """Judges activities of one type: the document tells payloads apart by a field outside of them, which a
        discriminator cannot, and several of its schemas allow any object."""
        schemas = self.document["components"]["schemas"]
        schema = schemas["ActivityStreamingResponsePayload"]["discriminator"]["mapping"][event_type]
        changed = schemas | {"ActivityStreamingResponsePayload": {"$ref": schema}}
        components = self.document["components"] | {"schemas": changed}
        return Referee(self.document | {"components": components})

    def names(self, parameter: str) -> str:
        """All values that a parameter of fields or expansions can have, with commas between."""
        return ",".join(self.document["components"]["parameters"][parameter]["schema"]["items"]["enum"])


@pytest.fixture(scope="module")
def referee(x_api: Path) -> Referee:
    return Referee(read(x_api / "openapi-2.166.json"))


@pytest.fixture(scope="module")
def later(x_api: Path) -> Referee:
    return Referee(read(x_api / "openapi-2.167.json"))


@pytest.fixture
def thread(brand: Asking) -> list[str]:
    """Ids of a mention with all that a post can have, the brand's reply, the follow-up and a post that quotes it."""
    sim = brand.sim
    asked = sim.post("ann_low", "@MarramAir where is bag & <tag>? @bob_high says look at example.com/x " + "so " * 90)
    reply = brand.reply(asked.id, "We look. See https://example.org/status?a=1 😀").json()["data"]["id"]
    follow = sim.post("ann_low", "still nothing", reply_to=reply)
    quote = sim.post("bob_high", "@MarramAir this", quote=asked.id)
    edited = sim.edit(quote.id, "@MarramAir this, please")
    return [asked.id, reply, follow.id, edited.id]


def test_the_referee_refuses_a_body_that_is_not_as_documented(brand: Asking, referee: Referee) -> None:
    response = brand.get("users/me")
    with pytest.raises(Exception, match="InvalidData"):
        referee.judge(response, b'{"data": {"id": 12, "name": "x", "username": "x"}}')


def test_posts_of_all_kinds_are_as_documented(brand: Asking, referee: Referee, thread: list[str]) -> None:
    everything = {
        "tweet__fields": referee.names("TweetFieldsParameter"),
        "user__fields": referee.names("UserFieldsParameter"),
        "expansions": referee.names("TweetExpansionsParameter"),
    }
    found = referee.judge(brand.mentions(**everything, max_results=5))
    assert [post["id"] for post in found["data"]] == [thread[3], thread[2], thread[0]]
    assert found["data"][2]["note_tweet"]["text"].endswith("so so ")
    assert found["data"][0]["edit_history_tweet_ids"][1] == thread[3]
    assert {"users", "tweets"} == found["includes"].keys()
    assert referee.judge(brand.get(f"users/{brand.user.id}/tweets", **everything))["data"][0]["id"] == thread[1]
    assert len(referee.judge(brand.get("tweets", ids=",".join([*thread, "12"]), **everything))["data"]) == 4
    referee.judge(brand.get(f"tweets/{thread[1]}", **everything))
    referee.judge(brand.get("users/me", user__fields=everything["user__fields"]))
    referee.judge(brand.get("users/by/username/ann_low"))


def test_posts_in_the_later_spelling_are_as_documented(brand: Asking, later: Referee, thread: list[str]) -> None:
    everything = {
        "post__fields": later.names("PostFieldsParameter"),
        "user__fields": later.names("UserFieldsParameter"),
        "expansions": later.names("PostExpansionsParameter"),
    }
    found = later.judge(brand.mentions(**everything))
    assert found["data"][1]["referenced_posts"] == [{"type": "replied_to", "id": thread[1]}]
    assert found["data"][2]["note_post"]
    assert "posts" in found["includes"]
    assert not any("tweet" in name for post in found["data"] for name in post)
    later.judge(brand.get(f"users/{brand.user.id}/tweets", **everything))
    later.judge(brand.get("tweets", ids=",".join(thread), **everything))


def test_a_fault_decides_on_the_spelling(brand: Asking, later: Referee, thread: list[str]) -> None:
    brand.sim.fault("new_spelling", "mentions")
    found = later.judge(brand.mentions(tweet__fields="referenced_tweets", expansions="referenced_tweets.id"))
    assert "referenced_posts" in found["data"][1]
    brand.sim.no_faults()
    brand.sim.fault("old_spelling", "mentions")
    assert "tweets" in brand.mentions(expansions="referenced_posts").json()["includes"]


def test_pages_that_lack_a_post_are_as_documented(brand: Asking, referee: Referee, thread: list[str]) -> None:
    for named in (1, 0):
        brand.sim.fault("left_out", times=3, params={"named": named})
        assert len(referee.judge(brand.mentions())["data"]) == 2
        referee.judge(brand.get(f"users/{brand.user.id}/tweets"))
        referee.judge(brand.get("tweets", ids=thread[0]))


def test_what_is_empty_or_gone_is_as_documented(brand: Asking, referee: Referee) -> None:
    assert referee.judge(brand.mentions()) == {"meta": {"result_count": 0}}
    post = brand.sim.post("ann", "hello @MarramAir")
    brand.sim.delete(post.id)
    gone = referee.judge(brand.get(f"tweets/{post.id}"))
    assert gone.keys() == {"errors"}
    assert gone["errors"][0]["resource_id"] == post.id
    assert referee.judge(brand.get("tweets", ids=post.id)).keys() == {"errors"}


def test_writing_is_as_documented(brand: Asking, referee: Referee) -> None:
    post = brand.sim.post("ann", "hello @MarramAir")
    made = referee.judge(brand.reply(post.id, "Good morning"))
    assert referee.judge(brand.delete(f"tweets/{made['data']['id']}")) == {"data": {"deleted": True}}


def test_private_messages_are_as_documented(brand: Asking, referee: Referee) -> None:
    ann = brand.sim.user("ann")
    brand.sim.message("ann", "MarramAir", "my number is on its way")
    referee.judge(brand.post(f"dm_conversations/with/{ann.id}/messages", text="thank you"))
    everything = {"dm_event__fields": referee.names("DmEventFieldsParameter"), "expansions": "sender_id"}
    assert len(referee.judge(brand.get("dm_events", **everything))["data"]) == 2
    referee.judge(brand.get(f"dm_conversations/with/{ann.id}/dm_events", **everything))


def test_the_filtered_stream_is_as_documented(brand: Asking, referee: Referee) -> None:
    path = "tweets/search/stream/rules"
    made = referee.judge(brand.as_app("POST", path, {"add": [{"value": "@MarramAir", "tag": "mentions"}]}))
    referee.judge(brand.as_app("GET", path))
    fields = referee.names("TweetFieldsParameter")
    stream = brand.stream(tweet__fields=fields, expansions="author_id,referenced_tweets.id")
    read_on = lines(stream)
    assert next(read_on) == b""
    brand.sim.post("ann", "hello @MarramAir")
    told = referee.judge(stream, next(read_on))
    assert told["matching_rules"] == [{"id": made["data"][0]["id"], "tag": "mentions"}]
    referee.judge(brand.as_app("POST", path, {"delete": {"ids": [made["data"][0]["id"]]}}))


def subscribe(brand: Asking, referee: Referee, *events: str) -> Iterator[Any]:
    for event in events:
        body = {"event_type": event, "filter": {"user_id": brand.user.id}, "tag": event}
        yield referee.judge(brand.post("activity/subscriptions", **body))


def test_activities_are_as_documented(brand: Asking, referee: Referee) -> None:
    made = list(subscribe(brand, referee, "post.mention.create", "post.create", "post.delete"))
    referee.judge(brand.as_app("GET", "activity/subscriptions"))
    stream = brand.stream("activity/stream")
    read_on = lines(stream)
    next(read_on)
    mention = brand.sim.post("ann", "hello @MarramAir")
    brand.sim.delete(brand.reply(mention.id, "Good morning").json()["data"]["id"])
    told = [
        referee.of_activity(event_type).judge(stream, next(read_on))["data"]
        for event_type in ("post.mention.create", "post.create", "post.delete")
    ]
    assert [each["event_type"] for each in told] == ["post.mention.create", "post.create", "post.delete"]
    assert told[0]["payload"]["id"] == mention.id
    subscription = made[0]["data"]["subscription"]["subscription_id"]
    referee.judge(brand.as_app("DELETE", f"activity/subscriptions/{subscription}"))


def test_activities_have_the_fields_of_x_samples(brand: Asking, referee: Referee, x_api: Path) -> None:
    samples = read(x_api / "activity-events.json")
    public = ("post.mention.create", "post.reply.create", "post.quote.create", "post.create", "post.delete")
    ours = (*public, "dm.received", "dm.sent")
    list(subscribe(brand, referee, *ours))
    read_on = lines(brand.stream("activity/stream"))
    next(read_on)
    first = brand.post("tweets", text="we are open").json()["data"]["id"]
    brand.sim.post("ann", "hello @MarramAir", reply_to=first)
    brand.sim.post("ann", "good news", quote=first)
    brand.delete(f"tweets/{first}")
    brand.sim.message("ann", "MarramAir", "hello")
    brand.sim.message("MarramAir", "ann", "good morning")
    told = {}
    while told.keys() < set(ours):
        data = json.loads(next(read_on))["data"]
        told[data["event_type"]] = data
    for name in ours:
        sample = samples[name]["data"]
        assert told[name].keys() >= sample.keys() - {"includes"}, name
        assert paths(sample["payload"]) - paths(told[name]["payload"]) <= ABSENT | ABSENT_OF.get(name, set()), name


#: What only some posts and people have, or what is of no use here.
ABSENT = {"users"}
#: X ends a quoting text with the address of what it quotes; the stand-in leaves texts as they were written.
ABSENT_OF = {"post.quote.create": {"entities", "entities.urls"}}


def paths(value: Any, at: str = "") -> set[str]:
    """Names within a JSON value down to the first list, but not what is said of people."""
    if not isinstance(value, dict) or at == "users":
        return {at}
    return {at} | {path for name, each in value.items() for path in paths(each, f"{at}.{name}".strip("."))}


def test_webhooks_are_as_documented(brand: Asking, referee: Referee, taking: Callable[[], Any]) -> None:
    url = taking().url
    made = referee.judge(brand.as_app("POST", "webhooks", {"url": url}))
    referee.judge(brand.as_app("GET", "webhooks"))
    referee.judge(brand.as_app("PUT", f"webhooks/{made['id']}"))
    referee.judge(brand.as_app("DELETE", f"webhooks/{made['id']}"))
    assert referee.judge(brand.as_app("GET", "webhooks")) == {"meta": {"result_count": 0}}


def test_webhooks_in_the_later_spelling_are_as_documented(
    brand: Asking, later: Referee, taking: Callable[[], Any]
) -> None:
    brand.sim.fault("new_spelling", "webhooks")
    made = later.judge(brand.as_app("POST", "webhooks", {"url": taking().url}))["data"]
    assert later.judge(brand.as_app("GET", "webhooks"))["data"] == [made]
    assert later.judge(brand.as_app("PUT", f"webhooks/{made['id']}")) == {"data": {"valid": True}}
    later.judge(brand.as_app("DELETE", f"webhooks/{made['id']}"))


def test_usage_is_as_documented_and_counts_posts_read(brand: Asking, referee: Referee) -> None:
    brand.sim.bulk([{"author": "ann", "text": f"@MarramAir {n}"} for n in range(7)])
    brand.mentions()
    assert referee.judge(brand.as_app("GET", "usage/tweets"))["data"]["project_usage"] == 7
