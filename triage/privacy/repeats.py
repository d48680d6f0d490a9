"""Whether a reply repeats an item that the customer has exposed: in whole or in part, however it is written.

The draft is read as a row of *tokens* (letters and digits without what stands between them), so that
spacing, punctuation and case make no difference; numbers in words are digits by then. How much of an item
tells somebody what it is depends on its type, so each type has its own look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from triage.privacy.findings import any_of
from triage.privacy.spoken import digits_for_words, letters_for_words
from triage.privacy.view import BLANK, folded


class Exposed(NamedTuple):
    """An item that a customer's message exposed: its type (``findings.TYPES``) and how it was written."""

    type: str
    value: str


class Token(NamedTuple):
    """Letters and digits of a draft, lower case; ``text[start:end]``."""

    bare: str
    start: int
    end: int


class Draft:
    """A reply as it is searched: its text without handles, and its tokens."""

    def __init__(self, text: str) -> None:
        self.text = _HANDLE.sub(lambda handle: BLANK * len(handle[0]), text)
        self.tokens = [Token(found[0].lower(), *found.span()) for found in _TOKEN.finditer(self.text)]

    def runs(self) -> Iterator[tuple[str, int, int]]:
        """``letters and digits, start, end`` of every row of tokens that nothing but light punctuation parts."""
        for first, token in enumerate(self.tokens):
            bare, end = "", token.start
            for following in self.tokens[first : first + _MOST_TOKENS]:
                if len(bare) > _MOST_CHARACTERS or (bare and not _GAP.fullmatch(self.text[end : following.start])):
                    break
                bare, end = bare + following.bare, following.end
                yield bare, token.start, end


_HANDLE = re.compile(r"(?<![\w.+-])@\w+")
_TOKEN = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\W_]{0,4}")
_MOST_TOKENS: Final = 24
_MOST_CHARACTERS: Final = 40


def repeated(text: str, exposed: Iterable[Exposed]) -> frozenset[str]:
    """Types of the ``exposed`` items that ``text`` repeats, in whole or in part."""
    items = tuple(exposed)
    if not items:
        return frozenset()
    spelled = digits_for_words(folded(text))
    drafts = [Draft(spelled)]
    letters = digits_for_words(letters_for_words(folded(text)))
    if letters != spelled:
        drafts.append(Draft(letters))
    return frozenset(item.type for item in items for draft in drafts if _looks(item.type)(draft, folded(item.value)))


def bare(text: str) -> str:
    """Letters and digits of ``text``, lower case."""
    return "".join(_TOKEN.findall(text)).lower()


# --- Numbers and codes.

#: The least that is a part of a number or code; also the most that a price, a year or a time has in common with it.
_LEAST_PART: Final = 4
_LEAST_MIDDLE: Final = 6
_GROUPS = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")
_MASK = re.compile(r"^x{2,}(?=\d)")
#: Before four digits that are an amount, a flight, a year or a model, and no part of anything.
_AMOUNT_BEFORE = re.compile(
    r"(?:[£$€¥₹]\s?|\b(?:rs|usd|eur|gbp)\.?\s?|\b[A-Z]{2}[ -]?"
    r"|\b(?:flight|train|service|route|bus|since|in|until|of|year|model|form|by"
    r"|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?,? )$"
)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:[£$€%]|pounds|euros|dollars|points|miles|km|kg|gb|mb|mbps|hours|hrs|am\b|pm\b|mah|people|customers"
    r"|stores|shops"
    r"|years|copies|seats|[.,:/]\d)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_OF_AN_ITEM = re.compile(
    r"\b(?:ending|ends?|last|final|first|starts?|starting|begin\w*|digits?|numbers?|no\.?|ref(?:erence)?|card|order"
    r"|booking|account|code|#)\W{0,3}(?:(?:in|with|is|are|of|the|four|digits?|as)\W){0,3}[*•x.…\s-]*$",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"\d{1,2}[/:.]\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")


