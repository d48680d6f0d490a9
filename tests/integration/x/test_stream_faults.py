"""What goes wrong with a stream: first how tweepy's own loop takes it, where it fails, then how ours does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from tests.integration.x.drips import drips
from tests.integration.x.following import FACTOR, Line, eventually, following
from tests.integration.x.plain_tweepy import plain_stream, stream_rules
from tests.xsim.asking import Asking
from tests.xsim.client import XSim, running
from triage.channels.x import stream, subscriptions
from triage.channels.x.accelerator import Missed
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.transport import Ask
from triage.channels.x.watch import Source

SILENT = "X said nothing for over a minute, not even a heartbeat"


@pytest.fixture(scope="module")
def hurried() -> Iterator[XSim]:
    """A stand-in whose minutes are seconds."""
    with running(str(FACTOR)) as stand_in:
        yield stand_in


@pytest.fixture
def x(hurried: XSim) -> XSim:
    return hurried.emptied()


@pytest.fixture
def line(x: XSim) -> Line:
    return Line.to(x)


@pytest.fixture
def dripping() -> Iterator[XSim]:
    """A stream of which a byte comes now and then, and never a whole line."""
    with drips() as address:
        yield XSim(address, {"bearer_token": "a token"})


def connects(x: XSim, stream: str = "stream") -> int:
    return int(x.streams()[stream]["connects"])


def goes_on(x: XSim, line: Line, fault: str, **more: object) -> list[str]:
    """A connection with a fault ends, and the next one tells what comes then; the problems that were noted."""
    with following(line.filtered()) as followed:
        before = x.post("ann", "@MarramAir before")
        eventually(lambda: before.id in followed.post_ids)
        x.fault(fault, "stream", times=1, **more)
        eventually(lambda: len(followed.missed) == 2)
        after = x.post("ann", "@MarramAir after")
        eventually(lambda: after.id in followed.post_ids)
        since = followed.missed[1].since
        posts = {post.id: post.created_ms for post in x.world(author="ann").posts}
        assert since.timestamp() * 1000 <= posts[after.id]
        assert since.timestamp() * 1000 >= posts[before.id] - 60_000
        assert followed.post_ids.count(before.id) == 1
    return line.notes.problems


# --- Closed cleanly


def test_tweepy_connects_hundreds_of_times_when_a_stream_is_closed_cleanly(x: XSim, line: Line) -> None:
    x.limit("stream", app=1_000_000)
    x.fault("stream_closes", "stream")
    with plain_stream(x):
        eventually(lambda: connects(x) > 200)


def test_a_stream_that_is_closed_again_and_again_is_left_alone_for_longer_and_longer(x: XSim, line: Line) -> None:
    x.fault("stream_closes", "stream")
    with following(line.filtered()):
        time.sleep(3)  # three minutes of the stand-in's
        assert 5 <= connects(x) <= 15
    assert x.ledger()["violations"] == 0


def test_without_any_luck_at_jitter_there_are_never_more_connects_than_x_allows(x: XSim, line: Line) -> None:
    x.fault("stream_closes", "stream")
    line = replace(line, chance=lambda: 0.0)
    with following(line.filtered()):
        eventually(lambda: connects(x) == 50)
        time.sleep(1)
        assert connects(x) == 50
    assert x.ledger()["violations"] == 0
    assert x.ledger()["exceeded"].get("stream", 0) == 0


def test_after_a_clean_close_it_goes_on(x: XSim, line: Line) -> None:
    assert goes_on(x, line, "stream_closes") == ["X closed the connection"]


# --- Disconnected by X, with an object that says so


def test_tweepy_connects_hundreds_of_times_when_x_disconnects_for_operational_reasons(x: XSim, line: Line) -> None:
    x.limit("stream", app=1_000_000)
    x.fault("stream_disconnects", "stream")
    with plain_stream(x):
        eventually(lambda: connects(x) > 200)


def test_after_an_operational_disconnect_it_goes_on(x: XSim, line: Line) -> None:
    (problem,) = goes_on(x, line, "stream_disconnects")
    assert "operational-disconnect" in problem


def test_operational_disconnects_again_and_again_slow_it_down(x: XSim, line: Line) -> None:
    x.fault("stream_disconnects", "stream")
    with following(line.filtered()):
        time.sleep(3)
        assert 5 <= connects(x) <= 15


# --- Cut in the middle of a line


def test_tweepy_is_over_for_good_when_a_line_is_cut(x: XSim, line: Line) -> None:
    with plain_stream(x) as stream:
        eventually(lambda: stream.connects)
        x.fault("stream_cut", "stream", times=1)
        eventually(stream.over.is_set)
        assert isinstance(stream.errors[0], json.JSONDecodeError)
        x.post("ann", "@MarramAir after")
        time.sleep(0.5)
        assert not stream.posts


def test_after_a_line_that_was_cut_it_goes_on(x: XSim, line: Line) -> None:
    assert goes_on(x, line, "stream_cut") == ["X ended the connection in the middle of a line"]


def test_after_a_connection_that_was_cut_it_goes_on(x: XSim, line: Line) -> None:
    (problem,) = goes_on(x, line, "stream_cut", params={"abort": True})
    assert problem.startswith(("the connection to X broke", "X ended the connection in the middle of a line"))


# --- A rule without a tag


def test_tweepy_is_over_for_good_when_a_rule_has_no_tag(x: XSim, line: Line) -> None:
    with plain_stream(x) as stream:
        eventually(lambda: stream.connects)
        x.fault("stream_untagged", "stream")
        x.post("ann", "@MarramAir hello")
        eventually(stream.over.is_set)
        assert isinstance(stream.errors[0], KeyError)


def test_a_rule_without_a_tag_is_no_problem(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        x.fault("stream_untagged", "stream")
        posts = [x.post("ann", f"@MarramAir hello {number}").id for number in range(3)]
        eventually(lambda: followed.post_ids == posts)
    assert not line.notes.problems


# --- Silence


def test_tweepy_notices_a_silent_stream_by_the_time_out_of_its_socket_alone(x: XSim) -> None:
    """X sends heartbeats every 20 seconds and tweepy waits for 21; nobody is told that something may be missing."""
    x.fault("stream_stalls", "stream")
    with plain_stream(x, patience=0.8) as stream:
        eventually(lambda: stream.connection_errors >= 2)
        assert stream.connects >= 2


def test_tweepy_waits_for_ever_for_the_end_of_a_line_that_comes_in_drops(dripping: XSim) -> None:
    """Its time-out, of the socket, begins anew with every byte."""
    with plain_stream(dripping, rules=False, patience=0.8) as stream:
        eventually(lambda: stream.connects)
        time.sleep(3)  # nearly four times its patience
        assert stream.connects == 1
        assert not stream.connection_errors


def test_a_line_that_comes_in_drops_is_a_stall(dripping: XSim, line: Line) -> None:
    stream = replace(line, x=dripping).filtered()
    stream._feed.prepare = lambda: None  # type: ignore[method-assign]  # there are no rules to be kept
    with following(stream) as followed:
        eventually(lambda: len(followed.missed) == 2)
    assert line.notes.problems == [SILENT]


def test_a_stream_without_heartbeats_is_left_and_taken_up_again(x: XSim, line: Line) -> None:
    assert goes_on(x, line, "stream_stalls") == [SILENT]


def test_a_heartbeat_or_two_that_do_not_come_are_no_stall(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        x.fault("stream_no_heartbeat", "stream", times=2)
        time.sleep(2)
        assert x.fired()["stream_no_heartbeat"] == 2
        assert len(followed.missed) == 1
    assert not line.notes.problems


def test_heartbeats_keep_a_quiet_stream_alive(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        before = line.notes.alive_at[Source.STREAM]
        time.sleep(2)
        assert line.notes.alive_at[Source.STREAM] > before
        assert len(followed.missed) == connects(x) == 1


def test_a_consumer_that_takes_its_time_is_no_stall(x: XSim, line: Line) -> None:
    stop = threading.Event()
    happenings = line.filtered().happenings(stop)
    next(happenings)
    posts = [x.post("ann", f"@MarramAir hello {number}").id for number in range(2)]
    told = [next(happenings)]
    time.sleep(2)  # twice the silence that is borne
    posts.append(x.post("ann", "@MarramAir hello 2").id)
    told += [next(happenings), next(happenings)]
    stop.set()
    assert [one.post.id for one in told if isinstance(one, Posted)] == posts
    assert not line.notes.problems


def test_it_stops_at_once_in_the_middle_of_silence(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        x.fault("stream_stalls", "stream", times=1)
        started = time.monotonic()
    assert followed.ended.is_set()
    assert time.monotonic() - started < 0.9  # the stall timer alone would take a second


# --- Refused


def test_a_second_connection_is_refused_until_the_first_is_gone(x: XSim, line: Line) -> None:
    second, told = Line.to(x), []
    stop = threading.Event()
    thread = threading.Thread(target=lambda: told.extend(second.filtered().happenings(stop)))
    with following(line.filtered()) as first:
        thread.start()
        eventually(lambda: second.notes.problems)
        assert "maximum" in second.notes.problems[0]
        post = x.post("ann", "@MarramAir hello")
        eventually(lambda: post.id in first.post_ids)
        assert len(first.missed) == connects(x) == 1
        assert not told
    eventually(lambda: connects(x) == 2)
    stop.set()
    thread.join(5)
    assert len(told) == 1
    assert x.ledger()["violations"] == 0


def test_a_connection_that_is_refused_once_is_made_later(x: XSim, line: Line) -> None:
    x.fault("stream_refused", "stream", times=2)
    with following(line.filtered()):
        assert len(line.notes.problems) == 2
        assert line.budget.spent(Endpoint.STREAM) == 3


def test_a_limit_with_a_moment_is_waited_for(x: XSim, line: Line) -> None:
    x.fault("rate_limited", "stream", times=1, params={"seconds": 240})
    began = line.clock.now()
    with following(line.filtered()):
        assert (line.clock.now() - began).total_seconds() >= 230
        assert line.budget.spent(Endpoint.STREAM) == 2


def test_a_limit_without_a_moment_is_waited_for_too(x: XSim, line: Line) -> None:
    x.fault("rate_limited_bare", "stream", times=1)
    began = line.clock.now()
    with following(line.filtered()):
        assert (line.clock.now() - began).total_seconds() >= 20


@pytest.mark.parametrize("fault", ["unavailable_html", "unavailable_json"])
def test_while_x_is_down_it_is_asked_again_later(x: XSim, line: Line, fault: str) -> None:
    x.fault(fault, "stream", times=3)
    began = line.clock.now()
    with following(line.filtered()):
        assert line.notes.problems == ["X is down (status 503)"] * 3
        assert (line.clock.now() - began).total_seconds() >= 2.5 + 5 + 10


def test_a_token_that_x_does_not_accept_is_said_in_plain_words_and_asked_for_seldom(x: XSim, line: Line) -> None:
    x.fault("revoked", "stream", times=1)
    began = line.clock.now()
    with following(replace(line, chance=lambda: 0.0).filtered()):
        assert line.notes.problems == [
            "X does not accept the app's bearer token: make a new one and set TRIAGE_X_BEARER_TOKEN"
        ]
        assert (line.clock.now() - began).total_seconds() >= 300
    assert x.app["bearer_token"] not in repr(line.bearer) + str(line.notes)


# --- The network


def test_a_connection_that_is_lost_before_an_answer_is_made_again(x: XSim, line: Line) -> None:
    x.fault("lost_before", "stream", times=2)
    with following(line.filtered()):
        assert [problem[:26] for problem in line.notes.problems] == ["X could not be reached (Co"] * 2


def test_an_answer_that_does_not_come_is_not_waited_for_longer_than_told(x: XSim, line: Line) -> None:
    x.fault("slow_before", "stream", times=1)
    with following(line.filtered()):
        assert line.notes.problems == ["X did not answer in time"]


def test_where_nobody_listens_it_is_tried_again_with_growing_pauses(line: Line) -> None:
    nowhere = replace(line, x=XSim("http://127.0.0.1:9", line.x.app))
    stream = nowhere.filtered()
    stream._feed.prepare = lambda: None  # type: ignore[method-assign]  # it is about the stream itself
    stop = threading.Event()
    thread = threading.Thread(target=lambda: list(stream.happenings(stop)))
    thread.start()
    time.sleep(1.5)
    stop.set()
    thread.join(5)
    assert 4 <= len(line.notes.problems) <= 12
    assert set(line.notes.problems) == {"X could not be reached (ConnectionError)"}


# --- What is told


def test_what_is_told_twice_is_given_on_twice_and_what_is_left_out_is_not_missed_here(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        x.fault("stream_repeats", "stream", times=1)
        twice = x.post("ann", "@MarramAir twice").id
        eventually(lambda: followed.post_ids == [twice, twice])
        x.no_faults()
        x.fault("stream_drops", "stream", times=1)
        x.post("ann", "@MarramAir dropped")
        last = x.post("ann", "@MarramAir last").id
        eventually(lambda: followed.post_ids == [twice, twice, last])


def test_what_is_told_out_of_order_is_given_on_as_it_comes(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        x.fault("stream_swaps", "stream", times=1)
        first, second = (x.post("ann", f"@MarramAir {word}").id for word in ("one", "two"))
        eventually(lambda: followed.post_ids == [second, first])


def test_mentions_answers_and_own_posts_come_and_nothing_else(x: XSim, line: Line) -> None:
    with following(line.filtered()) as followed:
        mention = x.post("ann", "where is my bag @marramair?")
        own = x.post("MarramAir", "@ann we are looking", reply_to=mention.id)
        answer = x.post("ann", "thanks", reply_to=own.id)
        x.post("bob", "a nice day")
        last = x.post("MarramAir", "all flights are on time")
        eventually(lambda: last.id in followed.post_ids)
        assert followed.post_ids == [mention.id, own.id, answer.id, last.id]
        assert line.notes.things[Endpoint.STREAM] == 4


def test_posts_for_the_rules_of_another_program_are_left_out(x: XSim, line: Line) -> None:
    stream_rules(x, "weather")
    with following(line.filtered()) as followed:
        x.post("bob", "what a weather")
        mention = x.post("ann", "@MarramAir what a weather").id
        eventually(lambda: followed.post_ids)
        assert followed.post_ids == [mention]


def test_rules_are_put_in_order_once_and_left_as_they_are(x: XSim, line: Line) -> None:
    for _ in range(2):
        with following(line.filtered()):
            pass
    assert [call for call in x.ledger()["calls"].items() if call[0] == "rules.write"] == [("rules.write", 1)]


def test_rules_that_somebody_has_deleted_are_set_right_while_the_connection_stands(
    x: XSim, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LOOK_AGAIN_AFTER", timedelta(seconds=90))
    with following(line.filtered()) as followed:
        bearer = {"Authorization": f"Bearer {x.app['bearer_token']}"}
        route = f"{x.address}/2/tweets/search/stream/rules"
        there = requests.get(route, headers=bearer, timeout=5).json()["data"]
        gone = requests.post(route, headers=bearer, json={"delete": {"ids": [one["id"] for one in there]}}, timeout=5)
        assert gone.status_code == 200
        unheard = x.post("ann", "@MarramAir hello").id
        eventually(lambda: len(followed.missed) > 1)
        eventually(lambda: len(requests.get(route, headers=bearer, timeout=5).json().get("data", ())) == len(there))
        mention = x.post("ann", "@MarramAir hello again").id
        eventually(lambda: mention in followed.post_ids)
        assert unheard not in followed.post_ids, "polling finds it"
    assert connects(x) == 1
    assert line.notes.problems == []


# --- The activity stream


@pytest.mark.parametrize("fault", ["stream_closes", "stream_disconnects", "stream_cut", "stream_stalls"])
def test_the_activity_stream_goes_on_too(x: XSim, line: Line, fault: str) -> None:
    with following(line.activity()) as followed:
        x.fault(fault, "activity", times=1)
        eventually(lambda: len(followed.missed) == 2)
        mention = x.post("ann", "@MarramAir hello").id
        eventually(lambda: mention in followed.post_ids)
    assert len(line.notes.problems) == 1


def test_subscriptions_that_somebody_has_deleted_are_made_anew_while_the_connection_stands(
    x: XSim, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LOOK_AGAIN_AFTER", timedelta(seconds=90))
    with following(line.activity()) as followed:
        for one in subscriptions._listed(line.calls):
            line.calls.call(Endpoint.SUBSCRIPTIONS, Ask("DELETE", f"/2/activity/subscriptions/{one.id}"))
        eventually(lambda: len(followed.missed) > 1)
        eventually(lambda: len(list(subscriptions._listed(line.calls))) == 7)
        mention = x.post("ann", "@MarramAir hello").id
        eventually(lambda: mention in followed.post_ids)
    assert connects(x, "activity") == 1
    assert line.notes.problems == []


def test_the_activity_stream_tells_posts_deletions_and_private_messages(x: XSim, line: Line) -> None:
    x.user("ann", credentials=True)
    with following(line.activity()) as followed:
        own = x.post("MarramAir", "good morning")
        x.delete(own.id)
        sent = x.message("ann", "MarramAir", "my code is 5 > 4 &amp; 7")
        eventually(lambda: any(isinstance(one, PrivatelyWritten) for _, one in followed.all))
        happened = [one for _, one in followed.all]
        assert PostDeleted(own.id) in happened
        (message,) = [one.message for one in happened if isinstance(one, PrivatelyWritten)]
        assert (message.id, message.conversation_id) == (sent.id, sent.conversation_id)


def test_events_of_other_accounts_are_not_taken_in(x: XSim, line: Line) -> None:
    x.user("ann")
    other = Asking(x, x.user("GorseRail", credentials=True))
    for event_type in ("post.create", "post.mention.create", "post.delete", "dm.received"):
        about = {"user_id": other.user.id}
        assert other.post("activity/subscriptions", event_type=event_type, filter=about).status_code == 200
    with following(line.activity()) as followed:
        x.post("ann", "@GorseRail hello")
        x.message("ann", "GorseRail", "for nobody else")
        x.delete(x.post("GorseRail", "good morning").id)
        mention = x.post("ann", "@MarramAir hello").id
        eventually(lambda: mention in followed.post_ids)
        assert [one for _, one in followed.all if not isinstance(one, Posted | Missed)] == []
        assert followed.post_ids == [mention]


def test_where_the_app_may_not_read_private_messages_the_activity_stream_tells_posts(x: XSim, line: Line) -> None:
    x.rule(private_permitted=False)
    with following(line.activity()) as followed:
        mention = x.post("ann", "@MarramAir hello").id
        eventually(lambda: mention in followed.post_ids)
    (problem,) = line.notes.problems
    assert "X does not allow this app to do that" in problem
