"""The fitted weights, and decision values of many texts at once.

All heads share one set of features, so their weights stand side by side: column ``j`` of every
table belongs to output ``j``, and a head is a range of columns. The vector of each word piece was
multiplied by the fitted weights at export, which leaves one row of outputs per piece. A decision
value is a plain sum over the features of a text, so it can be taken apart again
(:mod:`triage.scoring.explain`).

Sums run over each text's own features in their order, never across a batch, so that a text's values
do not depend on what it is scored with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ArtifactError
from triage.scoring import features
from triage.scoring.eight_bit import unpack_rows
from triage.scoring.features import Grams, Reading
from triage.scoring.words import WordRows, WordTable

Floats = NDArray[np.float64]

#: The arrays of ``weights.npz`` and what their axes count; ``leading`` are the leading dimensions.
ARRAYS: Final[dict[str, tuple[str, ...]]] = {
    "bias": ("outputs",),
    "cues": ("cues", "outputs"),
    "pieces": ("pieces", "outputs"),
    "piece_scales": ("pieces",),
    "piece_leading": ("pieces", "leading"),
    "leading_scales": ("pieces",),
    "grams": ("grams", "outputs"),
    "gram_scales": ("grams",),
    "gram_buckets": ("grams",),
    "gram_idf": ("grams",),
    "phrases": ("phrases", "outputs"),
    "phrase_hashes": ("phrases",),
}
#: The tables that are stored in 8 bits (:mod:`triage.scoring.eight_bit`).
PACKED: Final = frozenset({"pieces", "piece_leading", "grams"})


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns and rows of the tables mean."""

    outputs: int
    cues: tuple[str, ...]
    longest_gram: int
    longest_phrase: int
    bucket_bits: int
    leading: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The tables as they are computed with.

    ``pieces`` has, for each word piece, its leading dimensions and then its outputs.
    ``slot[bucket]`` is a row of ``grams`` and ``idf``; row 0 is zero and stands for every n-gram
    that was not kept. ``phrases[i]`` is the row of the phrase with hash ``phrase_hashes[i]``,
    ascending; ``may_be_phrase[bucket]`` says where a look is worth while.
    """

    layout: Layout
    bias: Floats
    cues: Floats
    pieces: NDArray[np.float32]
    grams: Floats
    idf: Floats
    slot: NDArray[np.int32]
    phrases: Floats
    phrase_hashes: NDArray[np.uint64]
    may_be_phrase: NDArray[np.bool_]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], layout: Layout, pieces: int) -> Weights:
        """Check the arrays of an artifact and lay them out for serving.

        Raises:
            ArtifactError: an array is missing, of a wrong shape or kind, or not finite.
        """
        sizes = {
            "outputs": layout.outputs,
            "cues": len(layout.cues),
            "pieces": pieces,
            "leading": layout.leading,
            "grams": len(arrays["gram_idf"]) if "gram_idf" in arrays else 0,
            "phrases": len(arrays["phrase_hashes"]) if "phrase_hashes" in arrays else 0,
        }
        for name, axes in ARRAYS.items():
            _check(name, arrays.get(name), tuple(sizes[axis] for axis in axes), 1 << layout.bucket_bits)
        slot = np.zeros(1 << layout.bucket_bits, np.int32)
        slot[arrays["gram_buckets"]] = np.arange(1, sizes["grams"] + 1)
        may_be_phrase = np.zeros(1 << layout.bucket_bits, np.bool_)
        may_be_phrase[features.buckets(arrays["phrase_hashes"], layout.bucket_bits)] = True
        return cls(
            layout,
            arrays["bias"].astype(np.float64),
            arrays["cues"].astype(np.float64),
            np.hstack(
                [
                    unpack_rows(arrays["piece_leading"], arrays["leading_scales"]),
                    unpack_rows(arrays["pieces"], arrays["piece_scales"]),
                ]
            ),
            _below_a_zero_row(unpack_rows(arrays["grams"], arrays["gram_scales"])),
            _below_a_zero_row(arrays["gram_idf"]),
            slot,
            arrays["phrases"].astype(np.float64),
            arrays["phrase_hashes"],
            may_be_phrase,
        )


def _check(name: str, array: NDArray[Any] | None, shape: tuple[int, ...], bucket_count: int) -> None:
    if array is None or array.shape != shape:
        raise ArtifactError(f"the weights have no array {name!r} of shape {shape}")
    if name == "phrase_hashes":
        if array.dtype != np.uint64 or not (array[:-1] < array[1:]).all():
            raise ArtifactError("the phrases of the weights are not in order")
    elif name == "gram_buckets":
        inside = array.dtype.kind == "u" and (not array.size or int(array.max()) < bucket_count)
        if not inside or len(np.unique(array)) != len(array):
            raise ArtifactError("the weights name n-gram buckets that cannot be")
    elif name in PACKED:
        if array.dtype != np.int8:
            raise ArtifactError(f"the weights in {name!r} are not of 8 bits")
    elif array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ArtifactError(f"the weights in {name!r} are not all numbers")


def _below_a_zero_row(array: NDArray[Any]) -> Floats:
    return np.concatenate([np.zeros((1, *array.shape[1:])), array.astype(np.float64)])


@dataclass(frozen=True, slots=True)
class GramUse:
    """N-grams of one length in a batch that have a row in ``table``: which row, and the factor of each."""

    grams: Grams
    slots: NDArray[np.int64]
    factors: Floats
    table: Floats


@dataclass(frozen=True, slots=True)
class Second:
    """What a second look added (:mod:`triage.scoring.second`).

    ``words`` has, by number of the text, the encoder's row of each of its words; the values of the first look
    count ``first`` times.
    """

    words: Mapping[int, Floats]
    first: Floats
    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Batch:
    """What was computed for a list of readings; ``values`` is ``(readings, outputs)``.

    ``piece_factors`` is per reading what the outputs of its pieces are multiplied by.
    """

    cues: Floats
    rows: WordRows
    piece_factors: Floats
    uses: list[GramUse]
    values: Floats
    second: Second | None = None


class LinearModel:
    """Decision values of readings. Safe to use from many threads."""

    def __init__(self, weights: Weights, tokenizer: Tokenizer) -> None:
        self.weights = weights
        self._table = WordTable(tokenizer, weights.pieces)

    def decide(self, readings: Sequence[Reading]) -> Batch:
        """Decision values, and the parts that they are sums of."""
        weights, layout = self.weights, self.weights.layout
        rows = self._table.look_up([reading.words for reading in readings])
        cues = np.array([reading.cues for reading in readings], np.float64).reshape(len(rows), len(layout.cues))
        terms = np.empty((1 + len(layout.cues), len(rows), layout.outputs))
        terms[0] = weights.bias
        np.multiply(cues.T[:, :, None], weights.cues[:, None, :], out=terms[1:])
        values = np.add.reduce(terms, axis=0)  # one after another: a dense product may depend on the batch
        summed = _weighted_sum(np.ones(len(rows.words)), rows.words, rows.bounds, rows.rows)
        piece_factors = inverse_length(np.square(summed[:, : layout.leading]).sum(axis=1))
        values += summed[:, layout.leading :] * piece_factors[:, None]
        uses = self._uses(rows)
        for use in uses:
            bounds = np.searchsorted(use.grams.owners, np.arange(len(rows) + 1))
            values += _weighted_sum(use.factors, use.slots, bounds, use.table)
        return Batch(cues, rows, piece_factors, uses, values)

    def _uses(self, rows: WordRows) -> list[GramUse]:
        weights, layout = self.weights, self.weights.layout
        found = features.grams(rows, max(layout.longest_gram, layout.longest_phrase))
        grams = known_grams(found[: layout.longest_gram], weights.slot, weights.idf, len(rows), layout.bucket_bits)
        uses = [GramUse(one, slots, factors, weights.grams) for one, slots, factors in grams]
        uses += [GramUse(one, slots, np.ones(len(slots)), weights.phrases) for one, slots in self._phrases(found)]
        return uses

    def _phrases(self, found: Sequence[Grams]) -> Iterator[tuple[Grams, NDArray[np.int64]]]:
        """The n-grams that are phrases, shortest first, and which phrase each is. All are looked for at once."""
        weights, found = self.weights, found[: self.weights.layout.longest_phrase]
        if not found:
            return
        hashes = np.concatenate([one.hashes for one in found])
        likely = np.flatnonzero(weights.may_be_phrase[features.buckets(hashes, weights.layout.bucket_bits)])
        slots, known = find_phrases(hashes[likely], weights.phrase_hashes)
        places = likely[known]
        end = 0
        for one in found:
            start, end = end, end + len(one.hashes)
            first, last = places.searchsorted((start, end)).tolist()
            if first < last:
                yield pick(one, places[first:last] - start), slots[first:last]


def pick(grams: Grams, chosen: NDArray[np.int64]) -> Grams:
    """Those of ``grams`` that ``chosen`` numbers."""
    return Grams(grams.length, grams.hashes[chosen], grams.owners[chosen], grams.places[chosen])


def find_phrases(
    hashes: NDArray[np.uint64], phrase_hashes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which phrase each n-gram is, and the numbers of the n-grams that are one."""
    if not len(phrase_hashes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    places = np.minimum(np.searchsorted(phrase_hashes, hashes), len(phrase_hashes) - 1)
    known = np.flatnonzero(phrase_hashes[places] == hashes)
    return places[known], known


def inverse_length(squares: Floats) -> Floats:
    """One over the root of each sum of squares; 0 where that is 0."""
    return np.divide(1.0, np.sqrt(squares), out=np.zeros(len(squares)), where=squares > 0)


def known_grams(
    found: Sequence[Grams], slot: NDArray[np.int32], idf: Floats, texts: int, bucket_bits: int
) -> list[tuple[Grams, NDArray[np.int64], Floats]]:
    """The n-grams that the model knows, their rows, and their factors: idf over the length of the text's block."""
    squares = np.zeros(texts)
    kept: list[tuple[Grams, NDArray[np.int64]]] = []
    for grams in found:
        slots = slot[features.buckets(grams.hashes, bucket_bits)].astype(np.int64)
        known = np.flatnonzero(slots)
        one = pick(grams, known)
        slots = slots[known]
        squares += np.bincount(one.owners, weights=idf[slots] ** 2, minlength=texts)
        kept.append((one, slots))
    length = inverse_length(squares)
    return [(grams, slots, idf[slots] * length[grams.owners]) for grams, slots in kept]


def _weighted_sum(factors: Floats, index: NDArray[np.int64], bounds: NDArray[np.int64], table: NDArray[Any]) -> Floats:
    """Row ``i``: sum of ``factors[k] * table[index[k]]`` for ``k`` in ``bounds[i]:bounds[i + 1]``."""
    if len(bounds) == 2:  # of one text: the same products, added in the same order, without making a matrix
        alone: Floats = np.add.reduce(table.take(index, axis=0) * factors[:, None], axis=0, keepdims=True)
        return alone
    matrix = sp.csr_array((factors, index, bounds), shape=(len(bounds) - 1, len(table)))
    product: Floats = matrix @ table
    return product
