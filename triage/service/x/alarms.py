"""What somebody has to see to: a pure function of how the connection is.

An alarm is there for as long as its cause is. That mentions are few is no alarm: a source that answers is alive,
though it has nothing to tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import CLOCK_WRONG, TOKEN_REFUSED
from triage.channels.x.refusals import BEARER_REFUSED
from triage.channels.x.watch import Source
from triage.service.x.asking_again import BETWEEN_LOOKS, GIVEN_UP, LONGEST_PAUSE
from triage.service.x.condition import LOOKED_UP_WITHIN, Condition, Listened, Read
from triage.service.x.polling import LOST
from triage.store.x_notes import Problem

log = logging.getLogger(__name__)

#: A gap that cannot be filled any more stays an alarm for so long.
LOST_FOR: Final = timedelta(days=1)
#: A source is asked at least this often before its silence is one.
_ASKED: Final = 3
_SOURCES: Final = {
    Source.POLL: "polling for mentions",
    Source.OWN_POSTS: "polling for the brand's own posts",
    Source.PRIVATE: "polling for private messages",
    Source.STREAM: "the filtered stream",
    Source.ACTIVITY: "the activity stream",
    Source.WEBHOOK: "the webhook",
}
_CALLS: Final = {
    Endpoint.ME: "asking whose account this is",
    Endpoint.MENTIONS: "reading mentions",
    Endpoint.OWN_POSTS: "reading the brand's own posts",
    Endpoint.LOOK_UP: "looking posts up again",
    Endpoint.POST: "posting replies",
    Endpoint.DELETE: "deleting posts",
    Endpoint.PRIVATE_EVENTS: "reading private messages",
    Endpoint.PRIVATE_SEND: "sending private messages",
    Endpoint.STREAM: "connecting to the filtered stream",
    Endpoint.STREAM_RULES: "changing the stream's rules",
    Endpoint.ACTIVITY_STREAM: "connecting to the activity stream",
    Endpoint.SUBSCRIPTIONS: "subscribing to events",
    Endpoint.WEBHOOKS: "registering webhooks",
    Endpoint.TOKEN: "renewing the access token",
}
_REFUSED: Final = TOKEN_REFUSED | {BEARER_REFUSED}
#: Sources and calls in the app's own name, with the bearer token; all others are in the account's.
_BY_THE_APP: Final = frozenset(
    {Endpoint.STREAM, Endpoint.STREAM_RULES, Endpoint.ACTIVITY_STREAM, Endpoint.SUBSCRIPTIONS, Endpoint.WEBHOOKS}
)
_APPS_SOURCES: Final = frozenset({Source.STREAM, Source.ACTIVITY})
_ACCOUNTS_SOURCES: Final = frozenset({Source.POLL, Source.OWN_POSTS, Source.PRIVATE})


class Code(StrEnum):
    """Kinds of alarms, the most urgent first."""

    TOKEN_REFUSED = "token_refused"  # noqa: S105 - what is wrong with it
    CLOCK_WRONG = "clock_wrong"
    SILENT = "silent"
    NOT_DELIVERED = "not_delivered"
    STANDS_STILL = "stands_still"
    NOT_LOOKED_UP = "not_looked_up"
    LEFT_OUT = "left_out"
    LOST = "lost"
    AMBIGUOUS = "ambiguous"
    SPENT = "spent"
    NO_CALLS_LEFT = "no_calls_left"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Alarm:
    """``code`` and ``about`` (a source, a kind of call, or nothing) name the cause; ``text`` says it to people."""

    code: Code
    text: str
    since: datetime | None = None
    about: str = ""

    @property
    def cause(self) -> tuple[str, str]:
        return self.code.value, self.about


def alarms(now: Condition) -> list[Alarm]:
    """What is wrong, the most urgent first."""
    missed = [*_not_looked_up(now), *_left_out(now), *_lost(now)]
    heard = [*_refused(now), *_silent(now), *_not_delivered(now), *_still(now), *missed]
    found = [*heard, *_ambiguous(now), *_spent(now), *_used_up(now), *_paused(now)]
    order = list(Code)
    return sorted(found, key=lambda alarm: order.index(alarm.code))


def source_name(source: Source) -> str:
    return _SOURCES[source]


def call_name(endpoint: Endpoint) -> str:
    return _CALLS[endpoint]


def place_name(place: str) -> str:
    """Of where a problem was: a source or a kind of call; what is neither is shown as it is."""
    known = {**{one.value: name for one, name in _CALLS.items()}, **{one.value: name for one, name in _SOURCES.items()}}
    return known.get(place, place)


def _refused(now: Condition) -> Iterator[Alarm]:
    """X refused a token, or a signature by a wrong clock, later than it last answered to it."""
    for by_the_app, sources in ((False, _ACCOUNTS_SOURCES), (True, _APPS_SOURCES)):
        alive = [one.heard.alive_at for one in now.sources if one.source in sources and one.heard.alive_at]
        for code in (Code.TOKEN_REFUSED, Code.CLOCK_WRONG):
            refused = [one for one in now.problems if _refusal(one.text) is code and _is_the_apps(one) is by_the_app]
            last = max(refused, key=lambda problem: problem.at, default=None)
            if last is not None and not any(moment > last.at for moment in alive):
                yield Alarm(code, f"{last.text}.", last.first_at, "app" if by_the_app else "account")


def _refusal(text: str) -> Code | None:
    if text.startswith(CLOCK_WRONG):
        return Code.CLOCK_WRONG
    return Code.TOKEN_REFUSED if text in _REFUSED else None


def _is_the_apps(problem: Problem) -> bool:
    """A stream and the call that connects to it have one name."""
    return problem.place in {one.value for one in (*_BY_THE_APP, *_APPS_SOURCES)}


def _silent(now: Condition) -> Iterator[Alarm]:
    for one in now.sources:
        since = one.heard.alive_at
        if not one.expected or (since is not None and now.at - since <= _patience(one, now.silence)):
            continue
        name = source_name(one.source)
        text = (
            f"Nothing has ever come by {name}: is `triage work` running?"
            if since is None
            else f"Nothing has come by {name} for {minutes(now.at - since)}, not even a sign of life."
        )
        yield Alarm(Code.SILENT, text, since, one.source.value)


def _not_delivered(now: Condition) -> Iterator[Alarm]:
    """X delivers only to a webhook that answered its last challenge rightly."""
    for one in now.webhooks:
        if not one.valid:
            text = (
                f"X delivers nothing to {one.url}, which did not answer X's challenge rightly. "
                "Is `triage serve` to be reached there, with the app's own TRIAGE_X_CONSUMER_SECRET? "
                f"X is asked every few minutes to try again; `triage x webhook validate {one.id}` does it at once."
            )
            yield Alarm(Code.NOT_DELIVERED, text, one.since, one.id)


def _patience(one: Listened, silence: timedelta) -> timedelta:
    return max(silence, one.every * _ASKED) if one.every else silence


def _still(now: Condition) -> Iterator[Alarm]:
    """A timeline answers, and yet nothing of it is read to its end."""
    listened = {one.source: one for one in now.sources if one.expected}
    for timeline in now.timelines:
        one = listened.get(timeline.source)
        if one is not None and _stands_still(timeline, one, now):
            text = (
                f"X answers, but {source_name(timeline.source)} has not come to its end since "
                f"{timeline.at:%d %b %H:%M} UTC: what it reads cannot be stored, or X never lets it finish."
            )
            yield Alarm(Code.STANDS_STILL, text, timeline.at, timeline.source.value)


def _stands_still(timeline: Read, one: Listened, now: Condition) -> bool:
    if timeline.at is None or one.heard.alive_at is None:
        return False
    return one.heard.alive_at - timeline.at > _patience(one, now.silence)


def _left_out(now: Condition) -> Iterator[Alarm]:
    """X left something out of its answers, and still does."""
    for source in (one.source for one in now.sources if one.expected):
        if one := now.left_out.get(source.value):
            text = (
                f"By {source_name(source)} X leaves something out since {one.since:%d %b %H:%M} UTC, or sends it "
                "so that it cannot be read. It is asked for again and again. If that lasts, X may have changed its "
                "answers: look for a newer version of the product."
            )
            if (pause := BETWEEN_LOOKS * one.count) > LONGEST_PAUSE:
                text += f" They are {one.count:,}: to save money, each is looked up only every {minutes(pause)}."
            yield Alarm(Code.LEFT_OUT, text, one.since, source.value)


def _lost(now: Condition) -> Iterator[Alarm]:
    for place in dict.fromkeys(one.place for one in now.problems):
        lost = [one for one in now.problems if one.place == place and one.text.startswith((LOST, GIVEN_UP))]
        recent = [one for one in lost if now.at - one.at <= LOST_FOR]
        if recent:
            last = max(recent, key=lambda problem: problem.at)
            yield Alarm(Code.LOST, last.text, last.first_at, place)


def _not_looked_up(now: Condition) -> Iterator[Alarm]:
    """What a look would find stays undone; a first look after a pause finds it within minutes."""
    late = now.overdue
    if late.count and late.oldest is not None:
        posts = "1 post of X has" if late.count == 1 else f"{late.count:,} posts of X have"
        text = (
            f"{posts} not been looked up for over {minutes(LOOKED_UP_WITHIN)}, one not for "
            f"{minutes(now.at - late.oldest)}: what their authors have deleted or edited meanwhile is still here as it "
            f"was, and X's terms want it gone within a day. The last problems under “{call_name(Endpoint.LOOK_UP)}” "
            "say what is in the way."
        )
        yield Alarm(Code.NOT_LOOKED_UP, text, late.oldest + LOOKED_UP_WITHIN)


def _ambiguous(now: Condition) -> Iterator[Alarm]:
    if count := now.replies.ambiguous:
        what = "Of one reply nobody knows" if count == 1 else f"Of {count:,} replies nobody knows"
        yield Alarm(Code.AMBIGUOUS, f"{what} whether it is on X: look at the list of stuck replies and decide.")


def _spent(now: Condition) -> Iterator[Alarm]:
    limits, today = now.limits, now.spent_today
    if 0 < limits.spend_per_day_usd <= today.rest + now.to_be_spent:  # with 0 nobody expects any
        text = (
            f"X has cost about ${today.rest + now.to_be_spent:,.2f} today with the replies that wait, not counting "
            "looks at stored posts. Automatic replies have ended until midnight UTC, and people answer: brand.toml "
            f"allows ${limits.spend_per_day_usd:,.2f} (spend_per_day_usd)."
        )
        yield Alarm(Code.SPENT, text, about="replies")
    if today.look_ups > limits.look_ups_per_day_usd:
        text = (
            f"Looking stored posts up again has cost about ${today.look_ups:,.2f} today, and brand.toml expects "
            f"${limits.look_ups_per_day_usd:,.2f} at most (look_ups_per_day_usd). Nothing has stopped, since X wants "
            "deletions honoured. `triage x status` says how much is held; [retention] in brand.toml lets it go sooner."
        )
        yield Alarm(Code.SPENT, text, about=Endpoint.LOOK_UP.value)


def _used_up(now: Condition) -> Iterator[Alarm]:
    for one in now.calls:
        if one.not_before is not None and one.not_before > now.at:
            text = f"X allows no more {call_name(one.endpoint)} until {one.not_before:%d %b %H:%M:%S} UTC."
            yield Alarm(Code.NO_CALLS_LEFT, text, about=one.endpoint.value)


def _paused(now: Condition) -> Iterator[Alarm]:
    if now.paused is not None:
        why = f": {now.paused.reason.rstrip('.')}" if now.paused.reason else ""
        text = f"Nothing is sent on X: {now.paused.by} paused it{why}. `triage x resume` ends that."
        yield Alarm(Code.PAUSED, text, now.paused.at)


def minutes(span: timedelta) -> str:
    """``12 minutes``, ``3 hours``, ``2 days``."""
    whole = int(span / timedelta(minutes=1))
    for size, name in ((24 * 60, "day"), (60, "hour")):
        if whole >= 2 * size:
            return f"{whole // size} {name}s"
    return "1 minute" if whole == 1 else f"{whole} minutes"


@dataclass(slots=True)
class AlarmLog:
    """Writes to the log when an alarm begins and when it ends, once each.

    One that is there at a single look is not told: after an interruption everything looks odd for a moment. A source
    that was never heard is given the time in which it would be silent, from the first look on, and so are posts that
    nobody looked up while nothing ran.
    """

    look: Callable[[], Condition]
    _seen: frozenset[tuple[str, str]] = frozenset()
    _told: dict[tuple[str, str], Alarm] = field(default_factory=dict)
    _began: datetime | None = None

    def check(self) -> None:
        """Look, and tell what has begun or ended."""
        now = self.look()
        self._began = self._began or now.at
        standing = {alarm.cause: alarm for alarm in alarms(now) if not self._may_still_come(alarm, now)}
        for cause in [cause for cause in self._told if cause not in standing]:
            log.warning("alarm over: %s", self._told.pop(cause).text)
        for cause, alarm in standing.items():
            if cause in self._seen and cause not in self._told:
                log.error("alarm: %s", alarm.text)
                self._told[cause] = alarm
        self._seen = frozenset(standing)

    def _may_still_come(self, alarm: Alarm, now: Condition) -> bool:
        fresh = self._began is not None and now.at - self._began <= now.silence
        unheard = alarm.code is Code.SILENT and alarm.since is None
        return fresh and (unheard or alarm.code is Code.NOT_LOOKED_UP)
