"""What X's rules and the brand's limits ask of an automatic reply at the moment at which it would leave.

They held when it was decided; but it may have waited since, while the sending was switched off, say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from triage.domain.limits import Limits
from triage.domain.reply import Reply
from triage.service.sending import Withdrawal
from triage.service.x.gate import ON_X, STALE_AFTER
from triage.service.x.spending import spent_between
from triage.store import Transaction

_HOURS: Final = f"{STALE_AFTER / timedelta(hours=1):g} hours"
_STALE: Final = Withdrawal("waited_too_long", f"it had waited for more than {_HOURS}, so a person answers")


@dataclass(frozen=True, slots=True)
class XLeaving:
    """The rules for replies on X; those of other channels leave whenever they can."""

    limits: Limits

    @property
    def stale_after(self) -> Mapping[str, timedelta]:
        return dict.fromkeys(ON_X, STALE_AFTER)

    def against(self, transaction: Transaction, reply: Reply, now: datetime) -> Withdrawal | None:
        """Why it must not leave any more, if so."""
        if reply.channel not in ON_X:
            return None
        if now - reply.created_at > STALE_AFTER:
            return _STALE
        day = now.astimezone(UTC).date()
        midnight = datetime.combine(day, time(), UTC)
        most = self.limits.automatic_replies_per_day
        if transaction.said.automatic_left_since(ON_X, midnight, but=reply.id) >= most:
            return Withdrawal(
                "replies_of_the_day", f"the {most} automatic replies of the day were used up, so a person answers"
            )
        if spent_between(transaction, day, day, self.limits).rest >= self.limits.spend_per_day_usd:
            return Withdrawal("spend_of_the_day", "the day's spend on X was used up, so a person answers")
        return None
