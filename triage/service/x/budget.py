"""One budget of calls for all processes: it is in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.channels.x.budget import Limit
from triage.channels.x.endpoint import Endpoint
from triage.clock import Clock
from triage.errors import RetryLater
from triage.service.x.windows import learnt, next_call, spent
from triage.store import Store, Transaction
from triage.store.budgets import Calls


@dataclass(frozen=True, slots=True)
class SharedBudget:
    """:class:`triage.channels.x.budget.Budget`, each step a short transaction of its own."""

    store: Store
    clock: Clock

    def spend(self, endpoint: Endpoint) -> None:
        self.store.run(lambda transaction: self._spend(transaction, endpoint))

    def learn(self, endpoint: Endpoint, limits: Sequence[Limit]) -> None:
        """In one transaction, whichever limit is used up: whoever is killed right after it has told the others."""

        def with_all(calls: Calls) -> Calls:
            now = self.clock.now()
            for limit in limits:
                calls = learnt(calls, limit, now)
            return calls

        if limits:
            self._change(endpoint, with_all)

    def rest(self, endpoint: Endpoint, until: datetime) -> None:
        self._change(endpoint, lambda calls: replace(calls, rests_until=max(calls.rests_until or until, until)))

    def rests_until(self, endpoint: Endpoint) -> datetime | None:
        with self.store.read() as transaction:
            calls = transaction.budgets.get(endpoint.value)
        return next_call(calls, endpoint.terms.allowances, self.clock.now())

    def _spend(self, transaction: Transaction, endpoint: Endpoint) -> None:
        calls = transaction.budgets.lock(endpoint.value)
        now = self.clock.now()
        allowances = endpoint.terms.allowances
        if (until := next_call(calls, allowances, now)) is not None:
            raise RetryLater(f"X allows no more calls of the kind “{endpoint.value}” until {until:%H:%M:%S} UTC", until)
        transaction.budgets.put(endpoint.value, spent(calls, allowances, now))

    def _change(self, endpoint: Endpoint, change: Callable[[Calls], Calls]) -> None:
        def work(transaction: Transaction) -> None:
            calls = transaction.budgets.lock(endpoint.value)
            if (changed := change(calls)) != calls:
                transaction.budgets.put(endpoint.value, changed)

        self.store.run(work)
