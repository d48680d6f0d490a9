"""What counts as wrong with the connection to X, and what does not."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.doubles import NOON
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import CLOCK_WRONG, TOKEN_REFUSED
from triage.channels.x.refusals import BEARER_REFUSED
from triage.channels.x.watch import Source
from triage.domain.limits import Limits
from triage.service.x.alarms import Alarm, AlarmLog, Code, alarms, call_name, minutes, place_name, source_name
from triage.service.x.asking_again import GIVEN_UP
from triage.service.x.condition import Allowed, Condition, Listened, Read
from triage.service.x.polling import LOST
from triage.service.x.spending import Spend
from triage.store.held import Overdue
from triage.store.left_out import Standing
from triage.store.marks import Mark
from triage.store.stuck import UnderWay
from triage.store.switches import Switch
from triage.store.webhooks import FollowedWebhook
from triage.store.x_notes import Heard, Problem

SILENCE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def polled(ago: timedelta | None, *, every: timedelta = MINUTE / 2, saw: timedelta | None = None) -> Listened:
    alive = None if ago is None else NOON - ago
    return Listened(Source.POLL, every, Heard(alive, None if saw is None else NOON - saw))


def condition(*sources: Listened, **more: object) -> Condition:
    return Condition(at=NOON, silence=SILENCE, sources=sources or (polled(MINUTE),), **more)  # type: ignore[arg-type]


def codes(now: Condition) -> list[str]:
    return [alarm.code.value for alarm in alarms(now)]


def problem(place: str, text: str, ago: timedelta = MINUTE, first: timedelta = 2 * MINUTE) -> Problem:
    return Problem(place, text, NOON - first, NOON - ago, 2)


def test_a_connection_that_is_fine_raises_none() -> None:
    assert alarms(condition(polled(MINUTE))) == []


def test_a_quiet_brand_is_no_alarm_as_long_as_its_source_is_alive() -> None:
    assert alarms(condition(polled(MINUTE, saw=timedelta(days=3)))) == []


def test_a_source_that_says_nothing_for_too_long_is_one() -> None:
    (alarm,) = alarms(condition(polled(SILENCE + MINUTE)))
    assert (alarm.code, alarm.about, alarm.since) == (Code.SILENT, "poll", NOON - SILENCE - MINUTE)
    assert "polling for mentions for 16 minutes" in alarm.text


def test_one_that_was_never_heard_is_one_and_says_what_may_be_missing() -> None:
    (alarm,) = alarms(condition(polled(None)))
    assert "triage work" in alarm.text


def test_a_source_that_is_asked_seldom_may_be_silent_for_longer() -> None:
    hour = timedelta(hours=1)
    assert alarms(condition(polled(2 * hour, every=hour))) == []
    assert codes(condition(polled(4 * hour, every=hour))) == ["silent"]


def test_a_source_that_is_not_listened_to_any_more_may_be_silent() -> None:
    stream = Listened(Source.STREAM, None, Heard(NOON - timedelta(days=2)), expected=False)
    assert alarms(condition(polled(MINUTE), stream)) == []
    assert codes(condition(polled(MINUTE), replace(stream, expected=True))) == ["silent"]


def test_a_webhook_to_which_x_does_not_deliver_is_one_and_says_what_to_look_at() -> None:
    valid = FollowedWebhook("7", "https://care.example.org/x/webhook", True, NOON - MINUTE, NOON)
    assert alarms(condition(webhooks=[valid])) == []
    (alarm,) = alarms(condition(webhooks=[replace(valid, valid=False), replace(valid, id="8")]))
    assert (alarm.code, alarm.about, alarm.since) == (Code.NOT_DELIVERED, "7", NOON - MINUTE)
    assert "nothing to https://care.example.org/x/webhook" in alarm.text
    assert "TRIAGE_X_CONSUMER_SECRET" in alarm.text
    assert "`triage x webhook validate 7`" in alarm.text


def test_calls_that_are_used_up_are_one_until_they_are_not() -> None:
    calls = [Allowed(Endpoint.POST, [(0, 100, SILENCE)], NOON + MINUTE)]
    (alarm,) = alarms(condition(calls=calls))
    assert "no more posting replies until" in alarm.text
    assert "12:01:00 UTC" in alarm.text
    assert alarms(replace(condition(polled(MINUTE), calls=calls), at=NOON + MINUTE)) == []


@pytest.mark.parametrize("text", sorted(TOKEN_REFUSED))
def test_a_token_that_is_refused_is_one_until_x_answers_to_it_again(text: str) -> None:
    refused = condition(polled(2 * MINUTE), problems=[problem("mentions", text)])
    assert codes(refused) == ["token_refused"]
    assert codes(condition(polled(MINUTE / 2), problems=[problem("mentions", text)])) == []


def test_a_clock_that_is_wrong_is_one_and_the_token_none() -> None:
    text = f"{CLOCK_WRONG}, which is 7 min ahead of X's: set the clock right"
    (alarm,) = alarms(condition(polled(2 * MINUTE), problems=[problem("mentions", text)]))
    assert (alarm.code, alarm.text) == (Code.CLOCK_WRONG, f"{text}.")
    assert codes(condition(polled(MINUTE / 2), problems=[problem("mentions", text)])) == []


def test_the_apps_token_is_another_than_the_accounts() -> None:
    problems = [problem("stream", BEARER_REFUSED)]
    stream = Listened(Source.STREAM, None, Heard(NOON - 5 * MINUTE))
    (alarm,) = alarms(condition(polled(timedelta()), stream, problems=problems))
    assert (alarm.code, alarm.about) == (Code.TOKEN_REFUSED, "app")


def test_replies_whose_fate_nobody_knows_are_one() -> None:
    (alarm,) = alarms(condition(replies=UnderWay(ambiguous=2)))
    assert "2 replies" in alarm.text
    assert alarms(condition(replies=UnderWay(waiting=9, in_doubt=3))) == []


def test_what_x_leaves_out_is_one_for_each_source() -> None:
    (alarm,) = alarms(condition(left_out={"poll": Standing(3, NOON - MINUTE)}))
    assert (alarm.code, alarm.about, alarm.since) == (Code.LEFT_OUT, "poll", NOON - MINUTE)
    assert "polling for mentions X leaves something out since" in alarm.text
    assert alarms(condition(left_out={})) == []


def test_of_very_many_left_out_it_is_said_how_seldom_each_is_looked_up() -> None:
    (few,) = alarms(condition(left_out={"poll": Standing(60, NOON - MINUTE)}))
    (many,) = alarms(condition(left_out={"poll": Standing(1200, NOON - MINUTE)}))
    assert "to save money" not in few.text
    assert many.text.endswith("They are 1,200: to save money, each is looked up only every 20 hours.")


def test_what_x_left_out_of_a_source_that_is_not_asked_any_more_is_none() -> None:
    left_out = {"private": Standing(3, NOON - MINUTE)}
    private = Listened(Source.PRIVATE, None, Heard(NOON - 5 * MINUTE), expected=False)
    assert alarms(condition(polled(MINUTE), private, left_out=left_out)) == []
    assert codes(condition(polled(MINUTE), replace(private, expected=True), left_out=left_out)) == ["left_out"]


def test_what_was_given_up_is_one_for_a_day() -> None:
    assert codes(condition(problems=[problem("poll", f"{GIVEN_UP} some of the mentions")])) == ["lost"]
    old = problem("poll", f"{GIVEN_UP} some of the mentions", ago=timedelta(days=2), first=timedelta(days=2))
    assert codes(condition(problems=[old])) == []


def test_a_timeline_that_answers_and_is_not_read_to_its_end_is_one() -> None:
    still = Read(Source.POLL, Mark(1), NOON - timedelta(hours=1))
    assert codes(condition(polled(MINUTE), timelines=[still])) == ["stands_still"]
    assert codes(condition(polled(MINUTE), timelines=[replace(still, at=NOON - MINUTE)])) == []


def test_of_a_timeline_that_does_not_answer_only_its_silence_is_one() -> None:
    still = Read(Source.POLL, Mark(1), NOON - timedelta(hours=1))
    assert codes(condition(polled(timedelta(hours=1)), timelines=[still])) == ["silent"]


def test_posts_that_cannot_be_read_any_more_are_one_for_a_day() -> None:
    lost = f"{LOST} 800 mentions: those from then to now cannot be read any more."
    (alarm,) = alarms(condition(problems=[problem("poll", lost)]))
    assert (alarm.code, alarm.text) == (Code.LOST, lost)
    assert alarms(condition(problems=[problem("poll", lost, ago=timedelta(hours=25))])) == []


def test_posts_that_were_not_looked_up_in_time_are_one_and_what_runs_anew_is_given_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late = condition(overdue=Overdue(2, NOON - timedelta(hours=30)))
    assert codes(late) == ["not_looked_up"]
    still = replace(late, at=NOON + SILENCE + MINUTE, sources=(polled(-SILENCE),))
    assert logged(caplog, late, late, late) == []
    assert logged(caplog, late, late, still, still) == ["alarm"]


def test_a_day_on_which_automatic_replies_have_ended_for_what_x_costs_is_one() -> None:
    limits = Limits(spend_per_day_usd=25)
    assert alarms(condition(limits=limits, spent_today=Spend(rest=24), to_be_spent=0.9)) == []
    (alarm,) = alarms(condition(limits=limits, spent_today=Spend(rest=24), to_be_spent=1))
    assert (alarm.code, alarm.about) == (Code.SPENT, "replies")
    assert "about $25.00 today" in alarm.text
    assert "people answer" in alarm.text
    assert "spend_per_day_usd" in alarm.text
    assert alarms(condition(limits=Limits(spend_per_day_usd=0))) == [], "who wants no automatic replies misses none"


def test_looks_that_cost_more_than_the_brand_expects_are_one_of_their_own() -> None:
    limits = Limits(spend_per_day_usd=25, look_ups_per_day_usd=30)
    assert alarms(condition(limits=limits, spent_today=Spend(look_ups=30, rest=24))) == []
    (alarm,) = alarms(condition(limits=limits, spent_today=Spend(look_ups=31, rest=24)))
    assert (alarm.code, alarm.about) == (Code.SPENT, "look_up")
    assert "about $31.00 today" in alarm.text
    assert "Nothing has stopped" in alarm.text
    assert "[retention]" in alarm.text


def test_a_pause_is_one_and_says_whose_and_why() -> None:
    (alarm,) = alarms(condition(paused=Switch(False, "sam", NOON, "a storm.")))
    assert "sam paused it: a storm. " in alarm.text


def test_the_most_urgent_comes_first() -> None:
    now = condition(polled(None), paused=Switch(False, "sam", NOON, ""), replies=UnderWay(ambiguous=1))
    assert codes(now) == ["silent", "ambiguous", "paused"]


def logged(caplog: pytest.LogCaptureFixture, *looks: Condition) -> list[str]:
    """What is written to the log, look after look."""
    watching = AlarmLog(lambda: next(one))
    one = iter(looks)
    with caplog.at_level(logging.WARNING):
        for _ in looks:
            watching.check()
    return [record.getMessage().split(":")[0] for record in caplog.records]


def test_an_alarm_is_logged_when_it_begins_and_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    fine, silent = condition(polled(MINUTE)), condition(polled(SILENCE + MINUTE))
    later = condition(polled(SILENCE + 9 * MINUTE))
    assert logged(caplog, fine, silent, silent, later, fine, fine) == ["alarm", "alarm over"]


def test_what_is_wrong_for_a_moment_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    fine, silent = condition(polled(MINUTE)), condition(polled(SILENCE + MINUTE))
    assert logged(caplog, silent, fine, silent, fine) == []


def test_a_source_that_has_just_begun_is_given_time(caplog: pytest.LogCaptureFixture) -> None:
    new = condition(polled(None))
    late = replace(new, at=NOON + SILENCE + MINUTE)
    assert logged(caplog, new, new, new) == []
    assert logged(caplog, new, new, late, late) == ["alarm"]


def test_everything_that_can_fail_has_a_name() -> None:
    assert all(source_name(one) for one in Source)
    assert all(call_name(one) for one in Endpoint)
    assert place_name("mentions") == "reading mentions"
    assert place_name("poll") == "polling for mentions"
    assert place_name("elsewhere") == "elsewhere"


@pytest.mark.parametrize(
    ("span", "said"),
    [(MINUTE, "1 minute"), (90 * MINUTE, "90 minutes"), (3 * 60 * MINUTE, "3 hours"), (timedelta(days=2), "2 days")],
)
def test_spans_are_said_in_whole_words(span: timedelta, said: str) -> None:
    assert minutes(span) == said


def test_alarms_are_told_apart_by_what_they_are_about() -> None:
    one = Alarm(Code.SILENT, "a", about="poll")
    assert one.cause == Alarm(Code.SILENT, "b", NOON, "poll").cause
    assert one.cause != Alarm(Code.SILENT, "a", about="stream").cause
