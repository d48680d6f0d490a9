"""Scoring what will be asked for, while the caller does something else.

Most of the time of scoring is the encoder's, which leaves Python to others: one portion of messages is read
while another is stored. Equal utterances get equal scores in any company, so nothing changes but the time.
"""

from __future__ import annotations

from collections import deque
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
        #: What was foreseen last, and what before that, which is being asked for meanwhile.
        self._foreseen: deque[Mapping[Utterance, Future[Found]]] = deque([{}, {}], maxlen=2)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scoring-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, coming: Sequence[Utterance]) -> None:
        """Score these in the background. They are remembered until something has been begun twice more."""
        before = self._foreseen[-1]
        new = [one for one in dict.fromkeys(coming) if one not in before]
        begun = dict.fromkeys(new, self._thread.submit(self._found, new))
        self._foreseen.append({one: before[one] for one in coming if one in before} | begun)

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        """Scores of all, in order; what was not begun, or failed in the background, is scored now."""
        asked = list(dict.fromkeys(utterances))
        begun = [foreseen[one] for foreseen in self._foreseen for one in asked if one in foreseen]
        found: dict[Utterance, Scores] = {}
        for one in dict.fromkeys(begun):
            if one.exception() is None:  # an error comes again below, and there it is the caller's
                found.update(one.result())
        found.update(self._found([one for one in asked if one not in found]))
        return [found[one] for one in utterances]

    def _found(self, utterances: Sequence[Utterance]) -> Found:
        return dict(zip(utterances, self._scorer.score(utterances), strict=True)) if utterances else {}
