"""``triage kb``: exit codes, both ways of writing, and that the demo brand has nothing to mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.compose import DEMO_BRAND
from tests.cli import run


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO_BRAND, tmp_path / "brand"))


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_the_demo_brand_has_nothing_to_mend() -> None:
    result = run("kb", "check", "--brand", DEMO_BRAND, "--on", "2026-11-26")
    assert (result.stdout, result.exit_code) == ("48 snippets: nothing to mend\n", 0)


def test_findings_are_told_by_file_and_line_and_counted(brand: Path) -> None:
    path = brand / "kb" / "phone-number.md"
    path.write_text(path.read_text(encoding="utf-8").replace("{phone_abroad}", "{fax}"), encoding="utf-8")
    result = run("kb", "check", "--brand", brand, "--on", "2027-03-28")
    told = result.stdout.splitlines()
    assert result.exit_code == 1
    fax = line_of(path, "{fax}")
    assert f"{path}, line {fax}: broken: answer: {{fax}} is not a variable of the brand" in result.stdout
    bags = brand / "kb" / "hold-bag-allowance.md"
    assert f"{bags}, line {line_of(bags, 'valid_until')}: expired: 2027-03-27 was its last day" in result.stdout
    assert told[-1].startswith("48 snippets: broken 1, expired ")


def test_findings_as_json_have_kind_file_line_and_snippets(brand: Path) -> None:
    path = brand / "kb" / "careers.md"
    path.write_text(path.read_text(encoding="utf-8") + "***\nReply with your booking reference.\n", encoding="utf-8")
    result = run("kb", "check", "--brand", brand, "--on", "2026-11-26", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["snippets"]) == (1, 48)
    (one,) = document["findings"]
    assert (one["kind"], one["file"], one["line"], one["snippets"]) == (
        "blocked",
        str(path),
        line_of(path, "Reply with"),
        ["careers"],
    )


@pytest.mark.parametrize("command", ["check", "list"])
def test_a_brand_without_a_knowledge_base_is_unusable(brand: Path, command: str) -> None:
    shutil.rmtree(brand / "kb")
    result = run("kb", command, "--brand", brand)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not a folder" in result.stderr


def test_a_day_that_is_none_is_refused(brand: Path) -> None:
    result = run("kb", "check", "--brand", brand, "--on", "tomorrow")
    assert result.exit_code == 2
    assert "--on: 'tomorrow' is not a date" in result.stderr


def test_list_shows_each_snippet_with_what_it_may_do(brand: Path) -> None:
    settings = brand / "brand.toml"
    settings.write_text(f'mode = "shadow"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    path = brand / "kb" / "careers.md"
    path.write_text(path.read_text(encoding="utf-8").replace("version: 1", "version: 4\nmode: off"), encoding="utf-8")
    document = json.loads(run("kb", "list", "--brand", brand, "--on", "2027-03-28", "--json").stdout)
    rows = {row["id"]: row for row in document["snippets"]}
    assert len(document["digest"]) == 64
    assert (rows["careers"]["version"], rows["careers"]["mode"], rows["careers"]["offered"]) == (4, "off", False)
    assert (rows["hold-bag-allowance"]["mode"], rows["hold-bag-allowance"]["offered"]) == ("shadow", False)
    assert rows["terminals"]["offered"]
    table = run("kb", "list", "--brand", brand).stdout.splitlines()
    assert len(table) == 49
    assert table[0].split()[:3] == ["id", "version", "mode"]


def test_list_names_what_is_broken_and_lists_the_rest(brand: Path) -> None:
    (brand / "kb" / "careers.md").write_text("no front matter", encoding="utf-8")
    result = run("kb", "list", "--brand", brand)
    assert result.exit_code == 1
    assert "careers.md, id: is missing" in result.stderr
    assert len(result.stdout.splitlines()) == 48
