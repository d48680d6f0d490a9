"""Whether a text may name somebody: a cheap look that decides if the model of people reads it at all."""

from __future__ import annotations

import re
from typing import Final

from triage.privacy.people import WordLists

#: Two words with capitals, an initial between them at most. Looks ahead, so that every first word is tried.
_PAIR: Final = re.compile(r"(?<![\w'])(?=([A-ZÀ-ÖØ-ÞĀ-Ž][\w'-]+) (?:[A-Z]\.? )?([A-ZÀ-ÖØ-ÞĀ-Ž][\w'-]+))")
#: A number and two words with capitals: a street, or a product.
_HOUSE: Final = re.compile(r"(?<![\w.,:/])\d{1,5}[A-Za-z]?,? [A-Z]\w+ [A-Z]\w")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_DIGIT: Final = re.compile(r"\d")


def may_name(view: str, lists: WordLists, to_a_handle: bool) -> bool:
    """Whether somebody may be named in ``view``, or a place where somebody lives.

    In a message to a handle, as nearly all on X are, only a full name counts: two words with capitals must stand
    side by side and the first be on a list. In other texts a word on a list is enough, whatever its case, or a
    capital, unless it opens the text and the word is a common one, or a number.
    """
    if to_a_handle:
        pairs = any(lists.has_name(match[1]) for match in _PAIR.finditer(view))
        return pairs or _HOUSE.search(view) is not None
    words = _WORD.findall(view)
    if any(word[0].isupper() for word in words[1:]) or any(map(lists.has_name, words)) or _DIGIT.search(view):
        return True
    return any(word[0].isupper() and word.lower() not in lists.common for word in words[:1])
