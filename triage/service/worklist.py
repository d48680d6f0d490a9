"""What agents look at: queues, lists of cases, one case with everything about it. Read-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triage.domain.case import Case, CaseState
from triage.domain.decision import Match
from triage.domain.message import StoredMessage
from triage.domain.reply import ReplyKind, ReplyState
from triage.errors import InvalidInput, NotFound
from triage.routing.table import RoutingTable
from triage.service.ports import Answers
from triage.store import Store
from triage.store.cases import Place
from triage.store.judgements import Judged

_MOST_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class QueueLength:
    name: str
    title: str
    by_priority: Mapping[int, int]

    @property
    def waiting(self) -> int:
        return sum(self.by_priority.values())


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A reply as part of a conversation."""

    text: str
    kind: ReplyKind
    author: str
    state: ReplyState
    created_at: datetime
    in_reply_to: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A snippet that may answer the customer's last message, worded and ready to send."""

    match: Match
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with its conversation, oldest first, and what is known of each message."""

    case: Case
    messages: Sequence[StoredMessage]
    judged: Mapping[int, Judged]
    replies: Sequence[ReplyLine]
    suggestions: Sequence[Suggestion]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a worklist: the case and the customer's last message in it."""

    case: Case
    latest: StoredMessage | None


@dataclass(frozen=True, slots=True)
class CasePage:
    lines: Sequence[CaseLine]
    next: Place | None


def queues(store: Store, routing: RoutingTable) -> list[QueueLength]:
    """Every queue of the brand, in its own order, with what waits in it."""
    with store.read() as transaction:
        lengths = transaction.cases.queue_lengths()
    return [QueueLength(name, title, lengths.get(name, {})) for name, title in routing.queues.items()]


def page(
    store: Store,
    *,
    state: CaseState | None = None,
    queue: str | None = None,
    owner: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> CasePage:
    """Cases in working order: by priority, then by how long they have waited."""
    with store.read() as transaction:
        found = transaction.cases.page(state=state, queue=queue, owner=owner, after=after, limit=limit + 1)
        shown = found[:limit]
        latest = transaction.messages.latest_inbound(case.id for case in shown)
    last = shown[-1] if len(found) > limit else None
    place = Place(last.priority, last.queued_at or last.opened_at, last.id) if last else None
    return CasePage([CaseLine(case, latest.get(case.id)) for case in shown], place)


def view(store: Store, answers: Answers, case_id: int, today: date) -> CaseView:
    """One case, with suggestions that are valid ``today``.

    Raises:
        NotFound: there is no such case; for one that was merged the message names where it went.
    """
    with store.read() as transaction:
        case = transaction.cases.get(case_id)
        if case is None:
            raise NotFound(f"there is no case {case_id}")
        if case.merged_into is not None:
            raise NotFound(f"case {case_id} is now part of case {case.merged_into}")
        messages = transaction.messages.in_case(case_id)
        judged = transaction.judgements.of(message.id for message in messages)
        replies = [reply_line(row) for row in transaction.replies.of_case(case_id)]
    return CaseView(case, messages, judged, replies, _suggestions(answers, messages, today))


def reply_line(row: Any) -> ReplyLine:
    """A row of the outbox as part of a conversation."""
    return ReplyLine(
        row.text,
        ReplyKind(row.kind),
        row.author,
        ReplyState(row.state),
        row.created_at,
        row.in_reply_to,
        row.problem,
    )


def find(store: Store, channel: str, external_id: str) -> tuple[StoredMessage, Judged | None]:
    """One message by its channel's id.

    Raises:
        NotFound: it has not arrived.
    """
    with store.read() as transaction:
        message = transaction.messages.by_external_id(channel, external_id)
        if message is None:
            raise NotFound(f"there is no message {external_id!r} on channel {channel!r}")
        return message, transaction.judgements.of([message.id]).get(message.id)


def check_queue(routing: RoutingTable, queue: str) -> None:
    """Raise :class:`InvalidInput` unless the brand has this queue."""
    if queue not in routing.queues:
        raise InvalidInput(f"{queue!r} is not one of {', '.join(routing.queues)}", field="queue")


def _suggestions(answers: Answers, messages: Sequence[StoredMessage], today: date) -> list[Suggestion]:
    """For the customer's last message."""
    last = next((message for message in reversed(messages) if message.inbound), None)
    if last is None:
        return []
    return [
        Suggestion(
            match, answers.title(match.snippet), answers.compose(match.snippet, last.external_id, automatic=False)
        )
        for match in answers.matches(last.normalised, today, limit=_MOST_SUGGESTIONS)
    ]
