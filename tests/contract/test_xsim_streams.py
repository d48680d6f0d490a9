"""The stand-in's streams and webhooks: what they tell, to whom, and how they fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.contract.conftest import Taking
from tests.xsim.asking import Asking, lines, posts_on


@pytest.fixture
def reading(brand: Asking) -> Iterator[bytes]:
    """The open filtered stream of posts that mention the brand, behind its first heartbeat."""
    brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": "@MarramAir", "tag": "mentions"}]})
    read_on = lines(brand.stream())
    assert next(read_on) == b""
    return read_on


def say(brand: Asking, count: int = 1) -> list[str]:
    return [brand.sim.post("ann", f"@MarramAir hello {n}").id for n in range(count)]


def heard(read_on: Iterator[bytes], count: int = 1) -> list[str]:
    told = posts_on(read_on)
    return [next(told)["data"]["id"] for _ in range(count)]


def test_rules_say_which_posts_are_told(brand: Asking) -> None:
    rules = ["(bag OR suitcase) lang:en -from:bob", '"lost and found" is:reply', "from:carl has:links"]
    made = brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": rule} for rule in rules]}).json()
    ids = [each["id"] for each in made["data"]]
    read_on = posts_on(lines(brand.stream()))
    first = brand.sim.post("ann", "my Bag is gone")
    brand.sim.post("bob", "my bag is gone")
    brand.sim.post("ann", "mein bag ist weg", lang="de")
    brand.sim.post("ann", "lost and found")
    second = brand.sim.post("ann", "Lost and found suitcase", reply_to=first.id)
    third = brand.sim.post("carl", "see example.com")
    told = [next(read_on) for _ in range(3)]
    assert [each["data"]["id"] for each in told] == [first.id, second.id, third.id]
    matched = [[ids.index(rule["id"]) for rule in each["matching_rules"]] for each in told]
    assert matched == [[0], [0, 1], [2]]


@pytest.mark.parametrize("rule", ["(bag", "bag)", "is:purple", "sounds:loud", "bag OR", "()"])
def test_a_rule_that_says_nothing_clear_is_refused(brand: Asking, rule: str) -> None:
    answer = brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": rule}]}).json()
    assert answer["meta"]["summary"]["created"] == 0
    assert answer["errors"][0]["value"] == rule


def test_own_posts_are_told_too(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": "from:MarramAir", "tag": "own"}]})
    (asked,) = say(brand)
    made = brand.reply(asked, "Good morning").json()["data"]["id"]
    assert heard(reading, 2) == [asked, made]


def test_only_the_apps_token_opens_a_stream(brand: Asking) -> None:
    assert brand.get("tweets/search/stream").status_code == 403


def test_there_is_one_connection(brand: Asking, reading: Iterator[bytes]) -> None:
    second = brand.stream()
    assert (second.status_code, second.json()["connection_issue"]) == (429, "TooManyConnections")
    asked = say(brand)
    assert heard(reading) == asked


def test_a_reader_that_went_can_come_again_at_once(brand: Asking) -> None:
    for _ in range(20):
        opened = brand.stream()
        assert opened.status_code == 200
        assert next(lines(opened)) == b""
        opened.close()
    assert brand.sim.streams()["stream"]["connects"] == 20


def test_a_heartbeat_comes_every_20_seconds(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.advance(20)
    assert next(reading) == b""
    brand.sim.fault("stream_no_heartbeat", "stream", times=1)
    brand.sim.advance(20)
    wait_for(lambda: brand.sim.fired()["stream_no_heartbeat"] == 1)
    asked = say(brand)
    assert json.loads(next(reading))["data"]["id"] == asked[0]


def test_a_stalled_stream_stays_open_and_silent(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_stalls", "stream", times=1, params={"seconds": 50})
    wait_for(lambda: brand.sim.fired()["stream_stalls"] == 1)
    lost = say(brand)
    brand.sim.advance(20)
    brand.sim.advance(31)
    kept = say(brand)
    assert heard(reading) == kept
    assert brand.sim.streams()["stream"] == {"open": True, "connects": 1, "told": 1}
    assert lost[0] in brand.mentions().text


def test_a_stream_can_end_in_the_middle_of_a_line(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_cut", "stream", times=1)
    half = next(reading)
    with pytest.raises(json.JSONDecodeError):
        json.loads(half)
    assert next(reading, None) is None
    assert brand.stream().status_code == 200


def test_a_connection_can_break(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_cut", "stream", times=1, params={"abort": True})
    with pytest.raises(requests.exceptions.RequestException):
        list(reading)


def test_a_stream_can_close_cleanly(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_closes", "stream", times=1)
    assert list(reading) == []


def test_a_stream_can_say_that_it_ends(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_disconnects", "stream", times=1)
    (said,) = list(reading)
    assert json.loads(said)["errors"][0]["title"] == "operational-disconnect"


def test_a_connection_can_be_refused(brand: Asking) -> None:
    brand.sim.fault("stream_refused", "stream", times=1)
    assert [brand.stream().status_code for _ in range(2)] == [429, 200]


def test_a_rule_can_lack_its_tag(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_untagged", "stream", times=1)
    say(brand, 2)
    told = posts_on(reading)
    assert [list(next(told)["matching_rules"][0]) for _ in range(2)] == [["id"], ["id", "tag"]]


def test_lines_can_be_dropped_repeated_and_swapped(brand: Asking, reading: Iterator[bytes]) -> None:
    for name in ("stream_drops", "stream_repeats"):
        brand.sim.fault(name, "stream", times=1)
    dropped, repeated = say(brand, 2)
    assert heard(reading, 2) == [repeated, repeated]
    brand.sim.fault("stream_swaps", "stream", times=1)
    parent, reply = brand.sim.bulk(
        [{"author": "ann", "text": "@MarramAir a", "key": "a"}, {"author": "bob", "text": "b", "reply_to": "a"}]
    )
    assert heard(reading, 2) == [reply, parent]
    assert dropped in brand.mentions().text


def test_a_swapped_line_comes_even_if_nothing_follows(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_swaps", "stream", times=1)
    asked = say(brand)
    assert heard(reading) == asked


def test_what_happens_while_nobody_reads_is_told_by_polling_alone(brand: Asking, reading: Iterator[bytes]) -> None:
    brand.sim.fault("stream_closes", "stream", times=1)
    list(reading)
    missed = say(brand)
    again = lines(brand.stream())
    assert next(again) == b""
    after = say(brand)
    assert heard(again) == after
    assert missed[0] in brand.mentions().text


def test_streams_keep_the_old_names(brand: Asking) -> None:
    brand.as_app("POST", "tweets/search/stream/rules", {"add": [{"value": "@MarramAir"}]})
    read_on = posts_on(lines(brand.stream(expansions="referenced_tweets.id")))
    brand.sim.fault("new_spelling")
    brand.sim.post("bob", "me too", reply_to=say(brand)[0])
    assert "referenced_tweets" in [next(read_on) for _ in range(2)][1]["data"]


def test_all_rules_can_be_deleted_at_once(brand: Asking, reading: Iterator[bytes]) -> None:
    answer = brand.as_app("POST", "tweets/search/stream/rules", {}, delete_all="true").json()
    assert answer["meta"]["summary"] == {"deleted": 1, "not_deleted": 0}
    assert "data" not in brand.as_app("GET", "tweets/search/stream/rules").json()


# --- Webhooks


def signed(secret: str, body: bytes) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.fixture
def hook(brand: Asking, taking: Callable[[], Taking]) -> Taking:
    """A webhook that is told of the brand's mentions and private messages."""
    made = taking()
    webhook = brand.as_app("POST", "webhooks", {"url": made.url}).json()["id"]
    for event_type in ("post.mention.create", "dm.received"):
        wanted = {"event_type": event_type, "filter": {"user_id": brand.user.id}, "webhook_id": webhook}
        assert brand.post("activity/subscriptions", **wanted).status_code == 200
    return made


