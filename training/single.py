"""One head on any label set: fitted from ``{"text", "label"}`` lines, evaluated with what must not be answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training import metrics
from training.certify import certified_threshold
from training.corpus import numbered_rows
from training.design import Design
from training.evaluate import Figures, figures
from training.metrics import auroc
from training.recipe import FeatureChoice, HeadChoice
from training.splits import CALIBRATION, TRAIN, Shares, near_duplicates, part
from triage import artifact
from triage.domain.scores import Utterance
from triage.errors import InvalidInput
from triage.scoring import classifier, features
from triage.scoring.classifier import Classifier
from triage.scoring.encoder import Encoder
from triage.scoring.features import Reading
from triage.scoring.second import ENTRY, describe
from triage.scoring.vectors import PieceVectors

if TYPE_CHECKING:
    from training.fit import FittedHead

HEAD: Final = "label"
#: The label that stands for "none of these": fitted only where the training rows have such.
OUT_OF_SCOPE: Final = "(out of scope)"
#: The longest label that serving reads from an artifact, in characters.
LONGEST_LABEL: Final = 200
#: The shares of wrong answers that thresholds are certified and reported for.
MOST_WRONG: Final = (0.01, 0.05)
_CHOICE: Final = FeatureChoice(cues=("question mark",), fewest_texts=(1, 1), piece_scale=1.0, cue_scale=0.5)
_HELD_OUT: Final = Shares(calibration=0.1, test=0.0)


@dataclass(frozen=True, slots=True)
class Sources:
    """Folders of what a head is fitted over: the vectors of word pieces, and the encoder where there is to be one."""

    vectors: Path
    encoder: Path | None


@dataclass(frozen=True, slots=True)
class Row:
    """A text and its label; ``None`` is out of scope."""

    text: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Answering:
    """What could be answered at most ``most_wrong`` wrong: in hindsight, and above the certified threshold.

    Shares are of all messages, out-of-scope ones included; an answer to one of those is wrong.
    ``certified_wrong`` is the wrong share among the answers above the threshold.
    """

    most_wrong: float
    hindsight: float
    threshold: float | None
    certified: float | None
    certified_wrong: float | None


@dataclass(frozen=True, slots=True)
class SingleFigures:
    """Figures of one head. The first ones are over in-scope messages and in-scope labels only."""

    in_scope: Figures
    messages: int
    out_of_scope: int
    auroc: float | None
    answering: tuple[Answering, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_labelled(path: Path) -> list[Row]:
    """Rows of ``{"text", "label"}``.

    Raises:
        InvalidInput: a line has no text, or a label that is neither null nor a text that an artifact can hold.
    """
    found = []
    for number, row in numbered_rows(path):
        text, label = row.get("text"), row.get("label")
        odd = (
            not isinstance(text, str) or "label" not in row or not (label is None or (isinstance(label, str) and label))
        )
        if odd:
            raise InvalidInput('is not {"text": text, "label": text or null}', field=path.name, line=number)
        if label == OUT_OF_SCOPE:
            raise InvalidInput(f"{OUT_OF_SCOPE!r} is no label: write null", field=path.name, line=number)
        if label is not None and len(label) > LONGEST_LABEL:
            raise InvalidInput(f"has a label of over {LONGEST_LABEL} characters", field=path.name, line=number)
        found.append(Row(str(text), label))
    return found


def fit_single(train: Path, valid: Path | None, sources: Sources, folder: Path, *, c: float, seed: int) -> None:
    """Fit one head and write its artifact.

    Without ``valid`` a tenth of ``train`` calibrates; thresholds are certified only on ``valid``.

    Raises:
        InvalidInput: a file is broken, there are fewer than two labels or no words to fit on, or nothing in
            ``valid`` has one of the labels.
    """
    from training import fit, second  # here, so that evaluating needs no fitting stack

    rows = read_labelled(train)
    held = read_labelled(valid) if valid else []
    if not valid:
        rows, held = _hold_out(rows)
    names = sorted({row.label for row in rows if row.label is not None})
    if any(row.label is None for row in rows):
        names.append(OUT_OF_SCOPE)
    if len(names) < 2:
        raise InvalidInput("has fewer than two labels", field=train.name)
    labels = tuple(names)
    if valid and (_numbers(held, labels) < 0).all():
        raise InvalidInput(f"has no message with a label of {train.name}", field=valid.name)
    readings = _readings(rows)
    if not any(reading.words for reading in readings):
        raise InvalidInput("has no text with a word in it", field=train.name)
    design = Design(_CHOICE, PieceVectors.load(sources.vectors))
    encoder = Encoder.load(sources.encoder) if sources.encoder else None
    held_readings = _readings(held)
    matrix = _columns(design.fit(readings), readings, encoder)
    held_matrix = _columns(design.transform(held_readings), held_readings, encoder) if held else matrix[:0]
    head = fit.fit_head(
        HEAD, labels, (matrix, _numbers(rows, labels)), (held_matrix, _numbers(held, labels)), HeadChoice(c), seed
    )
    about: dict[str, Any] = {
        "title": f"One head with {len(labels)} labels",
        "data": {
            "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (train, valid) if path}
        },
        "recipe": {"c": c, "seed": seed, "rows": len(rows)},
        "certified": _certify(head, held_matrix, held, labels) if valid else {},
    }
    files: dict[str, bytes] = {}
    if encoder is not None and sources.encoder is not None:
        head, look = second.taken_apart(head, encoder)
        files |= second.files(look)
        about[ENTRY] = describe(sources.encoder.name, encoder.version, look.doubt)
    about |= fit.describe(design, [head])
    files |= fit.artifact_files(design, [head])
    artifact.write(folder, kind=classifier.KIND, name=folder.resolve().name, files=files, about=about)


def _columns(matrix: sp.csr_array, readings: Sequence[Reading], encoder: Encoder | None) -> sp.csr_array:
    from training import second

    return matrix if encoder is None else second.beside(matrix, encoder.embed([one.words for one in readings]))


def evaluate_single(model: Classifier, rows: Sequence[Row]) -> SingleFigures:
    """Figures of a fitted head; labels that it does not know are counted as errors, not left out.

    Raises:
        InvalidInput: no row has a label; there is nothing to be right about.
    """
    if all(row.label is None for row in rows):
        raise InvalidInput("there are no messages with a label")
    spec = model.heads[HEAD]
    known = tuple(label for label in spec.labels if label != OUT_OF_SCOPE)
    labels = known + tuple(sorted({row.label for row in rows if row.label is not None} - set(known)))
    readings = [model.read(Utterance(row.text)) for row in rows]
    own = model.probabilities(HEAD, model.decide(readings))[:, : len(known)]
    predicted, confidence = own.argmax(axis=1), own.max(axis=1)
    true = np.array([-1 if row.label is None else labels.index(row.label) for row in rows], np.int64)
    inside = true >= 0
    right = predicted == true
    certified = model.about.manifest.get("certified", {})
    return SingleFigures(
        in_scope=figures(HEAD, labels, true[inside], predicted[inside], confidence[inside]),
        messages=len(rows),
        out_of_scope=int((~inside).sum()),
        auroc=auroc(confidence, inside),
        answering=tuple(_answering(confidence, right, limit, certified.get(str(limit))) for limit in MOST_WRONG),
    )


def _answering(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], limit: float, threshold: float | None
) -> Answering:
    hindsight = metrics.answerable(confidence, right, limit)
    if threshold is None:
        return Answering(limit, hindsight, None, None, None)
    answered = confidence >= threshold
    wrong = float((~right[answered]).mean()) if answered.any() else 0.0
    return Answering(limit, hindsight, threshold, float(answered.mean()), wrong)


def _hold_out(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    groups = near_duplicates([row.text for row in rows])
    where = [part([rows[group].text], _HELD_OUT) for group in groups]
    return (
        [row for row, place in zip(rows, where, strict=True) if place == TRAIN],
        [row for row, place in zip(rows, where, strict=True) if place == CALIBRATION],
    )


def _readings(rows: Sequence[Row]) -> list[features.Reading]:
    return [features.read(Utterance(row.text), _CHOICE.cues) for row in rows]


def _numbers(rows: Sequence[Row], labels: tuple[str, ...]) -> NDArray[np.int64]:
    place = {label: number for number, label in enumerate(labels)}
    return np.array([place.get(OUT_OF_SCOPE if row.label is None else row.label, -1) for row in rows], np.int64)


def _certify(head: FittedHead, matrix: Any, rows: Sequence[Row], labels: tuple[str, ...]) -> dict[str, float | None]:
    in_scope = len(labels) - (OUT_OF_SCOPE in labels)
    own = head.spec.probabilities(head.values(matrix))[:, :in_scope]
    right = np.array([row.label == labels[choice] for row, choice in zip(rows, own.argmax(axis=1), strict=True)], bool)
    return {str(limit): certified_threshold(own.max(axis=1), right, limit) for limit in MOST_WRONG}
