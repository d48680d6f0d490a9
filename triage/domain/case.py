"""A case: one conversation with one customer, and the moves it may make.

A case is never edited: it is the fold of its events. :func:`apply` is the only place where a state
changes, both when something happens and when the log is replayed, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.decision import AGENT_PLEASE, ALREADY_REPLIED, Action
from triage.domain.event import Event, EventKind
from triage.domain.legs import is_private
from triage.domain.scores import Urgency
from triage.errors import IllegalMove

LOWEST_PRIORITY = Urgency.LOW.band
#: Moments of a case that live on in the one which takes it over.
TIMES = ("opened_at", "queued_at", "last_customer_at", "last_brand_at", "private_since", "private_asked_at")


class CaseState(StrEnum):
    NEW = "new"  # nothing decided yet: no customer has written, or not yet been read
    QUEUED = "queued"  # waits for a person
    CLAIMED = "claimed"  # a person has it
    WAITING = "waiting"  # a person replied; the customer is next
    ANSWERED = "answered"  # the service replied by itself; the customer is next
    CLOSED = "closed"
    MERGED = "merged"  # became part of another case


#: When two cases turn out to be one thread, the more demanding state wins: earliest listed first.
DEMANDING = (
    CaseState.CLAIMED,
    CaseState.QUEUED,
    CaseState.WAITING,
    CaseState.ANSWERED,
    CaseState.CLOSED,
    CaseState.NEW,
)


class Case(Struct, frozen=True):
    """Where a case stands. ``version`` counts the events folded into it.

    ``owner`` has the case, had it when the customer became next, or closed it; a case in a queue is
    nobody's. ``queued_at`` is since when the customer has been waiting for a person. It gives the place
    in the queue, so it is kept while the case is claimed: who is given back does not start again at the
    end. ``person_wanted`` stays once the customer has asked for a person. ``private_since`` is when the
    customer was asked to go on in a private message, or wrote one: from then on the case has a private leg,
    under the same id. ``private_asked_at`` is when they were last asked to.
    """

    id: int
    channel: str
    root: str  # channel id of the topmost message of the thread, whether or not it ever arrived
    state: CaseState
    opened_at: datetime
    queue: str | None = None
    priority: int = LOWEST_PRIORITY
    intent: str | None = None
    owner: str | None = None
    queued_at: datetime | None = None
    last_customer_at: datetime | None = None
    last_brand_at: datetime | None = None
    automatic_replies: int = 0
    person_wanted: bool = False
    private_since: datetime | None = None
    private_asked_at: datetime | None = None
    merged_into: int | None = None
    version: int = 1

    @property
    def with_a_person(self) -> bool:
        """Whether a person is, or is about to be, in charge."""
        return self.state in (CaseState.QUEUED, CaseState.CLAIMED, CaseState.WAITING)


_OPEN = frozenset(CaseState) - {CaseState.MERGED}
_LEGAL: dict[EventKind, frozenset[CaseState]] = {
    EventKind.CASE_CLAIMED: frozenset({CaseState.QUEUED, CaseState.WAITING, CaseState.ANSWERED}),
    EventKind.CASE_RELEASED: frozenset({CaseState.CLAIMED}),
    EventKind.CASE_TRANSFERRED: frozenset({CaseState.QUEUED, CaseState.CLAIMED}),
    EventKind.CASE_CLOSED: _OPEN - {CaseState.CLOSED, CaseState.NEW},
    EventKind.GUARD_RELEASED: _OPEN - {CaseState.CLOSED, CaseState.NEW},
    EventKind.REPLY_RETRIED: _OPEN - {CaseState.CLOSED, CaseState.NEW},
}


def apply(case: Case | None, event: Event) -> Case:
    """Fold one event into a case.

    Raises:
        IllegalMove: the case's state does not allow what the event says.
    """
    if case is None:
        if event.kind is not EventKind.MESSAGE_RECEIVED:
            raise IllegalMove(f"case {event.case_id} does not exist yet; {event.kind} cannot be first")
        opened = Case(
            id=event.case_id,
            channel=event.data["channel"],
            root=event.data["root"],
            state=CaseState.NEW,
            opened_at=event.at,
            version=0,
        )
        return apply(opened, event)
    if case.state not in _LEGAL.get(event.kind, _OPEN):
        raise IllegalMove(
            f"case {case.id} is {case.state.value}; {_VERBS.get(event.kind, event.kind.value)} is not possible now"
        )
    folded = _FOLD[event.kind](case, event) if event.kind in _FOLD else case
    return replace(folded, version=case.version + 1)


def rebuild(events: Iterable[Event]) -> dict[int, Case]:
    """Every case, from the log alone; events in the order in which they were appended."""
    cases: dict[int, Case] = {}
    for event in events:
        cases[event.case_id] = apply(cases.get(event.case_id), event)
    return cases


def _received(case: Case, event: Event) -> Case:
    private_since = case.private_since
    if is_private(event.data.get("channel", case.channel)):
        private_since = _earlier(private_since, event.at)
    return replace(case, opened_at=min(case.opened_at, event.at), private_since=private_since)


def _decided(case: Case, event: Event) -> Case:
    data = event.data
    written = datetime.fromisoformat(data["created_at"])
    case = replace(
        case,
        last_customer_at=_later(case.last_customer_at, written),
        person_wanted=case.person_wanted or AGENT_PLEASE in data["because"],
    )
    match Action(data["action"]):
        case Action.ANSWER:
            return replace(
                case,
                state=CaseState.WAITING if _replied_later(case, event) else CaseState.ANSWERED,
                intent=data["intent"],
                priority=data["priority"],
                queue=None,
                owner=None,
                queued_at=None,
                automatic_replies=case.automatic_replies + 1,
            )
        case Action.QUEUE:
            return _queued(case, event)
        case Action.CLOSE:
            return _left_alone(case, event)


def _left_alone(case: Case, event: Event) -> Case:
    """The message needs nothing; what that says of the case depends on where it stands."""
    if ALREADY_REPLIED in event.data["because"]:
        # In a new case there were only posts of the brand's until now: this is what they replied to.
        return replace(case, state=CaseState.WAITING) if case.state is CaseState.NEW else case
    if case.state in (CaseState.QUEUED, CaseState.CLAIMED):
        return case  # a "thanks" takes no work out of a person's hands
    intent = case.intent or event.data["intent"]
    if case.state is CaseState.CLOSED:
        return replace(case, intent=intent)  # who closed it stays known
    return replace(_closed(case), intent=intent)


def _queued(case: Case, event: Event) -> Case:
    priority, queue, intent = event.data["priority"], event.data["queue"], event.data["intent"]
    if case.state is CaseState.CLAIMED:
        return replace(case, priority=min(case.priority, priority))
    if _replied_later(case, event):
        return replace(case, state=CaseState.WAITING, queue=queue, priority=priority, intent=intent, queued_at=None)
    if case.state is CaseState.QUEUED:
        if priority >= case.priority:
            return case
        return replace(case, priority=priority, queue=queue, intent=intent)
    return replace(
        case, state=CaseState.QUEUED, queue=queue, priority=priority, intent=intent, owner=None, queued_at=event.at
    )


def _replied_later(case: Case, event: Event) -> bool:
    """Whether the log already knows of a reply that a person gave after this moment, and to the last message.

    Only in a replay: its time is the traffic's, and a file may have the reply before what it answers.
    """
    replied, wrote = case.last_brand_at, case.last_customer_at
    return replied is not None and replied > event.at and (wrote is None or replied >= wrote)


def _brand_replied(case: Case, event: Event) -> Case:
    written = datetime.fromisoformat(event.data["created_at"])
    case = replace(case, last_brand_at=_later(case.last_brand_at, written))
    if case.last_customer_at is None or written < case.last_customer_at:
        return case  # a post to nobody we know of, or the customer has written since: it settles nothing
    return replace(case, state=CaseState.WAITING, queued_at=None)


def _absorbed(case: Case, event: Event) -> Case:
    other = _as_it_was(case, event.data)
    lead = other if _rank(other) < _rank(case) else case
    joined = replace(
        case,
        state=lead.state,
        queue=lead.queue,
        intent=lead.intent,
        owner=lead.owner,
        priority=min(case.priority, other.priority),
        opened_at=min(case.opened_at, other.opened_at),
        queued_at=_earlier(case.queued_at, other.queued_at),
        last_customer_at=_later(case.last_customer_at, other.last_customer_at),
        last_brand_at=_later(case.last_brand_at, other.last_brand_at),
        automatic_replies=case.automatic_replies + other.automatic_replies,
        person_wanted=case.person_wanted or other.person_wanted,
        private_since=_earlier(case.private_since, other.private_since),
        private_asked_at=_later(case.private_asked_at, other.private_asked_at),
    )
    if (_only_posts(case) or _only_posts(other)) and _people_replied_last(joined):
        return replace(joined, state=CaseState.WAITING)
    return joined


def _as_it_was(survivor: Case, data: Mapping[str, Any]) -> Case:
    """The absorbed case, from what the event kept of it."""
    times = {name: datetime.fromisoformat(data[name]) if data.get(name) else None for name in TIMES}
    times["opened_at"] = times["opened_at"] or survivor.opened_at
    other = Case(
        id=data["case"],
        channel=survivor.channel,
        root=survivor.root,
        state=CaseState(data["state"]),
        opened_at=survivor.opened_at,
        queue=data["queue"],
        priority=data["priority"],
        intent=data["intent"],
        owner=data["owner"],
        automatic_replies=data["automatic_replies"],
        person_wanted=data.get("person_wanted", False),
    )
    return replace(other, **times)


def _rank(case: Case) -> tuple[int, int]:
    """Which of two cases gives the joint one its state: the least; of two in queues, the more urgent."""
    return DEMANDING.index(case.state), case.priority if case.state is CaseState.QUEUED else 0


def _only_posts(case: Case) -> bool:
    """Whether nothing is known of the case but posts of the brand's."""
    return case.state is CaseState.NEW and case.last_brand_at is not None


