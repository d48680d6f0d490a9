"""The words that a model has seen, from the messages that it is fitted on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from training.corpus import Example
from training.lexicon import Lexicon
from triage.scoring.spelling import Spelling
from triage.scoring.vectors import PieceVectors
from triage.scoring.words import split
from triage.text.normalise import normalise


def spelling_of(examples: Sequence[Example], lexicon: Lexicon, vectors: PieceVectors, fewest: int) -> Spelling:
    """How to read words after ``examples``: by their words of ``fewest`` messages or more, then those of the lexicon.

    Equal counts are in the order of the alphabet, so that equal examples give equal spellings.
    """
    counts: Counter[str] = Counter()
    for one in examples:
        counts.update({word.lower() for word in split(normalise(one.text))})
    common = sorted((word for word, texts in counts.items() if texts >= fewest), key=lambda word: (-counts[word], word))
    told = sorted({word.lower() for own in lexicon.values() for phrase in own for word in split(phrase)})
    plain = [word for word in dict.fromkeys([*common, *told]) if word.isascii() and word.isalpha()]
    return Spelling(plain, vectors.tokenizer.get_vocab())
