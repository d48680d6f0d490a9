"""The second reading of the corpus: how far two readers agree, and that the file is what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.agreement import Reading, agreements, read_readings
from training.corpus import own_files, read_corpus
from triage.domain.scores import Head
from triage.errors import InvalidInput

PLAIN = ["other", "neutral", "low", "none"]


def reading(urgency_of_writer: str, urgency_of_reader: str) -> Reading:
    labels = dict(zip(Head, PLAIN, strict=True))
    return Reading("x", {**labels, Head.URGENCY: urgency_of_writer}, {**labels, Head.URGENCY: urgency_of_reader})


def test_agreement_counts_what_is_beyond_chance() -> None:
    # Half high, half low on both sides, three of four the same: 0.75 observed, 0.5 by chance.
    four = [reading("high", "high"), reading("high", "high"), reading("low", "low"), reading("low", "high")]
    urgency = next(one for one in agreements(four) if one.head == "urgency")
    assert (urgency.messages, urgency.share) == (4, 0.75)
    assert urgency.kappa == pytest.approx((0.75 - 0.5) / (1 - 0.5))
    # One disagreement over two steps (4) against a chance of 0.5 × 4 for each of four.
    assert urgency.quadratic_kappa == pytest.approx(1 - (4 / 4) / (0.5 * 4))


def test_every_message_of_the_corpus_was_read_twice() -> None:
    ids = [one.id for one in read_readings()]
    assert len(ids) == len(set(ids))
    assert set(ids) == {one.id for one in read_corpus(own_files()).examples}


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "writer": PLAIN},
        {"id": "a", "writer": PLAIN, "reader": PLAIN[:3]},
        {"id": "a", "writer": PLAIN, "reader": [*PLAIN[:3], "secret"]},
        {"id": 7, "writer": PLAIN, "reader": PLAIN},
    ],
)
def test_a_broken_reading_is_named_with_file_and_line(tmp_path: Path, row: object) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text(json.dumps({"id": "fine", "writer": PLAIN, "reader": PLAIN}) + "\n\n" + json.dumps(row) + "\n")
    with pytest.raises(InvalidInput) as raised:
        read_readings(path)
    assert (raised.value.field, raised.value.line) == ("readings.jsonl", 3)
