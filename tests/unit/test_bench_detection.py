"""The benchmark of finding personal data beside Presidio: equal messages, honest gaps. Presidio is not needed here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench import detection
from tests.bench.peers import LeftOut


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    rows = [
        {"tweet_id": number, "author_id": "a", "inbound": number % 2 == 0, "text": f"message {number}"}
        | {"created_at": "2026-10-20T12:00:00Z", "in_response_to_tweet_id": None}
        for number in range(6)
    ]
    path = tmp_path / "day.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_both_read_the_same_inbound_messages_in_each_run(traffic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours: list[str] = []
    theirs: list[str] = []

    def hear(texts: Sequence[str]) -> list[str]:
        theirs.extend(texts)
        return []

    monkeypatch.setattr(detection, "MESSAGES", 4)
    monkeypatch.setattr(detection, "_WARMING_UP", 1)
    monkeypatch.setattr(detection, "_product", lambda: lambda texts: ours.extend(texts) or [])
    monkeypatch.setattr(detection, "finder", lambda examples: ("a finder", hear))
    monkeypatch.setattr(detection, "_seconds", lambda judge, texts: judge(texts) or (1.0 if judge is hear else 0.25))
    table = detection.measure_detection(traffic, 2)
    assert ours == theirs
    assert len(ours) == 1 + 2 * 4
    assert set(ours) == {"message 0", "message 2", "message 4"}
    product, peer = table.rows
    assert (product.multiples, peer.multiples) == ((1.0, 1.0), (4.0, 4.0))
    assert peer.speeds == (4.0, 4.0)


def test_where_presidio_is_not_installed_the_table_says_so(traffic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(examples: Sequence[str]) -> None:
        raise LeftOut("the package presidio_analyzer is not installed")

    monkeypatch.setattr(detection, "MESSAGES", 4)
    monkeypatch.setattr(detection, "finder", absent)
    table = detection.measure_detection(traffic, 1)
    assert [row.name for row in table.rows] == ["tweet-triage, detection"]
    assert table.left_out == (("Presidio", "the package presidio_analyzer is not installed"),)
