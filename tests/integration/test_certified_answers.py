"""Certificates as users meet them: ``triage answer`` obeys one, ``python -m training certify`` makes one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main as triage
from app.compose import DEMO_BRAND
from training.__main__ import main as training
from triage.answers.certificate import FILE

MESSAGES = (
    {"id": "1", "text": "@MarramAir which terminal do you use in Barcelona"},
    {"id": "2", "text": "@MarramAir you lost my bag again, absolute joke"},
)


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """A copy of the demo brand."""
    return Path(shutil.copytree(DEMO_BRAND, tmp_path / "brand"))


def answered(folder: Path, tmp_path: Path) -> list[dict[str, str]]:
    lines = tmp_path / "messages.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in MESSAGES), encoding="utf-8")
    found = CliRunner().invoke(triage, ["answer", str(lines), "--kb", str(folder)])
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def certify(brand: Path, rows: list[dict[str, str | None]]) -> Result:
    calibration = brand / "calibration.jsonl"
    calibration.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return CliRunner().invoke(training, ["certify", str(calibration), "--brand", str(brand)])


def test_a_certified_knowledge_base_answers_the_plain_question_and_not_the_anger(brand: Path, tmp_path: Path) -> None:
    plain, angry = answered(brand / "kb", tmp_path)
    assert (plain["action"], plain["snippet"]) == ("answer", "terminals")
    assert (angry["action"], angry["reply"]) == ("abstain", None)
    assert "unhappy" in angry["why"]


def test_an_edited_snippet_withdraws_the_certificate(brand: Path, tmp_path: Path) -> None:
    snippet = brand / "kb" / "terminals.md"
    snippet.write_text(snippet.read_text(encoding="utf-8").replace("T3", "T4"), encoding="utf-8")
    plain, _ = answered(brand / "kb", tmp_path)
    assert plain["action"] == "abstain"
    assert "The certificate is for another knowledge base." in plain["why"]


def test_a_turned_dial_withdraws_the_certificate(brand: Path, tmp_path: Path) -> None:
    told = brand / "brand.toml"
    text = told.read_text(encoding="utf-8")
    told.write_text(text.replace("min_intent_confidence = 0.45", "min_intent_confidence = 0.1"), encoding="utf-8")
    plain, _ = answered(brand / "kb", tmp_path)
    assert (plain["action"], "another policy" in plain["why"]) == ("abstain", True)


def test_a_folder_without_a_certificate_shows_what_would_be_answered(brand: Path, tmp_path: Path) -> None:
    (brand / "kb" / FILE).unlink()
    plain, _ = answered(brand / "kb", tmp_path)
    assert plain["action"] == "answer"


def test_enough_right_answers_are_certified_and_the_certificate_is_obeyed(brand: Path, tmp_path: Path) -> None:
    question = {"text": "@MarramAir which terminal do you use in Barcelona", "snippet": "terminals"}
    found = certify(brand, [question] * 149)
    assert found.exit_code == 0, found.output
    given = json.loads((brand / "kb" / FILE).read_text(encoding="utf-8"))
    assert (given["messages"], given["answered"], given["wrong"]) == (149, 149, 0)
    assert answered(brand / "kb", tmp_path)[0]["action"] == "answer"


def test_where_nothing_can_be_certified_it_says_so_and_nothing_is_answered(brand: Path, tmp_path: Path) -> None:
    question = {"text": "@MarramAir which terminal do you use in Barcelona", "snippet": "terminals"}
    found = certify(brand, [question] * 148)
    assert found.exit_code == 1
    assert "Nothing can be certified" in found.output
    plain, _ = answered(brand / "kb", tmp_path)
    assert (plain["action"], "No threshold could be certified" in plain["why"]) == ("abstain", True)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"text": "when?", "snippet": "nonsense"}, "names a snippet 'nonsense'"),
        ({"text": "when?"}, "is not {"),
        ({"snippet": "terminals"}, "is not {"),
    ],
)
def test_a_broken_calibration_line_is_named(brand: Path, row: dict[str, str | None], says: str) -> None:
    found = certify(brand, [row])
    assert found.exit_code == 2
    assert says in found.output
    assert "line 1" in found.output
