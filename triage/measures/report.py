"""The report: counts, automation, waits and times to first reply, from events alone.

Definitions: ``docs/measures.md``. Every share is shown with its numerator and denominator, people's
and automatic work are never mixed, and silence of a customer is never counted as a confirmation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.domain.audit import Answering
from triage.domain.case import Case, CaseState, apply
from triage.domain.decision import Action
from triage.domain.event import Event, EventKind
from triage.measures.waits import Wait, WaitSummary, summarise
from triage.measures.wrong_answers import ENOUGH, evidence, interval


@dataclass(frozen=True, slots=True)
class Share:
    """``value`` is ``None`` where there is nothing to take a share of."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Automation:
    """What became of the conversations that the service answered by itself.

    ``confirmed``: the customer then wrote that it helped; ``assumed``: they did not say;
    ``handed_over``: a person had the case afterwards, or it waited for one, however it ended.
    """

    confirmed: int
    assumed: int
    handed_over: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Verdicts of people on automatic answers, since answering began or was last switched on again.

    ``low`` and ``high`` are the exact 95 % interval of the share of wrong ones. ``evidence`` is compared with
    ``enough``: from there on it is proven that more are wrong than ``promised``. Without any verdict nothing
    is promised yet, as far as the log knows.
    """

    right: int
    wrong: int
    unsure: int
    low: float
    high: float
    promised: float | None
    evidence: float
    enough: float
    stopped: datetime | None  # since when the service does not answer any more
    stops: int  # how often it stopped, ever
    waiting: int  # sampled answers without a verdict

    @property
    def wrong_share(self) -> Share:
        return Share(self.wrong, self.right + self.wrong)


@dataclass(frozen=True, slots=True)
class Report:
    """All figures as they stood at ``until``, the time of the last event. Waits in seconds."""

    until: datetime | None
    received: int
    outbound: int
    messages: dict[str, int]  # inbound, by final state; "undecided" beside them
    answered_alone: Share  # of all decided inbound messages
    closed_alone: Share
    sent_to_people: Share
    automation: Automation
    cases: dict[str, int]  # by state; merged ones left out
    queues: dict[str, int]  # cases waiting now, by queue
    intents: dict[str, int]
    urgencies: dict[str, int]
    reasons: dict[str, int]  # why messages went to people
    queue_wait: WaitSummary  # from entering a queue to being claimed, or answered elsewhere
    first_reply_by_people: WaitSummary
    first_reply_by_service: WaitSummary
    replies: dict[str, int]  # by outcome
    audit: Audit
    opted_out: int  # customers who want no automatic reply, by channel


_SAID = {Action.ANSWER: "answered", Action.QUEUE: "queued", Action.CLOSE: "closed"}
_AUDITING = frozenset({EventKind.ANSWER_AUDITED, EventKind.ANSWERING_STOPPED, EventKind.ANSWERING_RESUMED})
#: Looking at a message, or at an answer afterwards, or letting words go, moves no case.
_SETTLES_NOTHING = frozenset({EventKind.DATA_REVEALED, EventKind.MESSAGE_ERASED, *_AUDITING})
_OUTCOMES = {
    EventKind.REPLY_SENT: "sent",
    EventKind.REPLY_FAILED: "failed",
    EventKind.REPLY_AMBIGUOUS: "ambiguous",
    EventKind.REPLY_CANCELLED: "cancelled",
    EventKind.REPLY_DROPPED: "cancelled",
    EventKind.REPLY_BLOCKED: "blocked",
}


@dataclass(slots=True)
class _Story:
    """What the report follows of one case.

    Replies of people are kept one by one: which of them was the first to the customer is known only at
    the end, since messages may come in late.
    """

    first_customer: datetime | None = None
    people: list[datetime] = field(default_factory=list)
    first_service: datetime | None = None
    answered: datetime | None = None  # when the service first decided to answer
    thanked: bool = False
    handed_over: bool = False
    queued_since: datetime | None = None
    given_up: datetime | None = None  # when a person last closed it

    @property
    def first_person(self) -> datetime | None:
        """The first reply of a person to the customer; what the brand posted before is none."""
        start = self.first_customer
        return min((at for at in self.people if start is not None and at >= start), default=None)

    @property
    def seen_by_people(self) -> bool:
        """Whether people had the case, or replied elsewhere, after the service had decided to answer."""
        answered = self.answered
        return self.handed_over or any(answered is not None and at >= answered for at in self.people)


@dataclass(slots=True)
class _Counts:
    until: datetime | None = None
    received: int = 0
    outbound: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    intents: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    cases: dict[int, Case] = field(default_factory=dict)
    stories: dict[int, _Story] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)
    opted_out: int = 0
    answering: Answering = field(default_factory=Answering)
    promised: float | None = None
    stops: int = 0
    to_audit: set[int | None] = field(default_factory=set)


def report(events: Iterable[Event]) -> Report:
    """Fold the log into figures. One pass; memory grows with the number of cases and of people's replies."""
    counts = _Counts()
    for event in events:
        _audit(counts, event)
        if event.kind in _SETTLES_NOTHING:
            continue  # not even the time of the report: waits go on being measured to what happened last
        _count(counts, event)
        _follow(counts, event)
    return _finish(counts)


