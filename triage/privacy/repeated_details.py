"""Whether a reply repeats an e-mail address, a street, a name, a day of birth or a condition, or what tells of one."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from triage.privacy.draft import TOKEN, Draft, bare
from triage.privacy.findings import any_of
from triage.privacy.repeated_codes import LEAST_PART, repeats_code

_WORDS_OF_ADDRESSES = re.compile(r"\b(?:dot|underscore|dash|hyphen|plus|at)\b", re.IGNORECASE)
_PROVIDERS: Final = any_of(
    "gmail googlemail hotmail outlook yahoo icloud live msn aol proton protonmail gmx ymail me mail btinternet"
    " sky virginmedia comcast verizon fastmail zoho mailbox web orange wanadoo free t-online"
)
_LEAST_LOCAL: Final = 3
#: A local part of letters alone may be a first name or a word; from so many letters on it is neither.
_LONG_LOCAL: Final = 9
_IN_MAIL_TALK = re.compile(
    r"\b(?:e-?mail\w*|mailed|wrote|written|sent|note|address|inbox|mailbox|account|login|user ?name|gmail|hotmail"
    r"|outlook|yahoo)\b",
    re.IGNORECASE,
)
_AT_SIGN = re.compile(
    r"\s?(?:@|\(at\)|\[at\]|at (?=gmail|hotmail|outlook|yahoo|icloud|\w+ dot))|\s?[*•]{1,}|\.{3}|…", re.IGNORECASE
)
_QUOTED_BEFORE = re.compile(r"(?:[\"'“‘`]|\b(?:starting|starts|beginning|begins|with)\s?[\"'“‘]?)$", re.IGNORECASE)


def repeats_email(draft: Draft, value: str) -> bool:
    """The local part, its beginning where the draft says that it is one, or a domain of the customer's own."""
    local, _, domain = re.sub(r"\s*(?:\(at\)|\[at\]|\bat\b)\s*", "@", value, count=1).partition("@")
    local, host = bare(_WORDS_OF_ADDRESSES.sub(" ", local)), bare(re.split(r"\.|\bdot\b", domain)[0])
    plain = Draft(_WORDS_OF_ADDRESSES.sub(".", draft.text))
    if any(_is_local(draft, run, local, start, end) for run, start, end in draft.runs()):
        return True
    if any(run == local and _is_distinctive(local) for run, _, _ in plain.runs()):
        return True
    return len(host) >= 5 and host not in _PROVIDERS and any(token.bare == host for token in draft.tokens)


def _is_local(draft: Draft, run: str, local: str, start: int, end: int) -> bool:
    marked = bool(_AT_SIGN.match(draft.text, end) or _QUOTED_BEFORE.search(draft.text[:start]))
    if run == local:
        near = _IN_MAIL_TALK.search(draft.text[max(0, start - 50) : end + 30])
        lower = draft.text[start:end].islower()
        dotted = bool(re.search(r"\w[._-]\w", draft.text[start:end]))
        return _is_distinctive(local) or marked or dotted or bool(near and lower)
    told = len(run) >= _LEAST_LOCAL and local.startswith(run)
    return told and marked and bool(_IN_MAIL_TALK.search(draft.text) or "@" in draft.text)


def _is_distinctive(local: str) -> bool:
    return len(local) >= _LEAST_LOCAL + 1 and (bool(re.search(r"\d", local)) or len(local) >= _LONG_LOCAL)


# --- Addresses.

