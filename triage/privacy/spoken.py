"""Numbers and codes that are spelled in words: "four four two one", "double seven", "quebec x-ray seven"."""

from __future__ import annotations

import re
from typing import Final

from triage.privacy.findings import any_of

_ONES: Final = {
    "zero": "0",
    "nought": "0",
    "nil": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_TEENS: Final = {
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
}
_TENS: Final = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}

_ONE: Final = "|".join(_ONES)
_WORD: Final = (
    rf"(?:(?:{'|'.join(_TIMES)})[ -](?:{_ONE}|\d)|(?:{'|'.join(_TENS)})(?:[ -](?:{_ONE}))?|{'|'.join(_TEENS)}|{_ONE})"
)
#: Two number words or more, digits among them, with nothing but spaces and light punctuation between.
_RUN = re.compile(
    rf"\b(?:\d{{1,4}}[ ,.-]{{1,2}}){{0,4}}{_WORD}(?:[ ,.-]{{1,3}}(?:{_WORD}|\d{{1,4}}))+\b", re.IGNORECASE
)
_TIMES_ONE = re.compile(rf"\b(?:{'|'.join(_TIMES)})[ -](?:{_ONE})\b", re.IGNORECASE)
#: A house's number may be a single word: "flat three". Not "number one", which praises.
_HOUSE = re.compile(
    rf"\b(flat|apartment|apt|house|number|door|no\.|unit|at)( number)? (?!one\b)({_WORD})\b(?!-| (?:in|of|on) )",
    re.IGNORECASE,
)
_PART = re.compile(rf"\b(?:{_WORD}|\d{{1,4}})\b", re.IGNORECASE)

#: The spelling alphabet of radio and telephone; the words that only it has, and those that mean something else too.
_LETTERS: Final = {
    word: word[0]
    for word in any_of(
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november"
        " oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu"
    )
}
_ALL_ONES = re.compile(rf"\b(?:{_ONE})\b", re.IGNORECASE)
_LETTER = re.compile(rf"\b(?:{'|'.join(sorted(_LETTERS, key=len, reverse=True))})\b", re.IGNORECASE)


def digits_for_words(text: str) -> str:
    """``text`` with runs of number words as digits ("four four two one": "4421"), and house numbers ("flat three")."""
    text = _RUN.sub(lambda run: "".join(_digits(part[0]) for part in _PART.finditer(run[0])), text)
    text = _TIMES_ONE.sub(lambda times: _digits(times[0]), text)
    return _HOUSE.sub(lambda house: f"{house[1]}{house[2] or ''} {_digits(house[3])}", text)


def letters_for_words(text: str) -> str:
    """``text`` with the words of the spelling alphabet as letters, and then numbers too: "quebec seven" is "q 7"."""
    letters, count = _LETTER.subn(lambda word: _LETTERS[word[0].lower()], text)
    return _ALL_ONES.sub(lambda word: _ONES[word[0].lower()], letters) if count else text


def _digits(word: str) -> str:
    """The digits of one number word."""
    word = word.lower()
    if word.isdigit():
        return word
    first, _, second = word.replace("-", " ").partition(" ")
    if first in _TIMES:
        return _ONES.get(second, second) * _TIMES[first]
    if first in _TENS:
        return _TENS[first] + _ONES.get(second, "0")
    return _TEENS.get(first) or _ONES[first]
