"""Scoring on all cores: the same lines in the same order as on one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.cores import SideBySide
from app.cli.main import main
from triage.scoring.scorer import Scorer

ROOT = Path(__file__).parents[2]
DAY = ROOT / "app" / "demo" / "day.jsonl"


def _lengths(_: Scorer, batch: list[str]) -> list[int]:
    return [len(text) for text in batch]


def _fails(_: Scorer, batch: list[str]) -> list[int]:
    raise ValueError(batch[0])


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.load(ROOT / "models" / "triage-en")


def test_results_come_in_the_order_of_the_batches(scorer: Scorer) -> None:
    batches = [["a" * number] for number in range(40)]
    with SideBySide(_lengths, scorer, processes=2) as run:
        assert list(run(iter(batches))) == [[number] for number in range(40)]


def test_few_batches_start_no_process(scorer: Scorer) -> None:
    with SideBySide(_lengths, scorer, processes=2) as run:
        assert list(run(iter([["a"], ["bb"]]))) == [[1], [2]]
        assert run._pool is None


def test_an_error_in_a_process_is_raised_here_and_ends_all(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="first"), SideBySide(_fails, scorer, processes=2) as run:
        list(run(iter([["first"]] * 20)))


def test_a_long_input_is_scored_as_a_short_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [json.loads(line)["text"] for line in DAY.read_text(encoding="utf-8").splitlines()]
    rows = [json.dumps({"id": number, "text": text}) for number, text in enumerate(texts * 8)]
    rows[1000] = "not a line"
    (tmp_path / "long.jsonl").write_text("\n".join(rows))
    (tmp_path / "short.jsonl").write_text("\n".join(rows[: len(texts)]))
    outputs = {}
    for name, code in (("long", 1), ("short", 0)):
        done = CliRunner().invoke(main, ["score", str(tmp_path / f"{name}.jsonl"), "-o", str(tmp_path / f"{name}.out")])
        assert done.exit_code == code, done.output
        outputs[name] = (tmp_path / f"{name}.out").read_text().splitlines()
    assert len(outputs["long"]) == len(rows) - 1
    assert outputs["long"][: len(texts)] == outputs["short"]
    assert [json.loads(line)["id"] for line in outputs["long"]] == [n for n in range(len(rows)) if n != 1000]