def test_an_address_that_fails_the_challenge_is_not_registered(brand: Asking, taking: Callable[[], Taking]) -> None:
    wrong = taking()
    wrong.secret = "another"
    answer = brand.as_app("POST", "webhooks", {"url": wrong.url})
    assert (answer.status_code, "CrcValidationFailed" in answer.text) == (400, True)
    for url in ("http://example.com/x", right_but_long(wrong.url)):
        assert brand.as_app("POST", "webhooks", {"url": url}).status_code == 400
    assert "data" not in brand.as_app("GET", "webhooks").json()


def right_but_long(url: str) -> str:
    return f"{url}?{'x' * 200}"


def test_a_webhook_that_fails_a_later_challenge_is_not_valid_until_it_answers_one(
    brand: Asking, taking: Callable[[], Taking]
) -> None:
    made = taking()
    webhook = brand.as_app("POST", "webhooks", {"url": made.url}).json()
    right = made.secret
    for secret, valid in (("another", False), (right, True)):
        made.secret = secret
        assert brand.as_app("PUT", f"webhooks/{webhook['id']}").status_code == 200
        assert brand.as_app("GET", "webhooks").json()["data"] == [webhook | {"valid": valid}]


def test_a_url_is_registered_once_and_can_be_removed(brand: Asking, taking: Callable[[], Taking]) -> None:
    made = taking()
    webhook = brand.as_app("POST", "webhooks", {"url": made.url}).json()["id"]
    assert brand.as_app("POST", "webhooks", {"url": made.url}).status_code == 409
    assert [brand.as_app("DELETE", f"webhooks/{webhook}").status_code for _ in range(2)] == [200, 404]