def _people_replied_last(case: Case) -> bool:
    """Whether a case that is in nobody's hands turns out to have had its reply from a person elsewhere."""
    if case.state not in (CaseState.ANSWERED, CaseState.CLOSED):
        return False
    customer, brand = case.last_customer_at, case.last_brand_at
    return customer is not None and brand is not None and brand >= customer


def _reply_queued(case: Case, event: Event) -> Case:
    if event.data["kind"] == "automatic":
        return case  # the decision has said so already
    # last_brand_at stays: what the customer wrote while an agent was typing was not answered by that.
    return replace(case, state=CaseState.WAITING, queued_at=None)


def _moved_to_private(case: Case, event: Event) -> Case:
    moved = replace(
        case,
        private_since=_earlier(case.private_since, event.at),
        private_asked_at=_later(case.private_asked_at, event.at),
    )
    if event.data["kind"] == "automatic":  # it is the one reply that the service may give
        return replace(moved, automatic_replies=case.automatic_replies + 1)
    return moved


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return max(first, second)


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second)


def _closed(case: Case, by: str | None = None) -> Case:
    return replace(case, state=CaseState.CLOSED, owner=by, queue=None, queued_at=None)


def _back_to_queue(case: Case, event: Event) -> Case:
    since = case.queued_at or event.at
    return replace(case, state=CaseState.QUEUED, queue=event.data["queue"], owner=None, queued_at=since)


