"""Texts as rows of words, and what is known of each word, worked out once per word and process.

A message is a few dozen words, and most of them were seen a moment ago: splitting a word into
pieces, hashing it and adding up the rows of its pieces happens when the word is first met.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.text.normalise import HANDLE, LINK

#: Placeholders of normalising, words (with inner apostrophes), and single signs such as "?" or an emoji.
_WORD: Final = re.compile(rf"{HANDLE}|{LINK}|[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_+")
#: Placeholders say that something is there, not what it says: they have no pieces.
WITHOUT_PIECES: Final = frozenset({HANDLE, LINK})
_DIGIT: Final = re.compile(r"\d")
_ROOM: Final = 4096


def split(text: str) -> list[str]:
    """The words of a normalised text, in order, as written."""
    return _WORD.findall(text)


def word_hash(word: str) -> int:
    """Stable 32-bit hash of a word; case and the values of digits do not count ("A12" is "a98")."""
    lower = word.lower()
    return zlib.crc32((lower if lower.isalpha() else _DIGIT.sub("0", lower)).encode())


@dataclass(frozen=True, slots=True)
class WordRows:
    """Texts as indices into a table of words.

    ``words``: index of each word, all texts one after another; ``owners``: for each the number of its text;
    ``bounds``: text ``i`` is ``words[bounds[i]:bounds[i + 1]]``. The other arrays are the table: ``hashes``
    (uint64), ``pieces`` (how many pieces the word has) and ``rows`` (the sum of the rows of its pieces).
    """

    words: NDArray[np.int64]
    owners: NDArray[np.int64]
    bounds: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    pieces: NDArray[np.int64]
    rows: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.bounds) - 1


class WordTable:
    """Looks words up, learning new ones as they come. Safe to use from many threads.

    ``piece_rows`` has one row per word piece of the tokenizer; what the row means is the caller's.
    """

    def __init__(self, tokenizer: Tokenizer, piece_rows: NDArray[np.float32], *, capacity: int = 50_000) -> None:
        self._tokenizer = tokenizer
        self._piece_rows = piece_rows
        self._capacity = capacity
        self._lock = threading.Lock()
        self._forget()

    def look_up(self, texts: Sequence[Sequence[str]]) -> WordRows:
        """``texts`` (each a list of words) as rows of the table. Equal words always get equal rows."""
        sizes = [len(words) for words in texts]
        bounds = np.array([0, *accumulate(sizes)], np.int64)
        owners = np.arange(len(texts)).repeat(sizes)
        flat = list(chain.from_iterable(texts))
        with self._lock:
            new = [word for word in dict.fromkeys(flat) if word not in self._index]
            if new:
                if len(self._index) + len(new) > self._capacity:
                    self._forget()
                    new = list(dict.fromkeys(flat))
                self._learn(new)
            words = np.fromiter(map(self._index.__getitem__, flat), np.int64, len(flat))
            # Learning appends or replaces these arrays but never changes a row that was handed out.
            return WordRows(words, owners, bounds, self._hashes, self._pieces, self._rows)

    def _forget(self) -> None:
        self._index: dict[str, int] = {}
        self._hashes = np.zeros(_ROOM, np.uint64)
        self._pieces = np.zeros(_ROOM, np.int64)
        self._rows = np.zeros((_ROOM, self._piece_rows.shape[1]))

    def _learn(self, new: list[str]) -> None:
        start = len(self._index)
        self._make_room(start + len(new))
        readable = ["" if word in WITHOUT_PIECES else word for word in new]
        encodings = self._tokenizer.encode_batch_fast(readable, add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        counts = np.array([len(own) for own in ids], np.int64)
        end = start + len(new)
        self._hashes[start:end] = [word_hash(word) for word in new]
        self._pieces[start:end] = counts
        with_pieces = np.flatnonzero(counts)
        if len(with_pieces):
            firsts = (np.cumsum(counts) - counts)[with_pieces]
            rows = self._piece_rows[list(chain.from_iterable(ids))].astype(np.float64)
            self._rows[start + with_pieces] = np.add.reduceat(rows, firsts, axis=0)
        self._index.update(zip(new, range(start, end), strict=True))

    def _make_room(self, needed: int) -> None:
        room = len(self._hashes)
        if needed <= room:
            return
        more = max(needed, 2 * room) - room
        self._hashes = np.concatenate([self._hashes, np.zeros(more, np.uint64)])
        self._pieces = np.concatenate([self._pieces, np.zeros(more, np.int64)])
        self._rows = np.concatenate([self._rows, np.zeros((more, self._rows.shape[1]))])
