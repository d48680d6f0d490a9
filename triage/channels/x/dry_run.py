"""Trying without sending: what would go out is written to the log, with personal data masked."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from triage.channels.protocol import Found, Presence
from triage.channels.x.names import PRIVATE
from triage.channels.x.outbound import SETTLES_AFTER, check_length
from triage.channels.x.private_outbound import check_private_length
from triage.domain.reply import Reply
from triage.privacy.redact import Find, mask
from triage.text.length import MAX_WEIGHT, weighted_length

log = logging.getLogger(__name__)

_PREFIX: Final = "dry-run-"


class DryRun:
    """A way out under the name of another one that leads nowhere. It knows no network.

    So it cannot say what became of a reply that was sent before it: such doubts stay until it is live again.
    """

    settles_after: timedelta = SETTLES_AFTER
    refuses_repeats_for: timedelta = timedelta()
    longest_send: timedelta = timedelta()

    def __init__(self, name: str, find: Find) -> None:
        self.name = name
        self._find = find

    def rests_until(self) -> datetime | None:
        """Never rests."""
        return None

    def send(self, reply: Reply) -> str:
        """Write the reply to the log; an id that is none of X's. Texts that X would refuse are refused."""
        (check_private_length if self.name == PRIVATE else check_length)(reply.text)
        log.info(
            "dry run, nothing is sent: in reply to %s on %s, counting %d of %d: %s",
            reply.in_reply_to,
            self.name,
            weighted_length(reply.text),
            MAX_WEIGHT,
            mask(reply.text, self._find(reply.text)),
        )
        return f"{_PREFIX}{reply.key}"

    def find(self, reply: Reply) -> Found:  # noqa: ARG002 - the protocol's name
        return Found(Presence.UNKNOWN)