def _reply_lost(case: Case, event: Event) -> Case:
    """A reply did not go out, or nobody knows: a person must look, unless one has the case.

    A case that a person closed stays closed where only the service's own reply is lost.
    """
    closed_by_a_person = case.state is CaseState.CLOSED and case.owner is not None
    settled = closed_by_a_person and event.data["kind"] == "automatic"
    return case if case.state is CaseState.CLAIMED or settled else _back_to_queue(case, event)


def _replied(case: Case, event: Event) -> Case:
    """The customer is next."""
    if event.data["kind"] == "automatic":
        return replace(case, state=CaseState.ANSWERED, queue=None, owner=None, queued_at=None)
    return replace(case, state=CaseState.WAITING, queued_at=None)


def _reply_sent(case: Case, event: Event) -> Case:
    """Where a lost reply turns out to be there, and nothing else is owed, nobody has to look any more."""
    return _replied(case, event) if event.data.get("settles") and case.state is CaseState.QUEUED else case


def _reply_dropped(case: Case, event: Event) -> Case:
    return _back_to_queue(case, event) if case.state in (CaseState.ANSWERED, CaseState.WAITING) else case


def _reply_withdrawn(case: Case, event: Event) -> Case:
    """An answer that nobody replaces by one of their own leaves the customer waiting for a person."""
    return _back_to_queue(case, event) if case.state is CaseState.ANSWERED and "queue" in event.data else case


_FOLD: dict[EventKind, Callable[[Case, Event], Case]] = {
    EventKind.MESSAGE_RECEIVED: _received,
    EventKind.MESSAGE_DECIDED: _decided,
    EventKind.BRAND_REPLIED: _brand_replied,
    EventKind.CASE_REROOTED: lambda case, event: replace(case, root=event.data["root"]),
    EventKind.CASE_ABSORBED: _absorbed,
    EventKind.CASE_MERGED: lambda case, event: replace(
        case, state=CaseState.MERGED, merged_into=event.data["into"], queue=None, owner=None, queued_at=None
    ),
    EventKind.CASE_CLAIMED: lambda case, event: replace(case, state=CaseState.CLAIMED, owner=event.actor),
    EventKind.CASE_RELEASED: _back_to_queue,
    EventKind.CASE_TRANSFERRED: _back_to_queue,
    EventKind.CASE_CLOSED: lambda case, event: _closed(case, by=event.actor),
    EventKind.REPLY_QUEUED: _reply_queued,
    EventKind.REPLY_SENT: _reply_sent,
    EventKind.REPLY_RETRIED: _replied,
    EventKind.REPLY_DROPPED: _reply_dropped,
    EventKind.REPLY_FAILED: _reply_lost,
    EventKind.REPLY_AMBIGUOUS: _reply_lost,
    EventKind.REPLY_CANCELLED: _reply_withdrawn,
    EventKind.REPLY_BLOCKED: _reply_lost,
    # A supervisor has decided about a reply that was stopped: it goes out, and the customer is next.
    EventKind.GUARD_RELEASED: lambda case, _: replace(case, state=CaseState.WAITING, queued_at=None),
    EventKind.MOVED_TO_PRIVATE: _moved_to_private,
}

_VERBS: dict[EventKind, str] = {
    EventKind.CASE_CLAIMED: "claiming",
    EventKind.CASE_RELEASED: "releasing",
    EventKind.CASE_TRANSFERRED: "transferring",
    EventKind.CASE_CLOSED: "closing",
    EventKind.GUARD_RELEASED: "letting a reply go",
    EventKind.REPLY_RETRIED: "sending a reply again",
}
