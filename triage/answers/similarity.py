"""How alike a message and each known question are: words, characters and, where there are any, sentence vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.answers.terms import character_grams, word_grams, words

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


#: Weight of the sentence vectors' cosine, where there are any; from 0.3 to 0.7 results differ little.
_SHARE_OF_MEANING: Final = 0.5


class SentenceVectors(Protocol):
    """Anything that turns texts into vectors whose cosine says how alike their meanings are."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """One row a text, any width, not necessarily of unit length; a zero row for a text it cannot read."""
        ...


class QuestionIndex:
    """Similarity to every one of N known texts, from 0 (nothing shared) to 1 (equal).

    The mean of two cosines, of TF-IDF weighted words and word pairs and of TF-IDF weighted runs of
    characters; where there are sentence vectors, their cosine has as much weight as both. Grams that no
    known text has still lengthen a message's vector, so what a message says beyond the known makes it less
    alike to all of it. Every text is to be :func:`triage.answers.terms.plain`.
    """

    def __init__(self, texts: Sequence[str], vectors: SentenceVectors | None = None) -> None:
        self._meaning = vectors
        read = [_grams(text) for text in texts]
        known = Counter(gram for blocks in read for block in blocks for gram in block)
        self._columns: dict[str, int] = {gram: column for column, gram in enumerate(known)}
        count = len(texts)
        self._idf: list[float] = [_idf(count, documents) for documents in known.values()]
        self._idf_unknown: Final = _idf(count, 1)
        self._block_weight: Final = (1.0 if vectors is None else 1.0 - _SHARE_OF_MEANING) / 2
        self._known = self._rows(read)
        self._by_gram = sp.csr_array(self._known.T)
        self._vectors = _unit_rows(vectors, texts) if vectors is not None and texts else None

    def similarities(self, text: str) -> Vector:
        """Similarity of ``text`` to each known text: shape (N,)."""
        found = self._shared(_grams(text))
        if self._meaning is not None and self._vectors is not None:
            vector = _unit_rows(self._meaning, [text])[0]
            found = found + _SHARE_OF_MEANING * np.maximum(self._vectors @ vector, 0.0)
        return found

    def among_themselves(self) -> Matrix:
        """Similarity of each known text to each: shape (N, N), ones on the diagonal."""
        found: Matrix = (self._known @ self._known.T).toarray()
        if self._vectors is not None:
            found = found + _SHARE_OF_MEANING * np.maximum(self._vectors @ self._vectors.T, 0.0)
        return found

    def _shared(self, blocks: tuple[Counter[str], Counter[str]]) -> Vector:
        """The product of one row with all known ones; for a single row this is faster than SciPy's."""
        columns: list[int] = []
        values: list[float] = []
        for block in blocks:
            self._add(block, columns, values)
        rows = np.array(columns, dtype=np.int64)
        starts = self._by_gram.indptr[rows]
        lengths = self._by_gram.indptr[rows + 1] - starts
        places = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        weights = self._by_gram.data[places] * np.repeat(values, lengths)
        summed = np.bincount(self._by_gram.indices[places], weights, minlength=self._by_gram.shape[1])
        return np.asarray(summed, dtype=np.float64)

    def _rows(self, read: Sequence[tuple[Counter[str], Counter[str]]]) -> sp.csr_array:
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for blocks in read:
            for block in blocks:
                self._add(block, columns, values)
            ends.append(len(columns))
        shape = (len(read), len(self._columns))
        return sp.csr_array((np.array(values), np.array(columns, dtype=np.int32), np.array(ends)), shape=shape)

    def _add(self, block: Counter[str], columns: list[int], values: list[float]) -> None:
        """Append a block's weights, scaled so that the dot product of two rows is their weighted cosine."""
        start, squares = len(values), 0.0
        for gram, times in block.items():
            column = self._columns.get(gram)
            weight = (1.0 + math.log(times)) * (self._idf_unknown if column is None else self._idf[column])
            squares += weight * weight
            if column is not None:
                columns.append(column)
                values.append(weight)
        scale = math.sqrt(self._block_weight / squares) if squares else 0.0
        for at in range(start, len(values)):
            values[at] *= scale


def _unit_rows(vectors: SentenceVectors, texts: Sequence[str]) -> Matrix:
    """Vectors of ``texts``, each of length 1, or 0 where nothing in the text is known."""
    rows = np.asarray(vectors.embed(texts), dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _grams(text: str) -> tuple[Counter[str], Counter[str]]:
    found = words(text)
    return _count(word_grams(found)), _count(character_grams(found))


def _count(grams: Iterable[str]) -> Counter[str]:
    return Counter(grams)


def _idf(count: int, documents: int) -> float:
    """Smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``."""
    return math.log((1 + count) / (1 + documents)) + 1.0
