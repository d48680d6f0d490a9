"""What agents look at: queues, lists of cases, one case with everything about it. Read-only.

Every text that leaves here is masked (:mod:`triage.service.showing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from triage.answers.compose import Said, next_text
from triage.domain.case import Case, CaseState
from triage.domain.decision import Match, PrivateMove
from triage.domain.legs import Leg, is_private, public_leg
from triage.domain.message import StoredMessage
from triage.domain.reply import ReplyKind, ReplyState
from triage.errors import InvalidInput, NotFound
from triage.routing.private import PrivateMessages
from triage.routing.table import RoutingTable
from triage.service.legs import legs_of
from triage.service.ports import Answers
from triage.service.revealing import Reveal, reveals_of
from triage.service.showing import Showing, Shown
from triage.store import Store
from triage.store.cases import Place
from triage.store.judgements import Judged
from triage.text.accept import excerpt

#: How many of a channel's latest replies a suggestion's wording keeps clear of, if it can.
_LATELY = 50


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
    """A reply as part of a conversation. ``released_by`` let it go although the guard stops it.

    ``external_id`` is the channel's id of it, once it is known to be out.
    """

    id: int
    channel: str
    text: str
    kind: ReplyKind
    author: str
    state: ReplyState
    created_at: datetime
    in_reply_to: str
    problem: str | None
    released_by: str | None
    release_reason: str | None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A snippet that may answer the customer's last message, worded and ready to send."""

    match: Match
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """Going on in a private message: why, if the customer's last message asks for it, and the text that says so."""

    why: PrivateMove | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with its conversation, oldest first, what is known of each message, and who saw what is masked.

    ``move`` is there if the brand has a private message to move to; ``opted_out`` if a customer in it wants no
    automatic reply.
    """

    case: Case
    messages: Sequence[Shown]
    replies: Sequence[ReplyLine]
    suggestions: Sequence[Suggestion]
    reveals: Sequence[Reveal]
    move: Move | None = None
    opted_out: bool = False

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs that a reply can go to, first that of the customer's last message."""
        return legs_of((message.channel, message.inbound) for message in self.messages)


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: Sequence[Case]
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
    last = shown[-1] if len(found) > limit else None
    place = Place(last.priority, last.queued_at or last.opened_at, last.id) if last else None
    return CasePage(shown, place)


def last_words(store: Store, showing: Showing, cases: Iterable[Case]) -> dict[int, Shown]:
    """The customer's last message in each case, by the case's id; a case without one is left out."""
    with store.read() as transaction:
        latest = transaction.messages.latest_inbound(case.id for case in cases)
        judged = transaction.judgements.of(message.id for message in latest.values())
    return {case_id: showing.message(message, judged.get(message.id)) for case_id, message in latest.items()}


def view(
    store: Store,
    showing: Showing,
    answers: Answers,
    case_id: int,
    today: date,
    private: PrivateMessages | None = None,
) -> CaseView:
    """One case, with suggestions that are valid ``today`` and the request to go on in ``private``.

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
        replies = [_masked(reply_line(row), showing) for row in transaction.replies.of_case(case_id)]
        reveals = reveals_of(transaction, [message.id for message in messages])
        authors = {(public_leg(message.channel), message.author_id) for message in messages if message.inbound}
        opted_out = bool(transaction.opt_outs.among(authors))
        lately = transaction.said.latest(case.channel, _LATELY)
    shown = [showing.message(message, judged.get(message.id)) for message in messages]
    move = _move(case_id, messages, judged, private) if private and private.offered else None
    return CaseView(
        case, shown, replies, _suggestions(answers, messages, replies, lately, today), reveals, move, opted_out
    )


def reply_line(row: Any) -> ReplyLine:
    """A row of the outbox as part of a conversation, as it was written."""
    return ReplyLine(
        row.id,
        row.channel,
        row.text,
        ReplyKind(row.kind),
        row.author,
        ReplyState(row.state),
        row.created_at,
        row.in_reply_to,
        row.problem,
        row.released_by,
        row.release_reason,
        row.external_id,
    )


def _masked(line: ReplyLine, showing: Showing) -> ReplyLine:
    problem = showing.own(line.problem).text if line.problem else None
    reason = showing.own(line.release_reason).text if line.release_reason else None
    return replace(line, text=showing.own(line.text).text, problem=problem, release_reason=reason)


def find(store: Store, showing: Showing, channel: str, external_id: str) -> Shown:
    """One message by its channel's id.

    Raises:
        NotFound: it has not arrived.
    """
    with store.read() as transaction:
        message = transaction.messages.by_external_id(channel, external_id)
        if message is None:
            raise NotFound(f"there is no message {external_id!r} on channel {channel!r}")
        return showing.message(message, transaction.judgements.of([message.id]).get(message.id))


def check_queue(routing: RoutingTable, queue: str) -> None:
    """Raise :class:`InvalidInput` unless the brand has this queue."""
    if queue not in routing.queues:
        raise InvalidInput(f"{excerpt(queue)!r} is not one of {', '.join(routing.queues)}", field="queue")


def _move(
    case_id: int, messages: Sequence[StoredMessage], judged: Mapping[int, Judged], private: PrivateMessages
) -> Move | None:
    """For the customer's last message."""
    last = next((message for message in reversed(messages) if message.inbound), None)
    if last is None or is_private(last.channel):
        return None
    why = judged[last.id].decision.move if last.id in judged else None
    return Move(why, private.ready(case_id, last.external_id, delete=why is not None and why.delete))


def _suggestions(
    answers: Answers,
    messages: Sequence[StoredMessage],
    replies: Sequence[ReplyLine],
    lately: Sequence[str],
    today: date,
) -> list[Suggestion]:
    """For the customer's last message."""
    last = next((message for message in reversed(messages) if message.inbound), None)
    if last is None:
        return []
    said = Said(frozenset(reply.text for reply in replies), tuple(lately))
    return [
        Suggestion(match, answers.title(match.snippet), _wording(answers, match.snippet, last, said))
        for match in answers.suggestions(last.text, today)
    ]


def _wording(answers: Answers, snippet: str, last: StoredMessage, said: Said) -> str:
    """A text that was not said in the conversation before, and if it can be, not of late to anybody: X refuses it."""
    texts = answers.texts(snippet, last.channel, automatic=False)
    return next_text(texts, last.external_id, said) or texts[0]
