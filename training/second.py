"""Fitting the second look: heads over the encoder's vectors, and how much they count beside the first values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from training.fit import FittedHead, fit_weights
from training.recipe import HeadChoice, SecondChoice
from triage import artifact
from triage.scoring import second
from triage.scoring.encoder import Encoder
from triage.scoring.heads import HeadSpec
from triage.scoring.second import Doubt, SecondLook

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What vectors of length 1 are multiplied by while weights over them are fitted.
SCALE: Final = 10.0
#: Beside the features of one head in one fit, where more would drown them.
BESIDE: Final = 3.0
#: Shares of second looks, from none to all, whose limits the artifact tells.
_STEPS: Final = 21


@dataclass(frozen=True, slots=True)
class SecondHead:
    """One head over the encoder's vectors: ``weights`` ``(width, labels)``, ``bias`` ``(labels,)``.

    ``first`` and ``own`` are how often the first values and these count in the second look's.
    """

    weights: Floats
    bias: Floats
    first: float
    own: float

    def values(self, vectors: Floats) -> Floats:
        """This head's own values ``(texts, labels)``, before they are put beside the first."""
        return vectors @ self.weights + self.bias


@dataclass(frozen=True, slots=True)
class FittedSecond:
    """All heads of the second look, in the order of the first's, and which texts get one."""

    encoder: Encoder
    folder: str
    doubt: Doubt
    heads: tuple[SecondHead, ...]

    def look(self, firsts: Sequence[FittedHead]) -> SecondLook:
        """As serving will have it: on the scale of the first values, so that one temperature serves both."""
        scales = [head.spec.temperature for head in firsts]
        pairs = list(zip(self.heads, scales, strict=True))
        return SecondLook(
            self.encoder,
            self.doubt,
            np.concatenate([np.full(len(head.bias), head.first * scale) for head, scale in pairs]),
            np.hstack([head.own * scale * head.weights for head, scale in pairs]),
            np.concatenate([head.own * scale * head.bias for head, scale in pairs]),
        )

    def describe(self) -> Mapping[str, Any]:
        """The entry of the manifest."""
        return {second.ENTRY: second.describe(self.folder, self.encoder.version, self.doubt)}


def files(look: SecondLook) -> dict[str, bytes]:
    """The file of an artifact that has the arrays of its second look."""
    arrays: dict[str, NDArray[Any]] = {
        "first": look.first,
        "weights": look.weights.astype(np.float32),
        "bias": look.bias,
    }
    return {second.ARRAYS: artifact.pack(arrays)}


def beside(matrix: sp.csr_array, vectors: Floats) -> sp.csr_array:
    """The columns of the features and, after them, those of the vectors."""
    return sp.csr_array(sp.hstack([matrix, sp.csr_array(vectors * BESIDE)], format="csr"))


def taken_apart(head: FittedHead, encoder: Encoder) -> tuple[FittedHead, SecondLook]:
    """A head fitted over the columns of :func:`beside`, as features and a second look that every text gets."""
    columns = head.coefficients.shape[1] - encoder.width
    labels = len(head.intercepts)
    weights = BESIDE * head.coefficients[:, columns:].T
    look = SecondLook(encoder, Doubt({}, -1.0), np.ones(labels), weights, np.zeros(labels))
    return replace(head, coefficients=head.coefficients[:, :columns]), look


def fit_head(
    first: FittedHead,
    train: tuple[Floats, Ints],
    calibration: tuple[Floats, Floats, Ints],
    choice: SecondChoice,
    seed: int,
) -> SecondHead:
    """Fit on vectors and labels of ``train``; weigh against the first values on ``calibration``.

    ``calibration`` is first values, vectors and labels. Rows whose label is negative are left out. The two
    factors are those at which the labels are likeliest, then divided by the choice's caution.
    """
    labels = len(first.spec.labels)
    weights, bias = _weights(*train, labels, choice, seed)
    found = SecondHead(weights, bias, 0.0, 1.0)
    values, vectors, true = calibration
    known = np.flatnonzero(true >= 0)
    factors = _factors(values[known], found.values(vectors[known]), true[known]) / choice.caution
    return replace(found, first=float(factors[0]), own=float(factors[1]))


def refit_head(before: SecondHead, train: tuple[Floats, Ints], choice: SecondChoice, seed: int) -> SecondHead:
    """The head fitted again on more rows; it counts as much beside the first values as ``before``."""
    weights, bias = _weights(*train, len(before.bias), choice, seed)
    return replace(before, weights=weights, bias=bias)


def fit_doubt(values: Floats, heads: Sequence[HeadSpec], choice: SecondChoice) -> Doubt:
    """The limit at which ``choice.share`` of the texts with these first ``values`` get a second look."""
    found = Doubt(choice.doubt, 0.0).of(values, heads)
    shares = np.quantile(found, 1.0 - np.linspace(0, 1, _STEPS)).round(4)
    limit = round(float(np.quantile(found, 1.0 - choice.share)), 4)
    return Doubt(choice.doubt, limit, tuple(shares.tolist()))


def _weights(vectors: Floats, labels: Ints, count: int, choice: SecondChoice, seed: int) -> tuple[Floats, Floats]:
    known = np.flatnonzero(labels >= 0)
    coefficients, bias = fit_weights(vectors[known] * SCALE, labels[known], count, HeadChoice(choice.c), seed)
    return coefficients.T * SCALE, bias


def _factors(first: Floats, own: Floats, labels: Ints) -> Floats:
    rows = np.arange(len(labels))

    def loss(factors: Floats) -> float:
        return -float(log_softmax(factors[0] * first + factors[1] * own, axis=1)[rows, labels].mean())

    found = minimize(loss, np.array([0.5, 0.5]), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7})
    factors: Floats = np.asarray(found.x, np.float64).round(4)
    return factors
