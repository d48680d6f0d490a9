"""The switch that stops everything that is sent on X."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triage.channels.x.names import PRIVATE, PUBLIC
from triage.clock import Clock
from triage.service.sending import SwitchedOff
from triage.store import Store, Transaction
from triage.store.switches import Switch

SENDING: Final = "x.sending"


def switched_off(transaction: Transaction, channel: str) -> SwitchedOff | None:
    """Whether nothing may be sent on a channel, and who said so. On other channels than X's anything may."""
    switch = transaction.switches.get(SENDING) if channel in (PUBLIC, PRIVATE) else None
    return None if switch is None or switch.is_on else SwitchedOff(switch.by, switch.at, switch.reason)


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
