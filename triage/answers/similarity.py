"""How alike a message and each known question are: words, characters and, where there are any, sentence vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.answers.terms import character_grams, word_grams, words

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


#: Weight of the sentence vectors' cosine, where there are any; from 0.5 to 0.7 results differ little.
_SHARE_OF_MEANING: Final = 0.6
#: Numbers that all grams of a text are folded into, where it is to be features of a fixed number.
_FOLDED: Final = 256
_SEED: Final = 20261126
_UNKNOWN: Final = -1
#: The grams of a text: of its words, and of its characters.
_Read = tuple[Counter[str], Counter[str]]
_BLOCKS: Final = 2
#: Known vectors that a message is compared with at once. A larger product would be shared out by BLAS to threads, which
#: cost far more than they save: 9 instead of 3 ms a message from 1,200 texts on.
_AT_ONCE: Final = 1024


class SentenceVectors(Protocol):
    """Anything that turns texts into vectors whose cosine says how alike their meanings are."""

    @property
    def version(self) -> str:
        """Changes whenever any vector does."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """One row a text, any width, not necessarily of unit length; a zero row for a text it cannot read."""
        ...


@dataclass(frozen=True, slots=True)
class _Grams:
    """The known grams of texts: their columns, their weights, and how many each text has."""

    columns: NDArray[np.int64]
    values: Vector
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A message among N known texts. ``alike`` is its similarity to each, shape (N,)."""

    alike: Vector
    grams: _Grams
    vector: Vector | None


class QuestionIndex:
    """Similarity to every one of N known texts, from 0 (nothing shared) to 1 (equal).

    The mean of two cosines, of TF-IDF weighted words and word pairs and of TF-IDF weighted runs of
    characters; where there are sentence vectors, their cosine has more weight than both. Grams that no
    known text has still lengthen a message's vector, so what a message says beyond the known makes it less
    alike to all of it. Every text is to be :func:`triage.answers.terms.plain`.
    """

    def __init__(self, texts: Sequence[str], vectors: SentenceVectors | None = None) -> None:
        self._meaning = vectors
        read = [_grams(text) for text in texts]
        known = Counter(chain.from_iterable(chain.from_iterable(read)))
        self._columns: dict[str, int] = {gram: column for column, gram in enumerate(known)}
        #: The last one is for grams that no known text has, whose column is -1.
        self._idf: Final = _idf(len(texts), np.array([*known.values(), 1], dtype=np.float64))
        self._block_weight: Final = (1.0 if vectors is None else 1.0 - _SHARE_OF_MEANING) / 2
        self._known = self._rows(read)
        self._by_gram = sp.csr_array(self._known.T)
        self.vectors: Final = _unit_rows(vectors, texts) if vectors is not None and texts else None
        compared = None if self.vectors is None else self.vectors.astype(np.float32)
        self._compared: Final = (
            None if compared is None else [compared[at : at + _AT_ONCE] for at in range(0, len(compared), _AT_ONCE)]
        )
        chance = np.random.default_rng(_SEED)
        self._buckets: Final = chance.integers(0, _FOLDED, len(self._columns))
        self._signs: Final = chance.choice([-1.0, 1.0], len(self._columns))

    def place(self, text: str) -> Place:
        """Where ``text`` lies among the known texts."""
        grams = self._weighed([_grams(text)])
        alike = self._shared(grams)
        if self._meaning is None or self._compared is None:
            return Place(alike, grams, None)
        vector = _unit_rows(self._meaning, [text])[0]
        single = vector.astype(np.float32)
        cosines = np.concatenate([some @ single for some in self._compared])
        return Place(alike + _SHARE_OF_MEANING * np.maximum(cosines, 0.0), grams, vector)

    def among_themselves(self) -> Matrix:
        """Similarity of each known text to each: shape (N, N), ones on the diagonal."""
        found: Matrix = (self._known @ self._known.T).toarray()
        if self.vectors is not None:
            meant = self.vectors @ self.vectors.T
            np.maximum(meant, 0.0, out=meant)
            meant *= _SHARE_OF_MEANING
            found += meant
        return found

    def features(self) -> Matrix:
        """The known texts as features of about length 1, shape (N, d): their vectors beside their folded grams.

        Grams are folded by feature hashing with random signs (Weinberger et al. 2009), which keeps dot products.
        """
        folding = sp.csr_array(
            (self._signs, (np.arange(len(self._buckets)), self._buckets)), shape=(len(self._buckets), _FOLDED)
        )
        folded: Matrix = (self._known @ folding).toarray()
        return folded if self.vectors is None else np.hstack([folded, _scaled(self.vectors)])

    def features_of(self, place: Place) -> Vector:
        """A message as :meth:`features` has the known texts: shape (d,)."""
        weights = place.grams.values * self._signs[place.grams.columns]
        folded: Vector = np.bincount(self._buckets[place.grams.columns], weights, minlength=_FOLDED).astype(np.float64)
        return folded if place.vector is None else np.concatenate([folded, _scaled(place.vector)])

    def _shared(self, grams: _Grams) -> Vector:
        """The product of one row with all known ones; for a single row this is faster than SciPy's."""
        rows = grams.columns
        starts = self._by_gram.indptr[rows]
        lengths = self._by_gram.indptr[rows + 1] - starts
        places = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        weights = self._by_gram.data[places] * np.repeat(grams.values, lengths)
        summed = np.bincount(self._by_gram.indices[places], weights, minlength=self._by_gram.shape[1])
        return np.asarray(summed, dtype=np.float64)

    def _rows(self, read: Sequence[_Read]) -> sp.csr_array:
        grams = self._weighed(read)
        ends = np.concatenate([[0], np.cumsum(grams.counts)])
        return sp.csr_array((grams.values, grams.columns.astype(np.int32), ends), shape=(len(read), len(self._columns)))

    def _weighed(self, read: Sequence[_Read]) -> _Grams:
        """Grams of texts, each block of them scaled so that the dot product of two rows is their weighted cosine."""
        blocks = list(chain.from_iterable(read))
        columns = np.array([self._columns.get(gram, _UNKNOWN) for gram in chain.from_iterable(blocks)], dtype=np.int64)
        times = np.array([times for block in blocks for times in block.values()], dtype=np.float64)
        block_of = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
        weights = (1.0 + np.log(times)) * self._idf[columns]
        squares = np.bincount(block_of, weights * weights, minlength=len(blocks))
        values = weights * np.sqrt(self._block_weight / squares[block_of])
        known = columns != _UNKNOWN
        counts = np.bincount(block_of[known] // _BLOCKS, minlength=len(read))
        return _Grams(columns[known], values[known], counts)


def _scaled(vectors: Matrix) -> Matrix:
    """Sentence vectors with the weight in a dot product that they have in a similarity."""
    scaled: Matrix = math.sqrt(_SHARE_OF_MEANING) * vectors
    return scaled


def _unit_rows(vectors: SentenceVectors, texts: Sequence[str]) -> Matrix:
    """Vectors of ``texts``, each of length 1, or 0 where nothing in the text is known."""
    rows = np.asarray(vectors.embed(texts), dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _grams(text: str) -> _Read:
    found = words(text)
    return Counter(word_grams(found)), Counter(character_grams(found))


def _idf(count: int, documents: Vector) -> Vector:
    """Smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``."""
    found: Vector = np.log((1 + count) / (1 + documents)) + 1.0
    return found
