"""What may be said to customers by itself, and what X asks for beyond that, before an automatic reply is decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from triage.answers.wording import ANYTHING, Demands, wording
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.domain.limits import Lack, Limits, Today
from triage.domain.message import StoredMessage
from triage.policy import Context
from triage.service.sayings import Sayings
from triage.service.x.spending import price, spent_between, waiting
from triage.store import Transaction
from triage.store.dialect import serialise
from triage.store.replies import NewReply

ON_X: Final = frozenset({PUBLIC, PRIVATE})
#: A post that is older when it is decided is not answered automatically, and an automatic reply that has waited for so
#: long does not leave. By then many have found their answer or have written again, and what was right may be wrong:
#: replies wait mostly because sending was stopped, for a reason. And nobody of the care team has seen the question,
#: since it counted as answered. So it is time for a person, on the same day.
STALE_AFTER: Final = timedelta(hours=4)


class Gate:
    """The rules of X for the automatic replies of one batch; other channels pass."""

    def __init__(self, transaction: Transaction, inbound: Sequence[StoredMessage], limits: Limits) -> None:
        self._transaction = transaction
        self._limits = limits
        self.sayings = Sayings(transaction)
        self._replies: dict[date, int] = {}
        self._spend: dict[date, float] = {}
        self._lately: dict[str, set[str]] = defaultdict(set)
        if any(message.channel in ON_X for message in inbound):
            serialise(transaction.connection, "x-limits")  # who decides elsewhere sees what is decided here

    def around(self, message: StoredMessage, known: Context, at: datetime) -> Context:
        """``known``, and what X's rules add to it."""
        if message.channel not in ON_X:
            return known
        day = at.astimezone(UTC).date()
        self._count(day)
        return replace(
            known,
            one_reply=True,
            # What nobody can tell is no summons.
            summoned=bool(known.summoned) if message.channel == PUBLIC else known.summoned,
            too_old=at - message.created_at > STALE_AFTER,
            today=Today(self._limits, self._replies[day], self._spend[day]),
        )

    def wording(self, message: StoredMessage, texts: Sequence[str], at: datetime) -> str | Lack:
        """What would be sent, or what is against every text."""
        said = self.sayings.before(message)
        return wording(texts, message.external_id, said, self._demands(message.channel, at))

    def allows(self, message: StoredMessage, text: str, at: datetime) -> bool:
        """Whether this very text may be sent by itself, in so far as that is X's to say."""
        demands = self._demands(message.channel, at)
        return not isinstance(demands.left([text], self.sayings.before(message)), Lack)

    def add(self, message: StoredMessage, reply: NewReply) -> None:
        """It is decided that this is said."""
        self.sayings.add(message, reply)
        if reply.channel in ON_X:
            day = reply.created_at.astimezone(UTC).date()
            self._count(day)
            self._replies[day] += 1
            self._spend[day] += price(reply.text)
            self._lately[reply.channel].add(reply.text)

    def _demands(self, channel: str, at: datetime) -> Demands:
        if channel not in ON_X:
            return ANYTHING
        if channel not in self._lately:
            self._lately[channel] = said_lately(self._transaction, channel, self._limits, at)
        return demands(self._limits, self._lately[channel])

    def _count(self, day: date) -> None:
        if day not in self._replies:
            midnight = datetime.combine(day, time(), UTC)
            said = self._transaction.said
            self._replies[day] = sum(said.automatic_since(channel, midnight) for channel in ON_X)
            # Looking stored posts up again is owed to X, whatever is answered: no answer less would make it cheaper.
            spent = spent_between(self._transaction, day, day, self._limits).rest
            self._spend[day] = spent + waiting(self._transaction)


def said_lately(transaction: Transaction, channel: str, limits: Limits, at: datetime) -> set[str]:
    """Texts that X may refuse because the account has posted them, or is about to."""
    return transaction.said.since(channel, at - timedelta(hours=limits.same_text_after_hours))


def demands(limits: Limits, lately: set[str]) -> Demands:
    """What X asks of a text that is sent without a person."""
    return Demands(links=limits.links_in_automatic_replies, fits=True, refused=lately)
