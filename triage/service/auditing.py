"""Looking at automatic answers afterwards: the sample, the verdicts on it, and stopping where they demand it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from triage.clock import Clock
from triage.domain.audit import Answering, Verdict, is_sampled
from triage.domain.decision import Action, Decision
from triage.domain.event import SERVICE, Event, EventKind
from triage.domain.message import StoredMessage
from triage.domain.user import User
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound
from triage.measures.wrong_answers import is_proven
from triage.policy import Policy
from triage.service.ledger import Ledger
from triage.service.showing import Showing, Shown
from triage.store import Store, Transaction
from triage.store.audits import Sampled, Waiting
from triage.store.judgements import Judged
from triage.text.accept import excerpt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Audited:
    """One answer to look at: the message, masked, what was answered, and from which snippet."""

    message: Shown
    reply: str
    snippet: str
    version: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Verdicts on automatic answers. ``promised`` is the largest share that may be wrong."""

    store: Store
    showing: Showing
    clock: Clock
    promised: float

    def waiting(self, user: User, limit: int = 20) -> list[Audited]:
        """Sent answers of the sample that have no verdict yet, oldest first: nobody picks the easy ones.

        Raises:
            Forbidden: the user does not work on cases.
        """
        _may_audit(user)
        with self.store.read() as transaction:
            found = transaction.audits.waiting(limit)
            judged = transaction.judgements.of(one.sampled.message_id for one in found)
            return [self._shown(transaction, one, judged.get(one.sampled.message_id)) for one in found]

    def standing(self) -> Answering:
        """Whether the service may answer, and the verdicts so far."""
        with self.store.read() as transaction:
            return transaction.audits.answering()

    def judge(self, user: User, message_id: int, verdict: str) -> Answering:
        """Give the verdict on one answer, once; answering stops if that proves the promise broken.

        Raises:
            Forbidden: the user does not work on cases.
            InvalidInput: the verdict is none of :class:`Verdict`.
            Conflict: the answer has its verdict, or is not one to be looked at.
        """
        _may_audit(user)
        given = _verdict(verdict)
        return self.store.run(lambda transaction: self._judge(transaction, user, message_id, given))

    def resume(self, user: User) -> Answering:
        """Switch automatic answers on again. Verdicts are counted from nothing after it.

        Raises:
            Forbidden: the user is no supervisor.
            Conflict: they have not stopped.
        """
        if not user.may_act_for_others:
            raise Forbidden(f"{user.name} may not switch automatic answers on again; a supervisor may")
        return self.store.run(lambda transaction: self._resume(transaction, user))

    def _judge(self, transaction: Transaction, user: User, message_id: int, verdict: Verdict) -> Answering:
        before = transaction.audits.lock_answering()
        one = next(iter(transaction.audits.waiting(1, message_id)), None)
        if one is None:
            raise Conflict(f"the answer to message {message_id} waits for no verdict")
        ledger = Ledger(transaction, [one.case_id])
        data = {
            "verdict": verdict.value,
            "snippet": one.sampled.snippet,
            "snippet_version": one.sampled.version,
            "promised": self.promised,
        }
        audited = Event(one.case_id, self.clock.now(), EventKind.ANSWER_AUDITED, user.name, message_id, data)
        ledger.add(audited)
        now = self._stop_if_proven(before.apply(audited), audited, ledger)
        ledger.commit()
        transaction.audits.judge(message_id, verdict, user.name)
        stopped_by = message_id if before.stopped is None else transaction.audits.stopped_by()
        transaction.audits.write_answering(now, stopped_by)
        return now

    def _stop_if_proven(self, standing: Answering, audited: Event, ledger: Ledger) -> Answering:
        tally = standing.tally
        if standing.stopped is not None or not is_proven(tally.wrong, tally.audited, self.promised):
            return standing
        data = {"audited": tally.audited, "wrong": tally.wrong, "promised": self.promised}
        stop = Event(audited.case_id, audited.at, EventKind.ANSWERING_STOPPED, SERVICE, audited.message_id, data)
        ledger.add(stop)
        log.error(
            "automatic answers have stopped: %d of %d audited were wrong, at most %.1f %% may be",
            tally.wrong,
            tally.audited,
            100 * self.promised,
        )
        return standing.apply(stop)

    def _resume(self, transaction: Transaction, user: User) -> Answering:
        before = transaction.audits.lock_answering()
        stopped_by = transaction.audits.stopped_by()
        message = transaction.messages.get(stopped_by) if stopped_by is not None else None
        if before.stopped is None or message is None:
            raise Conflict("automatic answers have not stopped")
        ledger = Ledger(transaction, [message.case_id])
        resumed = Event(message.case_id, self.clock.now(), EventKind.ANSWERING_RESUMED, user.name, message.id)
        ledger.add(resumed)
        ledger.commit()
        now = before.apply(resumed)
        transaction.audits.write_answering(now, None)
        log.warning("%s switched automatic answers on again", user.name)
        return now

    def _shown(self, transaction: Transaction, one: Waiting, judged: Judged | None) -> Audited:
        stored = transaction.messages.get(one.sampled.message_id)
        if stored is None:
            raise NotFound(f"message {one.sampled.message_id} is gone")
        reply = self.showing.own(one.reply).text
        return Audited(self.showing.message(stored, judged), reply, one.sampled.snippet, one.sampled.version)


def audit_mark(message: StoredMessage, decision: Decision, policy: Policy) -> dict[str, Any]:
    """What the log says of a decision that people shall look at afterwards; nothing of others."""
    return {"audit": True} if _is_audited(message, decision, policy) else {}


def sample(judged: Sequence[Judged], messages: Sequence[StoredMessage], policy: Policy) -> list[Sampled]:
    """Which of these decisions are answers that people shall look at afterwards."""
    by_id = {message.id: message for message in messages}
    return [
        Sampled(one.message_id, match.snippet, match.version)
        for one in judged
        if (match := one.decision.match) and _is_audited(by_id[one.message_id], one.decision, policy)
    ]


def _is_audited(message: StoredMessage, decision: Decision, policy: Policy) -> bool:
    return decision.action is Action.ANSWER and is_sampled(message.channel, message.external_id, policy.audit_share)


def _verdict(said: str) -> Verdict:
    try:
        return Verdict(said)
    except ValueError:
        raise InvalidInput(f"{excerpt(said)!r} is not one of {', '.join(Verdict)}", field="verdict") from None


def _may_audit(user: User) -> None:
    if not user.may_work_cases:
        raise Forbidden(f"{user.name} is a {user.role.value} user and may not look at answers")
