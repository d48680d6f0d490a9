"""Other words for an automatic reply whose text its channel refused, having seen it before."""

from __future__ import annotations

from dataclasses import dataclass

from triage.answers.compose import Said
from triage.answers.wording import following
from triage.clock import Clock
from triage.domain.limits import Limits
from triage.domain.reply import Reply
from triage.errors import NotFound
from triage.service.ports import Answers
from triage.service.x.gate import demands, said_lately
from triage.store import Transaction


@dataclass(frozen=True, slots=True)
class Rewording:
    """Takes the next text of the same snippet, each at most once."""

    answers: Answers
    limits: Limits
    clock: Clock

    def __call__(self, transaction: Transaction, reply: Reply) -> str | None:
        """``None`` where there is none, so that a person has to answer."""
        if reply.snippet is None:
            return None
        try:
            texts = self.answers.texts(reply.snippet, reply.channel, automatic=True)
        except NotFound:  # it was taken out meanwhile
            return None
        if reply.repeats + 1 >= len(texts):
            return None
        lately = said_lately(transaction, reply.channel, self.limits, self.clock.now())
        said = Said(frozenset(transaction.said.to_author_of(reply.message_id)))
        return following(texts, reply.text, said, demands(self.limits, lately))
