"""Fitting: a recipe and labelled messages in, an artifact folder out. Equal inputs give equal bytes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # scikit-learn brings it; it has no types

from training.design import Design
from training.recipe import HeadChoice
from triage import artifact
from triage.scoring import classifier
from triage.scoring.heads import MOST_LIKELY, HeadSpec
from triage.scoring.heads import describe as describe_head

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_STEPS: Final = 400
#: A label less likely than this is left out of the soft labels of a row.
_LIKELY: Final = 0.05
_TEMPERATURES: Final = (0.05, 20.0)


@dataclass(frozen=True, slots=True)
class FittedHead:
    """Weights of one head: ``coefficients`` ``(labels, columns)``, ``intercepts`` ``(labels,)``."""

    spec: HeadSpec
    coefficients: Floats
    intercepts: Floats

    def values(self, matrix: sp.csr_array) -> Floats:
        """Decision values ``(rows, labels)``."""
        product: Floats = matrix @ self.coefficients.T + self.intercepts
        return product


def fit_weights(
    matrix: sp.csr_array | Floats,
    labels: Ints,
    count: int,
    choice: HeadChoice,
    seed: int,
    weights: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Multinomial logistic regression over labels ``0 … count - 1``; one that never occurs gets no chance.

    ``weights`` is how much each row counts; all count 1 where there are none.

    Weights are centred over the labels, which changes no probability and makes a decision value read
    "above the average label".
    """
    with threadpool_limits(1), warnings.catch_warnings():  # one thread adds in one order: equal bytes
        warnings.simplefilter("ignore", ConvergenceWarning)  # the step limit is a choice, the penalty convex
        model = LogisticRegression(C=choice.c, max_iter=_MOST_STEPS, random_state=seed)
        model.fit(matrix, labels, weights)
    found_coefficients, found_intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row stands for both
        found_coefficients = np.vstack([-found_coefficients / 2, found_coefficients / 2])
        found_intercepts = np.concatenate([-found_intercepts / 2, found_intercepts / 2])
    coefficients = np.zeros((count, matrix.shape[1]))
    intercepts = np.full(count, found_intercepts.min() - 20.0)
    coefficients[model.classes_] = found_coefficients - found_coefficients.mean(axis=0)
    intercepts[model.classes_] = found_intercepts - found_intercepts.mean()
    return coefficients, intercepts


def fit_temperature(values: Floats, labels: Ints) -> float:
    """The temperature at which the labels are likeliest (Guo et al. 2017); 1 where there is nothing to fit on."""
    if not len(labels):
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = values / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        likelihood = scaled[np.arange(len(labels)), labels] - np.log(np.exp(scaled).sum(axis=1))
        return -float(likelihood.mean())

    low, high = np.log(_TEMPERATURES)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    return round(float(np.exp(found.x)), 4)


def soften(matrix: sp.csr_array, chances: Floats) -> tuple[sp.csr_array, Ints, Floats]:
    """Rows, labels and weights that stand for rows with several possible labels each: one for every likely label."""
    rows, labels = np.nonzero(chances >= _LIKELY)
    return matrix[rows], labels.astype(np.int64), chances[rows, labels]


def fit_head(
    name: str,
    labels: tuple[str, ...],
    train: tuple[sp.csr_array, Ints] | tuple[sp.csr_array, Ints, Floats],
    calibration: tuple[sp.csr_array, Ints],
    choice: HeadChoice,
    seed: int,
) -> FittedHead:
    """Fit on ``train``, calibrate on ``calibration``; rows whose label is negative are left out.

    ``train`` may have weights of its rows as its third.
    """
    (matrix, true, weights), (held, held_true) = _labelled(*train), _labelled(*calibration)[:2]
    coefficients, intercepts = fit_weights(matrix, true, len(labels), choice, seed, weights)
    raw = FittedHead(HeadSpec(name, labels, 0, 1.0, MOST_LIKELY), coefficients, intercepts)
    temperature = fit_temperature(raw.values(held), held_true) if held.shape[0] else 1.0
    temperature = round(temperature * choice.caution, 4)
    return FittedHead(HeadSpec(name, labels, 0, temperature, choice.decision), coefficients, intercepts)


def refit_head(
    before: FittedHead,
    train: tuple[sp.csr_array, Ints] | tuple[sp.csr_array, Ints, Floats],
    choice: HeadChoice,
    seed: int,
) -> FittedHead:
    """The head fitted again on more rows; its temperature is that of ``before``."""
    known, true, weights = _labelled(*train)
    coefficients, intercepts = fit_weights(known, true, len(before.spec.labels), choice, seed, weights)
    return FittedHead(before.spec, coefficients, intercepts)


def _labelled(
    matrix: sp.csr_array, labels: Ints, weights: Floats | None = None
) -> tuple[sp.csr_array, Ints, Floats | None]:
    kept = np.flatnonzero(labels >= 0)
    return matrix[kept], labels[kept], None if weights is None else weights[kept]


def artifact_files(design: Design, heads: Sequence[FittedHead]) -> dict[str, bytes]:
    """The files of a classifier's artifact."""
    arrays = design.export(
        np.vstack([head.coefficients for head in heads]), np.concatenate([head.intercepts for head in heads])
    )
    return {
        classifier.TOKENIZER: design.vectors.tokenizer_json,
        classifier.WEIGHTS: artifact.pack(arrays),
    }


def describe(design: Design, heads: Sequence[FittedHead]) -> Mapping[str, Any]:
    """The entries of the manifest that serving reads."""
    outputs = sum(len(head.spec.labels) for head in heads)
    return {
        "features": classifier.describe(design.layout(outputs)),
        "heads": [describe_head(head.spec) for head in heads],
        "vectors": design.vectors.version,
    }
