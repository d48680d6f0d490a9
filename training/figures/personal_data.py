"""Personal data found, and false alarms, by the detector that serving uses.

Measured on synthetic sentences (recall by kind), on real care messages that annotators marked, on the project's own
hard cases, and on real traffic, all of whose flagged messages were read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.corpus import numbered_rows
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Absent, Setting
from triage.channels.traffic_file import Rejected, read_traffic
from triage.domain.scores import Span
from triage.errors import InvalidInput

#: What serving calls: the exposed items of each text.
Find = Callable[[Sequence[str]], Sequence[Sequence[Span]]]

OWN: Final = Path(__file__).parents[1] / "personal_data"
#: The synthetic corpus' names for the kinds of the labelling guide; its other kinds are not ours.
SYNTHETIC: Final = {
    "CREDIT_CARD": "CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "BANK_ACCOUNT",
    "IP_ADDRESS": "IP",
    "US_SSN": "NATIONAL_ID",
    "PHONE_NUMBER": "PHONE",
    "ZIP_CODE": "POSTCODE",
    "STREET_ADDRESS": "STREET_ADDRESS",
    "PERSON": "PERSON",
}
_ALL: Final = Goal(1.0, 1.0)
_RECALL: Final = {
    "CARD": _ALL,
    "EMAIL": _ALL,
    "BANK_ACCOUNT": _ALL,
    "IP": _ALL,
    "PHONE": Goal(0.92, 0.98),
    "POSTCODE": Goal(0.80, 0.95),
    "STREET_ADDRESS": Goal(0.80, 0.92),
    "PERSON": Goal(0.85, 0.93),
}
_CLEAN: Final = Goal(0.08, 0.03, less_is_better=True)
_CARE: Final = (Goal(0.90, 0.97), Goal(0.85, 0.95))
_HARD: Final = (Goal(0.90, 0.98), Goal(0.90, 0.98))
_FALSE_ALARMS: Final = Goal(aim=0.01, less_is_better=True)
_EXPOSES: Final = "exposes"


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, and the exposed items that somebody marked in it."""

    text: str
    spans: tuple[Span, ...]


def measure(setting: Setting) -> Measured:
    """All sets that are here; the project's own always are."""
    find = setting.detector.find_all
    figures: list[Figure] = []
    for title, file, taken in (
        ("synthetic sentences", "presidio_synth/dev.jsonl", synthetic),
        ("real care messages", "care_dev/labelled.jsonl", care),
        ("real traffic", "twcs/tweets.jsonl.gz", traffic),
    ):
        try:
            figures += taken(setting.corpus(file), find)
        except Absent as error:
            setting.say(f"personal-data: without {title}: {error}")
    figures += found_and_right("hard cases", marked(OWN / "hard.jsonl"), _HARD, find)
    figures += found_and_right("hard cases that no rule was written on", marked(OWN / "unseen_hard.jsonl"), _HARD, find)
    return Measured(
        "personal-data",
        tuple(figures),
        setting.detector.version,
        "A marked item counts as found where something that was found overlaps it, and the other way round; on the "
        "synthetic sentences it has to be of the same kind too. The rules were written looking at all of these but "
        "the last. Every message of the real traffic that was flagged was read; its publisher had masked most "
        "personal data, so hardly more than false alarms can be told from it. False alarms on it count what was "
        "judged so, and flagged messages that nobody has judged.",
    )


def marked(path: Path) -> list[Marked]:
    """Texts with their marked items, from JSON Lines with ``text`` and ``spans`` (``[start, end, kind]``).

    Raises:
        InvalidInput: a line has no text, or other spans.
    """
    return [_marked(row, path.name, line) for line, row in numbered_rows(path)]


def sentences(path: Path) -> list[Marked]:
    """The synthetic sentences with their items, by our names of kinds; other kinds are left out."""
    return [
        Marked(row.text, tuple(Span(s.start, s.end, SYNTHETIC[s.type]) for s in row.spans if s.type in SYNTHETIC))
        for row in marked(path)
    ]


def synthetic(path: Path, find: Find) -> list[Figure]:
    """Recall by kind, and the share of sentences without any of them in which something was found."""
    rows = sentences(path)
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    everything = find([row.text for row in rows])
    for row, found in zip(rows, everything, strict=True):
        for span in row.spans:
            total[span.type] += 1
            hits[span.type] += any(overlaps(span, one) and span.type == one.type for one in found)
    clean = [bool(found) for row, found in zip(rows, everything, strict=True) if not row.spans]
    flagged = sum(clean)
    return [
        *(
            Figure(f"synthetic sentences: recall of {kind}", hits[kind] / total[kind], _RECALL.get(kind), Unit.PERCENT)
            for kind in SYNTHETIC.values()
            if total[kind]
        ),
        Figure("synthetic sentences: clean ones flagged", flagged / len(clean), _CLEAN, Unit.PERCENT, None, len(clean)),
    ]


def care(path: Path, find: Find) -> list[Figure]:
    """Recall and precision on real messages."""
    return found_and_right("real care messages", marked(path), _CARE, find)


def traffic(path: Path, find: Find) -> list[Figure]:
    """How much of real traffic is flagged, and how much wrongly, by verdicts on every flagged message."""
    verdicts = {str(row["tweet_id"]): str(row["verdict"]) for _, row in numbered_rows(OWN / "twcs_flagged.jsonl")}
    inbound = [row for row in read_traffic(path) if not isinstance(row, Rejected) and row.inbound]
    found = find([row.text for row in inbound])
    told = Counter(verdicts.get(row.external_id, "unjudged") for row, ours in zip(inbound, found, strict=True) if ours)
    count = len(inbound)
    return [
        Figure("real traffic: flagged", told.total() / count, None, Unit.PERCENT, None, count),
        Figure(
            "real traffic: false alarms",
            (told.total() - told[_EXPOSES]) / count,
            _FALSE_ALARMS,
            Unit.PERCENT,
            None,
            count,
        ),
        Figure("real traffic: flagged and not judged yet", told["unjudged"], None, Unit.COUNT, None, count),
    ]


def found_and_right(title: str, rows: Sequence[Marked], goals: tuple[Goal, Goal], find: Find) -> list[Figure]:
    """Recall and precision by overlap, whatever the kind."""
    found = find([row.text for row in rows])
    recall = share(any(overlaps(s, f) for f in ours) for row, ours in zip(rows, found, strict=True) for s in row.spans)
    precision = share(
        any(overlaps(f, s) for s in row.spans) for row, ours in zip(rows, found, strict=True) for f in ours
    )
    return [
        Figure(f"{title}: recall", recall, goals[0], Unit.PERCENT, None, len(rows)),
        Figure(f"{title}: precision", precision, goals[1], Unit.PERCENT, None, len(rows)),
    ]


def overlaps(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def share(answers: Iterable[bool]) -> float:
    """Of the answers, those that are yes; 0 where there are none."""
    told = list(answers)
    return sum(told) / len(told) if told else 0.0


def _marked(row: dict[str, Any], name: str, line: int) -> Marked:
    try:
        return Marked(
            str(row["text"]), tuple(Span(int(start), int(end), str(kind)) for start, end, kind in row["spans"])
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("has no text, or odd spans", field=name, line=line) from None
