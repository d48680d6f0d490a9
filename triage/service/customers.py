"""What is known of the customers of one batch, from before it and from within it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from triage.automated import Given, sign_of_a_machine
from triage.conversation import read
from triage.domain.audit import Stopped
from triage.domain.case import Case
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.message import StoredMessage
from triage.policy import Context
from triage.store import Transaction
from triage.store.replies import NewReply

_DAY: Final = timedelta(days=1)


class Customers:
    """Who has opted out, and which automatic replies each was given; grows as the batch is decided."""

    def __init__(self, transaction: Transaction, inbound: Sequence[StoredMessage], signature: str) -> None:
        self._transaction = transaction
        self._signature = signature
        authors = {_author(message) for message in inbound}
        self._opted_out = transaction.opt_outs.among(authors)
        self._given: dict[tuple[str, str], list[Given]] = defaultdict(list, transaction.replies.automatic_to(authors))
        self._stopped: Stopped | None = transaction.audits.answering().stopped

    def around(self, message: StoredMessage, case: Case, known: Context) -> Context:
        """``known``, and what the words of a message and what was said to its author before add to it."""
        given = [reply for reply in self._given[_author(message)] if reply.at <= message.created_at]
        return replace(
            known,
            said=read(message.text, self._asked_before(message, case)),
            after_an_answer=any(reply.case_id == case.id for reply in given),
            answers_today=sum(message.created_at - reply.at < _DAY for reply in given),
            machine=sign_of_a_machine(message.text, message.created_at, self._signature, given),
            opted_out=_author(message) in self._opted_out,
            person_wanted=case.person_wanted,
            stopped=self._stopped,
        )

    def answered(self, message: StoredMessage, reply: NewReply) -> None:
        """The service gives the author an automatic reply."""
        self._given[_author(message)].append(Given(reply.case_id, reply.text, reply.created_at))

    def opt_out(self, message: StoredMessage, at: datetime) -> Event | None:
        """The author wants no more; what to log, or ``None`` where they have said so before."""
        author = self._transaction.opt_outs.add(message.channel, message.author_id, at)
        self._opted_out.add(_author(message))
        if author is None:
            return None
        data = {"channel": message.channel, "author": author}
        return Event(message.case_id, at, EventKind.CUSTOMER_OPTED_OUT, CHANNEL, message.id, data)

    def _asked_before(self, message: StoredMessage, case: Case) -> list[str]:
        if not case.automatic_replies:
            return []
        return [
            other.text
            for other in self._transaction.messages.in_case(case.id)
            if other.id != message.id and _author(other) == _author(message) and other.created_at <= message.created_at
        ]


def _author(message: StoredMessage) -> tuple[str, str]:
    return message.channel, message.author_id
