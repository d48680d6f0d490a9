"""Items that their own shape gives away: cards, phones, IPs, parcels, orders; and bare long numbers.

A run of digits is tried as a whole and, where spaces divide it, in pieces, because people write two
numbers side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.checksums import luhn
from triage.privacy.findings import Finding, Ground, Rule

#: Seven or more digits, up to three separators between neighbours.
_RUN = re.compile(r"(?<![\w.,$£€¥₹])(?<!\w[-/])\+?\(?\d(?:[ .\-()]{0,3}\d){6,40}(?![\w%])(?![.,]\d)")
_PIECE = re.compile(r"\S+")
_NOT_DIGIT = re.compile(r"\D")
_NOT_DIALLED = re.compile(r"[^\d+]")

_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::[0-9a-f]{1,4}|[0-9a-f]{1,4})(?![\w:])", re.IGNORECASE)
_IP_TALK = re.compile(
    r"\b(?:ip(?:v4)?|ips|address|static|dns|ping|tracer\w*|trace|route\w*|hops?|client_ip|blocked|login)\b",
    re.IGNORECASE,
)
#: Private and loopback networks identify nobody.
_PRIVATE_IP = re.compile(r"(?:10|127|0|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.")
_VERSION_BEFORE = re.compile(
    r"(?:version|firmware|build|updated? to|ios|android|macos|running|app|\bv|ver)\b[^\d\0]{0,12}$", re.IGNORECASE
)

_PARCEL = re.compile(
    r"\b(?:1Z(?: ?[A-Z0-9]){16}"  # UPS
    r"|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}"  # UPU S10
    r"|JD\d{2}(?: ?\d){14,16}"  # DHL
    r"|TBA\d{12}"  # Amazon Logistics
    r"|9[2-5]\d\d(?: ?\d){16,18})\b"  # USPS
)
_ORDER = re.compile(
    r"(?<![\w-])\d{3}-\d{7}-\d{7}(?![\w-])"  # Amazon
    r"|\bGPA\.\d{4}-\d{4}-\d{4}-\d{5}\b"  # Google Play
    r"|\bOD\d{18}\b"  # Flipkart
)

_CARD_BEFORE = re.compile(
    r"\b(?:(?<!gift )(?<!loyalty )(?<!points )(?<!member )(?<!membership )(?<!rewards )(?<!nectar )(?<!phone )cards?"
    r"|visa|master ?card|amex|american express|discover|cc|debit|credit)\b[^\d\0]{0,20}$",
    re.IGNORECASE,
)
_NOT_CARD_BEFORE = re.compile(
    r"\b(?:order|tracking|parcel|fedex|ups|usps|dhl|reference|ref|ticket|case|imei|serial|isbn|ean|barcode"
    r"|claim)\b[^\d.!?\0]{0,18}$",
    re.IGNORECASE,
)
_CARD_PREFIX = re.compile(r"3[0-9]|4|5[0-9]|6[0-9]|2[2-7]|1800|2131")
_PHONE_BEFORE = re.compile(
    r"\b(?:call(?:ed|ing|s)?|ring(?:ing)?|rang|phon\w*|mob(?:ile)?|cell|tel\w*|text(?:ed|ing|s)?|whats ?app|sms|fax"
    r"|landline|dial\w*|(?:me|us|him|her|them) (?:on|at|@)|contact|reach|registered)\b[^\d\0]{0,22}$",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(r"\b(?:(?:number|num|no)(?:'?s| is)?)\b[^\d\0]{0,10}$", re.IGNORECASE)
_REFERENCE_BEFORE = re.compile(
    r"\b(?:order|ref\w*|ticket|case|claim|account|acct|acc|booking|confirmation|tracking|i\.?d|policy|member\w*"
    r"|customer|invoice|request|complaint|incident|file|report|reg\w*|flight|model|serial|version|app)\b[^\d\0]{0,24}$",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(
    r"\b(?:item|sku|model|serial|imei|part|version|build|isbn|barcode|asin|product|error|article|ean|upc|mac|udid|eid"
    r"|iccid|batch|lot no|lot number|stock|catalogue|flight|channel|page|tweet|status|dpci|kb|update"
    r"|firmware)\b[^\d.!?\0]{0,14}$",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"\s?(?:hours?|hrs?|mins?|minutes?|days?|weeks?|months?|years?|yrs?|secs?|seconds?|people|customers?|users?|miles?"
    r"|km|times|points|avios|gb|mb|kb|tb|mbps|usd|dollars?|pounds?|euros?|rupees|naira|followers|views|steps)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:19|20)\d\d[-. ](?:0?[1-9]|1[0-2])[-. ](?:0?[1-9]|[12]\d|3[01])(?:\b|$)"
    r"|(?:0?[1-9]|[12]\d|3[01])[-. ](?:0?[1-9]|1[0-2]|[12]\d|3[01])[-. ](?:(?:19|20)\d\d|\d\d)(?:\b|$)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
)
_STYLE = re.compile(r"\d{6}-\d{3}$")
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ \-.()]*){2,}$")
_HOURS = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d ?- ?(?:[01]\d|2[0-3])[0-5]\d$")
_VERSION = re.compile(r"\(?\d{1,3}(?:\.\d+){2,4}$")

#: Numbers that companies publish: free, shared-cost and local-rate prefixes are never a person's.
_COMPANY_PHONE = re.compile(
    r"(?:\+?1)?8(?:00|88|77|66|55|44|33)\d{7}|(?:0|44|\+44)(?:(?:800|808)\d{6,7}|(?:84[345]|87[0-3]|3[0347]\d)\d{7})"
    r"|1[38]00\d{6}"
)
_NANP = re.compile(r"(?:\+?1)?[2-9]\d\d[2-9]\d{6}")
_NANP_WRITTEN = re.compile(r"(?:\+?1[ .-]?)?(?:\(\d{3}\)[ .-]{0,2}|\d{3}[ .-])\d{3}[ .-]\d{4}")
_NATIONAL = re.compile(r"0[1-9]\d{8,9}")
_MOBILE_INDIA = re.compile(r"[6-9]\d{9}")

_SPELLED_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "hundred": "00",
}  # fmt: skip
_SPELLED_WORD: Final = r"(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|hundred|double|triple|treble)"
_SPELLED = re.compile(rf"\b{_SPELLED_WORD}(?:[ ,.-]{{1,2}}{_SPELLED_WORD}){{4,}}\b", re.IGNORECASE)
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}


def find_parcels(view: str) -> Iterator[Finding]:
    """Parcel and order numbers in a format that only one carrier or shop has."""
    for match in _PARCEL.finditer(view):
        yield Finding(*match.span(), "TRACKING_NO", Ground.CERTAIN)
    for match in _ORDER.finditer(view):
        yield Finding(*match.span(), "ORDER_NO", Ground.CERTAIN)


def find_ips(view: str) -> Iterator[Finding]:
    """Public IP addresses, versions of software left out."""
    if view.count(".") >= 3:
        for match in _IPV4.finditer(view):
            if _is_public_ip(match[0], view, match.start()):
                yield Finding(*match.span(), "IP", Ground.CERTAIN)
    if view.count(":") >= 4:
        for match in _IPV6.finditer(view):
            if sum(map(str.isdigit, match[0])) >= 4:
                yield Finding(*match.span(), "IP", Ground.CERTAIN)


def _is_public_ip(address: str, view: str, start: int) -> bool:
    """Whether four numbers are an address of somebody's; a low first number is mostly a version's."""
    if _PRIVATE_IP.match(address) or _VERSION_BEFORE.search(view[max(0, start - 30) : start]):
        return False
    return address[1] != "." or bool(_IP_TALK.search(view))


def find_runs(view: str) -> Iterator[Finding]:
    """What runs of seven and more digits are: cards, phones, or a reference that nobody named."""
    for match in _RUN.finditer(view):
        start, end = match.span()
        if found := _number(view, start, end):
            yield found
        elif " " in match[0] and not _COMPANY_PHONE.fullmatch(_NOT_DIALLED.sub("", match[0])):
            yield from _pieces(view, start, end)


def _pieces(view: str, start: int, end: int) -> Iterator[Finding]:
    """The items in a run that is none as a whole: the longest stretches of pieces that are one."""
    pieces = [(start + m.start(), start + m.end()) for m in _PIECE.finditer(view[start:end])]
    first = 0
    while first < len(pieces):
        for last in range(len(pieces), first, -1):
            if found := _number(view, pieces[first][0], pieces[last - 1][1]):
                yield found
                first = last
                break
        else:
            first += 1


def find_spelled(view: str) -> Iterator[Finding]:
    """Numbers written out in words, digit by digit ("oh seven seven double four …")."""
    for match in _SPELLED.finditer(view):
        digits = _digits_of_words(match[0])
        if len(digits) >= 6:
            kind = _phone_ground(digits, digits, view, match.start())
            yield Finding(*match.span(), "PHONE" if kind else "ORDER_NO", kind or Ground.GUESSED)


def _digits_of_words(words: str) -> str:
    digits, times = "", 1
    for word in re.findall(r"\w+", words.lower()):
        if word in _TIMES:
            times = _TIMES[word]
        else:
            digits += _SPELLED_DIGITS[word] * times
            times = 1
    return digits


def _number(view: str, start: int, end: int) -> Finding | None:
    """What the digits in ``view[start:end]`` are, taken together; ``None`` if nothing personal."""
    written = view[start:end]
    digits = _NOT_DIGIT.sub("", written)
    before = view[max(0, start - 40) : start]
    if len(digits) < 7 or _is_something_else(written, digits, before) or _UNIT_AFTER.match(view, end):
        return None
    if _is_card(digits, before):
        return Finding(start, end, "CARD", Ground.CERTAIN if _CARD_BEFORE.search(before) else Ground.SHAPED)
    ground = _phone_ground(written, _NOT_DIALLED.sub("", written), view, start)
    if ground is not None:
        return Finding(start, end, "PHONE", ground)
    if _is_bare_reference(written, digits):
        return Finding(start, end, "TICKET_NO" if len(digits) == 13 else "ORDER_NO", Ground.GUESSED)
    return None


def _is_something_else(written: str, digits: str, before: str) -> bool:
    """A date, years, a version, a row of one digit, or a number with a label of its own."""
    if len(set(digits)) == 1 or _LABEL_BEFORE.search(before):
        return True
    if _NANP_WRITTEN.fullmatch(written):
        return False  # 555-010-0142 is no date
    return any(pattern.match(written) for pattern in (_DATED, _YEARS, _HOURS, _VERSION, _STYLE))


def _is_card(digits: str, before: str) -> bool:
    if not 12 <= len(digits) <= 19 or not luhn(digits):
        return False
    if _CARD_BEFORE.search(before):
        return True
    return len(digits) >= 13 and bool(_CARD_PREFIX.match(digits)) and not _NOT_CARD_BEFORE.search(before)


def _phone_ground(written: str, number: str, view: str, start: int) -> Ground | None:
    """How surely ``written`` is a person's phone number; ``None`` where it is none."""
    if _COMPANY_PHONE.fullmatch(number) or not 7 <= len(number.lstrip("+")) <= 15:
        return None
    before = view[max(0, start - 40) : start]
    said = bool(_PHONE_BEFORE.search(before))
    if not said and _NUMBER_BEFORE.search(before):
        said = not _REFERENCE_BEFORE.search(before)
    if _phone_shaped(written, number):
        return Ground.CERTAIN if said else Ground.SHAPED
    return Ground.SAID if said and len(number) <= 13 else None


def _phone_shaped(written: str, number: str) -> bool:
    if number.startswith(("+", "00")):
        # Airline tickets have 13 digits and may begin with two zeros; no country code begins with 0.
        ticket = number[0] == "0" and len(number) == 13 and " " not in written
        return len(number) >= 9 and number[:3] != "000" and not ticket
    if _NANP_WRITTEN.fullmatch(written) or _NATIONAL.fullmatch(number):
        return True
    return written.isdigit() and bool(_NANP.fullmatch(number) or _MOBILE_INDIA.fullmatch(number))


def _is_bare_reference(written: str, digits: str) -> bool:
    """A long number that nothing around it explains: some reference, since people post no others."""
    if not 8 <= len(digits) <= 25 or "." in written or "(" in written:
        return False
    return not digits.endswith("000000") and not _COMPANY_PHONE.fullmatch(_NOT_DIALLED.sub("", written))


RULES: Final = (
    Rule(find_parcels, digits=7),
    Rule(find_ips, digits=5),
    Rule(find_runs, digits=7),
    Rule(find_spelled, words=(frozenset(_SPELLED_DIGITS) | frozenset(_TIMES)) - {"o", "one", "two", "hundred"}),
)
