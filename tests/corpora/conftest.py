"""X's own conformance suite (twitter-text)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from training.figures.x_texts import SUITE, Case, cases


@dataclass(frozen=True)
class Suite:
    """The suite's files by name, and in each the cases of a group."""

    folder: Path

    def cases(self, file: str, group: str) -> list[Case]:
        return cases(self.folder / f"{file}.yml", group)


@pytest.fixture(scope="session")
def suite(corpora: Path) -> Suite:
    return Suite(corpora / SUITE)
