"""What the model said of each message, with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from triage.domain.decision import Decision
from triage.domain.scores import Scores
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
