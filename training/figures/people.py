"""People found by the model of names: as entities in public tweets, and as personal data in synthetic sentences.

As entities every name counts, a star's as well as a customer's, and its span must be exact. As personal data a
marked name counts as found where an exposed item of its type touches it.
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
from triage.privacy.detect import Detector

PERSON: Final = "PERSON"
#: The public sets of entities, and what people are called in each.
TWEETS: Final[Mapping[str, str]] = {"btc/a.jsonl": "per", "wnut17/dev.jsonl": "person"}
SYNTHETIC: Final = "presidio_synth/dev.jsonl"
#: Types of the synthetic sentences by which they are not clean, and ours that some of them are.
TYPES: Final[Mapping[str, str]] = {
    "CREDIT_CARD": "CARD",
    "IP_ADDRESS": "IP",
    "PHONE_NUMBER": "PHONE",
    "ZIP_CODE": "POSTCODE",
    "IBAN_CODE": "BANK_ACCOUNT",
    "US_SSN": "NATIONAL_ID",
    "EMAIL_ADDRESS": "EMAIL",
    PERSON: PERSON,
    "STREET_ADDRESS": "STREET_ADDRESS",
}
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
    detector, people = setting.detector, setting.people
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
    return Measured("people", (*figures, *_synthetic(setting, detector)), people.version, "Never fitted on.")


def _synthetic(setting: Setting, detector: Detector) -> Iterable[Figure]:
    marked = synthetic(setting.corpus(SYNTHETIC))
    found = detector.find_all([text for text, _ in marked])
    goals = {PERSON: Goal(0.85, 0.93), "STREET_ADDRESS": Goal(0.80, 0.92)}
    for kind, goal in goals.items():
        yield Figure(f"synthetic sentences: recall of {kind}", touched(marked, found, kind), goal, messages=len(marked))
    clean = [bool(spans) for (_, true), spans in zip(marked, found, strict=True) if not true]
    flagged = sum(clean) / len(clean)
    yield Figure("synthetic sentences: clean ones flagged", flagged, Goal(0.08, 0.03, True), messages=len(clean))


def exact(true: Sequence[Iterable[Span]], found: Sequence[Iterable[Span]]) -> Exact:
    """People of each text, given twice: same start, same end."""
    both = of_found = of_true = 0
    for ours, theirs in zip(found, true, strict=True):
        said, are = {one for one in ours if one.type == PERSON}, set(theirs)
        both, of_found, of_true = both + len(said & are), of_found + len(said), of_true + len(are)
    return Exact(both, of_found, of_true)


def touched(marked: Sequence[Marked], found: Sequence[Iterable[Span]], kind: str) -> float:
    """The share of the items of ``kind`` that an item of the same kind overlaps."""
    hits = [
        any(other.type == kind and one.start < other.end and other.start < one.end for other in spans)
        for (_, true), spans in zip(marked, found, strict=True)
        for one in true
        if one.type == kind
    ]
    return sum(hits) / len(hits) if hits else 0.0


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


def synthetic(path: Path) -> list[Marked]:
    """The synthetic sentences with their items, by our names of types.

    Raises:
        InvalidInput: a line has no text or other spans than [start, end, type].
    """
    found = []
    for line, row in numbered_rows(path):
        try:
            spans = tuple(Span(int(s), int(e), TYPES[k]) for s, e, k in row["spans"] if k in TYPES)
            found.append((str(row["text"]), spans))
        except (KeyError, TypeError, ValueError):
            raise InvalidInput("has no text, or odd spans", field=path.name, line=line) from None
    return found