_STREET_TYPES: Final = any_of(
    "street st road rd lane ln avenue ave av drive dr close court ct crescent cres way place pl terrace gardens"
    " grove boulevard blvd square sq hill rise row mews park parkway walk view highway hwy circle cir strasse"
    " straße str weg platz allee rue via calle plaza laan straat"
)
#: Streets that every town has: only with the house number do they tell where somebody lives.
_COMMON_STREETS: Final = any_of(
    "high main church station king kings queen queens park london market mill bridge north south east west the"
    " new old first second third broad castle victoria school green"
)
_UNITS: Final = any_of("flat apartment apt unit suite floor house no number room block building")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{5}(?:-\d{4})?\b", re.IGNORECASE)
_NO_HOUSES: Final = any_of("2d 3d 3g 4d 4g 4k 5g 8k 1a 1st 2nd 3rd 4th")
_HOUSE = re.compile(r"\d{1,5}[a-z]?")


def repeats_address(draft: Draft, value: str) -> bool:
    """Its street (with the house number, where the street's name is a common one), its house number as one, or its
    postcode."""
    if any(repeats_postcode(draft, code[0]) for code in _POSTCODE.finditer(value)):
        return True
    words = [token.lower() for token in TOKEN.findall(_POSTCODE.sub(" ", value))]
    houses = {word for word in words if _HOUSE.fullmatch(word)}
    streets = [(name, kind) for name, kind in pairwise(words) if kind in _STREET_TYPES]
    told = [token.bare for token in draft.tokens]
    return any(_has_street(told, name, kind, houses) for name, kind in streets) or _has_house(told, houses)


def _has_street(told: list[str], name: str, kind: str, houses: set[str]) -> bool:
    for place, word in enumerate(told):
        if word != name:
            continue
        beside = set(told[max(0, place - 3) : place + 4])
        named = place + 1 < len(told) and (told[place + 1] == kind or told[place + 1] in _STREET_TYPES)
        if houses & beside or (named and name not in _COMMON_STREETS and not name.isdigit()):
            return True
    return False


def _has_house(told: list[str], houses: set[str]) -> bool:
    """Whether a house number is called one ("flat 3"), or is one with a letter ("4C")."""
    lettered = {house for house in houses if not house.isdigit()} - _NO_HOUSES
    return not lettered.isdisjoint(told) or any(
        word in houses and place and told[place - 1] in _UNITS | {"door", "nr"} for place, word in enumerate(told)
    )


_POSTCODE_TALK = re.compile(r"\b(?:post ?code|postal code|zip)\b", re.IGNORECASE)


def repeats_postcode(draft: Draft, value: str) -> bool:
    """The whole but for two letters at most, or its outward half where the draft speaks of a postcode."""
    whole = bare(value)
    sector = whole if whole.isdigit() else whole[:-2]
    if any(run in (whole, sector) for run, _, _ in draft.runs() if len(run) >= LEAST_PART):
        return True
    halves = [bare(half) for half in value.split()]
    return bool(_POSTCODE_TALK.search(draft.text)) and any(
        token.bare in halves for token in draft.tokens if len(token.bare) >= 2
    )


# --- Persons.

_TITLES: Final = any_of("mr mrs ms miss mx dr sir madam")
#: Surnames that are also words: at the start of a sentence, or in lower case, they are the word.
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]+")
_GREETED = re.compile(
    r"(?:^\W*|\b(?:hi|hello|hey|dear|thanks|thank you|sorry|cheers|welcome|ok|bye|you|morning|evening),? )$",
    re.IGNORECASE,
)
_WORDS: Final = any_of(
    "long price may day young best good new rich short small black white green brown grey wood stone hill field"
    " lane street park"
    " rose page bell ball cook baker butler king prince bishop love joy hope grace summer summers winter spring"
    " snow frost rain"
    " storm bush banks rivers lake waters bridge church hall house store wells poole shore west east north south"
    " week sharp swift"
    " strong wise hardy power powers little large major minor mark marks penny pound cash money bill bills sale"
    " sales post mail"
    " walker porter driver parker turner fisher gardener farmer smith mason case orders read reading great will"
    " bright early last"
)
_STARTS = re.compile(r"(?:^|(?<!\b[A-Z])(?<!\b(?:Mr|Ms|Dr|Mx))(?<!\bMrs)[.!?\n:]\s*|\0\s*)$")


