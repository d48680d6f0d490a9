"""Taking messages in: each once, each in its thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.clock import Clock
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.legs import is_private, public_leg
from triage.domain.message import IncomingMessage
from triage.service.joining import join_people
from triage.service.ledger import Ledger
from triage.service.merging import absorb
from triage.store import Store, Transaction
from triage.store.dialect import serialise
from triage.threads import Link, Thread, plan


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: ids of the new messages, and how many were known already."""

    accepted: dict[str, int]  # channel's id -> ours
    duplicates: int


def take_in(store: Store, incoming: Sequence[IncomingMessage], clock: Clock) -> Receipt:
    """Store a batch of messages and thread them into cases, all or nothing.

    The order inside the batch, and of batches, does not matter for which messages exist or how they
    are threaded.
    """
    return store.run(lambda transaction: take_in_within(transaction, incoming, clock))


def take_in_within(transaction: Transaction, incoming: Sequence[IncomingMessage], clock: Clock) -> Receipt:
    """The same in a transaction of the caller's."""
    by_channel: dict[str, dict[str, IncomingMessage]] = defaultdict(dict)
    for message in incoming:
        by_channel[message.channel].setdefault(message.external_id, message)
    accepted: dict[str, int] = {}
    new = 0
    for channel, messages in sorted(by_channel.items()):  # in one order for all who wait for each other
        # Two transactions that each see half of a thread would make two cases of it.
        one_at_a_time(transaction, public_leg(channel))
        taken = _take_in_channel(transaction, channel, messages, clock)
        accepted |= taken
        new += len(taken)
    return Receipt(accepted, len(incoming) - new)


def one_at_a_time(transaction: Transaction, channel: str) -> None:
    """Nobody else takes in anything of a channel until this transaction ends."""
    serialise(transaction.connection, f"intake:{channel}")


def _take_in_channel(
    transaction: Transaction, channel: str, messages: dict[str, IncomingMessage], clock: Clock
) -> dict[str, int]:
    known = transaction.messages.cases_of(channel, messages)
    new = {key: message for key, message in messages.items() if key not in known}
    ids = dict(zip(new, transaction.messages.reserve(len(new)), strict=True))
    join = join_people if is_private(channel) else _thread
    ledger, case_of = join(transaction, channel, new, ids, clock)
    transaction.messages.insert([(ids[key], case_of[key], message) for key, message in new.items()])
    ledger.commit()
    return ids


def _thread(
    transaction: Transaction, channel: str, new: dict[str, IncomingMessage], ids: dict[str, int], clock: Clock
) -> tuple[Ledger, dict[str, int]]:
    """Find or open the case of each new message; the changes to commit, and ``channel's id -> case``."""
    links = [Link(key, message.in_reply_to) for key, message in new.items()]
    mentioned = {link.external_id for link in links} | {link.parent for link in links if link.parent}
    case_of = transaction.messages.cases_of(channel, mentioned)
    case_of |= transaction.cases.live_by_root(channel, mentioned)
    ledger = Ledger(transaction, case_of.values())
    root_of = {case_id: ledger.case(case_id).root for case_id in case_of.values()}
    threads = plan(links, case_of, root_of, transaction.messages.parents_in_case)

    fresh = iter(transaction.cases.reserve(sum(not thread.cases for thread in threads)))
    put: dict[str, int] = {}
    for thread in threads:
        survivor = thread.cases[0] if thread.cases else next(fresh)
        moments = {key: clock.seen(new[key].created_at) for key in thread.members}
        _absorb(transaction, ledger, thread, survivor, max(moments.values()))
        is_open = bool(thread.cases)
        for key in thread.members:
            data = {"channel": channel, "root": thread.root, "inbound": new[key].inbound}
            event = Event(survivor, moments[key], EventKind.MESSAGE_RECEIVED, CHANNEL, ids[key], data)
            ledger.add(event) if is_open else ledger.open(event)
            is_open = True
            put[key] = survivor
    return ledger, put


def _absorb(transaction: Transaction, ledger: Ledger, thread: Thread, survivor: int, at: datetime) -> None:
    """Make one case of those that a late message has shown to be one thread."""
    for other in thread.cases[1:]:
        absorb(transaction, ledger, other, survivor, at)
    if thread.cases and ledger.case(survivor).root != thread.root:
        ledger.add(Event(survivor, at, EventKind.CASE_REROOTED, data={"root": thread.root}))
