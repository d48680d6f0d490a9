"""What it costs to hold posts of X: each is looked up again and again, since X wants deletions honoured in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PUBLIC
from triage.service.stored_posts import LOOK_AGAIN_AFTER
from triage.store import Transaction

_DAY: Final = timedelta(days=1)
_MONTH: Final = timedelta(days=30)
#: How long back it is counted how many posts come in a day.
_LATELY: Final = timedelta(days=7)
#: What is named as an example to those who keep posts for ever.
_FOR_EXAMPLE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How many posts of X are ``held``, how many more came in a day lately, and how long they are kept.

    ``kept_for`` is ``None`` for those that are kept for ever. Money is in US dollars, an estimate that is rather too
    high: X may charge once where a post is looked up twice in a day.
    """

    held: int = 0
    new_a_day: float = 0.0
    kept_for: timedelta | None = None

    @property
    def a_day(self) -> float:
        """What looking up what is held costs a day, at present."""
        return self.held * _of_one(_DAY)

    @property
    def a_month(self) -> float:
        """The same in 30 days."""
        return self.held * _of_one(_MONTH)

    @property
    def text(self) -> str:
        """All of it, for operators."""
        if not self.held:
            return "No posts of X are held, so none are looked up again."
        return f"{self._now} {self._to_come}"

    @property
    def _now(self) -> str:
        posts = "1 post of X is held. It" if self.held == 1 else f"{self.held:,} posts of X are held. Each"
        hours = LOOK_AGAIN_AFTER // timedelta(hours=1)
        return (
            f"{posts} is looked up again every {hours} hours, to find deletions and edits in time: about "
            f"${self.a_day:,.2f} a day, ${self.a_month:,.2f} a month at present."
        )

    @property
    def _to_come(self) -> str:
        comes = f"about {self.new_a_day:,.0f} a day" if self.new_a_day >= 1 else "less than one a day"
        if self.kept_for is not None:
            return f"They are kept for {self.kept_for.days} days; with {comes} coming in {self._stays(self.kept_for)}."
        return (
            f"They are kept for ever, so this has no end: with {comes} coming in, each month adds "
            f"${self.new_a_day * 30 * _of_one(_MONTH):,.2f} a month. Less is held where brand.toml lets posts go: with "
            f"`x = {_FOR_EXAMPLE.days}` under [retention], after {_FOR_EXAMPLE.days} days, {self._stays(_FOR_EXAMPLE)}."
        )

    def _stays(self, kept_for: timedelta) -> str:
        return f"it comes to about ${self.new_a_day * (kept_for / _DAY) * _of_one(_MONTH):,.2f} a month"


def upkeep(transaction: Transaction, kept_for: timedelta | None, now: datetime) -> Upkeep:
    """Count what is held, and what came in lately: in a week, or since the first post was written."""
    found = transaction.held.upkept(PUBLIC, now - _LATELY)
    first_at = found.first_at or now
    days = max(min(now - first_at, _LATELY), _DAY) / _DAY
    return Upkeep(found.count, found.new / days, kept_for)


def _of_one(span: timedelta) -> float:
    """What looking one post up again costs in a time."""
    return span / LOOK_AGAIN_AFTER * Endpoint.LOOK_UP.terms.price