def _code(draft: Draft, value: str) -> bool:
    """The whole, four characters or more of its end or beginning, one of its groups, or six of its middle."""
    whole = bare(value)
    groups = {bare(group) for group in _GROUPS.split(value) if len(group) >= _LEAST_PART and _DIGIT.search(group)}
    for run, start, end in draft.runs():
        told = _MASK.sub("", run)
        if told == whole and (len(whole) >= _LEAST_PART or _DIGIT.search(whole)):
            return True
        if len(whole) >= _LEAST_MIDDLE and whole in told and len(told) - len(whole) <= _LEAST_PART:
            return True
        if _is_part(told, whole, groups, draft.text[start:end]) and not _is_amount(draft.text, start, end):
            return True
    return False


def _is_part(told: str, whole: str, groups: set[str], written: str) -> bool:
    if len(told) < _LEAST_PART or len(told) >= len(whole):
        return False
    if not _DIGIT.search(told):
        # Letters alone are a part only of a code of letters, and only where they are written as one.
        return written.isupper() and not whole.isdigit() and len(whole) <= 8 and whole.startswith(told)
    at_an_end = whole.startswith(told) or whole.endswith(told)
    return at_an_end or told in groups or (len(told) >= _LEAST_MIDDLE and told in whole)


def _is_amount(text: str, start: int, end: int) -> bool:
    """Whether digits are a price, a time, a date, a year or a flight, which share them by chance."""
    written, before = text[start:end], text[max(0, start - 24) : start]
    if _OF_AN_ITEM.search(before):
        return False
    if _CALENDAR.fullmatch(written) or text[max(0, start - 1) : start] in ("/", ":"):
        return True
    if not written.isdigit() or len(written) > 5:
        return bool(re.search(r"[£$€]\s?$", before)) and bool(re.fullmatch(r"[\d.,]+", written))
    return bool(_YEAR.fullmatch(written) or _AMOUNT_BEFORE.search(before) or _AMOUNT_AFTER.match(text, end))


_COUNTRY = re.compile(r"^\s*(?:\(?\+|00)\d{1,3}")


def _phone(draft: Draft, value: str) -> bool:
    """As a code, with the country's code or the leading zero or without."""
    national = _COUNTRY.sub("", value).replace("(0)", "")
    return _code(draft, value) or _code(draft, bare(national).lstrip("0"))


# --- E-mail.

_WORDS_OF_ADDRESSES = re.compile(r"\b(?:dot|underscore|dash|hyphen|plus|at)\b", re.IGNORECASE)
_PROVIDERS: Final = any_of(
    "gmail googlemail hotmail outlook yahoo icloud live msn aol proton protonmail gmx ymail me mail btinternet"
    " sky virginmedia comcast verizon fastmail zoho mailbox web orange wanadoo free t-online"
)
_LEAST_LOCAL: Final = 3
#: A local part of letters alone may be a first name or a word; from so many letters on it is neither.
_LONG_LOCAL: Final = 9
_IN_MAIL_TALK = re.compile(
    r"\b(?:e-?mail|address|inbox|mailbox|account|login|user ?name|gmail|hotmail|outlook|yahoo)\b", re.IGNORECASE
)
_AT_SIGN = re.compile(
    r"\s?(?:@|\(at\)|\[at\]|at (?=gmail|hotmail|outlook|yahoo|icloud|\w+ dot))|\s?[*•]{1,}|\.{3}|…", re.IGNORECASE
)
_QUOTED_BEFORE = re.compile(r"(?:[\"'“‘`]|\b(?:starting|starts|beginning|begins|with)\s?[\"'“‘]?)$", re.IGNORECASE)


def _email(draft: Draft, value: str) -> bool:
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
        return _is_distinctive(local) or marked or bool(near and lower)
    told = len(run) >= _LEAST_LOCAL and local.startswith(run)
    return told and marked and bool(_IN_MAIL_TALK.search(draft.text) or "@" in draft.text)


def _is_distinctive(local: str) -> bool:
    return len(local) >= _LEAST_LOCAL + 1 and (bool(_DIGIT.search(local)) or len(local) >= _LONG_LOCAL)


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
_HOUSE = re.compile(r"\d{1,5}[a-z]?")


