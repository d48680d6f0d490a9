"""What sentences of answers state in a way that can be compared: amounts with their unit, and yes or no.

Read by patterns, in English. Amounts are money, percentages, weights, lengths, volumes, spans of time, times of day
and phone numbers. A sentence is negative if it has a word such as "not", "no" or "closed".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.answers.terms import content_stems, plain, words

_SENTENCE_END: Final = re.compile(r"(?<=[.!?;:])\s+")
_NUMBER: Final = r"(?P<number>\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?|" + (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
_IN_WORDS: Final = dict(
    zip(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        range(1, 13),
        strict=True,
    )
)
#: Each unit, how it is written, and how many of the first unit of its kind it is.
_UNITS: Final = {
    r"kg|kilos?|kilograms?": ("kg", 1.0),
    r"grams?|g": ("kg", 0.001),
    r"lbs?|pounds? in weight": ("lb", 1.0),
    r"cm|centimetres?|centimeters?": ("cm", 1.0),
    r"mm|millimetres?": ("cm", 0.1),
    r"metres?|meters?|m": ("cm", 100.0),
    r"inch(?:es)?": ("inch", 1.0),
    r"ml|millilitres?": ("ml", 1.0),
    r"litres?|liters?|l": ("ml", 1000.0),
    r"minutes?|mins?": ("minutes", 1.0),
    r"hours?|hrs?|h": ("minutes", 60.0),
    r"(?:working |business )?days?": ("days", 1.0),
    r"weeks?": ("days", 7.0),
    r"months?": ("months", 1.0),
    r"years?(?: old)?": ("years", 1.0),
    r"%|per ?cent": ("percent", 1.0),
    r"wh|watt[ -]hours?": ("Wh", 1.0),
    r"pounds?|gbp": ("£", 1.0),
    r"euros?|eur": ("€", 1.0),
    r"dollars?|usd": ("$", 1.0),
}
_AMOUNTS: Final = tuple(
    (re.compile(rf"(?<![\w.,£€$]){_NUMBER}[ -]?(?:{written})(?!\w)", re.IGNORECASE), *unit)
    for written, unit in _UNITS.items()
)
#: Money after "every" or "per" is a measure, not an amount: "5 points for every £1".
_MONEY: Final = re.compile(r"(?<!every )(?<!each )(?<!per )(?P<sign>[£€$])\s?(?P<number>\d+(?:,\d{3})*(?:\.\d{1,2})?)")
_CLOCK: Final = re.compile(
    r"(?<![\d:])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b"
    r"|(?<![\d:.])(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?![\d:])",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\w+])\+?\d[\d -]{7,}\d(?!\w)")
_NEGATIVE: Final = re.compile(
    r"\b(?:no|not|never|none|nor|neither|cannot|closed|impossible|without|refused|banned|forbidden|\w+n't|\w+nt)\b",
    re.IGNORECASE,
)
_YES_OR_NO: Final = re.compile(r"^\W*(?P<word>yes|yep|of course|sure|no|nope|sorry, no|unfortunately)\b", re.IGNORECASE)
_NOT_NEGATIVE: Final = frozenset({"want", "went", "sent", "spent", "rent", "cent", "event", "agent", "client", "hint"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence: what it is about, its amounts by unit, whether it denies."""

    text: str
    about: frozenset[str]
    amounts: frozenset[tuple[str, float]]
    negative: bool


def statements(text: str) -> list[Statement]:
    """The sentences of ``text``."""
    return [_statement(sentence) for sentence in _SENTENCE_END.split(text) if sentence.strip()]


def amounts(text: str) -> frozenset[tuple[str, float]]:
    """Unit and value of every amount, values in the first unit of their kind."""
    return frozenset(_amounts(text))


def says_yes(text: str) -> bool | None:
    """Whether an answer begins with a yes (or a no); ``None`` where it begins with neither."""
    found = _YES_OR_NO.match(text)
    return None if found is None else found["word"].lower() in ("yes", "yep", "of course", "sure")


def _statement(sentence: str) -> Statement:
    about = frozenset(stem for stem in content_stems(words(plain(sentence))) if not any(map(str.isdigit, stem)))
    negative = any(found[0].lower() not in _NOT_NEGATIVE for found in _NEGATIVE.finditer(sentence.replace("’", "'")))
    return Statement(sentence.strip(), about, amounts(sentence), negative)


def _amounts(text: str) -> Iterator[tuple[str, float]]:
    for found in _MONEY.finditer(text):
        yield found["sign"], float(found["number"].replace(",", ""))
    for pattern, unit, factor in _AMOUNTS:
        for found in pattern.finditer(text):
            yield unit, _value(found["number"]) * factor
    for found in _CLOCK.finditer(text):
        yield "o'clock", _minutes(found)
    for found in _PHONE.finditer(text):
        yield "phone", float("".join(filter(str.isdigit, found[0]))[-9:])


def _value(number: str) -> float:
    lower = number.lower()
    return float(_IN_WORDS[lower] if lower in _IN_WORDS else number.replace(",", ""))


def _minutes(found: re.Match[str]) -> float:
    if found["hour24"]:
        return int(found["hour24"]) * 60.0 + int(found["minute24"])
    hour = int(found["hour"]) % 12 + (12 if found["half"].lower() == "p" else 0)
    return hour * 60.0 + int(found["minute"] or 0)
