"""Showing what is masked, to whom it is needed by, once; and who was shown what.

Each look is an event of the case: who, when, which message, which types of items, never a value. It
moves nothing in the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from triage.clock import Clock
from triage.domain.case import Case, CaseState
from triage.domain.event import Event, EventKind
from triage.domain.message import StoredMessage
from triage.domain.scores import Scores, Span
from triage.domain.user import User
from triage.errors import Forbidden, InvalidInput, NotFound
from triage.service.ledger import Ledger
from triage.service.showing import Showing, types_of
from triage.store import Store, Transaction
from triage.store.events import Look
from triage.text.accept import check_storable, excerpt

#: Why somebody may want to look; labels, since the log holds no words of anybody.
REVEAL_REASONS: Final = ("to_answer", "to_check_identity", "suspected_fraud", "to_check_work", "wrongly_masked")


@dataclass(frozen=True, slots=True)
class Revealed:
    """A message as received: ``spans`` are ranges of ``text``. For the eyes of whoever asked; keep it nowhere."""

    id: int
    external_id: str
    case_id: int
    at: datetime
    text: str
    spans: tuple[Span, ...]
    scores: Scores | None


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look: who was shown which types of items, of which message, when. ``number`` grows with time."""

    number: int
    at: datetime
    actor: str
    case_id: int
    message: int
    external_id: str
    types: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reveals:
    """Shows what is masked, and remembers to whom."""

    store: Store
    showing: Showing
    clock: Clock

    def reveal(self, user: User, case_id: int, external_id: str, reason: str | None = None) -> Revealed:
        """One message of a case, as received. It is committed first that ``user`` saw it, then shown.

        Raises:
            Forbidden: the user works on no cases, or is an agent who does not hold this one.
            NotFound: there is no such case, or no such message in it.
            InvalidInput: the reason is not one of :data:`REVEAL_REASONS`.
        """
        check_storable(external_id, field="message_id")
        if reason is not None and reason not in REVEAL_REASONS:
            raise InvalidInput(f"{excerpt(reason)!r} is not one of {', '.join(REVEAL_REASONS)}", field="reason")
        return self.store.run(lambda transaction: self._reveal(transaction, user, case_id, external_id, reason))

    def page(self, user: User, *, before: int | None = None, limit: int = 50) -> list[Reveal]:
        """The latest looks at anything, newest first; ``before`` is the last number of the page before.

        Raises:
            Forbidden: the user is no supervisor.
        """
        if not user.may_act_for_others:
            raise Forbidden("who saw personal data is for supervisors to know")
        with self.store.read() as transaction:
            return [_reveal(look) for look in transaction.events.looks(before=before, limit=limit)]

    def _reveal(
        self, transaction: Transaction, user: User, case_id: int, external_id: str, reason: str | None
    ) -> Revealed:
        ledger = Ledger(transaction, [case_id])
        case = ledger.case(case_id)
        if not may_reveal(user, case):
            raise Forbidden(_refusal(user, case))
        stored = _message_of(transaction, case, external_id)
        judged = transaction.judgements.of([stored.id]).get(stored.id)
        spans = self.showing.spans(stored, judged)
        at = self.clock.now()
        data = {"types": list(types_of(spans)), "reason": reason}
        ledger.add(Event(case.id, at, EventKind.DATA_REVEALED, user.name, stored.id, data))
        ledger.commit()
        scores = judged.scores if judged else None
        return Revealed(stored.id, stored.external_id, case.id, at, stored.text, spans, scores)


def may_reveal(user: User, case: Case) -> bool:
    """Whether ``user`` may see what is masked in ``case``: who holds it may, and supervisors."""
    if user.may_act_for_others:
        return True
    return user.may_work_cases and case.state is CaseState.CLAIMED and case.owner == user.name


def reveals_of(transaction: Transaction, message_ids: Iterable[int]) -> list[Reveal]:
    """Every look at these messages, oldest first."""
    return [_reveal(look) for look in transaction.events.looks_at(message_ids)]


def _refusal(user: User, case: Case) -> str:
    if not user.may_work_cases:
        return f"{user.name} is a {user.role.value} user and may not see personal data"
    return f"personal data in case {case.id} is shown to the agent who has it; claim it first"


def _message_of(transaction: Transaction, case: Case, external_id: str) -> StoredMessage:
    """Raises :class:`NotFound` for a message of another case too, and for any in a case that was merged."""
    stored = transaction.messages.by_external_id(case.channel, external_id)
    if stored is None or stored.case_id != case.id:
        raise NotFound(f"case {case.id} has no message {external_id!r}")
    return stored


def _reveal(look: Look) -> Reveal:
    event = look.event
    return Reveal(
        number=look.id,
        at=event.at,
        actor=event.actor,
        case_id=look.case_id,
        message=event.message_id or 0,
        external_id=look.external_id,
        types=tuple(event.data["types"]),
        reason=event.data["reason"],
    )
