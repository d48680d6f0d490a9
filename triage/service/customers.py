"""What is known of the customers of one batch, from before it and from within it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from triage.automated import Given, sign_of_a_machine
from triage.conversation import Said, read
from triage.domain.audit import Stopped
from triage.domain.case import Case
from triage.domain.decision import AGENT_PLEASE, SOLVED, Decision
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.legs import public_leg
from triage.domain.message import StoredMessage
from triage.policy import Context
from triage.service.ledger import Ledger
from triage.store import Transaction

_DAY: Final = timedelta(days=1)


class Customers:
    """Who has opted out, and which automatic replies each was given; grows as the batch is decided."""

    def __init__(self, transaction: Transaction, inbound: Sequence[StoredMessage], signature: str) -> None:
        self._transaction = transaction
        self._signature = signature
        authors = {_author(message) for message in inbound}
        self._opted_out = transaction.opt_outs.among(authors)
        self._given: dict[tuple[str, str], list[Given]] = defaultdict(list, transaction.said.automatic_to(authors))
        self._unwilling: list[tuple[StoredMessage, datetime]] = []
        self._stopped: Stopped | None = transaction.audits.answering().stopped

    def around(self, message: StoredMessage, case: Case, known: Context) -> Context:
        """``known``, and what the words of a message and what was said to its author before add to it."""
        given = [reply for reply in self._given[_author(message)] if reply.at <= message.created_at]
        return replace(
            known,
            said=read(message.normalised, self._asked_before(message, case)),
            after_an_answer=any(reply.case_id == case.id for reply in given),
            answers_today=sum(message.created_at - reply.at < _DAY for reply in given),
            machine=sign_of_a_machine(message.normalised, message.created_at, self._signature, given),
            opted_out=_author(message) in self._opted_out,
            person_wanted=case.person_wanted,
            stopped=self._stopped,
        )

    def answered(self, message: StoredMessage, text: str, at: datetime) -> None:
        """The author is given an automatic reply."""
        self._given[_author(message)].append(Given(message.case_id, text, at))

    def heard(self, message: StoredMessage, said: Said, decision: Decision, ledger: Ledger, at: datetime) -> None:
        """Log what a decided message says of the conversation: that the answer helped, that there shall be no more."""
        codes = {reason.code for reason in decision.reasons}
        if SOLVED in codes:
            data = {"created_at": message.created_at.isoformat()}
            ledger.add(Event(message.case_id, at, EventKind.ANSWER_CONFIRMED, CHANNEL, message.id, data))
        if said.stop:
            self._opt_out(message, ledger, at)
        if said.stop or AGENT_PLEASE in codes:
            self._unwilling.append((message, at))

    def withdraw(self, ledger: Ledger) -> None:
        """Take back automatic replies that have not left, in the cases of those who want a person or no replies.

        Those to the same customers in other cases are taken back by the outbox.
        """
        for message, at in self._unwilling:
            for reply in self._transaction.replies.cancel_pending(message.case_id):
                data = {"reply": reply}
                ledger.add(Event(message.case_id, at, EventKind.REPLY_CANCELLED, CHANNEL, message.id, data))

    def _opt_out(self, message: StoredMessage, ledger: Ledger, at: datetime) -> None:
        self._opted_out.add(_author(message))
        channel, author_id = _author(message)
        if author := self._transaction.opt_outs.add(channel, author_id, at):
            data = {"channel": channel, "author": author}
            ledger.add(Event(message.case_id, at, EventKind.CUSTOMER_OPTED_OUT, CHANNEL, message.id, data))

    def _asked_before(self, message: StoredMessage, case: Case) -> list[str]:
        if not case.automatic_replies:
            return []
        return [
            other.text
            for other in self._transaction.messages.in_case(case.id)
            if other.id != message.id and _author(other) == _author(message) and other.created_at <= message.created_at
        ]


def _author(message: StoredMessage) -> tuple[str, str]:
    """Somebody is the same person in private; what they want there, they want in public too."""
    return public_leg(message.channel), message.author_id
