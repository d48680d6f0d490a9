"""Which cases the middle of the desk lists: those of a queue, one's own, the finished ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage.domain.case import CaseState
from triage.domain.user import User
from triage.routing.table import RoutingTable


class Kind(StrEnum):
    ALL = "all"  # whatever waits, in any queue
    QUEUE = "queue"
    MINE = "mine"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


TITLES = {
    Kind.ALL: "All that wait",
    Kind.MINE: "Mine",
    Kind.WAITING: "Waiting for customer",
    Kind.ANSWERED: "Answered automatically",
    Kind.CLOSED: "Closed",
}
_STATES = {
    Kind.ALL: CaseState.QUEUED,
    Kind.QUEUE: CaseState.QUEUED,
    Kind.MINE: CaseState.CLAIMED,
    Kind.WAITING: CaseState.WAITING,
    Kind.ANSWERED: CaseState.ANSWERED,
    Kind.CLOSED: CaseState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One list, from a place in it on; travels in the address, so that a list can be bookmarked."""

    kind: Kind = Kind.ALL
    queue: str | None = None
    cursor: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str], routing: RoutingTable) -> Listing:
        """From an address. What is not known there is as if it were not given."""
        cursor = arguments.get("cursor") or None
        if (queue := arguments.get("queue")) in routing.queues:
            return cls(Kind.QUEUE, queue, cursor)
        try:
            kind = Kind(arguments.get("list", Kind.ALL))
        except ValueError:
            kind = Kind.ALL
        return cls(Kind.ALL if kind is Kind.QUEUE else kind, None, cursor)

    @property
    def arguments(self) -> dict[str, Any]:
        """What :meth:`of` reads, for making addresses."""
        if self.kind is Kind.QUEUE:
            chosen = {"queue": self.queue}
        else:
            chosen = {"list": None if self.kind is Kind.ALL else self.kind.value}
        return {**chosen, "cursor": self.cursor}

    def filters(self, user: User) -> dict[str, Any]:
        """What the worklist is asked for."""
        return {
            "state": _STATES[self.kind],
            "queue": self.queue,
            "owner": user.name if self.kind is Kind.MINE else None,
        }

    def title(self, routing: RoutingTable) -> str:
        return routing.queues[self.queue] if self.queue is not None else TITLES[self.kind]