def _address(draft: Draft, value: str) -> bool:
    """Its street (with the house number, where the street's name is a common one), its house number as one, or its
    postcode."""
    if any(_postcode(draft, code[0]) for code in _POSTCODE.finditer(value)):
        return True
    words = [token.lower() for token in _TOKEN.findall(_POSTCODE.sub(" ", value))]
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
    """ "number 14", "flat 3": a house number that the draft calls one."""
    return any(
        word in houses and place and told[place - 1] in _UNITS | {"door", "nr"} for place, word in enumerate(told)
    )


_POSTCODE_TALK = re.compile(r"\b(?:post ?code|postal code|zip)\b", re.IGNORECASE)


def _postcode(draft: Draft, value: str) -> bool:
    """The whole, or its outward half where the draft speaks of a postcode."""
    whole = bare(value)
    if any(run == whole for run, _, _ in draft.runs()):
        return True
    halves = [bare(half) for half in value.split()]
    return bool(_POSTCODE_TALK.search(draft.text)) and any(
        token.bare in halves for token in draft.tokens if len(token.bare) >= 2
    )


# --- Persons.

_TITLES: Final = any_of("mr mrs ms miss mx dr sir madam")
#: Surnames that are also words: at the start of a sentence, or in lower case, they are the word.
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]+")
_STARTS = re.compile(r"(?:^|(?<!\b[A-Z])[.!?\n:]\s*|\0\s*)$")


def _person(draft: Draft, value: str) -> bool:
    """The surname, written as a name; a first name alone is a greeting."""
    names = [name for name in re.findall(r"[\w'’-]+", value) if bare(name) not in _TITLES]
    if len(names) < 2 and not _one_name_is_surname(value):
        return False
    surname = bare(names[-1])
    if len(surname) < 2:
        return False
    for found in _CAPITALISED.finditer(draft.text):
        if bare(found[0]) in (surname, surname + "s") and not _STARTS.search(draft.text[: found.start()]):
            return True
    full = "".join(map(bare, names))
    return len(names) > 1 and any(run == full for run, _, _ in draft.runs())


def _one_name_is_surname(value: str) -> bool:
    return bare(value.split()[0] if value.split() else "") in _TITLES or len(value.split()) == 1


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


def _birth(draft: Draft, value: str) -> bool:
    """The same day in any writing; a part of it where the draft speaks of birth."""
    own = _date_numbers([token.lower() for token in _TOKEN.findall(value)])
    if len(own) < 2:
        return False
    told = [_date_numbers([token.bare]) for token in draft.tokens]
    for place in range(len(told)):
        window = [number for numbers in told[place : place + 4] for number in numbers]
        if len(own) == 3 and _same(own, window[:3]):
            return True
    if _code(draft, value):
        return True
    year = next((number for number in own if number > 31), None)
    return bool(_BIRTH_TALK.search(draft.text)) and year is not None and any(numbers == [year] for numbers in told)


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
    "with from have having been severe severely type reaction needs need some really very violently made after"
    " before disorder attack attacks newly just diagnosed condition disease failure surgery user users bound mum"
    " mother father wife husband daughter child brother sister passenger customer person friend poisoning pains"
    " pain throwing broken swollen sight hearing home"
)


def _health(draft: Draft, value: str) -> bool:
    """One of the words that name the condition, in any of its forms."""
    named = {stem for word in map(str.lower, _TOKEN.findall(value)) if _names_condition(word) for stem in _stems(word)}
    if any(not named.isdisjoint(_stems(token.bare)) for token in draft.tokens):
        return True
    whole = bare(value)
    return len(whole) >= 3 and any(run == whole for run, _, _ in draft.runs())


def _names_condition(word: str) -> bool:
    return len(word) >= _LEAST_STEM and word not in _NOT_CONDITION


def _stems(word: str) -> set[str]:
    cut = {word.removesuffix(ending) for ending in _ENDINGS}
    return {stem for stem in cut if len(stem) >= _LEAST_STEM}


# --- Which look is whose.

_LOOKS: Final[dict[str, Callable[[Draft, str], bool]]] = {
    "PHONE": _phone,
    "EMAIL": _email,
    "STREET_ADDRESS": _address,
    "POSTCODE": _postcode,
    "PERSON": _person,
    "DATE_OF_BIRTH": _birth,
    "MEDICAL": _health,
}


def _looks(kind: str) -> Callable[[Draft, str], bool]:
    return _LOOKS.get(kind, _code)
