"""The switch that stops everything that is sent on X."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triage.clock import Clock
from triage.store import Store, Transaction
from triage.store.switches import Switch

SENDING: Final = "x.sending"


def sending(transaction: Transaction) -> Switch | None:
    """How the switch stands; ``None`` if nobody ever touched it: then it is on."""
    return transaction.switches.get(SENDING)


def may_send(transaction: Transaction) -> bool:
    """Whether replies may leave for X."""
    switch = sending(transaction)
    return switch is None or switch.is_on


@dataclass(frozen=True, slots=True)
class SendingSwitch:
    """Lets people stop and start sending. What waits meanwhile is kept, and goes out later."""

    store: Store
    clock: Clock

    def pause(self, by: str, reason: str) -> None:
        self._put(by, reason, is_on=False)

    def resume(self, by: str, reason: str) -> None:
        self._put(by, reason, is_on=True)

    def _put(self, by: str, reason: str, *, is_on: bool) -> None:
        switch = Switch(is_on, by, self.clock.now(), reason)
        self.store.run(lambda transaction: transaction.switches.put(SENDING, switch))
