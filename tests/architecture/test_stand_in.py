"""The stand-in for X knows nothing of the product, so that the two can disagree."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tests" / "xsim").glob("*.py"))
PRODUCT = {"triage", "app", "training"}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "say where it comes from"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_it_imports_nothing_of_the_product_and_nothing_of_other_tests(path: Path) -> None:
    for name in imported(path):
        assert name.partition(".")[0] not in PRODUCT, name
        assert not name.startswith("tests") or name.startswith("tests.xsim"), name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_its_modules_are_small_and_say_what_they_are(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 400
    assert ast.get_docstring(ast.parse(source))


def test_its_page_names_every_fault() -> None:
    from tests.xsim.faults import NAMES

    page = (ROOT / "tests" / "xsim" / "README.md").read_text(encoding="utf-8")
    assert {name for name in NAMES if f"`{name}`" not in page} == set()
