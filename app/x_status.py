"""How the connection to X is, as a document: the same for the API, the desk and the command."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from app.compose import Product
from triage.service.x.alarms import Alarm, alarms, call_name, place_name, source_name
from triage.service.x.condition import Allowed, Condition, Listened, Read
from triage.service.x.upkeep import Upkeep
from triage.store.webhooks import FollowedWebhook
from triage.store.x_notes import Problem

NOT_CONNECTED: Final = (
    "X is not connected: set TRIAGE_X_CONSUMER_KEY, TRIAGE_X_CONSUMER_SECRET, TRIAGE_X_ACCESS_TOKEN and "
    "TRIAGE_X_ACCESS_TOKEN_SECRET"
)


class AlarmOut(BaseModel):
    """`code` and `about` name the cause; `text` says it to people."""

    code: str
    about: str
    text: str
    since: datetime | None


class SourceOut(BaseModel):
    """`alive_at`: it answered, if only that there is nothing; `saw_at`: it brought something, `lag_seconds` after that
    was written. `expected`: it is listened to with the present settings."""

    source: str
    name: str
    expected: bool
    alive_at: datetime | None
    saw_at: datetime | None
    lag_seconds: float | None
    next_at: datetime | None


class LeftOut(BaseModel):
    left: int
    of: int
    window_seconds: int


class CallsOut(BaseModel):
    """`not_before` is when the next such call is allowed; null for now."""

    endpoint: str
    name: str
    left: list[LeftOut]
    not_before: datetime | None


class TimelineOut(BaseModel):
    """Posts up to `newest` were read, but for those in so many `gaps`."""

    source: str
    newest: str | None
    gaps: int
    read_at: datetime | None


class WebhookOut(BaseModel):
    """X delivers to it only if it is `valid`, as it has been `since`, as far as X was asked until `looked_at`."""

    id: str
    url: str
    valid: bool
    since: datetime
    looked_at: datetime


class OnTheWayOut(BaseModel):
    """`waiting` to be sent, the `oldest` since when; `in_doubt`: being sent or looked for; `ambiguous`: for people."""

    waiting: int
    in_doubt: int
    ambiguous: int
    stuck: int
    oldest: datetime | None


class ProblemOut(BaseModel):
    """What went wrong, so many `times` in a row; `name` is what `place` is called."""

    place: str
    name: str
    text: str
    first_at: datetime
    at: datetime
    times: int


class SpendOut(BaseModel):
    """An estimate from X's list of prices; X's own bill counts. Looking stored posts up again is part of it, and said
    beside it, since automatic replies do not end for it."""

    today_usd: float
    month_usd: float
    look_ups_today_usd: float
    look_ups_month_usd: float


class UpkeepOut(BaseModel):
    """What looking up the posts that are `held` costs at present, an estimate; `new_a_day` more came in a day lately,
    and they are kept for so many days, null for ever. `text` says it to people, with what makes it less."""

    held: int
    usd_a_day: float
    usd_a_month: float
    new_a_day: float
    kept_for_days: int | None
    text: str


class PausedOut(BaseModel):
    by: str
    at: datetime
    reason: str


class MentionOut(BaseModel):
    at: datetime
    lag_seconds: float | None


class XStatusOut(BaseModel):
    """The connection to X, whichever process keeps it up; alarms first. Where X is not `connected`, nothing else is
    said."""

    connected: bool
    at: datetime
    alarms: list[AlarmOut] = []
    paused: PausedOut | None = None
    dry_run: bool = False
    last_mention: MentionOut | None = Field(
        default=None, description="When the latest post by somebody else that names or answers the brand was seen."
    )
    sources: list[SourceOut] = []
    calls: list[CallsOut] = []
    timelines: list[TimelineOut] = []
    webhooks: list[WebhookOut] = []
    replies: OnTheWayOut | None = None
    problems: list[ProblemOut] = []
    spend: SpendOut | None = None
    upkeep: UpkeepOut | None = None


def status(product: Product) -> XStatusOut:
    """How the connection is now, by what is in the database. This process needs no credentials for that.

    Raises:
        ConfigurationError: nothing is known of a connection, and only some of the credentials are set.
    """
    now = product.x_conditions.now()
    if not now.is_known and product.x is None:
        return XStatusOut(connected=False, at=now.at)
    mention = now.last_mention
    return XStatusOut(
        connected=True,
        at=now.at,
        alarms=[_alarm(one) for one in alarms(now)],
        paused=PausedOut(by=now.paused.by, at=now.paused.at, reason=now.paused.reason) if now.paused else None,
        dry_run=now.dry_run,
        last_mention=MentionOut(at=mention.saw_at, lag_seconds=mention.lag) if mention and mention.saw_at else None,
        sources=[_source(one) for one in now.sources],
        calls=[_calls(one) for one in now.calls],
        timelines=[_timeline(one) for one in now.timelines],
        webhooks=[_webhook(one) for one in now.webhooks],
        replies=_on_the_way(now),
        problems=[_problem(one) for one in now.problems],
        spend=_spend(now),
        upkeep=_upkeep(product.x_conditions.upkeep()),
    )


def _alarm(one: Alarm) -> AlarmOut:
    return AlarmOut(code=one.code.value, about=one.about, text=one.text, since=one.since)


def _source(one: Listened) -> SourceOut:
    return SourceOut(
        source=one.source.value,
        name=source_name(one.source),
        expected=one.expected,
        alive_at=one.heard.alive_at,
        saw_at=one.heard.saw_at,
        lag_seconds=one.heard.lag,
        next_at=one.next_at,
    )


def _calls(one: Allowed) -> CallsOut:
    left = [LeftOut(left=rest, of=of, window_seconds=int(window.total_seconds())) for rest, of, window in one.left]
    return CallsOut(endpoint=one.endpoint.value, name=call_name(one.endpoint), left=left, not_before=one.not_before)


def _timeline(one: Read) -> TimelineOut:
    newest = str(one.mark.newest) if one.mark else None
    return TimelineOut(
        source=one.source.value, newest=newest, gaps=len(one.mark.gaps) if one.mark else 0, read_at=one.at
    )


def _webhook(one: FollowedWebhook) -> WebhookOut:
    return WebhookOut(id=one.id, url=one.url, valid=one.valid, since=one.since, looked_at=one.looked_at)


def _on_the_way(now: Condition) -> OnTheWayOut:
    under_way = now.replies
    return OnTheWayOut(
        waiting=under_way.waiting,
        in_doubt=under_way.in_doubt,
        ambiguous=under_way.ambiguous,
        stuck=now.stuck,
        oldest=under_way.oldest,
    )


def _spend(now: Condition) -> SpendOut:
    today, month = now.spent_today, now.spent_this_month
    return SpendOut(
        today_usd=round(today.total, 4),
        month_usd=round(month.total, 4),
        look_ups_today_usd=round(today.look_ups, 4),
        look_ups_month_usd=round(month.look_ups, 4),
    )


def _upkeep(one: Upkeep) -> UpkeepOut:
    return UpkeepOut(
        held=one.held,
        usd_a_day=round(one.a_day, 4),
        usd_a_month=round(one.a_month, 4),
        new_a_day=round(one.new_a_day, 1),
        kept_for_days=one.kept_for.days if one.kept_for else None,
        text=one.text,
    )


def _problem(one: Problem) -> ProblemOut:
    return ProblemOut(
        place=one.place,
        name=place_name(one.place),
        text=one.text,
        first_at=one.first_at,
        at=one.at,
        times=one.times,
    )
