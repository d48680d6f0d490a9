"""One head fitted on a public label set by the very code of ``fit-head``, in a folder that is thrown away."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import numbered_rows
from training.single import Row, SingleFigures, Sources, evaluate_single, fit_single
from triage.errors import InvalidInput
from triage.scoring.classifier import Classifier

#: The penalty that ``fit-head`` uses unless told otherwise.
USUAL_C: Final = 10.0
_SEED: Final = 0


def fitted(train: Sequence[Row], held: Sequence[Row], sources: Sources, *, c: float = USUAL_C) -> Classifier:
    """A head fitted on all of ``train`` whose temperature is set on ``held``, as ``fit-head --train … --valid …`` does.

    Raises:
        InvalidInput: there is too little to fit on.
    """
    with TemporaryDirectory(prefix="triage-figures-") as folder:
        files = Path(folder, "train.jsonl"), Path(folder, "held.jsonl")
        for path, rows in zip(files, (train, held), strict=True):
            path.write_text("".join(_line(row) for row in rows), encoding="utf-8")
        model = Path(folder, "model")
        fit_single(*files, sources, model, c=c, seed=_SEED)
        return Classifier.load(model, [sources.encoder.parent] if sources.encoder else [])


def judged(train: Sequence[Row], held: Sequence[Row], sources: Sources) -> SingleFigures:
    """The figures on ``held`` of a head fitted on all of ``train``.

    The temperature, set on ``held`` too, scales confidence and changes no verdict: accuracy and recall are those of
    messages that the head has never seen. An AUROC owes one number to the messages that it is measured on.

    Raises:
        InvalidInput: there is too little to fit or judge.
    """
    return evaluate_single(fitted(train, held, sources), held)


def read_rows(path: Path, out_of_scope: str | None = None) -> list[Row]:
    """Rows of ``{"text", "label"}``, from gzip too; the label ``out_of_scope`` becomes null, as ``fit-head`` wants it.

    Raises:
        InvalidInput: a line has no text or label.
    """
    found = []
    for number, row in _numbered(path):
        text, label = row.get("text"), row.get("label")
        if not isinstance(text, str) or not isinstance(label, str):
            raise InvalidInput("has no text or label", field=path.name, line=number)
        found.append(Row(text, None if label == out_of_scope else label))
    return found


def folds(labels: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """For each row the number of its fold, ``0 … count - 1``.

    Each label's rows are dealt out at random and in turn, so in every fold each label has its share to within one
    row, and the folds are as large as each other to within one row.
    """
    chance = np.random.default_rng(seed)
    names = np.array(labels)
    order = np.concatenate([chance.permutation(np.flatnonzero(names == name)) for name in sorted(set(labels))])
    place = np.empty(len(labels), np.int64)
    place[order] = np.arange(len(labels)) % count
    return place


def _line(row: Row) -> str:
    return json.dumps({"text": row.text, "label": row.label}) + "\n"


def _numbered(path: Path) -> list[tuple[int, dict[str, object]]]:
    if path.suffix != ".gz":
        return numbered_rows(path)
    with TemporaryDirectory(prefix="triage-figures-") as folder:
        plain = Path(folder, path.stem)
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        return numbered_rows(plain)