def _audit(counts: _Counts, event: Event) -> None:
    if event.kind in _AUDITING:
        counts.answering = counts.answering.apply(event)
        counts.promised = event.data.get("promised", counts.promised)
        counts.stops += event.kind is EventKind.ANSWERING_STOPPED
        if event.kind is EventKind.ANSWER_AUDITED:
            counts.to_audit.discard(event.message_id)
    elif event.kind is EventKind.MESSAGE_DECIDED and event.data.get("audit"):
        counts.to_audit.add(event.message_id)
    elif event.kind is EventKind.MESSAGE_ERASED:
        counts.to_audit.discard(event.message_id)


def _count(counts: _Counts, event: Event) -> None:
    counts.until = max(counts.until or event.at, event.at)
    if event.kind is EventKind.MESSAGE_RECEIVED:
        counts.received += bool(event.data["inbound"])
    elif event.kind is EventKind.BRAND_REPLIED:  # not the product's own replies, which come back as posts too
        counts.outbound += 1
    elif event.kind is EventKind.MESSAGE_DECIDED:
        action = Action(event.data["action"])
        counts.messages[_SAID[action]] += 1
        counts.intents[event.data["intent"]] += 1
        counts.urgencies[event.data["urgency"]] += 1
        if action is Action.QUEUE:
            counts.reasons.update(event.data["because"])
    elif event.kind is EventKind.MESSAGE_EDITED:
        _take_back(counts, event.data.get("undone") or {})
    elif event.kind is EventKind.CUSTOMER_OPTED_OUT:
        counts.opted_out += 1
    elif event.kind in _OUTCOMES:
        counts.replies[_OUTCOMES[event.kind]] += 1


def _take_back(counts: _Counts, undone: Mapping[str, Any]) -> None:
    """A message whose text was changed is decided again; the last decision is the one that counts."""
    if undone:
        counts.messages[_SAID[Action(undone["action"])]] -= 1
        counts.intents[undone["intent"]] -= 1
        counts.urgencies[undone["urgency"]] -= 1
        if undone["action"] == Action.QUEUE:
            counts.reasons.subtract(undone["because"])


def _follow(counts: _Counts, event: Event) -> None:
    before = counts.cases.get(event.case_id)
    after = counts.cases[event.case_id] = apply(before, event)
    story = counts.stories.setdefault(event.case_id, _Story())
    _follow_messages(story, event)
    _follow_replies(story, event)
    if event.kind is EventKind.CASE_ABSORBED:
        _join(story, counts.stories[event.data["case"]])
    elif event.kind is EventKind.CASE_CLOSED and before is not None and before.with_a_person:
        story.given_up = event.at
    story.handed_over |= story.answered is not None and after.with_a_person
    _follow_queue(counts, story, after, event)


def _follow_messages(story: _Story, event: Event) -> None:
    if event.kind is EventKind.BRAND_REPLIED:
        story.people.append(datetime.fromisoformat(event.data["created_at"]))
    elif event.kind is EventKind.MESSAGE_DECIDED:
        written = datetime.fromisoformat(event.data["created_at"])
        story.first_customer = min(story.first_customer or written, written)
        if event.data["action"] == Action.ANSWER:
            story.answered = story.answered or event.at
    elif event.kind is EventKind.ANSWER_CONFIRMED:
        written = datetime.fromisoformat(event.data["created_at"])
        # Whether the answer was sent is known later: what is decided together is sent afterwards.
        story.thanked |= story.answered is not None and written >= story.answered


def _follow_replies(story: _Story, event: Event) -> None:
    if event.kind is not EventKind.REPLY_SENT:
        return
    if event.data["kind"] == "automatic":
        story.first_service = min(story.first_service or event.at, event.at)
    else:
        story.people.append(event.at)


