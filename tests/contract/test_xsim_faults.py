"""Each fault of the stand-in does what its name says, and nothing else."""

from __future__ import annotations

import re

import pytest
import requests

from tests.xsim.asking import Asking
from tests.xsim.faults import AFTER, BEFORE, INDEX, NAMES, STREAM, WEBHOOK

STAMP = re.compile(r"T\d\d:\d\d:\d\dZ")


@pytest.fixture
def asked(brand: Asking) -> str:
    """The id of a mention."""
    return brand.sim.post("ann", "@MarramAir where is my bag?").id


def written(brand: Asking) -> list[str]:
    """What the brand has written, by the stand-in's own account."""
    return [post.raw for post in brand.sim.world(author="MarramAir").posts]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("rate_limited", 429, "Too Many Requests"),
        ("rate_limited_day", 429, "Too Many Requests"),
        ("rate_limited_bare", 429, "Too Many Requests"),
        ("unavailable_html", 503, "<html>"),
        ("unavailable_json", 503, "Service Unavailable"),
        ("duplicate", 403, "duplicate content"),
        ("not_summoned", 403, "have not been mentioned"),
        ("reply_to_deleted", 403, "deleted or not visible"),
        ("reply_restricted", 403, "restricted who can reply"),
        ("blocked", 403, "You have been blocked"),
        ("revoked", 401, "Unauthorized"),
    ],
)
def test_instead_of_the_call_nothing_is_written(brand: Asking, asked: str, name: str, status: int, words: str) -> None:
    brand.sim.fault(name, "create", times=1)
    response = brand.reply(asked, "We look.")
    assert (response.status_code, words in response.text, written(brand)) == (status, True, [])
    assert brand.reply(asked, "We look.").status_code == 201
    assert brand.sim.fired() == {name: 1}


def test_limits_tell_when_to_come_again(brand: Asking) -> None:
    now = brand.sim.world().now_ms / 1000
    for name in ("rate_limited", "rate_limited_day", "rate_limited_bare"):
        brand.sim.fault(name, "mentions", times=1, params={"seconds": 100})
    window, day, bare = (brand.mentions().headers for _ in range(3))
    assert window["x-rate-limit-remaining"] == "0"
    assert 100 <= float(window["x-rate-limit-reset"]) - now < 110
    assert (day["x-rate-limit-remaining"], day["x-app-limit-24hour-remaining"]) == ("99", "0")
    assert 100 <= float(day["x-app-limit-24hour-reset"]) - now < 110
    assert not [name for name in bare if "limit" in name]


@pytest.mark.parametrize("name", ["rate_limited", "rate_limited_day"])
def test_a_limit_that_lasts_refuses_all_calls_until_the_time_told(brand: Asking, name: str) -> None:
    brand.sim.fault(name, "mentions", times=1, params={"seconds": 100, "lasting": True})
    first, second = brand.mentions(), brand.mentions()
    assert (first.status_code, second.status_code) == (429, 429)
    told = [key for key in first.headers if "limit" in key]
    assert told
    assert [second.headers[key] for key in told] == [first.headers[key] for key in told]
    assert brand.sim.ledger()["too_early"] == {"mentions": 1}
    brand.sim.advance(101)
    assert brand.mentions().status_code == 200


def test_a_call_before_the_time_told_is_a_violation_and_one_after_it_is_not(brand: Asking) -> None:
    brand.sim.fault("rate_limited", "mentions", times=1, params={"seconds": 100})
    brand.mentions()
    assert brand.sim.ledger()["violations"] == 0
    brand.mentions()
    assert brand.sim.ledger()["too_early"] == {"mentions": 1}
    brand.sim.advance(101)
    brand.mentions()
    assert brand.sim.ledger()["violations"] == 1


def test_a_connection_closed_before_leaves_nothing_and_one_closed_after_leaves_a_post(
    brand: Asking, asked: str
) -> None:
    brand.sim.fault("lost_before", "create", times=1)
    with pytest.raises(requests.ConnectionError):
        brand.reply(asked, "We look.")
    assert written(brand) == []
    brand.sim.fault("lost_applied", "create", times=1)
    with pytest.raises(requests.ConnectionError):
        brand.reply(asked, "We look.")
    assert written(brand) == ["We look."]
    assert brand.reply(asked, "We look.").status_code == 403


@pytest.mark.parametrize(
    ("name", "words"), [("unavailable_html_applied", "<html>"), ("unavailable_json_applied", "503")]
)
def test_a_503_can_come_after_the_post_was_written(brand: Asking, asked: str, name: str, words: str) -> None:
    brand.sim.fault(name, "create", times=1)
    response = brand.reply(asked, "We look.")
    assert (response.status_code, words in response.text, written(brand)) == (503, True, ["We look."])


