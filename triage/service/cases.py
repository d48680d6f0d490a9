"""What agents do with cases. Each move is one transaction; a move that comes too late is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from triage.clock import Clock
from triage.domain.case import Case, CaseState
from triage.domain.event import Event, EventKind
from triage.domain.message import MessageState
from triage.domain.reply import ReplyKind
from triage.domain.user import User
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound
from triage.privacy.guard import check_public_reply
from triage.routing.table import RoutingTable
from triage.service.ledger import Ledger
from triage.service.ports import Answers
from triage.service.worklist import check_queue
from triage.store import Store, Transaction
from triage.store.replies import NewReply
from triage.text.accept import check_outgoing, excerpt
from triage.text.length import MAX_WEIGHT, weighted_length


@dataclass(frozen=True, slots=True)
class Desk:
    """The moves of a person at the desk, or of a program acting for one.

    ``published`` are the brand's own numbers and addresses, which a public reply may contain.
    """

    store: Store
    routing: RoutingTable
    answers: Answers
    clock: Clock
    published: tuple[str, ...] = ()

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
        self, user: User, case_id: int, text: str, *, key: str, seen: str | None = None, snippet: str | None = None
    ) -> Case:
        """Commit a public reply to the customer's last message; the outbox sends it.

        ``key`` names this very reply: the same key again changes nothing. ``seen`` is the channel's id of
        the customer's message that was last on the screen: a later one must be read before it is answered.
        ``snippet`` is the snippet of the knowledge base that the text was made from, if any.

        Raises:
            InvalidInput: empty, with control characters, or over the channel's length; or made from a
                snippet that the knowledge base does not have.
            GuardBlocked: it would put personal data in public, or ask for some there.
            Conflict: the case is not claimed by this user, or the customer has written since.
        """
        check_outgoing(text)
        if (weight := weighted_length(text)) > MAX_WEIGHT:
            raise InvalidInput(f"is {weight} characters long as X counts; at most {MAX_WEIGHT} fit", field="text")
        check_public_reply(text, self.published)
        self._check_snippet(snippet)

        # Hashed, so that a key of any length fits its column.
        full_key = f"agent:{case_id}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"

        def move(transaction: Transaction, ledger: Ledger) -> Case:
            if transaction.replies.exists(full_key):
                return ledger.case(case_id)
            _owned(ledger.case(case_id), user)
            last = transaction.messages.latest_inbound([case_id]).get(case_id)
            if last is None:
                raise Conflict(f"case {case_id} has no message of a customer to reply to")
            if last.state is MessageState.RECEIVED or seen not in (None, last.external_id):
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
            )
            (made,) = transaction.replies.add([new])
            data = {"reply": made, "kind": ReplyKind.AGENT.value, "snippet": snippet}
            return ledger.add(Event(case_id, at, EventKind.REPLY_QUEUED, user.name, last.id, data))

        return self._move(user, case_id, move)

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


#: Why a person may close a case; reports count by these.
CLOSING_REASONS = ("resolved", "no_answer_needed", "moved_to_private", "duplicate", "spam")


def _may_work(user: User) -> None:
    if not user.may_work_cases:
        raise Forbidden(f"{user.name} is a {user.role.value} user and may not work on cases")


def _owned(case: Case, user: User) -> Case:
    """The case, if it is claimed and by this user; supervisors may act for others."""
    if case.state is not CaseState.CLAIMED:
        raise Conflict(f"case {case.id} is {case.state.value}; claim it first")
    if case.owner != user.name and not user.may_act_for_others:
        raise Conflict(f"case {case.id} is with {case.owner}")
    return case
