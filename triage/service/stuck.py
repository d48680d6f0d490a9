"""Replies that are stuck: what people see of them, and what they can do about each.

Every text that leaves here is masked (:mod:`triage.service.showing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from triage.channels.protocol import OutboundChannel
from triage.channels.x.by_hand import post_id, ready_to_post
from triage.channels.x.forbidden import Refusal
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.clock import Clock
from triage.domain.case import CaseState
from triage.domain.erasure import ERASED
from triage.domain.event import Event, EventKind
from triage.domain.reply import Doubt, Reply, ReplyKind, ReplyState
from triage.domain.user import User
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound
from triage.routing.table import RoutingTable
from triage.service.ledger import Ledger
from triage.service.sending import Held, Switch, always_on, held_by_channel, held_by_switch
from triage.service.settling import settle_as_sent
from triage.service.showing import Showing
from triage.store import Store, Transaction

_FOUND: Final = frozenset({ReplyState.SENDING, ReplyState.AMBIGUOUS, ReplyState.FAILED})
_AGAIN: Final = frozenset({ReplyState.AMBIGUOUS})
_DROP: Final = frozenset({ReplyState.PENDING, ReplyState.AMBIGUOUS, ReplyState.FAILED})
_MOST_ID: Final = 128
_DOUBTS: Final[Mapping[Doubt, str]] = {
    Doubt.NO_ANSWER: "The channel's answer was lost; it is looked for there.",
    Doubt.STOPPED: "The sender stopped while sending; it is looked for on the channel.",
    Doubt.REPEATED: "The channel knows this text already; it is looked for there before another wording is tried.",
    Doubt.REFUSED: "It was refused, but an attempt before that may have reached the channel; it is looked for there.",
}
_NOBODY_KNOWS: Final = "Nobody can tell whether it went out."


@dataclass(frozen=True, slots=True)
class StuckReply:
    """One reply, and why it is where it is.

    ``until`` is when it is tried or looked for again, if that is known. ``by_hand`` is where a person can post it
    on X themselves. ``may`` are the moves that its reader can make: ``found``, ``again``, ``drop``.
    """

    id: int
    case_id: int
    channel: str
    kind: ReplyKind
    author: str
    text: str
    state: ReplyState
    created_at: datetime
    in_reply_to: str
    attempts: int
    why: str
    until: datetime | None
    by_hand: str | None
    may: frozenset[str]

    @property
    def on_x(self) -> bool:
        return self.channel in (PUBLIC, PRIVATE)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Looking at such replies, and deciding what becomes of them."""

    store: Store
    channels: Sequence[OutboundChannel]
    routing: RoutingTable
    showing: Showing
    clock: Clock
    switch: Switch = always_on

    def count(self) -> int:
        with self.store.read() as transaction:
            return transaction.stuck.count(self.clock.now())

    def page(
        self, user: User, *, state: ReplyState | None = None, before: int | None = None, limit: int = 50
    ) -> list[StuckReply]:
        """The stuck ones, or all in a state; the newest first, with ids below ``before``."""
        now = self.clock.now()
        with self.store.read() as transaction:
            rows = transaction.stuck.page(now, state, before, limit)
            switched = {row.channel: held_by_switch(transaction, self.switch, row.channel) for row in rows}
        waiting = {row.channel for row in rows if row.state == ReplyState.PENDING.value}
        held = {name: switched[name] or self._held(name) for name in waiting}
        return [self._shown(row, held.get(row.channel), user, now) for row in rows]

    def found(self, user: User, reply_id: int, post: str = "") -> None:
        """It is on the channel: a person has seen it there. ``post`` is its id or its link, if they give one.

        Raises:
            NotFound: there is no such reply.
            Conflict: its state is another, somebody else has the case, or the post is that of another reply.
            InvalidInput: that is no id and no link of a post.
        """

        def move(transaction: Transaction, _: Ledger, reply: Reply) -> None:
            external_id = _id_of(reply.channel, post)
            if external_id and transaction.replies.echoes(reply.channel, [external_id]):
                raise Conflict("that post is another reply")
            settle_as_sent(transaction, reply, external_id, self.clock.now(), user.name)

        self._move(user, reply_id, "found", move)

    def again(self, user: User, reply_id: int) -> None:
        """It is not on the channel: a person has looked. It is sent again; for supervisors, and whose case it is.

        Raises:
            NotFound: there is no such reply.
            Forbidden: the case is not the user's.
            Conflict: its state is another, its text is gone, or the customer has written since.
        """

        def move(transaction: Transaction, ledger: Ledger, reply: Reply) -> None:
            if reply.text == ERASED:
                raise Conflict("the text of this reply was erased")
            if not _answers_the_last(transaction, reply):
                raise Conflict("the customer has written again; write a new reply")
            transaction.stuck.resolve(reply.id, ReplyState.PENDING)
            self._add(ledger, user, reply, EventKind.REPLY_RETRIED)

        self._move(user, reply_id, "again", move)

    def drop(self, user: User, reply_id: int) -> None:
        """It is sent no more. A customer who has no answer then waits for a person again.

        Raises:
            NotFound: there is no such reply.
            Conflict: its state is another, or somebody else has the case.
        """

        def move(transaction: Transaction, ledger: Ledger, reply: Reply) -> None:
            transaction.stuck.resolve(reply.id, ReplyState.CANCELLED)
            self._add(ledger, user, reply, EventKind.REPLY_DROPPED)

        self._move(user, reply_id, "drop", move)

    def _move(self, user: User, reply_id: int, name: str, move: Any) -> None:
        if not user.may_work_cases:
            raise Forbidden(f"{user.name} is a {user.role.value} user and may not work on cases")

        def run(transaction: Transaction) -> None:
            reply = transaction.replies.find(reply_id)
            if reply is None:
                raise NotFound(f"there is no reply {reply_id}")
            ledger = Ledger(transaction, [reply.case_id])
            case = ledger.case(reply.case_id)
            if name not in _allowed(reply.state, reply.doubt):
                raise Conflict(f"reply {reply_id} is {reply.state.value} now")
            if name not in _moves(reply.state, reply.doubt, case.state, case.owner, user):
                if case.state is CaseState.CLAIMED and case.owner != user.name:
                    raise Conflict(f"case {case.id} is with {case.owner}")
                raise Forbidden(f"only a supervisor, or who has claimed case {case.id}, may have it sent again")
            move(transaction, ledger, reply)
            ledger.commit()

        self.store.run(run)

    def _add(self, ledger: Ledger, user: User, reply: Reply, kind: EventKind) -> None:
        queue = ledger.case(reply.case_id).queue or self.routing.default
        data = {"reply": reply.id, "kind": reply.kind.value, "queue": queue}
        ledger.add(Event(reply.case_id, self.clock.now(), kind, user.name, reply.message_id, data))

    def _held(self, name: str) -> Held | None:
        channel = next((one for one in self.channels if one.name == name), None)
        return held_by_channel(channel) if channel else Held("no_channel", "Nothing sends on this channel.")

    def _shown(self, row: Any, held: Held | None, user: User, now: datetime) -> StuckReply:
        state, doubt = ReplyState(row.state), Doubt(row.doubt) if row.doubt else None
        text = self.showing.own(row.text)
        waits = row.not_before if row.not_before and row.not_before > now else None
        pending = state is ReplyState.PENDING
        return StuckReply(
            id=row.id,
            case_id=row.case_id,
            channel=row.channel,
            kind=ReplyKind(row.kind),
            author=row.author,
            text=text.text,
            state=state,
            created_at=row.created_at,
            in_reply_to=row.in_reply_to,
            attempts=row.attempts,
            why=self._why(row, state, doubt, held),
            until=(held.until or waits if held else waits) if pending else row.look_at,
            by_hand=ready_to_post(row.in_reply_to, "" if text.masks else text.text) if _for_hands(row) else None,
            may=_moves(state, doubt, CaseState(row.case_state), row.case_owner, user),
        )

    def _why(self, row: Any, state: ReplyState, doubt: Doubt | None, held: Held | None) -> str:
        problem = _sentence(self.showing.own(row.problem).text) if row.problem else ""
        match state:
            case ReplyState.PENDING:
                return held.text if held else problem or "It waits for its turn."
            case ReplyState.SENDING:
                return _DOUBTS[doubt] if doubt else "It is being sent."
            case ReplyState.AMBIGUOUS:
                return f"{_NOBODY_KNOWS} {problem}".strip()
            case _:
                return problem


