"""Figures as they are shown and kept: table, page, README, and the command that writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import training.__main__ as command
from training.figures import measures, page
from training.figures.figure import Figure, Goal, Measured, Reached, Unit, from_json
from training.figures.measures import Measure
from training.figures.setting import Absent, Setting
from triage.errors import InvalidInput

ROOT = Path(__file__).parents[2]
CARE = Measured(
    "care",
    (
        Figure("intent: accuracy", 0.5779, Goal(0.65, 0.8), interval=(0.53, 0.62), messages=1526),
        Figure("something", 0.25, unit=Unit.PERCENT),
    ),
    "triage-en-2",
    "More to read.",
)
MEMORY = Measured("memory", (Figure("resident memory", 120.4, Goal(450, 300, True), Unit.MEGABYTES),), "triage-en-2")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("above\n<!-- figures:start -->\nold\n<!-- figures:end -->\nbelow\n")
    return tmp_path


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (Goal(0.6, 0.8), 0.8, Reached.AIM),
        (Goal(0.6, 0.8), 0.6, Reached.FLOOR),
        (Goal(0.6, 0.8), 0.599, Reached.NEITHER),
        (Goal(450, 300, less_is_better=True), 300, Reached.AIM),
        (Goal(450, 300, less_is_better=True), 301, Reached.FLOOR),
        (Goal(450, 300, less_is_better=True), 451, Reached.NEITHER),
        (Goal(0.03, less_is_better=True), 0.02, Reached.FLOOR),
        (Goal(aim=0.77), 0.76, Reached.NEITHER),
        (Goal(aim=0.77), 0.77, Reached.AIM),
    ],
)
def test_a_goal_is_reached_at_its_limit_and_not_before(goal: Goal, value: float, reached: Reached) -> None:
    assert goal.reached_by(value) == reached
    assert Figure("some", value, goal).reached == reached


def test_a_figure_without_a_goal_reaches_nothing() -> None:
    assert Figure("some", 1.0).reached == Reached.NO_GOAL


def test_what_was_measured_survives_the_journey_through_a_file() -> None:
    for one in (CARE, MEMORY):
        assert from_json(json.loads(json.dumps(one.as_json()))) == one


def test_the_table_has_a_line_for_each_figure_with_its_goals() -> None:
    head, intent, something, memory = page.table([CARE, MEMORY]).splitlines()
    assert head.split() == ["measure", "figure", "at", "least", "aim", "reached"]
    assert intent.split() == ["care", "intent:", "accuracy", "0.578", "[0.530,", "0.620]", "0.650", "0.800", "no"]
    assert something.split() == ["care", "something", "25.0%"]
    assert memory.endswith("120 MB                ≤ 450 MB  ≤ 300 MB  aim")


def test_the_page_says_which_command_wrote_it_and_shows_everything() -> None:
    told = page.page([CARE, MEMORY])
    assert "python -m training figures --write" in told
    assert "The model is `triage-en-2`." in told
    assert "| intent: accuracy | 0.578 [0.530, 0.620] | 1,526 | 0.650 | 0.800 | no |" in told
    assert "More to read." in told
    assert "## Memory and time to load" in told


def test_the_page_says_so_where_figures_are_of_different_models() -> None:
    told = page.page([CARE, Measured("memory", MEMORY.figures, "triage-en-3")])
    assert "- `triage-en-2`: care\n- `triage-en-3`: memory" in told


def test_the_readme_has_only_figures_with_a_goal() -> None:
    told = page.block([CARE, MEMORY])
    assert "| care | intent: accuracy |" in told
    assert "something" not in told


def test_a_measure_taken_anew_replaces_the_old_one_and_leaves_the_others(repository: Path) -> None:
    page.write(repository, [MEMORY, CARE])
    page.write(repository, [Measured("care", (Figure("intent: accuracy", 0.9, Goal(0.65, 0.8)),), "triage-en-3")])
    kept = page.read_kept(repository / "docs" / "figures.json")
    assert [(one.name, one.model) for one in kept] == [("care", "triage-en-3"), ("memory", "triage-en-2")]
    for path in ("README.md", "docs/figures.md"):
        told = (repository / path).read_text()
        assert "0.900" in told
        assert "0.578" not in told
        assert "120 MB" in told
    readme = (repository / "README.md").read_text()
    assert readme.startswith("above\n<!-- figures:start -->\n|")
    assert readme.endswith("<!-- figures:end -->\nbelow\n")
    assert "old" not in readme.split("\n")


def test_a_readme_without_a_place_for_figures_is_refused_before_anything_is_written(repository: Path) -> None:
    (repository / "README.md").write_text("nothing here")
    with pytest.raises(InvalidInput, match="figures:start"):
        page.write(repository, [CARE])
    assert list((repository / "docs").iterdir()) == []


@pytest.mark.parametrize("content", ["{", '[{"name": "care"}]', "[3]"])
def test_figures_that_were_kept_and_are_broken_are_named(repository: Path, content: str) -> None:
    (repository / "docs" / "figures.json").write_text(content)
    with pytest.raises(InvalidInput, match=r"figures\.json"):
        page.write(repository, [CARE])


def test_the_repository_has_the_page_that_its_kept_figures_give() -> None:
    kept = page.read_kept(ROOT / "docs" / "figures.json")
    assert [one.name for one in kept] == list(measures.NAMES)
    assert (ROOT / "docs" / "figures.md").read_text() == page.page(kept)
    assert page.block(kept) in (ROOT / "README.md").read_text()


# the command


def _absent(_: Setting) -> Measured:
    raise Absent("the corpus of care is not there")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, repository: Path) -> Path:
    """Two measures, of which one lacks its corpus, in a repository of their own."""
    told = (Measure("care", "Care", _absent), Measure("memory", "Memory", lambda _: MEMORY))
    monkeypatch.setattr(measures, "MEASURES", told)
    monkeypatch.setattr(page, "MEASURES", told)
    monkeypatch.setattr(measures, "NAMES", ("care", "memory"))
    monkeypatch.setattr(command, "ROOT", repository)
    return repository


def test_a_measure_that_lacks_its_corpus_is_left_out_by_name_and_the_others_are_taken(few: Path) -> None:
    result = CliRunner().invoke(command.main, ["figures"])
    assert result.exit_code == 0
    assert "care is left out: the corpus of care is not there\n" in result.stderr
    assert "120 MB" in result.stdout
    assert not (few / "docs" / "figures.md").exists()


def test_only_the_named_measures_are_taken_and_json_has_what_the_table_has(few: Path) -> None:
    result = CliRunner().invoke(command.main, ["figures", "memory", "--json", "--write"])
    assert "care" not in result.stderr
    assert [from_json(one) for one in json.loads(result.stdout)] == [MEMORY]
    assert "120 MB" in (few / "docs" / "figures.md").read_text()
    assert "120 MB" in (few / "README.md").read_text()


def test_a_readme_without_a_place_is_told_of_before_anything_is_measured(few: Path) -> None:
    (few / "README.md").write_text("nothing here")
    result = CliRunner().invoke(command.main, ["figures", "--write"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: there is no place marked")
    assert "measuring" not in result.stderr


def test_a_measure_that_does_not_exist_is_refused_with_those_that_do() -> None:
    result = CliRunner().invoke(command.main, ["figures", "unheard-of"])
    assert result.exit_code == 2
    assert "unheard-of" in result.stderr
    assert all(name in result.stderr for name in measures.NAMES)
