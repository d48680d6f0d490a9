"""Groups of words and phrases that mean much the same to a care team: one feature a group."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ConfigurationError
from triage.scoring import features
from triage.scoring.words import WordTable, split

#: Longest phrase, in words.
LONGEST: Final = 4
_CHOICE: Final = re.compile(r"\{([^{}]*)\}")

Lexicon = Mapping[str, tuple[str, ...]]
NO_LEXICON: Final[Lexicon] = {}


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """All phrases by hash, ascending; ``members[i, j]`` is 1 where phrase ``i`` is in group ``j``."""

    groups: tuple[str, ...]
    hashes: NDArray[np.uint64]
    members: sp.csr_array
    longest: int


def read_lexicon(path: Path) -> Lexicon:
    """Read groups of phrases; ``refund{,s,ed}`` is written out, and apostrophes may be left out.

    Raises:
        ConfigurationError: the file cannot be read, or a phrase is not text of 1 to 4 words.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    lexicon = {}
    for group, phrases in told.items():
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
            raise ConfigurationError(f"{path}: {group} is not a list of phrases")
        spelled = [form for phrase in phrases for form in spellings(phrase)]
        for form in spelled:
            if not 1 <= len(split(form)) <= LONGEST:
                raise ConfigurationError(f"{path}: {group}: {form!r} is not of 1 to {LONGEST} words")
        lexicon[group] = tuple(dict.fromkeys(spelled))
    return lexicon


def spellings(phrase: str) -> Iterator[str]:
    """Every form that ``phrase`` stands for."""
    choice = _CHOICE.search(phrase)
    if choice is None:
        yield phrase
        if "'" in phrase:
            yield phrase.replace("'", "")
        return
    for form in choice[1].split(","):
        yield from spellings(phrase[: choice.start()] + form + phrase[choice.end() :])


def phrase_table(lexicon: Lexicon, tokenizer: Tokenizer) -> PhraseTable:
    """Hash every phrase as serving hashes the n-grams of a message."""
    groups = tuple(lexicon)
    phrases = [phrase for own in lexicon.values() for phrase in own]
    if not phrases:
        return PhraseTable((), np.zeros(0, np.uint64), sp.csr_array((0, 0)), 0)
    words = [split(phrase) for phrase in phrases]
    longest = max(map(len, words))
    rows = WordTable(tokenizer, np.zeros((tokenizer.get_vocab_size(), 1), np.float32)).look_up(words)
    hashes = np.zeros(len(phrases), np.uint64)
    for grams in features.grams(rows, longest):
        hashes[grams.owners] = grams.hashes  # the longest comes last: the one as long as the phrase
    columns = np.repeat(np.arange(len(groups)), [len(lexicon[group]) for group in groups])
    known, numbers = np.unique(hashes, return_inverse=True)
    members = sp.csr_array((np.ones(len(phrases)), (numbers, columns)), shape=(len(known), len(groups)))
    return PhraseTable(groups, known, members, longest)