def _follow_queue(counts: _Counts, story: _Story, after: Case, event: Event) -> None:
    """A wait begins when the case enters a queue, also when it is given back, and ends when it leaves.

    The case's own ``queued_at`` gives its place in the queue and goes back further.
    """
    if after.state is CaseState.QUEUED:
        story.queued_since = story.queued_since or event.at
    elif after.state is not CaseState.MERGED and story.queued_since is not None:  # merged: it goes on elsewhere
        closed = event.kind is EventKind.CASE_CLOSED
        counts.waits.append(_wait(story.queued_since, event.at, ended=not closed, given_up=closed))
        story.queued_since = None


def _join(story: _Story, other: _Story) -> None:
    for name in ("first_customer", "first_service", "answered", "queued_since"):
        times = [moment for moment in (getattr(story, name), getattr(other, name)) if moment is not None]
        setattr(story, name, min(times, default=None))
    story.people += other.people
    story.thanked |= other.thanked
    story.handed_over |= other.handed_over
    story.given_up = max(filter(None, (story.given_up, other.given_up)), default=None)


def _wait(start: datetime, end: datetime, *, ended: bool = True, given_up: bool = False) -> Wait:
    return Wait(max((end - start).total_seconds(), 0.0), ended, given_up)


def _finish(counts: _Counts) -> Report:
    live = {number: case for number, case in counts.cases.items() if case.state is not CaseState.MERGED}
    stories = {number: counts.stories[number] for number in live}
    decided = sum(counts.messages.values())
    now = counts.until
    return Report(
        until=now,
        received=counts.received,
        outbound=counts.outbound,
        messages={
            **{state: counts.messages[state] for state in _SAID.values()},
            "undecided": counts.received - decided,
        },
        answered_alone=Share(counts.messages["answered"], decided),
        closed_alone=Share(counts.messages["closed"], decided),
        sent_to_people=Share(counts.messages["queued"], decided),
        automation=_automation(stories.values()),
        cases=dict(Counter(case.state.value for case in live.values()).most_common()),
        queues=dict(Counter(c.queue or "" for c in live.values() if c.state is CaseState.QUEUED).most_common()),
        intents=_largest_first(counts.intents),
        urgencies=_largest_first(counts.urgencies),
        reasons=_largest_first(counts.reasons),
        queue_wait=summarise(counts.waits + _open_waits(stories.values(), now)),
        first_reply_by_people=summarise(_first_replies(live, stories, now)),
        first_reply_by_service=summarise(
            [_wait(s.first_customer, s.first_service) for s in stories.values() if s.first_customer and s.first_service]
        ),
        replies=dict(counts.replies.most_common()),
        audit=_audited(counts),
        opted_out=counts.opted_out,
    )


def _largest_first(counter: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counter.most_common() if count}


def _audited(counts: _Counts) -> Audit:
    tally, stopped = counts.answering.tally, counts.answering.stopped
    bounds = interval(tally.wrong, tally.audited)
    proof = 1.0 if counts.promised is None else evidence(tally.wrong, tally.audited, counts.promised)
    return Audit(
        right=tally.right,
        wrong=tally.wrong,
        unsure=tally.unsure,
        low=bounds.low,
        high=bounds.high,
        promised=counts.promised,
        evidence=proof,
        enough=ENOUGH,
        stopped=stopped.at if stopped else None,
        stops=counts.stops,
        waiting=len(counts.to_audit),
    )


def _automation(stories: Iterable[_Story]) -> Automation:
    answered = [story for story in stories if story.first_service is not None]
    alone = [story for story in answered if not story.seen_by_people]
    confirmed = sum(story.thanked for story in alone)
    return Automation(confirmed, len(alone) - confirmed, len(answered) - len(alone))


def _open_waits(stories: Iterable[_Story], now: datetime | None) -> list[Wait]:
    return [_wait(story.queued_since, now, ended=False) for story in stories if story.queued_since and now]


def _first_replies(live: dict[int, Case], stories: dict[int, _Story], now: datetime | None) -> list[Wait]:
    """Cases that people answered, still have to, or closed unanswered; none that the service settled."""
    waits = []
    for number, story in stories.items():
        start, person = story.first_customer, story.first_person
        if start is None or now is None:
            continue
        if person is not None:
            waits.append(_wait(start, person))
        elif live[number].with_a_person:
            waits.append(_wait(start, now, ended=False))
        elif story.given_up is not None:
            waits.append(_wait(start, story.given_up, ended=False, given_up=True))
    return waits
