"""The routing table: which queue a message belongs to, from what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.domain.scores import Intent, Scores
from triage.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """``queues`` are ``name -> title``; ``intents`` are ``intent -> queue``.

    ``default`` takes what the table does not name, ``languages`` what is not in a language that the
    model can read.
    """

    queues: Mapping[str, str]
    intents: Mapping[Intent, str]
    default: str
    languages: str

    def check(self) -> None:
        """Raise :class:`ConfigurationError` if the table sends work to a queue that does not exist."""
        used = [*self.intents.values(), self.default, self.languages]
        for queue in used:
            if queue not in self.queues:
                raise ConfigurationError(f"routing: {queue!r} is not one of the queues {sorted(self.queues)}")

    def queue_for(self, scores: Scores) -> str:
        if not scores.in_scope_language:
            return self.languages
        return self.intents.get(Intent(scores.intent.label), self.default)
