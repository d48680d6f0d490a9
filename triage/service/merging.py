"""Making one case of two that turn out to be one conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from triage.domain.case import TIMES, Case
from triage.domain.event import Event, EventKind
from triage.service.ledger import Ledger
from triage.store import Transaction


def absorb(transaction: Transaction, ledger: Ledger, other: int, survivor: int, at: datetime) -> None:
    """Make the case ``other``, with all that is in it, part of the one that survives; both are in the ledger."""
    absorbed = ledger.case(other)
    ledger.add(Event(other, at, EventKind.CASE_MERGED, data={"into": survivor}))
    ledger.add(Event(survivor, at, EventKind.CASE_ABSORBED, data=_snapshot(absorbed)))
    transaction.messages.move_case(other, survivor)
    transaction.replies.move_case(other, survivor)


def _snapshot(case: Case) -> dict[str, Any]:
    """What the surviving case must know of an absorbed one to go on in its place."""
    kept = ("state", "queue", "priority", "intent", "owner", "automatic_replies", "person_wanted")
    return {
        "case": case.id,
        **{name: getattr(case, name) for name in kept},
        **{name: moment.isoformat() if (moment := getattr(case, name)) else None for name in TIMES},
    }
