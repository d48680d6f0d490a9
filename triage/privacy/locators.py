"""Booking locators: six letters, or letters and digits, that airlines and hotels give a booking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of
from triage.privacy.references import changes

#: Letters that follow each other in at least two words of the project's corpus; locators also have others ("KVZFAK").
_FOLLOWERS: Final = any_of(
    "A:BCDFGHIKLMNPRSTUVWXYZ B:ABEILMORSTUY C:ACEHIKLORSTUY D:ABCDEFGILMNORSTUVY E:ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    " F:AEFILORTUY G:AEGHILNORSUY H:ABDEILORSTUY I:ABCDEFGKLMNOPRSTUVXYZ J:AEIOU K:ADEILNOSTUY L:ABCDEFIKLMOPRSTUVWY"
    " M:ABEIMNOPSUY N:ABCDEFGHIJKLNOPRSTUVY O:ABCDEFGIJKLMNOPRSTUVWXYZ P:ACDEGHILOPRSTUY Q:U R:ABCDEFGHIKLMNOPRSTUVWY"
    " S:ABCDEFHIKLMNOPQSTUWY T:ABCEFGHILMNORSTUWY U:ABCDEFGILMNOPRSTYZ V:AEIOY W:AEHILNORSY X:ACEIPTY Y:ABEILMNOPRSTW"
    " Z:AEIOZ"
)
_PAIRS: Final = frozenset(group[0] + second for group in _FOLLOWERS for second in group[2:])
_SIX_LETTERS = re.compile(r"(?<![\w.@/-])[A-Z]{6}(?![\w@/-])")
_SIX_LOWER = re.compile(r"(?<![\w.@/:=-])(?=[a-z\d]*\d)(?=[a-z\d]*[a-z])[a-z\d]{6}(?![\w@/=-]|\.\w)")
_MIXED = re.compile(r"(?<![\w.@/#-])([A-Z]{2})\d([A-Z]{3})(?![\w@/-])")
_FEWEST_LETTERS: Final = 4
_TRAVEL: Final = any_of(
    "flight flights flying fly booking booked reservation trip airport boarding checkin itinerary leg outbound"
    " inbound hotel train rebook rebooked pnr ticket seat seats airline cruise ferry"
)
_LETTERS = re.compile(
    r"\b(?:PNR|(?:booking|reservation|confirmation|conf)(?: (?:ref|reference|code|number|no))?|ref|reference|locator"
    r"|localizador|buchungs(?:code|nummer)|rebooked|check ?in with)(?:[ :#=.,(-]|\b(?:no|number|is|was|code|its|it's"
    r"|es|ist|as"
    r"|under)\b){1,6}(?-i:([A-Z]{6}))\b",
    re.IGNORECASE,
)
_VOWEL = re.compile(r"[AEIOUY]")


def strange_pairs(letters: str) -> int:
    """How many neighbours in ``letters`` (capitals) never stand so in an English word."""
    return sum(first + second not in _PAIRS for first, second in pairwise(letters))


def find_unnamed_locators(view: str) -> Iterator[Finding]:
    """Six letters that are no word, or a mix in lower case, in talk of travel; nobody says what they are."""
    for match in _SIX_LETTERS.finditer(view):
        if strange_pairs(match[0]) > 1 and len(set(match[0])) > _FEWEST_LETTERS:
            yield Finding(*match.span(), "BOOKING_REF", Ground.GUESSED)
    for match in _SIX_LOWER.finditer(view):
        if changes(match[0]) > 2:
            yield Finding(*match.span(), "BOOKING_REF", Ground.GUESSED)


def find_mixed_locators(view: str) -> Iterator[Finding]:
    """``XN4RTE``: one digit among letters that are of no word and no model."""
    for match in _MIXED.finditer(view):
        if strange_pairs(match[1]) + strange_pairs(match[2]):
            yield Finding(*match.span(), "BOOKING_REF", Ground.GUESSED)


def find_locators(view: str) -> Iterator[Finding]:
    """Six-letter booking locators, which are told from words by their want of vowels."""
    for match in _LETTERS.finditer(view):
        if len(_VOWEL.findall(match[1])) <= 1 or strange_pairs(match[1]):
            yield Finding(*match.span(1), "BOOKING_REF", Ground.SAID)


RULES: Final = (
    Rule(find_unnamed_locators, words=_TRAVEL),
    Rule(find_mixed_locators, digits=1),
    Rule(
        find_locators,
        words=any_of(
            "pnr booking reservation confirmation conf ref reference locator localizador buchungscode buchungsnummer"
            " rebooked check"
        ),
    ),
)