def test_private_messages_are_subscribed_to_by_the_account_itself(brand: Asking) -> None:
    wanted = {"event_type": "dm.received", "filter": {"user_id": brand.user.id}}
    other = Asking(brand.sim, brand.sim.user("GorseRail", credentials=True))
    assert brand.as_app("POST", "activity/subscriptions", wanted).status_code == 403
    assert other.post("activity/subscriptions", **wanted).status_code == 403
    brand.sim.rule(private_permitted=False)
    refused = brand.post("activity/subscriptions", **wanted)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "oauth1-permissions")
    assert brand.get("dm_events").status_code == 403
    brand.sim.rule(private_permitted=True)
    assert brand.post("activity/subscriptions", **wanted).status_code == 200


def test_a_subscription_wants_a_webhook_that_there_is(brand: Asking) -> None:
    wanted = {"event_type": "post.create", "filter": {"user_id": brand.user.id}, "webhook_id": "12"}
    assert brand.as_app("POST", "activity/subscriptions", wanted).status_code == 400


def test_deliveries_are_signed_over_the_raw_body(brand: Asking, hook: Taking) -> None:
    (asked,) = say(brand)
    ((headers, body),) = hook.wait(1)
    assert headers["x-twitter-webhooks-signature"] == signed(brand.sim.app["consumer_secret"], body)
    assert json.loads(body)["data"]["payload"]["id"] == asked


def test_private_messages_are_delivered(brand: Asking, hook: Taking) -> None:
    brand.sim.user("ann")
    message = brand.sim.message("ann", "MarramAir", "hello")
    ((_, body),) = hook.wait(1)
    (event,) = json.loads(body)["data"]["payload"]["direct_message_events"]
    assert (event["id"], event["message_create"]["message_data"]["text"]) == (message.id, "hello")


def test_a_delivery_that_is_not_taken_comes_again(brand: Asking, hook: Taking) -> None:
    hook.statuses += [500, 503]
    say(brand)
    wait_for(lambda: len(hook.taken) == 1)
    for seconds in (1, 5):
        count = len(hook.taken)
        wait_for(lambda seconds=seconds, count=count: brand.sim.advance(seconds) and len(hook.taken) > count)
    assert len({body for _, body in hook.taken}) == 1
    wait_for(lambda: brand.sim.streams()["webhook"] == {"refused": 2, "taken": 1})


def test_deliveries_can_be_repeated_dropped_forged_and_late(brand: Asking, hook: Taking) -> None:
    brand.sim.fault("webhook_repeats", "webhook", times=1)
    say(brand)
    assert len({body for _, body in hook.wait(2)}) == 1
    brand.sim.fault("webhook_drops", "webhook", times=1)
    say(brand)
    brand.sim.fault("webhook_forged", "webhook", times=1)
    say(brand)
    headers, body = hook.wait(3)[2]
    assert headers["x-twitter-webhooks-signature"] != signed(brand.sim.app["consumer_secret"], body)
    brand.sim.fault("webhook_late", "webhook", times=1)
    say(brand)
    time.sleep(0.1)
    assert len(hook.taken) == 3
    brand.sim.advance(30)
    hook.wait(4)


def wait_for(done: Callable[[], Any], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    assert done()
