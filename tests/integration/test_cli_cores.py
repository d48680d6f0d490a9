"""Scoring on all cores: the same lines in the same order as on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cores, score
from app.cli.cores import SideBySide
from app.cli.main import main
from triage.errors import TriageError
from triage.scoring.scorer import Scorer

ROOT = Path(__file__).parents[2]
DAY = ROOT / "app" / "demo" / "day.jsonl"


def _lengths(_: Scorer, batch: list[str]) -> list[int]:
    return [len(text) for text in batch]


def _fails_late(_: Scorer, batch: list[str]) -> list[int]:
    if batch == ["late"]:
        raise ValueError(batch[0])
    return []


def _dies_elsewhere(_: Scorer, batch: list[int]) -> list[int]:
    if os.getpid() != batch[0]:
        os._exit(9)
    return []


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
    with pytest.raises(ValueError, match="late"), SideBySide(_fails_late, scorer, processes=2) as run:
        list(run(iter([["early"]] * 30 + [["late"]])))


def test_a_process_that_is_killed_is_told_in_one_sentence(scorer: Scorer) -> None:
    with pytest.raises(TriageError, match="ended from outside"), SideBySide(_dies_elsewhere, scorer, 2) as run:
        list(run(iter([[os.getpid()]] * 30)))


def test_processes_end_when_whoever_started_them_is_killed(tmp_path: Path) -> None:
    texts = [json.loads(line)["text"] for line in DAY.read_text(encoding="utf-8").splitlines()]
    rows = "\n".join(json.dumps({"id": number, "text": text}) for number, text in enumerate(texts * 60))
    (tmp_path / "long.jsonl").write_text(rows)
    small_batches = "from app.cli import main, score; score._BATCH = 64; main()"  # so others are started sooner
    command = [sys.executable, "-c", small_batches, "score", str(tmp_path / "long.jsonl")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as started:
        children: list[int] = []
        for _ in range(600):
            children = _descendants(started.pid)
            if len(children) > 3 or started.poll() is not None:  # two that score, and two of multiprocessing's own
                break
            time.sleep(0.1)
        assert len(children) > 3
        time.sleep(2)
        started.kill()
        assert started.stderr is not None
        started.stderr.read()  # ends when nobody holds it any more
    for _ in range(100):
        if not any(Path(f"/proc/{child}").exists() for child in children):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {children}")


def _descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(below for child in children for below in _descendants(child))]


def test_a_long_input_is_scored_as_a_short_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [json.loads(line)["text"] for line in DAY.read_text(encoding="utf-8").splitlines()]
    rows = [json.dumps({"id": number, "text": text}) for number, text in enumerate(texts * 3)]
    rows[1000] = "not a line"
    (tmp_path / "long.jsonl").write_text("\n".join(rows))
    (tmp_path / "short.jsonl").write_text("\n".join(rows[: len(texts)]))
    monkeypatch.setattr(score, "_BATCH", 64)
    assert len(rows) > 64 * cores._FIRST  # more than one process does by itself
    outputs = {}
    for name, code in (("long", 1), ("short", 0)):
        done = CliRunner().invoke(main, ["score", str(tmp_path / f"{name}.jsonl"), "-o", str(tmp_path / f"{name}.out")])
        assert done.exit_code == code, done.output
        outputs[name] = (tmp_path / f"{name}.out").read_text().splitlines()
    assert len(outputs["long"]) == len(rows) - 1
    assert outputs["long"][: len(texts)] == outputs["short"]
    assert [json.loads(line)["id"] for line in outputs["long"]] == [n for n in range(len(rows)) if n != 1000]
