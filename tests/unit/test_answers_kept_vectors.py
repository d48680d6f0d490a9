"""Vectors of questions that are kept on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from triage.answers.kept_vectors import KeptVectors

TEXTS = [f"question {number}" for number in range(100)]


class Counting:
    """Vectors that say how often they were asked."""

    def __init__(self, version: str = "one") -> None:
        self.version = version
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.floating]:
        self.asked += 1
        return np.array([[float(len(text)), 1.0] for text in texts])


def test_what_was_read_once_is_not_read_again_by_another_process(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    made = KeptVectors(first, tmp_path / "cache").embed(TEXTS)
    kept = KeptVectors(second, tmp_path / "cache").embed(TEXTS)
    assert (first.asked, second.asked) == (1, 0)
    assert (made == kept).all()


@pytest.mark.parametrize(("version", "texts"), [("two", TEXTS), ("one", [*TEXTS, "more"]), ("one", TEXTS[::-1])])
def test_another_encoder_or_other_texts_are_read_anew(tmp_path: Path, version: str, texts: list[str]) -> None:
    KeptVectors(Counting(), tmp_path).embed(TEXTS)
    other = Counting(version)
    assert len(KeptVectors(other, tmp_path).embed(texts)) == len(texts)
    assert other.asked == 1


def test_single_messages_leave_nothing_on_disk(tmp_path: Path) -> None:
    KeptVectors(Counting(), tmp_path).embed(["@brand my card is 4929 0000"])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    KeptVectors(Counting(), tmp_path).embed(TEXTS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:50])
    again = Counting()
    KeptVectors(again, tmp_path).embed(TEXTS)
    assert again.asked == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(KeptVectors(Counting(), tmp_path / "file" / "cache").embed(TEXTS)) == len(TEXTS)