def _allowed(state: ReplyState, doubt: Doubt | None) -> frozenset[str]:
    """The moves that a reply's state allows. While it is being sent there is nothing to decide."""
    if state is ReplyState.SENDING and doubt is None:
        return frozenset()
    moves = {"found": _FOUND, "again": _AGAIN, "drop": _DROP}
    return frozenset(name for name, states in moves.items() if state in states)


def _moves(state: ReplyState, doubt: Doubt | None, case: CaseState, owner: str | None, user: User) -> frozenset[str]:
    """The moves that this user may make."""
    allowed = _allowed(state, doubt)
    if user.may_act_for_others:
        return allowed
    if case is CaseState.CLAIMED:
        return allowed if owner == user.name else frozenset()
    return allowed - {"again"}


def _for_hands(row: Any) -> bool:
    """Whether X would take it from a person although it refuses it from an app."""
    refused = row.state == ReplyState.FAILED.value and row.problem == Refusal.NOT_SUMMONED.words
    return bool(refused and row.channel == PUBLIC and row.kind == ReplyKind.AGENT.value and row.text != ERASED)


def _id_of(channel: str, pasted: str) -> str | None:
    if not pasted.strip():
        return None
    found = post_id(pasted) if channel == PUBLIC else pasted.strip()[:_MOST_ID]
    if found is None:
        raise InvalidInput("is neither the id nor the link of a post", field="post")
    return found


def _answers_the_last(transaction: Transaction, reply: Reply) -> bool:
    last = transaction.messages.latest_inbound([reply.case_id], reply.channel).get(reply.case_id)
    return last is not None and last.id == reply.message_id


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
