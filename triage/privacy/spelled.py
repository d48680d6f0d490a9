"""Numbers and codes written out in words: "oh seven seven double four, 9 one …", "quebec x-ray seven".

They are put back into digits, in place, and read by the rules for numbers; what those find is reported
where the words stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from triage.privacy import bank, credentials, national, numbers, references
from triage.privacy.findings import Finding, Ground, Rule, any_of

_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9", "hundred": "00",
    "thousand": "000", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
    # Spanish, French, German, Dutch, and Hindi in Latin letters
    "cero": "0", "uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7",
    "ocho": "8", "nueve": "9", "zéro": "0", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7",
    "huit": "8", "neuf": "9", "null": "0", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4",
    "fünf": "5", "fuenf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "nul": "0", "twee": "2",
    "drie": "3", "vijf": "5", "zes": "6", "zeven": "7", "negen": "9", "shunya": "0", "sunya": "0", "ek": "1",
    "do": "2", "teen": "3", "char": "4", "chaar": "4", "paanch": "5", "panch": "5", "chhe": "6", "cheh": "6",
    "chhah": "6", "saat": "7", "aath": "8", "nau": "9",
}  # fmt: skip
_TENS: Final = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
#: With these in it, a row of words is more likely an amount.
_AMOUNTS: Final = any_of("hundred thousand")
_TIMES: Final = {"double": 2, "dbl": 2, "doble": 2, "doppel": 2, "dubbel": 2, "triple": 3, "treble": 3, "quadruple": 4}
#: The alphabet that radio operators and call centres spell with.
_LETTERS: Final = {
    word: word[0].upper()
    for word in any_of(
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar"
        " papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu"
    )
}
_WORDS: Final = sorted((*_DIGITS, *_TENS, *_TIMES, *_LETTERS), key=len, reverse=True)
_LONG_WORDS: Final = frozenset(word for word in _WORDS if len(word) > 1)
_TOKEN: Final = rf"(?:{'|'.join(_WORDS)}|\d{{1,6}}|[a-z])"
_RUN = re.compile(rf"(?:{'|'.join(_WORDS)})[ ,./\n-]{{1,3}}(?:{'|'.join(_WORDS)}|\d)(?![a-z])", re.IGNORECASE)
_RUN = re.compile(
    rf"(?<![\w'.£$€-]){_TOKEN}(?:(?:[ ,./\n-]{{1,3}}|,? and |,? then |\.\.\. ?| (?:dash|hyphen|minus|dot|point|slash"
    rf"|stroke|space) ){_TOKEN}(?![\w'])){{2,60}}",
    re.IGNORECASE,
)
_PART = re.compile(r"x-ray|[a-z]+|\d+", re.IGNORECASE)
_FEWEST_WORDS: Final = 3
_FEWEST_DIGITS: Final = 6
#: A number mostly in figures, with a word or two in it: as long as a phone number, or it is an amount.
_FEWEST_IN_FIGURES: Final = 5
#: A code may be shorter than any other number.
_CODE_LENGTH: Final = 4
_CODE_BEFORE = re.compile(
    r"\b(?:pin|otp|code|passcode|cvv)\b[^\w\0]{0,3}(?:(?:is|was|to|number|no)\b\W?){0,2}$", re.IGNORECASE
)
_PHONE_LENGTH: Final = 10


class Spelled(NamedTuple):
    """``value`` is what ``view[start:end]`` spells."""

    start: int
    end: int
    value: str


_READERS: Final = (
    numbers.find_runs,
    references.find_named,
    references.find_codes,
    credentials.find_pins,
    national.find_said,
    national.find_near_word,
    bank.find_accounts,
    bank.find_ibans,
)


def find_spelled(view: str) -> Iterator[Finding]:
    """Numbers and codes in words, of the type that the same in digits would have."""
    words = sum(word in _LONG_WORDS for word in _PART.findall(view.lower()))
    if words < _FEWEST_WORDS and (not words or sum(map(view.count, "0123456789")) < _FEWEST_IN_FIGURES):
        return
    runs = [run for match in _RUN.finditer(view) if (run := _spelled(match)) is not None]
    if not runs:
        return
    digits = _in_digits(view, runs)
    found = [finding for reader in _READERS for finding in reader(digits)]
    for run in runs:
        inside = [one for one in found if one.start < run.start + len(run.value) and run.start < one.end]
        for finding in inside:
            end = max(run.end, finding.end)
            yield finding._replace(start=min(run.start, finding.start), end=end)
        if not inside and sum(map(str.isdigit, run.value)) >= _FEWEST_DIGITS:
            yield Finding(run.start, run.end, "ORDER_NO", Ground.GUESSED)


def _spelled(match: re.Match[str]) -> Spelled | None:
    """What the words say; ``None`` for few words, mere counting, and single letters of a sentence."""
    parts = _PART.findall(match[0].lower())
    words = [part for part in parts if part in _DIGITS or part in _TENS or part in _TIMES or part in _LETTERS]
    value = _value(parts)
    long_words = [word for word in words if len(word) > 1]
    amounts = sum(word in _AMOUNTS for word in words)
    figures = sum(len(part) for part in parts if part.isdigit())
    if figures >= _FEWEST_IN_FIGURES and len(value) >= _PHONE_LENGTH and long_words:
        return Spelled(match.start(), match.end(), value)
    enough = _CODE_LENGTH if _CODE_BEFORE.search(match.string[: match.start()][-24:]) else _FEWEST_DIGITS
    if len(long_words) - 2 * amounts < _FEWEST_WORDS or len(value) < enough or not any(map(str.isdigit, value)):
        return None
    if value in "01234567891011121314151617181920" or value in "109876543210" or len(set(value)) == 1:
        return None
    return Spelled(match.start(), match.end(), value)


def _value(parts: list[str]) -> str:
    value, times, tens = "", 1, ""
    for part in parts:
        if part in _TIMES:
            value, times, tens = value + _rest(tens), _TIMES[part], ""
        elif part in _TENS:
            value, tens = value + _rest(tens), _TENS[part]
        else:
            said = _DIGITS.get(part) or _LETTERS.get(part) or part.upper()
            if tens and len(said) != 1:
                tens += "0"
            value, times, tens = value + tens + said * times, 1, ""
    return value + _rest(tens)


def _rest(tens: str) -> str:
    return tens + "0" if tens else ""


def _in_digits(view: str, runs: list[Spelled]) -> str:
    """``view`` with digits in place of the words and spaces behind them; of exactly the same length."""
    pieces: list[str] = []
    done = 0
    for start, end, value in runs:
        fitting = value[: end - start]
        pieces += (view[done:start], fitting, " " * (end - start - len(fitting)))
        done = end
    return "".join([*pieces, view[done:]])


#: No number of six digits goes without one of these; the commonest words are not waited for.
_WAITED_FOR: Final = frozenset({*_DIGITS, *_TIMES, *_LETTERS}) - any_of(
    "o one two ten eleven twelve fifteen hundred thousand null nul do dos char sept acht delta hotel india mike papa"
    " golf oscar victor lima x-ray"
)

RULES: Final = (Rule(find_spelled, words=_WAITED_FOR),)
