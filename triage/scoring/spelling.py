"""How a word is read: drawn-out words and slips of the finger as the word that was meant.

A word that the model has seen, or that is one piece of its vocabulary, is read as written. Another
one is read as the seen word that it becomes by undoing one slip: letters that change places, a
letter left out or struck twice; the commonest where several come out, as Norvig does (norvig.com,
"How to write a spelling corrector", 2007). Letters held down ("sooo", "carrryyy") are let go first.

Only plain words in lower case are corrected: a capital may begin a name. What a word is read as
depends on that word alone, so that a text is read equally in every batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import product
from typing import Final

#: How a word is read.
Reader = Callable[[str], str]

_HELD: Final = re.compile(r"([a-z])\1{2,}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_PLAIN: Final = re.compile(r"[a-z]{2,}")
#: Shorter words have too many others one slip away; longer ones are none.
_SHORTEST: Final = 4
_LONGEST: Final = 24
#: Nobody writes more drawn-out letters in one word than this and means a word.
_MOST_HELD: Final = 4
_REMEMBERED: Final = 50_000


def as_written(word: str) -> str:
    """Every word as it stands."""
    return word


class Spelling:
    """Reads words by the words that a model has seen. Safe to use from many threads.

    ``seen`` are lower-case words, the commonest first. ``vocabulary`` are words that are right too, though
    nothing is corrected to them.
    """

    def __init__(self, seen: Sequence[str], vocabulary: Collection[str] = ()) -> None:
        self.seen = tuple(seen)
        self._rank = {word: rank for rank, word in enumerate(seen)}
        self._known = frozenset(word for word in vocabulary if _PLAIN.fullmatch(word)) | self._rank.keys()
        self._read: dict[str, str] = {}

    def read(self, word: str) -> str:
        """The word that ``word`` is read as; mostly ``word`` itself."""
        found = self._read.get(word)
        if found is None:
            found = self._work_out(word)
            if len(self._read) >= _REMEMBERED:
                self._read = {}
            self._read[word] = found
        return found

    def _work_out(self, word: str) -> str:
        lower = word.lower()
        if not _PLAIN.fullmatch(lower) or lower in self._known:
            return word
        if held := _HELD.search(lower):
            lower = self._let_go(lower)
            if lower in self._known:
                return lower
        if not (held or word == lower) or not _SHORTEST <= len(lower) <= _LONGEST:
            return lower if held else word
        meant = self._commonest(_one_slip_back(lower))
        return meant or (lower if held else word)

    def _let_go(self, word: str) -> str:
        """``word`` with each run of three letters or more as one or two: a known word where there is one."""
        parts = _HELD.split(word)
        if len(parts) // 2 > _MOST_HELD:
            return _HELD.sub(r"\1", word)
        choices = [[part, part * 2] if place % 2 else [part] for place, part in enumerate(parts)]
        shorter = ["".join(choice) for choice in product(*choices)]
        return self._commonest(shorter) or next((one for one in shorter if one in self._known), shorter[0])

    def _commonest(self, words: Collection[str] | Iterator[str]) -> str | None:
        return min((word for word in words if word in self._rank), key=self._rank.__getitem__, default=None)


def _one_slip_back(word: str) -> Iterator[str]:
    """Every word that one slip turns into ``word``. The first letter is nearly always right."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
    for place in range(1, len(word) + 1):
        for letter in _LETTERS:
            yield word[:place] + letter + word[place:]
