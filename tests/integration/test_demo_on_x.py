"""The demo over the stand-in for X: the same day by another way."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from app.cli import demo, stand_in
from app.cli.stand_in import without_x
from app.compose import DEMO_BRAND
from tests.cli import run
from triage.settings import Settings

#: Posts that answer one another or the brand, one without the brand's name, and some of every kind.
HOURS = ("2026-10-20T05:", "2026-10-20T06:0", "2026-10-20T06:1")


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The first posts of the day, instead of all of it; one that does not name the brand is among them."""
    rows = [json.loads(line) for line in (DEMO_BRAND / "day.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["created_at"].startswith(HOURS)]
    kept.append(kept[0] | {"tweet_id": "1", "text": "nobody is called by this", "created_at": kept[-1]["created_at"]})
    day = tmp_path / "morning.jsonl"
    day.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    monkeypatch.setattr(demo, "_DAY", day)
    return kept


def figures(*arguments: str) -> dict[str, Any]:
    result = run("demo", "--once", "--json", *arguments)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_day_on_x_comes_to_the_same_as_the_day_from_the_file(here: Path, morning: list[dict[str, Any]]) -> None:
    from_file = figures()["report"]
    document = figures("--x")
    on_x = document["report"]
    assert document["x"]["posts"] == len(morning)
    assert document["x"]["unseen"] == 1
    assert document["x"]["replies"] == from_file["replies"].get("sent", 0)
    assert on_x["received"] == from_file["received"] - 1
    assert on_x["outbound"] == from_file["outbound"] == sum(not row["inbound"] for row in morning)
    assert on_x["messages"] == from_file["messages"] | {"queued": from_file["messages"]["queued"] - 1}
    assert on_x["urgencies"] == _one_less(from_file["urgencies"], on_x["urgencies"])
    assert not any((here / "var" / "demo.outbox").glob("*"))


def _one_less(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """``before`` without the one message that differs."""
    (different,) = (key for key in before if before[key] != after.get(key, 0))
    return {key: count - (key == different) for key, count in before.items() if count - (key == different)}


def test_a_demo_leaves_the_real_x_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_X_ACCESS_TOKEN", "a real one")
    monkeypatch.setenv("TRIAGE_X_ACCELERATOR", "stream")
    read = without_x(Settings())
    assert read.x_access_token is None
    assert read.x_accelerator == "none"


def test_a_stand_in_that_does_not_start_is_said_in_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in.sys, "executable", shutil.which("false"))
    result = run("demo", "--x", "--once")
    assert result.exit_code == 2
    assert "make demo DEMO_ARGS=--x" in result.stderr


def test_an_installed_package_says_that_the_stand_in_is_not_part_of_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "_CHECKOUT", here)
    result = run("demo", "--x", "--once")
    assert result.exit_code == 2
    assert "needs a checkout" in result.stderr


def test_the_stand_in_ends_with_the_demo_however_that_ends(here: Path) -> None:
    script = (
        "import os, sys, time; from datetime import UTC, datetime; from app.cli.stand_in import running\n"
        "with running(datetime.now(UTC), 1) as x: print(x.address, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=stand_in._CHECKOUT) as demo_process:
        address = demo_process.stdout.readline().strip()
        assert requests.get(f"{address}/_control/clock", timeout=10).ok
        demo_process.kill()
    end = time.monotonic() + 20
    while _answers(address) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _answers(address)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/_control/clock", timeout=10).ok
    except requests.ConnectionError:
        return False
