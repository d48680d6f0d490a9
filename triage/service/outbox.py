"""Sending what was decided: at most once, whatever happens in between.

A reply is marked "sending" and committed *before* the channel is called, and no transaction is open
during the call. What is found "sending" after a crash is looked up on the channel; only where the
channel says that it is not there is it sent again, and where the channel cannot say, a person decides.

Every reply is judged by the guard right before the call, whoever wrote it and however it got here; one
that is stopped goes to a person.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from triage.channels.protocol import OutboundChannel, Presence
from triage.clock import Clock
from triage.domain.case import CaseState
from triage.domain.event import Event, EventKind
from triage.domain.reply import Reply, ReplyKind, ReplyState
from triage.errors import GiveUp, GuardBlocked, RetryLater
from triage.privacy.guard import Guard
from triage.routing.table import RoutingTable
from triage.service.exposed import exposed_in
from triage.service.ledger import Ledger
from triage.store import Hold, Store, Transaction
from triage.store.replies import Outcome

log = logging.getLogger(__name__)

#: How long a reply rests after a failure that left no trace of it on the channel.
_PAUSE_AFTER_DOUBT = timedelta(seconds=30)
_EVENTS = {
    ReplyState.SENT: EventKind.REPLY_SENT,
    ReplyState.FAILED: EventKind.REPLY_FAILED,
    ReplyState.AMBIGUOUS: EventKind.REPLY_AMBIGUOUS,
    ReplyState.CANCELLED: EventKind.REPLY_CANCELLED,
    ReplyState.BLOCKED: EventKind.REPLY_BLOCKED,
}


class Outbox:
    """Drains pending replies into their channels. Of many processes, one sends."""

    def __init__(
        self,
        store: Store,
        channels: Sequence[OutboundChannel],
        routing: RoutingTable,
        clock: Clock,
        guard: Guard = Guard(),  # noqa: B008 - a frozen value
    ) -> None:
        self._store = store
        self._channels: Mapping[str, OutboundChannel] = {channel.name: channel for channel in channels}
        self._routing = routing
        self._clock = clock
        self._guard = guard
        self._right: Hold | None = None

    def drain(self, limit: int) -> int:
        """Send up to ``limit`` pending replies, one by one; how many were tried.

        Does nothing while another process holds the right to send. Whoever gets it first settles what
        the last holder left half-way.
        """
        if not self._channels or not self._may_send():
            return 0
        for tried in range(limit):
            reply = self._take()
            if reply is None:
                return tried
            self._settle(reply, self._send(reply))
        return limit

    def close(self) -> None:
        """Give up the right to send."""
        if self._right is not None:
            self._right.release()
            self._right = None

    def _may_send(self) -> bool:
        if self._right is None:
            self._right = self._store.try_hold("outbox")
            if self._right is not None:
                self._reconcile()
        return self._right is not None

    def _reconcile(self) -> None:
        """Settle what an earlier process left "sending": it may have gone out."""
        with self._store.read() as transaction:
            doubtful = transaction.replies.in_state(ReplyState.SENDING, list(self._channels))
        for reply in doubtful:
            self._settle(reply, self._look(reply, "the sender stopped while sending", not_before=None))
        if doubtful:
            log.warning("settled %d replies that were being sent when an earlier process stopped", len(doubtful))

    def _take(self) -> Reply | None:
        return self._store.run(self._take_next)

    def _take_next(self, transaction: Transaction) -> Reply | None:
        """The next reply to send; those that may not leave any more are withdrawn on the way."""
        names, now = list(self._channels), self._clock.now()
        while (reply := transaction.replies.take_pending(names, now)) is not None and _is_withheld(transaction, reply):
            self._record(transaction, reply, Outcome(reply.id, ReplyState.CANCELLED))
        return reply

    def _send(self, reply: Reply) -> Outcome:
        try:
            self._look_last(reply)
            return Outcome(reply.id, ReplyState.SENT, external_id=self._channels[reply.channel].send(reply))
        except GuardBlocked as error:
            return Outcome(reply.id, ReplyState.BLOCKED, problem=str(error), types=error.findings)
        except RetryLater as error:
            return Outcome(reply.id, ReplyState.PENDING, problem=str(error), not_before=error.not_before)
        except GiveUp as error:
            return Outcome(reply.id, ReplyState.FAILED, problem=str(error))
        except Exception as error:  # whatever it was: the reply may have gone out
            log.exception("sending reply %d ended in doubt", reply.id)
            return self._look(reply, str(error), not_before=self._clock.now() + _PAUSE_AFTER_DOUBT)

    def _look_last(self, reply: Reply) -> None:
        """Return if the reply may go out: the guard lets it pass, or a supervisor has let this very text go.

        Raises:
            GuardBlocked: it may not, or the guard itself failed on it.
        """
        if reply.released:
            return
        try:
            with self._store.read() as transaction:
                case_id = transaction.replies.case_of(reply.id)  # a merge moves replies
                exposed = exposed_in(transaction, self._guard, case_id)
            self._guard.check(reply.text, exposed)
        except GuardBlocked:
            raise
        except Exception as error:
            log.exception("reply %d could not be checked", reply.id)
            raise GuardBlocked("the guard failed on this reply, so it was not sent", ()) from error

    def _look(self, reply: Reply, problem: str, not_before: datetime | None) -> Outcome:
        try:
            found = self._channels[reply.channel].find(reply)
        except Exception as error:  # a channel that cannot be asked cannot say
            log.exception("looking for reply %d failed", reply.id)
            return Outcome(reply.id, ReplyState.AMBIGUOUS, problem=f"{problem}; then: {error}")
        match found.presence:
            case Presence.PRESENT:
                return Outcome(reply.id, ReplyState.SENT, external_id=found.external_id)
            case Presence.ABSENT:
                return Outcome(reply.id, ReplyState.PENDING, problem=problem, not_before=not_before)
            case Presence.UNKNOWN:
                return Outcome(reply.id, ReplyState.AMBIGUOUS, problem=problem)

    def _settle(self, reply: Reply, outcome: Outcome) -> None:
        self._store.run(lambda transaction: self._record(transaction, reply, outcome))

    def _record(self, transaction: Transaction, reply: Reply, outcome: Outcome) -> None:
        standing = transaction.replies.lock(reply.id)  # a merge moves replies: where it is now counts
        if standing.state is not ReplyState.SENDING:
            return  # it was seen on the channel before the channel's answer came
        ledger = Ledger(transaction, [standing.case_id])
        case = ledger.case(standing.case_id)
        automatic = reply.kind is ReplyKind.AUTOMATIC
        taken_over = automatic and not reply.released and case.state is not CaseState.ANSWERED
        if outcome.state is ReplyState.PENDING and (taken_over or standing.erased):
            outcome = Outcome(reply.id, ReplyState.CANCELLED)
        elif standing.erased:
            outcome = replace(outcome, problem=None)  # a channel's complaint may quote the text
        if outcome.state in _EVENTS:
            data: dict[str, Any] = {
                "reply": reply.id,
                "kind": reply.kind.value,
                "queue": case.queue or self._routing.default,
            }
            if outcome.state is ReplyState.BLOCKED:
                data["types"] = list(outcome.types)
            at = self._clock.seen(reply.created_at)
            ledger.add(Event(case.id, at, _EVENTS[outcome.state], message_id=reply.message_id, data=data))
        ledger.commit()
        transaction.replies.settle(outcome)


def _is_withheld(transaction: Transaction, reply: Reply) -> bool:
    """Whether an automatic reply may not leave: the customer has opted out since, or answering has stopped."""
    if reply.kind is not ReplyKind.AUTOMATIC:
        return False
    stopped = transaction.audits.answering().stopped is not None and not reply.released
    return stopped or bool(transaction.opt_outs.among([transaction.replies.author_of(reply.id)]))
