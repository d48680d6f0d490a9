"""The model of people measured on public corpora, none of which it learnt from; what was reached is the floor.

The carriers, the words around a name and the doubts about the model were chosen looking at these files, so the
figures say how well known kinds of text are covered.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from training.figures.people import exact, tagged
from training.figures.personal_data import Marked, overlaps, sentences
from triage.domain.scores import Span
from triage.privacy.detect import Detector, detect
from triage.privacy.people import People

CORPORA = Path(os.environ.get("TRIAGE_CORPORA", "../shared/corpora"))
MODEL = Path(__file__).parents[2] / "models" / "people-en"


def corpus(name: str) -> Path:
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"the corpus {name} is not under {CORPORA} (set TRIAGE_CORPORA)")
    return path


def report(*figures: object) -> None:
    print(*figures)  # noqa: T201  # the figures are what this file is run for


def touches(one: Span, others: Sequence[Span]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load(MODEL)


@pytest.fixture(scope="module")
def synthetic() -> list[Marked]:
    return sentences(corpus("presidio_synth/dev.jsonl"))


@pytest.fixture(scope="module")
def found(detector: Detector, synthetic: list[Marked]) -> list[tuple[Span, ...]]:
    return detector.find_all([row.text for row in synthetic])


def rows(name: str) -> Iterator[dict[str, object]]:
    path = corpus(name)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


@pytest.fixture(scope="module")
def inbound() -> list[str]:
    return [str(row["text"]) for row in rows("twcs/tweets.jsonl.gz") if row["inbound"]]


@pytest.mark.parametrize(("kind", "floor"), [("PERSON", 0.92), ("STREET_ADDRESS", 0.92)])
def test_people_and_addresses_of_synthetic_sentences_are_found(
    synthetic: list[Marked], found: list[tuple[Span, ...]], kind: str, floor: float
) -> None:
    hits = [
        any(one.type == kind and overlaps(one, span) for one in spans)
        for row, spans in zip(synthetic, found, strict=True)
        for span in row.spans
        if span.type == kind
    ]
    share = sum(hits) / len(hits)
    report(f"{kind}: recall {share:.3f}")
    assert share >= floor


def test_few_clean_synthetic_sentences_are_flagged(synthetic: list[Marked], found: list[tuple[Span, ...]]) -> None:
    clean = [bool(spans) for row, spans in zip(synthetic, found, strict=True) if not row.spans]
    report(f"clean sentences flagged: {sum(clean)} of {len(clean)}")
    assert sum(clean) / len(clean) <= 0.04


def test_real_care_messages_lose_nothing(detector: Detector) -> None:
    messages = list(rows("care_dev/labelled.jsonl"))
    gold = [[Span(*span) for span in row["spans"]] for row in messages]  # type: ignore[attr-defined]
    seen = detector.find_all([str(row["text"]) for row in messages])
    hit = [touches(one, spans) for own, spans in zip(gold, seen, strict=True) for one in own]
    right = [touches(one, own) for own, spans in zip(gold, seen, strict=True) for one in spans]
    report(f"recall {sum(hit) / len(hit):.3f} of {len(hit)}, precision {sum(right) / len(right):.3f} of {len(right)}")
    assert sum(hit) / len(hit) >= 0.97
    assert sum(right) / len(right) >= 0.97


def test_hardly_any_more_real_messages_are_flagged_than_by_rules(detector: Detector, inbound: list[str]) -> None:
    flagged = [bool(spans) for spans in detector.find_all(inbound)]
    by_rules = sum(bool(detect(text)) for text in inbound)
    report(f"flagged {sum(flagged)} of {len(inbound)} = {sum(flagged) / len(inbound):.2%}; by rules {by_rules}")
    assert sum(flagged) - by_rules <= 0.001 * len(inbound)
    assert sum(flagged) / len(inbound) <= 0.01


def test_eight_thousand_messages_a_second_are_read_on_one_core(detector: Detector, inbound: list[str]) -> None:
    best = 0.0
    for _ in range(3):
        begin = time.process_time()
        detector.find_all(inbound)
        best = max(best, len(inbound) / (time.process_time() - begin))
    report(f"{best:,.0f} messages a second")
    assert best >= 8_000


@pytest.mark.parametrize(("name", "tag", "floor"), [("btc/a.jsonl", "per", 0.48), ("wnut17/dev.jsonl", "person", 0.51)])
def test_people_in_tweets_are_found_as_entities(name: str, tag: str, floor: float) -> None:
    marked = tagged(corpus(name), tag)
    one = exact([spans for _, spans in marked], People.load(MODEL).entities([text for text, _ in marked]))
    report(f"{name}: precision {one.precision:.3f}, recall {one.recall:.3f}, F1 {one.f1:.3f}")
    assert one.f1 >= floor
