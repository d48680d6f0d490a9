"""The rules of the house that import contracts cannot say."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for top in ("triage", "app", "training") for path in (ROOT / top).rglob("*.py"))
FIXED = {"triage", "models", "training", "app", "tests", "notebooks", "docs", ".ci"}
#: Names that say nothing about what is inside.
EMPTY_NAMES = re.compile(r"^(base|common|misc)$|(^|_)(utils?|helpers?|managers?)(_|$)")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked cannot be known")
    return listed.stdout.splitlines()


def test_the_top_level_is_the_fixed_one() -> None:
    folders = {path.split("/")[0] for path in tracked() if "/" in path}
    assert folders <= FIXED


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_named_after_a_thing_and_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 400, "split it: a module is one thing"
    assert not EMPTY_NAMES.search(path.stem)
    if path.name != "__main__.py" and source.strip() and "versions" not in path.parts:
        assert ast.get_docstring(ast.parse(source)), "say what it is in a docstring"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_settings_reads_the_environment(path: Path) -> None:
    if path == ROOT / "triage" / "settings.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")), (
            f"line {node.lineno}: ask triage.settings"
        )


def test_the_app_gets_messages_from_showing_alone() -> None:
    """What has the text as received has no place where people and programs look."""
    for path in (ROOT / "app").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for bare in ("StoredMessage", "transaction.messages", "transaction.judgements", ".store.messages"):
            assert bare not in source, f"{path.name}: ask triage.service.worklist"


def test_nothing_is_unpickled_anywhere() -> None:
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        assert "import pickle" not in source
        assert "allow_pickle=True" not in source


def test_the_repository_stays_below_80_megabytes() -> None:
    size = sum((ROOT / path).stat().st_size for path in tracked() if (ROOT / path).exists())
    assert size < 80_000_000


#: Errors that are nobody's fault but the operator's or ours: to a caller of the API all of them are a 500.
MEANT_FOR_500 = {"ConfigurationError", "ArtifactError", "KnowledgeBaseError", "GiveUp", "Repeated"}


def test_every_error_has_a_status_of_its_own_or_its_parents_in_the_api() -> None:
    from app.api.problems import STATUS
    from triage import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TriageError)]
    leaves = {kind for kind in kinds if not any(other is not kind and issubclass(other, kind) for other in kinds)}
    assert {kind.__name__ for kind in leaves} > MEANT_FOR_500
    for leaf in leaves:
        found = [code for listed, code in STATUS if issubclass(leaf, listed) and listed is not errors.TriageError]
        assert bool(found) != (leaf.__name__ in MEANT_FOR_500), leaf
        assert 500 not in found, leaf


def test_migrations_lead_to_the_tables_as_declared(store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from triage.store.tables import metadata

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = list(compare_metadata(context, metadata))
    assert differences == []


def test_types_that_are_read_from_json_are_made_ready_when_their_module_is_imported() -> None:
    """Two threads that read a type of msgspec's for the first time at once may end the process (triage.shapes)."""
    read: set[str] = set()
    ready: set[str] = set()
    for path in (path for path in SOURCES if "training" not in path.relative_to(ROOT).parts):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                named = ast.unparse(call.func)
                if named in ("msgspec.json.decode", "msgspec.convert"):
                    shapes = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "type")]
                    read |= {ast.unparse(shape).split(".")[-1] for shape in shapes}
                elif named == "ready":
                    ready |= {ast.unparse(shape) for shape in call.args}
    assert read - {"dict[str, Any]", "shape"} <= ready  # "shape" is one of triage.channels.x.raw
    assert "Scores" in read
