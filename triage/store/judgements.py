"""What the model said of each message, with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from triage.domain.decision import Decision
from triage.domain.scores import Head, Scores
from triage.shapes import ready
from triage.store.bulk import insert_rows
from triage.store.dialect import among
from triage.store.tables import judgements


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores and decision of one message, as they were made."""

    message_id: int
    scores: Scores
    decision: Decision


class Judgements:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, judged: Sequence[Judged]) -> None:
        rows = [(one.message_id, one.scores.model, one.scores, one.decision) for one in judged]
        insert_rows(self._connection, judgements, ("message_id", "model", "scores", "decision"), rows)

    def of(self, message_ids: Iterable[int]) -> dict[int, Judged]:
        found: dict[int, Judged] = {}
        query = sa.select(judgements).where(among(self._connection, judgements.c.message_id, message_ids))
        for row in self._connection.execute(query):
            found[row.message_id] = Judged(
                row.message_id,
                msgspec.convert(row.scores, Scores),
                msgspec.convert(row.decision, Decision),
            )
        return found

    def forget_words(self, message_ids: Sequence[int]) -> int:
        """Leave labels and confidences of these, without the words and places of the text; how many there are."""
        judged = self.of(message_ids)
        for one in judged.values():
            self._connection.execute(
                sa.update(judgements)
                .where(judgements.c.message_id == one.message_id)
                .values(scores=_without_words(one.scores))
            )
        return len(judged)

    def remove(self, message_ids: Iterable[int]) -> None:
        """Messages that are to be judged again."""
        self._connection.execute(
            sa.delete(judgements).where(among(self._connection, judgements.c.message_id, message_ids))
        )


def _without_words(scores: Scores) -> Scores:
    heads: dict[str, Any] = {head.value: replace(scores.head(head), why=()) for head in Head}
    return replace(scores, spans=(), **heads)


ready(Scores, Decision)
