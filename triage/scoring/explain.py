"""Why a verdict came out: a decision value taken apart into the words and cues it is the sum of.

Nothing is approximated. Each word has its share of the pieces' block; an n-gram's share is split
evenly over its words; cues and the bias are named in parentheses.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.domain.scores import Reason
from triage.scoring.linear import Batch, Second, Weights

Floats = NDArray[np.float64]

BIAS = "(bias)"


def word_shares(batch: Batch, weights: Weights, columns: NDArray[np.int64]) -> Floats:
    """Share of every word of the batch in chosen outputs of its text.

    ``columns`` is ``(choices, texts)``: in row ``i``, of each text the output that row is about.
    Returns ``(choices, words)``.
    """
    rows = batch.rows
    owners = rows.owners
    shares: Floats = rows.rows[rows.words, weights.layout.leading + columns[:, owners]] * batch.piece_factors[owners]
    for use in batch.uses:
        grams = use.grams
        share = use.factors * use.table[use.slots, columns[:, grams.owners]] / grams.length
        for step in range(grams.length):
            shares[:, grams.places + step] += share  # n-grams of one length start at different words
    if batch.second is not None:
        _add_second(shares, batch.second, batch.rows.bounds, columns)
    return shares


def _add_second(shares: Floats, second: Second, bounds: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
    """Turn the shares of the first look into those of the second, where there was one."""
    for text, words in second.words.items():
        own, chosen = slice(bounds[text], bounds[text + 1]), columns[:, text]
        shares[:, own] *= second.first[chosen, None]
        for choice, column in enumerate(chosen.tolist()):  # one by one: the rounding of a product depends on its shape
            shares[choice, own] += words @ second.weights[:, column]


def strongest(batch: Batch, shares: Floats, words: list[str], limit: int) -> list[list[tuple[Reason, ...]]]:
    """For each row of ``shares`` and each text its ``limit`` words with the largest shares of either sign.

    The largest come first; of equals the earlier.
    """
    order = -np.abs(shares)
    values = shares.tolist()
    found: list[list[tuple[Reason, ...]]] = [[] for _ in values]
    for start, end in pairwise(batch.rows.bounds.tolist()):
        written = words[start:end]
        largest = order[:, start:end].argsort(axis=1, kind="stable")[:, :limit].tolist()
        for reasons, places, own in zip(found, largest, values, strict=True):
            reasons.append(tuple([(written[place], own[start + place]) for place in places]))
    return found


def everything(batch: Batch, weights: Weights, text: int, column: int, words: list[str]) -> list[Reason]:
    """All reasons for the value of output ``column`` of one text: words in order, cues, bias.

    Their sum is the decision value, to the rounding of floating-point addition.
    """
    columns = np.full((1, len(batch.rows)), column)
    start, end = batch.rows.bounds[text], batch.rows.bounds[text + 1]
    shares = word_shares(batch, weights, columns)[0, start:end]
    reasons = list(zip(words, shares.tolist(), strict=True))
    first, bias = 1.0, 0.0
    if batch.second is not None and text in batch.second.words:
        first, bias = batch.second.first[column], batch.second.bias[column]
    for place, cue in enumerate(weights.layout.cues):
        value = float(first * batch.cues[text, place] * weights.cues[place, column])
        if value:
            reasons.append((f"({cue})", value))
    return [*reasons, (BIAS, float(first * weights.bias[column] + bias))]
