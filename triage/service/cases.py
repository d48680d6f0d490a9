"""What agents do with cases. Each move is one transaction; a move that comes too late is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from triage.clock import Clock
from triage.domain.case import Case, CaseState
from triage.domain.decision import BY_CHOICE, PrivateMove
from triage.domain.event import Event, EventKind
from triage.domain.legs import Leg, is_private, leg_of
from triage.domain.message import MessageState
from triage.domain.reply import Release, Reply, ReplyKind, ReplyState, seal
from triage.domain.user import User
from triage.errors import Conflict, Forbidden, GuardBlocked, InvalidInput, NotFound
from triage.privacy.guard import Guard
from triage.privacy.repeats import Exposed
from triage.routing.private import PrivateMessages
from triage.routing.table import RoutingTable
from triage.service.exposed import exposed_in
from triage.service.ledger import Ledger
from triage.service.legs import check_length, chosen, to_answer
from triage.service.ports import Answers
from triage.service.worklist import check_queue
from triage.store import Store, Transaction
from triage.store.replies import NewReply
from triage.text.accept import check_outgoing, excerpt


@dataclass(frozen=True, slots=True)
class Desk:
    """The moves of a person at the desk, or of a program acting for one.

    ``guard`` judges replies when they are written, so that their author sees at once what is wrong; the
    outbox asks it again. ``private`` is how a customer is asked to go on in a private message.
    """

    store: Store
    routing: RoutingTable
    answers: Answers
    clock: Clock
    guard: Guard = field(default_factory=Guard)
    private: PrivateMessages = field(default_factory=PrivateMessages)

    def claim(self, user: User, case_id: int) -> Case:
        """Take a case. Of two that claim at once, exactly one gets it.

        An automatic reply that has not left yet is withdrawn: a person has taken over.

        Raises:
            NotFound: there is no such case.
            Conflict: somebody else has it, or it is closed.
        """
        return self._move(user, case_id, lambda transaction, ledger: self._claim(transaction, ledger, user, case_id))

    def claim_next(self, user: User, queue: str, count: int) -> list[Case]:
        """Take up to ``count`` cases from the front of a queue, most urgent and longest waiting first."""
        check_queue(self.routing, queue)
        _may_work(user)

        def take(transaction: Transaction) -> list[Case]:
            ids = transaction.cases.queued(queue, count)
            ledger = Ledger(transaction, ids)
            taken = [self._claim(transaction, ledger, user, case_id) for case_id in ids]
            ledger.commit()
            return taken

        return self.store.run(take)

    def release(self, user: User, case_id: int) -> Case:
        """Give a claimed case back to its queue.

        Raises:
            Conflict: the case is not claimed, or by somebody else.
        """

        def move(_: Transaction, ledger: Ledger) -> Case:
            case = _owned(ledger.case(case_id), user)
            data = {"queue": case.queue or self.routing.default}
            return ledger.add(self._event(user, case_id, EventKind.CASE_RELEASED, data))

        return self._move(user, case_id, move)

    def transfer(self, user: User, case_id: int, queue: str) -> Case:
        """Move a case to another queue, where anybody there can take it.

        An automatic reply that has not left yet is withdrawn, as when a case is claimed.

        Raises:
            InvalidInput: there is no such queue.
            Conflict: somebody else has claimed the case, or it waits for nobody.
        """
        check_queue(self.routing, queue)

        def move(transaction: Transaction, ledger: Ledger) -> Case:
            case = ledger.case(case_id)
            if case.state is CaseState.CLAIMED:
                _owned(case, user)
            self._withdraw(transaction, ledger, user, case_id)
            return ledger.add(self._event(user, case_id, EventKind.CASE_TRANSFERRED, {"queue": queue}))

        return self._move(user, case_id, move)

    def reply(
        self,
        user: User,
        case_id: int,
        text: str,
        *,
        key: str,
        seen: str | None = None,
        snippet: str | None = None,
        release: str | None = None,
        leg: Leg | None = None,
    ) -> Case:
        """Commit a reply to the customer's last message; the outbox sends it.

        It goes to the ``leg`` on which the customer wrote that, or to the other, and there answers what they wrote
        last: everybody can read a public one, and only they a private one.

        ``key`` names this very reply: the same key again changes nothing. ``seen`` is the channel's id of
        the customer's message that was last on the screen: a later one must be read before it is answered.
        ``snippet`` is the snippet of the knowledge base that the text was made from, if any. ``release`` is a
        supervisor's reason why the text may go out although the guard stops it.

        Raises:
            InvalidInput: empty, with control characters, or over the channel's length; or made from a
                snippet that the knowledge base does not have; or the reason for a release is none.
            GuardBlocked: it would put personal data in public, or ask for some there; or a secret anywhere.
            Forbidden: the user may not release replies.
            Conflict: the case is not claimed by this user, or the customer has written since; or has not written on
                this leg; or has on both, and neither ``leg`` nor ``seen`` says which is meant.
        """
        with self.store.read() as transaction:
            leg = chosen(transaction, case_id, leg, seen)
        check_outgoing(text)
        check_length(text, leg)
        # Hashed, so that a key of any length fits its column.
        full_key = f"agent:{case_id}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        released = self._judged(user, case_id, text, full_key, leg, release)
        self._check_snippet(snippet)

        def move(transaction: Transaction, ledger: Ledger) -> Case:
            if transaction.replies.exists(full_key):
                return ledger.case(case_id)
            case = _owned(ledger.case(case_id), user)
            last = to_answer(transaction, case, leg)
            newest = transaction.messages.latest_inbound([case_id])[case_id]
            if newest.state is MessageState.RECEIVED or seen not in (None, newest.external_id):
                raise Conflict("the customer has written again; read that first")
            at = self.clock.now()
            new = NewReply(
                key=full_key,
                case_id=case_id,
                message_id=last.id,
                channel=last.channel,
                in_reply_to=last.external_id,
                kind=ReplyKind.AGENT,
                author=user.name,
                text=text,
                created_at=at,
                snippet=snippet,
                release=released.release if released else None,
            )
            (made,) = transaction.replies.add([new])
            if released:
                data: dict[str, Any] = {"reply": made, "types": list(released.types)}
                ledger.add(Event(case_id, at, EventKind.GUARD_RELEASED, user.name, last.id, data))
            if leg is Leg.PUBLIC and self.private.opened_by(text):
                data = {"reply": made, "kind": ReplyKind.AGENT.value, "code": _move_code(transaction, last.id)}
                ledger.add(Event(case_id, at, EventKind.MOVED_TO_PRIVATE, user.name, last.id, data))
            data = {"reply": made, "kind": ReplyKind.AGENT.value, "snippet": snippet}
            return ledger.add(Event(case_id, at, EventKind.REPLY_QUEUED, user.name, last.id, data))

        return self._move(user, case_id, move)

    def move_to_private(self, user: User, case_id: int, *, key: str, seen: str | None = None) -> Case:
        """Ask the customer, in the brand's words, to go on in a private message. The case stays what it is.

        Raises:
            Conflict: as :meth:`reply`; or the brand has no private message to move to.
        """
        if not self.private.offered:
            raise Conflict("the brand has no private messages to move to")
        with self.store.read() as transaction:
            if transaction.cases.get(case_id) is None:
                raise NotFound(f"there is no case {case_id}")
            last = transaction.messages.latest_inbound([case_id]).get(case_id)
            if last is not None and is_private(last.channel):
                raise Conflict("the customer writes in private already")
            move = _move_of(transaction, last.id) if last else None
        if last is None:
            raise Conflict(f"case {case_id} has no message of a customer to reply to")
        text = self.private.ready(case_id, last.external_id, delete=move is not None and move.delete)
        return self.reply(user, case_id, text, key=key, seen=seen or last.external_id, leg=Leg.PUBLIC)

    def release_reply(self, user: User, case_id: int, reply_id: int, reason: str) -> Case:
        """Let a reply go that the guard stopped on its way out. Only its text as it is now: another is no reply of it.

        Raises:
            Forbidden: the user may not release replies.
            InvalidInput: the reason is none.
            NotFound: the case has no such reply.
            Conflict: the reply is not blocked, or the customer has written since; or the case is closed.
        """
        _may_release(user)

        def move(transaction: Transaction, ledger: Ledger) -> Case:
            reply = transaction.replies.find(reply_id)
            if reply is None or reply.case_id != case_id:
                raise NotFound(f"case {case_id} has no reply {reply_id}")
            if reply.state is not ReplyState.BLOCKED:
                raise Conflict(f"reply {reply_id} is {reply.state.value}, not blocked")
            last = transaction.messages.latest_inbound([case_id], reply.channel).get(case_id)
            if last is None or last.id != reply.message_id:
                raise Conflict("the customer has written again; write a new reply")
            exposed = exposed_in(transaction, self.guard, case_id)
            why = self.guard.check_reason(reason, exposed)
            transaction.replies.release(reply_id, Release(user.name, why, seal(reply.key, reply.text)))
            data = {"reply": reply_id, "types": list(_stopped(self.guard, reply, exposed))}
            at = self.clock.now()
            return ledger.add(Event(case_id, at, EventKind.GUARD_RELEASED, user.name, reply.message_id, data))

        return self._move(user, case_id, move)

    def _judged(self, user: User, case_id: int, text: str, key: str, leg: Leg, reason: str | None) -> _Released | None:
        """``None`` if the guard lets the text pass; what a supervisor releases in spite of it.

        Raises:
            GuardBlocked: the guard stops it, and no reason is given.
        """
        if reason is not None:
            _may_release(user)
        with self.store.read() as transaction:
            exposed = exposed_in(transaction, self.guard, case_id)
        try:
            self.guard.check(text, exposed, leg)
        except GuardBlocked as stopped:
            if reason is None:
                raise
            release = Release(user.name, self.guard.check_reason(reason, exposed), seal(key, text))
            return _Released(release, stopped.findings)
        return None

    def close(self, user: User, case_id: int, reason: str) -> Case:
        """End a case, with a reason from :data:`CLOSING_REASONS`.

        Raises:
            InvalidInput: the reason is not one of those.
            Conflict: somebody else has claimed it, or it is closed already.
        """
        if reason not in CLOSING_REASONS:
            raise InvalidInput(f"{excerpt(reason)!r} is not one of {', '.join(CLOSING_REASONS)}", field="reason")

        def move(transaction: Transaction, ledger: Ledger) -> Case:
            case = ledger.case(case_id)
            if case.state is CaseState.CLAIMED:
                _owned(case, user)
            self._withdraw(transaction, ledger, user, case_id)
            return ledger.add(self._event(user, case_id, EventKind.CASE_CLOSED, {"reason": reason}))

        return self._move(user, case_id, move)

    def _claim(self, transaction: Transaction, ledger: Ledger, user: User, case_id: int) -> Case:
        before = ledger.case(case_id)
        if before.state is CaseState.CLAIMED:
            if before.owner == user.name:
                return before  # asking again for what one has is no error
            raise Conflict(f"case {case_id} is with {before.owner} already")
        ledger.add(self._event(user, case_id, EventKind.CASE_CLAIMED, {"queue": before.queue}))
        self._withdraw(transaction, ledger, user, case_id)
        return ledger.case(case_id)

    def _withdraw(self, transaction: Transaction, ledger: Ledger, user: User, case_id: int) -> None:
        """Take back what the service has not sent yet: a person has taken over."""
        for reply in transaction.replies.cancel_pending(case_id):
            ledger.add(self._event(user, case_id, EventKind.REPLY_CANCELLED, {"reply": reply}))

    def _check_snippet(self, snippet: str | None) -> None:
        """The log is for good, so it names no snippet that never was. One that has expired since will do."""
        if snippet is None:
            return
        try:
            self.answers.title(snippet)
        except NotFound:
            raise InvalidInput(f"{excerpt(snippet)!r} is not in the knowledge base", field="snippet") from None

    def _move(self, user: User, case_id: int, move: Callable[[Transaction, Ledger], Case]) -> Case:
        _may_work(user)

        def run(transaction: Transaction) -> Case:
            ledger = Ledger(transaction, [case_id])
            if ledger.case(case_id).state is CaseState.MERGED:
                raise NotFound(f"case {case_id} is now part of case {ledger.case(case_id).merged_into}")
            case = move(transaction, ledger)
            ledger.commit()
            return case

        return self.store.run(run)

    def _event(self, user: User, case_id: int, kind: EventKind, data: dict[str, Any]) -> Event:
        return Event(case_id, self.clock.now(), kind, actor=user.name, data=data)


@dataclass(frozen=True, slots=True)
class _Released:
    """A release, and the types of personal data in spite of which it was given."""

    release: Release
    types: tuple[str, ...]


#: Why a person may close a case; reports count by these.
CLOSING_REASONS = ("resolved", "no_answer_needed", "moved_to_private", "duplicate", "spam")


def _may_work(user: User) -> None:
    if not user.may_work_cases:
        raise Forbidden(f"{user.name} is a {user.role.value} user and may not work on cases")


def _may_release(user: User) -> None:
    if not user.may_release_replies:
        raise Forbidden(f"{user.name} may not let a reply go that the guard stops; a supervisor may")


def _stopped(guard: Guard, reply: Reply, exposed: tuple[Exposed, ...]) -> tuple[str, ...]:
    """Types for which the guard stops a reply now."""
    try:
        guard.check(reply.text, exposed, leg_of(reply.channel))
    except GuardBlocked as stopped:
        return stopped.findings
    return ()


def _move_of(transaction: Transaction, message_id: int) -> PrivateMove | None:
    judged = transaction.judgements.of([message_id]).get(message_id)
    return judged.decision.move if judged else None


def _move_code(transaction: Transaction, message_id: int) -> str:
    """Why the conversation goes on in private."""
    move = _move_of(transaction, message_id)
    return move.code if move else BY_CHOICE


def _owned(case: Case, user: User) -> Case:
    """The case, if it is claimed and by this user; supervisors may act for others."""
    if case.state is not CaseState.CLAIMED:
        raise Conflict(f"case {case.id} is {case.state.value}; claim it first")
    if case.owner != user.name and not user.may_act_for_others:
        raise Conflict(f"case {case.id} is with {case.owner}")
    return case
