"""An alarm does not vanish while its cause lasts, whatever else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import NOON
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import CLOCK_WRONG, TOKEN_REFUSED
from triage.channels.x.watch import Source
from triage.service.x.alarms import LOST_FOR, Code, alarms
from triage.service.x.condition import Allowed, Condition, Listened, Read
from triage.service.x.polling import LOST
from triage.store.marks import Mark
from triage.store.stuck import UnderWay
from triage.store.switches import Switch
from triage.store.webhooks import FollowedWebhook
from triage.store.x_notes import Heard, Problem

spans = st.integers(0, 60 * 60 * 48).map(lambda seconds: timedelta(seconds=seconds))
moments = spans.map(lambda span: NOON - span)
heard = st.builds(Heard, st.none() | moments, st.none() | moments, st.none(), st.none())
listened = st.builds(Listened, st.sampled_from(Source), st.none() | spans, heard, st.booleans())
said = st.sampled_from(
    [*sorted(TOKEN_REFUSED), f"{CLOCK_WRONG}: 7 min", f"{LOST} 800 mentions", "X did not answer in time"]
)
places = st.sampled_from([one.value for one in (*Endpoint, *Source)])
problems = st.builds(Problem, places, said, moments, moments, st.integers(1, 9))
calls = st.builds(Allowed, st.sampled_from(Endpoint), st.just(()), st.none() | spans.map(lambda span: NOON + span))
reads = st.builds(Read, st.sampled_from([Source.POLL, Source.OWN_POSTS]), st.just(Mark(1)), st.none() | moments)
followed = st.builds(
    FollowedWebhook, st.sampled_from(["7", "8"]), st.just("https://a.example"), st.booleans(), moments, moments
)
conditions = st.builds(
    Condition,
    at=st.just(NOON),
    silence=st.integers(1, 60).map(lambda minutes: timedelta(minutes=minutes)),
    paused=st.none() | st.builds(Switch, st.just(False), st.just("sam"), moments, st.just("")),
    sources=st.lists(listened, unique_by=lambda one: one.source),
    calls=st.lists(calls, unique_by=lambda one: one.endpoint),
    timelines=st.lists(reads, unique_by=lambda one: one.source),
    replies=st.builds(UnderWay, *[st.integers(0, 3)] * 3),
    problems=st.lists(problems),
    webhooks=st.lists(followed, unique_by=lambda one: one.id, max_size=2),
)


def causes(now: Condition) -> set[tuple[str, str]]:
    return {alarm.cause for alarm in alarms(now)}


def ends(now: Condition, code: str, about: str) -> datetime | None:
    """When what causes an alarm ends by itself, if it does."""
    if code == Code.NO_CALLS_LEFT:
        return next(one.not_before for one in now.calls if one.endpoint.value == about)
    if code == Code.LOST:
        return max(one.at for one in now.problems if one.place == about and one.text.startswith(LOST)) + LOST_FOR
    return None


@given(conditions, spans)
def test_time_alone_ends_only_what_has_an_end(now: Condition, passed: timedelta) -> None:
    later = replace(now, at=now.at + passed)
    for code, about in causes(now) - causes(later):
        end = ends(now, code, about)
        assert end is not None
        assert end <= later.at


@given(conditions, problems)
def test_another_problem_ends_none(now: Condition, another: Problem) -> None:
    assert causes(now) <= causes(replace(now, problems=[*now.problems, another]))


@given(conditions, conditions)
def test_what_happens_elsewhere_ends_none(now: Condition, other: Condition) -> None:
    """Replies, calls and the switch have nothing to do with what is heard, and the other way round."""
    about_sending = {Code.AMBIGUOUS, Code.NO_CALLS_LEFT, Code.PAUSED}
    changed = replace(now, replies=other.replies, calls=other.calls, paused=other.paused)
    kept = {cause for cause in causes(now) if cause[0] not in about_sending}
    assert kept == {cause for cause in causes(changed) if cause[0] not in about_sending}


@given(conditions)
def test_each_cause_is_told_once(now: Condition) -> None:
    told = [alarm.cause for alarm in alarms(now)]
    assert len(told) == len(set(told))
