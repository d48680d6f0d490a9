"""Whether the replies of a channel may leave just now, and why not, for the outbox and for people who wonder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from triage.channels.protocol import OutboundChannel
from triage.domain.reply import Reply
from triage.store import Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Somebody has stopped the sending: who, since when, and why if they said so."""

    by: str
    at: datetime
    reason: str = ""


#: Whether sending on a channel is switched off, as far as a transaction sees.
Switch = Callable[[Transaction, str], SwitchedOff | None]


def always_on(transaction: Transaction, channel: str) -> None:
    """The switch of a product that has none."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why an automatic reply that waits leaves no more: a code for the log, and a sentence for people."""

    code: str
    text: str


class Leaving(Protocol):
    """Rules for automatic replies at the moment at which they would leave."""

    @property
    def stale_after(self) -> Mapping[str, timedelta]:
        """The channels on which a reply that has waited for so long is withdrawn, also while nothing leaves."""
        ...

    def against(self, transaction: Transaction, reply: Reply, now: datetime) -> Withdrawal | None:
        """What speaks against a reply that is about to leave."""
        ...


@dataclass(frozen=True, slots=True)
class LeavingFreely:
    """No rules."""

    @property
    def stale_after(self) -> Mapping[str, timedelta]:
        return {}

    def against(self, transaction: Transaction, reply: Reply, now: datetime) -> None:
        """Nothing does."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why no reply of a channel leaves just now: a code, a sentence for people, and until when if that is known."""

    code: str
    text: str
    until: datetime | None = None


def held_by_switch(transaction: Transaction, switch: Switch, channel: str) -> Held | None:
    """What a person has stopped."""
    off = switch(transaction, channel)
    if off is None:
        return None
    reason = f": {off.reason.rstrip('.')}" if off.reason else ""
    return Held("switched_off", f"Sending is switched off by {off.by}{reason}.")


def held_by_channel(channel: OutboundChannel) -> Held | None:
    """What the channel itself asks for."""
    try:
        until = channel.rests_until()
    except Exception:
        log.exception("channel %s does not say whether it rests", channel.name)
        return Held("unknown", "The channel cannot be asked whether it takes replies now.")
    return Held("rests", "The channel takes no more replies for a while.", until) if until else None
