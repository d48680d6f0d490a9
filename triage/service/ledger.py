"""The one way to change a case: add an event, and let the fold say what follows."""

from __future__ import annotations

from collections.abc import Iterable

from triage.domain.case import Case, CaseState, apply
from triage.domain.event import Event
from triage.errors import NotFound
from triage.store import Transaction


class Ledger:
    """Locked cases and the events added to them, until :meth:`commit` writes both.

    Keeping the fold and the log in one place is what makes "the log is the truth" hold by
    construction: there is no other code that writes a case.
    """

    def __init__(self, transaction: Transaction, case_ids: Iterable[int]) -> None:
        self._transaction = transaction
        self._cases: dict[int, Case] = transaction.cases.lock(case_ids)
        self._changed: set[int] = set()
        self._opened: set[int] = set()
        self._events: list[Event] = []

    def case(self, case_id: int) -> Case:
        """The case as it stands, with what was added so far.

        Raises:
            NotFound: there is no such case.
        """
        try:
            return self._cases[case_id]
        except KeyError:
            raise NotFound(f"there is no case {case_id}") from None

    def add(self, event: Event) -> Case:
        """Fold an event into its case.

        Raises:
            IllegalMove: the case's state does not allow it; nothing is added.
        """
        after = self._cases[event.case_id] = apply(self.case(event.case_id), event)
        self._changed.add(event.case_id)
        self._events.append(event)
        return after

    def open(self, event: Event) -> Case:
        """Begin a case, under a reserved id, with its first event."""
        case = self._cases[event.case_id] = apply(None, event)
        self._opened.add(event.case_id)
        self._events.append(event)
        return case

    def commit(self) -> None:
        """Write the events and where they leave the cases. The transaction is still the caller's."""
        changed = [self._cases[case_id] for case_id in sorted(self._changed - self._opened)]
        # A case that ends by merging must give up its root before another may take it.
        changed.sort(key=lambda case: case.state is not CaseState.MERGED)
        self._transaction.cases.update(changed)
        self._transaction.cases.insert([self._cases[case_id] for case_id in sorted(self._opened)])
        self._transaction.events.append(self._events)
        self._events, self._changed, self._opened = [], set(), set()