def test_a_slow_answer_outlasts_the_client(brand: Asking, asked: str) -> None:
    impatient = Asking(brand.sim, brand.user, timeout_s=1)
    brand.sim.fault("slow_before", "create", times=1)
    with pytest.raises(requests.ReadTimeout):
        impatient.reply(asked, "One")
    brand.sim.fault("slow_applied", "create", times=1)
    with pytest.raises(requests.ReadTimeout):
        impatient.reply(asked, "Two")
    assert written(brand) == ["Two"]
    brand.sim.fault("slow_before", "create", times=1, params={"seconds": 0.3})
    assert brand.reply(asked, "Three").status_code == 201


def test_a_truncated_body_is_none(brand: Asking, asked: str) -> None:
    brand.sim.fault("truncated", "create", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        brand.reply(asked, "We look.")
    assert written(brand) == ["We look."]


def test_errors_can_stand_beside_data(brand: Asking, asked: str) -> None:
    brand.sim.fault("partial_errors", "mentions", times=1)
    body = brand.mentions(expansions="author_id").json()
    assert ([post["id"] for post in body["data"]], "includes" in body) == ([asked], False)
    assert body["errors"][0]["title"] == "Not Found Error"


def test_a_page_can_lack_a_post_that_an_error_names(brand: Asking, asked: str) -> None:
    newer = brand.sim.post("ann", "@MarramAir and my coat?").id
    brand.sim.fault("left_out", "mentions", times=1)
    body = brand.mentions().json()
    assert [post["id"] for post in body["data"]] == [newer]
    (error,) = body["errors"]
    assert (error["resource_id"], error["resource_type"], error["parameter"]) == (asked, "tweet", "id")
    assert {post["id"] for post in brand.mentions().json()["data"]} == {asked, newer}


def test_or_that_no_error_names(brand: Asking, asked: str) -> None:
    brand.sim.fault("left_out", params={"named": 0})
    body = brand.mentions().json()
    assert "data" not in body
    assert body["meta"]["result_count"] == 1
    assert asked not in str(body["errors"])
    brand.sim.message("ann", "MarramAir", "hello")
    assert "data" not in brand.get("dm_events").json()


def test_a_post_can_be_on_a_page_twice(brand: Asking, asked: str) -> None:
    brand.sim.fault("repeated", "mentions", times=1)
    assert [post["id"] for post in brand.mentions().json()["data"]] == [asked, asked]


def test_dates_can_lack_fractions(brand: Asking, asked: str) -> None:
    brand.sim.fault("plain_dates", "mentions")
    assert STAMP.search(brand.mentions(tweet__fields="created_at").json()["data"][0]["created_at"])
    brand.sim.no_faults()
    assert not STAMP.search(brand.mentions(tweet__fields="created_at").json()["data"][0]["created_at"])


def test_a_fault_is_for_its_endpoint_its_time_and_its_number_of_calls(brand: Asking, asked: str) -> None:
    brand.sim.fault("unavailable_json", "create", times=2)
    brand.sim.fault("revoked", "delete", seconds=60)
    assert brand.mentions().status_code == 200
    assert [brand.reply(asked, f"We look {n}").status_code for n in range(3)] == [503, 503, 201]
    assert brand.delete("tweets/12").status_code == 401
    brand.sim.advance(60)
    assert brand.delete("tweets/12").status_code == 200


def test_chance_repeats_itself_by_its_seed(brand: Asking) -> None:
    def run() -> list[int]:
        brand.sim.no_faults()
        brand.sim.fault("unavailable_json", "users.me", probability=0.5, seed=7)
        return [brand.get("users/me").status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert {200, 503} == set(first)


def test_a_lost_answer_to_a_renewal_takes_the_tokens_with_it(brand: Asking) -> None:
    brand.sim.fault("lost_applied", "token", times=1)
    form = {"grant_type": "refresh_token", "refresh_token": brand.user.oauth2_refresh_token}
    form["client_id"] = brand.sim.app["client_id"]
    url = f"{brand.sim.address}/2/oauth2/token"
    with pytest.raises(requests.ConnectionError):
        requests.post(url, data=form, timeout=5)
    assert requests.post(url, data=form, timeout=5).status_code == 400


def test_a_fault_that_there_is_not_is_refused_by_name(brand: Asking) -> None:
    with pytest.raises(ValueError, match="no fault is called 'thunder'; there are rate_limited"):
        brand.sim.fault("thunder")
    with pytest.raises(ValueError, match="no endpoint is called 'everywhere'"):
        brand.sim.fault("revoked", "everywhere")


def test_all_names_are_different() -> None:
    assert len(NAMES) == sum(len(kind) for kind in (BEFORE, AFTER, STREAM, WEBHOOK, INDEX))
