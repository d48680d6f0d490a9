"""Which case a private message belongs to: X's have no thread, so it is found by whom it is exchanged with.

A person's message joins, in this order:

1. the case whose number its first words name, as the brand's link to its private messages writes it there, if the
   person was ever asked in it to go on in private;
2. the newest of the person's public cases in which that was asked within :data:`ACTIVE_FOR` of this one;
3. the newest case in which a private message was exchanged with the person within :data:`ACTIVE_FOR` of this one;
4. a case of its own.

A request may become known only after the messages that followed it: somebody of the brand's made it elsewhere, and it
was read later. Then a case that began with a private message which would have joined that case becomes part of it.

A reply of the product's own that comes back stays with its case. In which order messages come in does not matter
for which of them exist. It may matter for 3 and 4: of three messages, each six days after the one before, the
first and the last come to two cases if they are taken in before the one between them; that joins the newer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from triage.clock import Clock
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.legs import public_leg
from triage.domain.message import IncomingMessage, StoredMessage
from triage.service.ledger import Ledger
from triage.service.merging import absorb
from triage.store import Transaction
from triage.store.private import Begun, Written

#: A private message belongs with requests and private messages of this long before and after it.
ACTIVE_FOR: Final = timedelta(days=7)
_NAMED: Final = re.compile(r"\W*case\W{1,3}(\d{1,18})\b", re.IGNORECASE)


def join_people(
    transaction: Transaction, channel: str, new: Mapping[str, IncomingMessage], ids: Mapping[str, int], clock: Clock
) -> tuple[Ledger, dict[str, int]]:
    """Find or open the case of each new private message; the changes to commit, and ``channel's id -> case``."""
    known = _Known(transaction, channel, new)
    ledger = Ledger(transaction, known.cases)
    put: dict[str, int] = {}
    fresh = iter(transaction.cases.reserve(len(new)))
    for key, message in sorted(new.items(), key=lambda item: (item[1].created_at, item[0])):
        at = clock.seen(message.created_at)
        case_id = known.case_of(key, message, ledger)
        if case_id is None:
            case_id = next(fresh)
            data = {"channel": channel, "root": key, "inbound": message.inbound}
            ledger.open(Event(case_id, at, EventKind.MESSAGE_RECEIVED, CHANNEL, ids[key], data))
        else:
            data = {"channel": channel, "root": ledger.case(case_id).root, "inbound": message.inbound}
            ledger.add(Event(case_id, at, EventKind.MESSAGE_RECEIVED, CHANNEL, ids[key], data))
        known.add(message, case_id)
        put[key] = case_id
    return ledger, put


def join_late(transaction: Transaction, channel: str, public_cases: Collection[int], clock: Clock) -> None:
    """Let private cases become part of the public ones in which, as is only known now, their customers had been asked.

    ``channel`` is that of the private messages. A case that had begun before the request stays one of its own.
    """
    requests = transaction.private.requests(public_leg(channel), public_cases)
    if not requests:
        return
    cases_of = transaction.private.customers(public_leg(channel), requests.keys())
    begun = transaction.private.begun(channel, cases_of.keys())
    late = [(one, cases_of[person]) for person, those in begun.items() for one in those]
    ledger = Ledger(transaction, {*requests, *(one.case_id for one, _ in late)})
    for one, asked in sorted(late, key=lambda item: (item[0].created_at, item[0].case_id)):
        before = {case_id: [at for at in requests[case_id] if at <= one.created_at] for case_id in asked}
        if (into := _meant(transaction, one, before, ledger)) is not None:
            absorb(transaction, ledger, one.case_id, into, clock.seen(one.created_at))
    ledger.commit()


def _meant(
    transaction: Transaction, begun: Begun, requests: Mapping[int, Sequence[datetime]], ledger: Ledger
) -> int | None:
    """The case that a private case began for, of those with ``requests`` before it; ``None`` for none of them."""
    first = transaction.messages.get(begun.message_id)
    if first is not None and requests.get(named := _named(first) or 0):
        return named
    lately = [case_id for case_id, at in requests.items() if at and begun.created_at - max(at) <= ACTIVE_FOR]
    return _newest(lately, ledger)


class _Known:
    """The cases that new messages may join; grows with them."""

    def __init__(self, transaction: Transaction, channel: str, new: Mapping[str, IncomingMessage]) -> None:
        people = {person for message in new.values() if (person := message.person_id) is not None}
        moments = [message.created_at for message in new.values()]
        private = transaction.private
        own = transaction.replies.echoes(channel, [key for key, message in new.items() if not message.inbound])
        self._own = {key: transaction.replies.case_of(reply) for key, reply in own.items()}
        self._asked: dict[str, dict[int, datetime]] = {}
        self._written: list[Written] = []
        if people:
            self._asked = private.asked(public_leg(channel), people)
            since, until = min(moments) - ACTIVE_FOR, max(moments) + ACTIVE_FOR
            self._written = private.written(channel, people, since, until)

    @property
    def cases(self) -> set[int]:
        """All that may change."""
        asked = (case_id for cases in self._asked.values() for case_id in cases)
        return {*self._own.values(), *asked, *(written.case_id for written in self._written)}

    def add(self, message: IncomingMessage, case_id: int) -> None:
        if message.person_id is not None:
            self._written.append(Written(message.person_id, case_id, message.created_at))

    def case_of(self, key: str, message: IncomingMessage, ledger: Ledger) -> int | None:
        """``None`` for a message that begins a case."""
        if key in self._own:
            return self._own[key]
        person = message.person_id
        if person is None:
            return None
        asked = self._asked.get(person, {})
        if (named := _named(message)) in asked:
            return named
        lately = [case_id for case_id, at in asked.items() if _is_near(at, message)]
        return _newest(lately, ledger) or _newest(self._active(person, message), ledger)

    def _active(self, person: str, message: IncomingMessage) -> Sequence[int]:
        near = (
            written.case_id
            for written in self._written
            if written.person_id == person and _is_near(written.created_at, message)
        )
        return sorted(set(near))


def _is_near(at: datetime, message: IncomingMessage) -> bool:
    return abs(at - message.created_at) <= ACTIVE_FOR


def _named(message: IncomingMessage | StoredMessage) -> int | None:
    found = _NAMED.match(message.text) if message.inbound else None
    return int(found[1]) if found else None


def _newest(cases: Sequence[int], ledger: Ledger) -> int | None:
    return max(cases, key=lambda case_id: (ledger.case(case_id).opened_at, case_id), default=None)
