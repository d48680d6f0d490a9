"""The matrix that heads are fitted on, made by the very code that serving reads messages with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training.lexicon import NO_LEXICON, Lexicon, phrase_table
from training.recipe import FeatureChoice
from triage.scoring import features
from triage.scoring.eight_bit import pack_rows
from triage.scoring.features import Grams, Reading
from triage.scoring.linear import Layout, Weights, find_phrases, inverse_length, known_grams
from triage.scoring.vectors import PieceVectors
from triage.scoring.words import WordRows, WordTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownGrams:
    """The n-grams that were kept: their buckets, ascending, and inverse document frequencies."""

    buckets: NDArray[np.uint32]
    idf: Floats


class Design:
    """Turns readings into rows. Columns: kept n-grams, dimensions of the piece vectors, groups of phrases, cues."""

    def __init__(self, choice: FeatureChoice, vectors: PieceVectors, lexicon: Lexicon = NO_LEXICON) -> None:
        self._phrases = phrase_table(lexicon, vectors.tokenizer)
        self.choice = choice
        self.vectors = vectors
        self._table = WordTable(vectors.tokenizer, vectors.table.astype(np.float32), capacity=1_000_000)
        self.known = KnownGrams(np.zeros(0, np.uint32), np.zeros(0))

    def fit(self, readings: Sequence[Reading]) -> sp.csr_array:
        """Choose the n-grams to keep from ``readings`` and return their matrix."""
        rows = self._rows(readings)
        found = self._grams(rows)
        frequency: dict[int, int] = {}
        for grams, fewest in zip(found, self.choice.fewest_texts, strict=False):
            for bucket, texts in self._texts_of_buckets(grams):
                if texts >= fewest:
                    frequency[bucket] = max(texts, frequency.get(bucket, 0))
        buckets = np.array(sorted(frequency), np.uint32)
        counts = np.array([frequency[bucket] for bucket in buckets.tolist()], np.float64)
        idf = np.log((1 + len(rows)) / (1 + counts)) + 1
        self.known = KnownGrams(buckets, idf.astype(np.float32).astype(np.float64))  # as the artifact stores it
        return self._matrix(readings, rows, found)

    def transform(self, readings: Sequence[Reading]) -> sp.csr_array:
        """The matrix of other readings, over the same columns."""
        rows = self._rows(readings)
        return self._matrix(readings, rows, self._grams(rows))

    def _rows(self, readings: Sequence[Reading]) -> WordRows:
        return self._table.look_up([reading.words for reading in readings])

    def _grams(self, rows: WordRows) -> list[Grams]:
        return features.grams(rows, max(len(self.choice.fewest_texts), self._phrases.longest))

    def _texts_of_buckets(self, grams: Grams) -> list[tuple[int, int]]:
        bits = self.choice.bucket_bits
        pairs = np.unique((grams.owners << bits) | features.buckets(grams.hashes, bits))
        buckets, texts = np.unique(pairs & ((1 << bits) - 1), return_counts=True)
        return list(zip(buckets.tolist(), texts.tolist(), strict=True))

    def _matrix(self, readings: Sequence[Reading], rows: WordRows, found: list[Grams]) -> sp.csr_array:
        pieces = self._piece_block(rows) * self.choice.piece_scale
        cues = np.array([reading.cues for reading in readings], np.float64) * self.choice.cue_scale
        blocks = [self._gram_block(rows, found), sp.csr_array(pieces)]
        if self._phrases.groups:
            blocks.append(self._phrase_block(rows, found) * self.choice.phrase_scale)
        if self.choice.cues:
            blocks.append(sp.csr_array(cues))
        return sp.csr_array(sp.hstack(blocks, format="csr"))

    def _gram_block(self, rows: WordRows, found: list[Grams]) -> sp.csr_array:
        bits = self.choice.bucket_bits
        slot = np.zeros(1 << bits, np.int32)
        slot[self.known.buckets] = np.arange(1, len(self.known.buckets) + 1)
        longest = len(self.choice.fewest_texts)
        uses = known_grams(found[:longest], slot, np.concatenate([[0.0], self.known.idf]), len(rows), bits)
        owners = np.concatenate([grams.owners for grams, _, _ in uses])
        columns = np.concatenate([slots for _, slots, _ in uses]) - 1
        factors = np.concatenate([factors for _, _, factors in uses])
        return sp.csr_array((factors, (owners, columns)), shape=(len(rows), len(self.known.buckets)))

    def _phrase_block(self, rows: WordRows, found: list[Grams]) -> sp.csr_array:
        table = self._phrases
        hits = sp.csr_array((len(rows), len(table.hashes)))
        for grams in found[: table.longest]:
            slots, known = find_phrases(grams.hashes, table.hashes)
            hits = hits + sp.csr_array((np.ones(len(known)), (grams.owners[known], slots)), shape=hits.shape)
        return sp.csr_array(hits @ table.members)

    def _piece_block(self, rows: WordRows) -> Floats:
        picked = sp.csr_array((np.ones(len(rows.words)), rows.words, rows.bounds), shape=(len(rows), len(rows.rows)))
        summed: Floats = picked @ rows.rows
        return summed * inverse_length(np.square(summed[:, : self.choice.leading]).sum(axis=1))[:, None]

    def layout(self, outputs: int) -> Layout:
        """How serving is to read the tables of :meth:`export`."""
        choice = self.choice
        longest = len(choice.fewest_texts)
        return Layout(outputs, choice.cues, longest, self._phrases.longest, choice.bucket_bits, choice.leading)

    def export(self, coefficients: Floats, intercepts: Floats) -> dict[str, NDArray[np.generic]]:
        """The arrays of ``weights.npz`` from fitted ``coefficients`` ``(outputs, columns)``.

        The vectors are multiplied by their weights here, and the weight of a group is given to each
        of its phrases, so that serving looks outputs up.
        """
        grams = len(self.known.buckets)
        dims = self.vectors.table.shape[1]
        table = self.vectors.table.astype(np.float64)
        after_pieces, after_groups = grams + dims, grams + dims + len(self._phrases.groups)
        of_pieces = coefficients[:, grams:after_pieces] * self.choice.piece_scale
        of_groups = coefficients[:, after_pieces:after_groups].T * self.choice.phrase_scale
        pieces, piece_scales = pack_rows(table @ of_pieces.T)
        leading, leading_scales = pack_rows(table[:, : self.choice.leading])
        kept, gram_scales = pack_rows(coefficients[:, :grams].T)
        return {
            "bias": intercepts,
            "cues": coefficients[:, after_groups:].T * self.choice.cue_scale,
            "pieces": pieces,
            "piece_scales": piece_scales,
            "piece_leading": leading,
            "leading_scales": leading_scales,
            "grams": kept,
            "gram_scales": gram_scales,
            "gram_buckets": self.known.buckets,
            "gram_idf": self.known.idf.astype(np.float32),
            "phrases": np.asarray(self._phrases.members @ of_groups),
            "phrase_hashes": self._phrases.hashes,
        }

    def weights(self, coefficients: Floats, intercepts: Floats) -> Weights:
        """The tables as serving will have them after loading what :meth:`export` gives."""
        outputs = len(intercepts)
        return Weights.from_arrays(self.export(coefficients, intercepts), self.layout(outputs), len(self.vectors.table))
