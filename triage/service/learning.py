"""What agents chose at the desk, as questions that the knowledge base can learn.

A reply that was made from a suggestion says that this snippet was right for that message. The messages are those that
may be trained on (:mod:`triage.service.training_export`): only from channels that the brand has opened, masked and
unnamed. One in which something had to be masked is no plain question, and teaches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from triage.answers.choices import Choice, lasting
from triage.service.showing import Showing
from triage.service.training_export import rows
from triage.store import Store


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is worth keeping, and how many choices there were in all and of snippets that are gone."""

    choices: tuple[Choice, ...]
    made: int
    gone: int

    @property
    def snippets(self) -> int:
        """For how many snippets something was learnt."""
        return len({choice.snippet for choice in self.choices})


def learnt(
    store: Store, showing: Showing, channels: Sequence[str], own_handles: Iterable[str], snippets: Collection[str]
) -> Learnt:
    """What agents' choices teach about ``snippets``, the ids that the knowledge base has now."""
    made = list(_choices(store, showing, channels, own_handles))
    there = [choice for choice in made if choice.snippet in snippets]
    return Learnt(lasting(there), len(made), len(made) - len(there))


def _choices(store: Store, showing: Showing, channels: Sequence[str], own_handles: Iterable[str]) -> Iterator[Choice]:
    """In order of the messages' arrival. A reply that was not made from a suggestion says nothing about snippets."""
    for row in rows(store, showing, channels, own_handles):
        if row["work"]["snippet"] is not None and not row["spans"]:
            yield Choice(row["text"], row["work"]["snippet"])
