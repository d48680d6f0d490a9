"""What the judge says of messages: each thing asked for once, and on SQLite before anything is locked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from triage.domain.decision import Match
from triage.domain.legs import is_private
from triage.domain.message import StoredMessage
from triage.domain.scores import UNSCORED, Scores, Utterance
from triage.policy import Context, may_be_answered
from triage.service.ports import Judge, Scorer
from triage.service.utterances import stored_parents, utterances
from triage.store import Store

log = logging.getLogger(__name__)


class Opinions:
    """The scores and matches of one round of deciding. Pure judges say the same whenever they are asked."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._scores: dict[Utterance, Scores] = {}
        self._matches: dict[tuple[str, date], Match | None] = {}

    def scores(self, asked: Sequence[Utterance]) -> list[Scores]:
        """Scores of all, in order; :data:`UNSCORED` for what the scorer fails on."""
        new = [utterance for utterance in dict.fromkeys(asked) if utterance not in self._scores]
        if new:
            self._scores.update(zip(new, _score(self._judge.scorer, new), strict=True))
        return [self._scores[utterance] for utterance in asked]

    def match(self, message: StoredMessage) -> Match | None:
        """The snippet that most likely answers it, of those that are valid on the day when it was written."""
        asked = (message.text, message.created_at.date())
        if asked not in self._matches:
            self._matches[asked] = next(iter(self._judge.answers.matches(*asked, limit=1)), None)
        return self._matches[asked]


def opinions_ahead(store: Store, judge: Judge, limit: int) -> Opinions:
    """Those on what waits, formed before the transaction in a database that has only one writer at a time.

    Scoring and matching take most of the time of deciding, and whoever takes messages in would wait for it. What came
    in, or was edited, since then is asked for in the transaction.
    """
    opinions = Opinions(judge)
    if not store.one_writer:
        return opinions
    with store.read() as transaction:
        inbound = transaction.messages.pending_inbound(limit)
        asked = utterances(inbound, stored_parents(transaction, inbound))
    for message, scores in zip(inbound, opinions.scores(asked), strict=True):
        if may_be_answered(scores, judge.brand.policy, _at_best(message)):
            opinions.match(message)
    return opinions


def _at_best(message: StoredMessage) -> Context:
    """What is around a message, as far as it is known without its case: nothing else speaks against an answer."""
    return Context(addressed=True, with_a_person=False, summoned=message.summoned, private=is_private(message.channel))


def _score(scorer: Scorer, asked: Sequence[Utterance]) -> list[Scores]:
    """Scores of all; what the scorer fails on is left to a person, and does not hold up the rest."""
    try:
        return scorer.score(asked)
    except Exception:
        if len(asked) == 1:
            log.exception("a message could not be scored; a person gets it")
            return [UNSCORED]
    middle = len(asked) // 2
    return _score(scorer, asked[:middle]) + _score(scorer, asked[middle:])
