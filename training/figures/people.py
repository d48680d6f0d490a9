"""People found by the model of names, as entities in public tweets: a star's name counts as well as a customer's.

What of them is personal data is measured in :mod:`training.figures.personal_data`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.corpus import numbered_rows
from training.figures.figure import Figure, Goal, Measured
from training.figures.setting import Setting
from triage.domain.scores import Span
from triage.errors import InvalidInput

PERSON: Final = "PERSON"
#: The public sets of entities, and what people are called in each.
TWEETS: Final[Mapping[str, str]] = {"btc/a.jsonl": "per", "wnut17/dev.jsonl": "person"}
Marked = tuple[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Exact:
    """Spans that two readers give alike, of those of the one and of the other."""

    both: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        return self.both / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.both / (self.found + self.true) if self.found + self.true else 0.0


def measure(setting: Setting) -> Measured:
    """Figures of the model of people that is beside the scoring model."""
    people = setting.people
    figures: list[Figure] = []
    for name, tag in TWEETS.items():
        marked = tagged(setting.corpus(name), tag)
        entities = people.entities([text for text, _ in marked])
        one = exact([spans for _, spans in marked], entities)
        title = Path(name).parent.name
        figures += [
            Figure(f"{title}: precision", one.precision, messages=len(marked)),
            Figure(f"{title}: recall", one.recall, messages=len(marked)),
            Figure(f"{title}: F1", one.f1, Goal(aim=0.70), messages=len(marked)),
        ]
    return Measured("people", tuple(figures), people.version, "Never fitted on.")


def exact(true: Sequence[Iterable[Span]], found: Sequence[Iterable[Span]]) -> Exact:
    """People of each text, given twice: same start, same end."""
    both = of_found = of_true = 0
    for ours, theirs in zip(found, true, strict=True):
        said, are = {one for one in ours if one.type == PERSON}, set(theirs)
        both, of_found, of_true = both + len(said & are), of_found + len(said), of_true + len(are)
    return Exact(both, of_found, of_true)


def tagged(path: Path, tag: str) -> list[Marked]:
    """Texts with the people in them, of a file of tokens with BIO tags; tokens are joined by spaces.

    Raises:
        InvalidInput: a line has no tokens, or not as many tags.
    """
    return [_joined(row.get("tokens"), row.get("tags"), tag, path.name, line) for line, row in numbered_rows(path)]


def _joined(tokens: object, tags: object, tag: str, name: str, line: int) -> Marked:
    if not isinstance(tokens, list) or not isinstance(tags, list) or len(tokens) != len(tags):
        raise InvalidInput("has no tokens, or not as many tags", field=name, line=line)
    spans: list[Span] = []
    place, inside = 0, False
    for token, told in zip(tokens, tags, strict=True):
        end = place + len(token)
        if told.lower() == f"b-{tag}":
            spans.append(Span(place, end, PERSON))
        elif inside and told.lower() == f"i-{tag}":
            spans[-1] = Span(spans[-1].start, end, PERSON)
        inside = told.lower().endswith(f"-{tag}")
        place = end + 1
    return " ".join(tokens), tuple(spans)
