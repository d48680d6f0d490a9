"""A reply as it is compared with what was exposed: a row of letters and digits, whatever stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from triage.privacy.view import BLANK

TOKEN: Final = re.compile(r"[^\W_]+")


class Token(NamedTuple):
    """Letters and digits of a draft, lower case; ``text[start:end]``."""

    bare: str
    start: int
    end: int


class Draft:
    """A reply as it is searched: its text without handles, and its tokens."""

    def __init__(self, text: str) -> None:
        self.text = _HANDLE.sub(lambda handle: BLANK * len(handle[0]), text)
        self.tokens = [Token(found[0].lower(), *found.span()) for found in TOKEN.finditer(self.text)]

    def runs(self) -> Iterator[tuple[str, int, int]]:
        """``letters and digits, start, end`` of every row of tokens that nothing but light punctuation parts."""
        for first, token in enumerate(self.tokens):
            bare, end = "", token.start
            for following in self.tokens[first : first + _MOSTTOKENS]:
                if len(bare) > _MOST_CHARACTERS or (bare and not _GAP.fullmatch(self.text[end : following.start])):
                    break
                bare, end = bare + following.bare, following.end
                yield bare, token.start, end


_HANDLE = re.compile(r"(?<![\w.+-])@\w+")
_GAP = re.compile(r"[\W_]{0,4}")
_MOSTTOKENS: Final = 24
_MOST_CHARACTERS: Final = 40


def bare(text: str) -> str:
    """Letters and digits of ``text``, lower case."""
    return "".join(TOKEN.findall(text)).lower()
