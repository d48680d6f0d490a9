"""X's own conformance suite (twitter-text), read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml


@dataclass(frozen=True)
class Suite:
    """The suite's files by name, and in each the cases of a group."""

    folder: Path

    def cases(self, file: str, group: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = _read(self.folder / file)[group]
        return found


@cache
def _read(path: Path) -> dict[str, Any]:
    tests: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    return tests


@pytest.fixture(scope="session")
def suite(corpora: Path) -> Suite:
    return Suite(corpora / "twitter_text_conformance")
