"""What the use cases need from elsewhere, as they see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from triage.brand import Brand
from triage.clock import Clock
from triage.domain.decision import Match
from triage.domain.scores import Scores, Utterance


class Scorer(Protocol):
    """Scores texts in batches; pure, so calling it twice gives equal scores."""

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]: ...


class Answers(Protocol):
    """Finds snippets that may answer a message, and words the reply."""

    def matches(self, text: str, on: date, limit: int = 3) -> list[Match]:
        """The snippets valid ``on`` a day that most likely answer a message as received, the likeliest first."""
        ...

    def suggestions(self, text: str, on: date) -> list[Match]:
        """The snippets to show to an agent beside a message as received, the best fitting first; few, or none."""
        ...

    def title(self, snippet: str) -> str:
        """The snippet's title, as agents see it; also of an expired one.

        Raises:
            NotFound: there is no such snippet.
        """
        ...

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        """Every text that the snippet may be sent as on a channel, or on any; at least one.

        An ``automatic`` reply says that it is one; what a person sends does not.

        Raises:
            NotFound: there is no such snippet.
        """
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that deciding takes, bound together once by the composition root."""

    scorer: Scorer
    answers: Answers
    brand: Brand
    clock: Clock
