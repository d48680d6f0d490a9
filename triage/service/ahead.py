"""Scoring what will be asked for, while the caller does something else.

Most of the time of scoring is the encoder's, which leaves Python to others: one portion of messages is read
while another is stored. Equal utterances get equal scores in any company, so nothing changes but the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from triage.domain.scores import Scores, Utterance
from triage.service.ports import Scorer

Found = Mapping[Utterance, Scores]


class ScoringAhead:
    """A scorer that can be told what comes next. To be used by one thread, and closed by leaving its ``with``."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._begun: dict[Utterance, Future[Found]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scoring-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, coming: Sequence[Utterance]) -> None:
        """Score these in the background. Each is remembered until it is asked for, once."""
        new = list(dict.fromkeys(coming))
        if new:
            self._begun |= dict.fromkeys(new, self._thread.submit(self._found, new))

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        """Scores of all, in order; what was not begun, or failed in the background, is scored now."""
        found: dict[Utterance, Scores] = {}
        for begun in dict.fromkeys(self._begun.pop(one) for one in dict.fromkeys(utterances) if one in self._begun):
            if begun.exception() is None:  # an error comes again below, and there it is the caller's
                found.update(begun.result())
        found.update(self._found([one for one in dict.fromkeys(utterances) if one not in found]))
        return [found[one] for one in utterances]

    def _found(self, utterances: Sequence[Utterance]) -> Found:
        return dict(zip(utterances, self._scorer.score(utterances), strict=True)) if utterances else {}