def repeats_person(draft: Draft, value: str) -> bool:
    """The surname, written as a name; a first name alone is a greeting."""
    names = [name for name in re.findall(r"[\w'’-]+", value) if bare(name) not in _TITLES]
    surname = bare(names[-1]) if names else ""
    if len(surname) < 2:
        return False
    # One name without a title may be a first name, with which people are greeted.
    alone = len(names) == 1 and bare(value.split()[0]) not in _TITLES
    for found in _CAPITALISED.finditer(draft.text):
        before = draft.text[: found.start()]
        if bare(found[0]) not in (surname, surname + "s") or (alone and _GREETED.search(before)):
            continue
        if not _STARTS.search(before) or not (alone or surname in _WORDS):
            return True
    full = "".join(map(bare, names))
    return len(names) > 1 and any(run == full for run, _, _ in draft.runs())


# --- Dates of birth.

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$")
_BIRTH_TALK = re.compile(r"\b(?:born|birth\w*|dob|d\.o\.b)\b", re.IGNORECASE)


def repeats_birth(draft: Draft, value: str) -> bool:
    """The same day in any writing; a part of it where the draft speaks of birth."""
    own = _date_numbers([token.lower() for token in TOKEN.findall(value)])
    if len(own) < 2:
        return False
    told = [_date_numbers([token.bare]) for token in draft.tokens]
    for place in range(len(told)):
        window = [number for numbers in told[place : place + 4] for number in numbers]
        if len(own) == 3 and _same(own, window[:3]):
            return True
    if repeats_code(draft, value):
        return True
    year = next((number for number in own if number > 31), None)
    if not _BIRTH_TALK.search(draft.text):
        return False
    day_and_month = sorted(number for number in own if number != year)
    pairs = (sorted(first + second) for first, second in pairwise(told))
    return any(numbers == [year] for numbers in told) or day_and_month in list(pairs)


def _date_numbers(tokens: list[str]) -> list[int]:
    numbers = []
    for token in tokens:
        token = _ORDINAL.sub(r"\1", token)
        if token in _MONTHS:
            numbers.append(_MONTHS[token])
        elif token.isdigit() and len(token) <= 4:
            numbers.append(int(token))
    return numbers


def _same(own: list[int], told: list[int]) -> bool:
    return sorted(number % 100 for number in own) == sorted(number % 100 for number in told)


# --- Health.

#: A word and its relatives ("diabetic", "diabetes") are the same without one of these.
_ENDINGS: Final = ("", "tics", "tic", "sy", "ics", "ic", "ies", "es", "y", "s", "cy", "t", "al", "ed", "ing", "sm")
_LEAST_STEM: Final = 5
#: Words around a condition that say nothing of it.
_NOT_CONDITION: Final = any_of(
    "with from have having been severe severely type reaction needs need some really very violently made broke"
    " broken hurt after"
    " before disorder attack attacks newly just diagnosed condition disease failure surgery user users bound mum"
    " mother father wife husband daughter child brother sister passenger customer person friend poisoning pains"
    " pain throwing broken swollen sight hearing home"
)


def repeats_health(draft: Draft, value: str) -> bool:
    """One of the words that name the condition, in any of its forms."""
    named = {stem for word in map(str.lower, TOKEN.findall(value)) if _names_condition(word) for stem in _stems(word)}
    if any(not named.isdisjoint(_stems(token.bare)) for token in draft.tokens):
        return True
    whole = bare(value)
    return len(whole) >= 3 and any(run == whole for run, _, _ in draft.runs())


def _names_condition(word: str) -> bool:
    return len(word) >= _LEAST_STEM and word not in _NOT_CONDITION


def _stems(word: str) -> set[str]:
    cut = {word.removesuffix(ending) for ending in _ENDINGS}
    return {stem for stem in cut if len(stem) >= _LEAST_STEM}
