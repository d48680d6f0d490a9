"""How many calls are left: kept by the product itself, since X stops whoever asks too often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.channels.x.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Limit:
    """What X says of a limit: of ``limit`` calls ``remaining`` are left until ``resets_at``."""

    limit: int
    remaining: int
    resets_at: datetime


class Budget(Protocol):
    """The calls of all processes of one account. Times are the product's clock."""

    def spend(self, endpoint: Endpoint) -> None:
        """Count one call that is about to be made. It counts although it may fail: X counts it too.

        Raises:
            RetryLater: none is left, or X has said when to come back; with that moment.
        """
        ...

    def learn(self, endpoint: Endpoint, limits: Sequence[Limit]) -> None:
        """Take over what X said in an answer, if that leaves fewer calls than were thought."""
        ...

    def rest(self, endpoint: Endpoint, until: datetime) -> None:
        """Make no such call before a moment: X refused one."""
        ...

    def rests_until(self, endpoint: Endpoint) -> datetime | None:
        """When the next such call may be made, or ``None`` for at once."""
        ...
