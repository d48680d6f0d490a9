"""Items that their own shape gives away: cards, phones, IPs, parcels, orders; and bare long numbers.

A run of digits is tried as a whole and, where spaces divide it, in pieces, because people write two
numbers side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Final

from stdnum import luhn

from triage.privacy import phones
from triage.privacy.findings import Finding, Ground, Rule

#: Seven or more digits, up to three separators between neighbours.
#: A word glued to it is none of its own; one or two letters are a unit.
_RUN = re.compile(
    r"(?<![^\W_])(?<![.,$£€¥₹])(?:(?<!\w[-/])|(?=\+))\+?\(?\d(?:[ .\-()/_*]{0,3}\d){6,40}"
    r"(?![\dA-Z%])(?![a-z]{1,2}\b)(?![.,]\d)"
)
#: Every digit by itself: nobody writes so but to hide a number from machines.
_DIGIT_BY_DIGIT = re.compile(r"\d(?:[ .\-_*/]{1,3}\d){6,}$")
_SOME_RUN = re.compile(r"\d(?:(?:[ .\-()_*]{0,3}\d){6}|(?:/?\d){2,4}/\d\d)")
_PIECE = re.compile(r"\S+")
_NOT_DIGIT = re.compile(r"\D")
_NOT_DIALLED = re.compile(r"[^\d+]")

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.])(?:{_OCTET}(?:\.|\[\.\]|\(\.\)| dot |\[dot\])){{3}}{_OCTET}(?!\w|\.\d)")
#: Name servers that everybody uses.
_RESOLVERS: Final = frozenset(
    {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "4.2.2.2", "208.67.222.222", "208.67.220.220"}
)
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9a-f:]*\d)[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){2,7}(?![\w:])", re.IGNORECASE)
_DOTTED = re.compile(r"[^\d]+")
_IP_TALK = re.compile(
    r"\b(?:ip(?:v4)?|ips|address|static|dns|ping|tracer\w*|trace|route\w*|hops?|client_ip|blocked|login)\b",
    re.IGNORECASE,
)
#: Private and loopback networks identify nobody.
_NOBODYS: Final = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10"),
    )
)
_LONGEST_OCTET: Final = 3
_VERSION_BEFORE = re.compile(
    r"\b(?:version|firmware|build|updated? (?:to|from)|rolled back (?:to|from)|ios|android|macos|running|app|v|ver"
    r"|(?:soft|hard)ware|driver|patch|release|dns)\b[^\d\0]{0,12}$",
    re.IGNORECASE,
)

_PARCEL = re.compile(
    r"\b(?:1Z(?: ?[A-Z0-9]){16}"  # UPS
    r"|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}"  # UPU S10
    r"|JD\d{2}(?: ?\d){14,16}"  # DHL
    r"|TBA\d{12}"  # Amazon Logistics
    r"|9[2-5]\d\d(?: ?\d){16,18}"  # USPS
    r"|JJD\d{16,20}|3S[A-Z0-9]{11,16}|H[0-9A-Z]{15}(?<=\d{9})|[A-Z]{2}\d{4}[A-Z]{2}\d{10})\b"  # DHL, PostNL, Evri
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
_LABEL_BEFORE = re.compile(
    r"\b(?:item|sku|model|serial|imei|part|version|build|isbn|barcode|asin|product|error|article|ean|upc|mac|udid|eid"
    r"|tcp|udp|ports?(?=\W{0,3}$)|re-?stock|size|draw"
    r"|iccid|gtin|vin|batch|lot no|lot number|stock|catalogue|flight|channel|page|tweet|status|dpci|kb|update"
    r"|firmware)\b[^\d.!?\0]{0,14}$",
    re.IGNORECASE,
)
#: Rows of numbers that are drawn, played or counted.
_GAME_TALK = re.compile(
    r"\b(?:lott[eo]\w*|power ?balls?|jackpot|euro ?millions|bonus ball|bingo|keno|raffle|scratch ?card|sudoku|lucky"
    r"|numbers came up|high ?score)\b",
    re.IGNORECASE,
)
_PHONE_LENGTHS: Final = (7, 10, 11)
_COUNTED: Final = frozenset(
    {"1234567", "12345678", "123456789", "1234567890", "0123456789", "987654321", "10987654321"}
)
_PLAIN = re.compile(r"[\d -]+")
_UNIT_AFTER = re.compile(
    r"\s?(?:hours?|hrs?|mins?|minutes?|days?|weeks?|months?|years?|yrs?|secs?|seconds?|people|customers?|users?|miles?"
    r"|km|times|points|avios|gb|mb|kb|tb|mbps|usd|dollars?|pounds?|euros?|rupees|naira|followers|views|steps)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:19|20)\d\d[-. /](?:0?[1-9]|1[0-2])[-. /](?:0?[1-9]|[12]\d|3[01])(?:\b|$)"
    r"|(?:0?[1-9]|[12]\d|3[01])[-. /](?:0?[1-9]|1[0-2]|[12]\d|3[01])[-. /](?:(?:19|20)\d\d|\d\d)(?:\b|$)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
)
_IN_PAIRS = re.compile(r"0\d(?:[ .-]\d\d){4}")
_STYLE = re.compile(r"\d{6}-\d{3}$")
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ \-.()]*){2,}$")
_HOURS = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d ?- ?(?:[01]\d|2[0-3])[0-5]\d$")
_VERSION = re.compile(r"\(?\d{1,3}(?:\.\d+){2,4}$")


def find_parcels(view: str) -> Iterator[Finding]:
    """Parcel and order numbers in a format that only one carrier or shop has."""
    for match in _PARCEL.finditer(view):
        yield Finding(*match.span(), "TRACKING_NO", Ground.CERTAIN)
    for match in _ORDER.finditer(view):
        yield Finding(*match.span(), "ORDER_NO", Ground.CERTAIN)


def find_ips(view: str) -> Iterator[Finding]:
    """Public IP addresses, versions of software left out."""
    if view.count(".") >= 3 or view.count("dot") >= 3:
        for match in _IPV4.finditer(view):
            if _is_public_ip(_DOTTED.sub(".", match[0]), view, match.start()):
                yield Finding(*match.span(), "IP", Ground.CERTAIN)
    if view.count(":") >= 3:
        for match in _IPV6.finditer(view):
            if sum(map(str.isdigit, match[0])) >= 4 and _is_somebodys(match[0]):
                yield Finding(*match.span(), "IP", Ground.CERTAIN)


def _is_public_ip(address: str, view: str, start: int) -> bool:
    """Whether four numbers are an address of somebody's; a low first number is mostly a version's."""
    if address in _RESOLVERS or not _is_somebodys(address):
        return False
    if _IP_TALK.search(view):
        return True
    if _VERSION_BEFORE.search(view[max(0, start - 30) : start]):
        return False
    return address[1] != "." and any(len(part) == _LONGEST_OCTET for part in address.split("."))


def _is_somebodys(address: str) -> bool:
    """Whether ``address`` is one of a network that somebody has, not private and not the machine itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not any(parsed in network for network in _NOBODYS)


def find_runs(view: str) -> Iterator[Finding]:
    """What runs of seven and more digits are: cards, phones, or a reference that nobody named."""
    if not _SOME_RUN.search(view):
        return
    for match in _RUN.finditer(view):
        start, end = match.span()
        found = _number(view, start, end)
        if found and (found.ground is Ground.CERTAIN or not _GAME_TALK.search(view)):
            yield found
        elif (
            " " in match[0]
            and not _is_published(view, start, end)
            and not phones.is_company(_NOT_DIALLED.sub("", match[0]))
        ):
            yield from _pieces(view, start, end)


def _pieces(view: str, start: int, end: int) -> Iterator[Finding]:
    """The items in a run that is none as a whole: the longest stretches of pieces that are one."""
    pieces = [(start + m.start(), start + m.end()) for m in _PIECE.finditer(view[start:end])]
    first = 0
    while first < len(pieces):
        for last in range(len(pieces), first, -1):
            if (found := _number(view, pieces[first][0], pieces[last - 1][1])) and not _GAME_TALK.search(view):
                yield found
                first = last
                break
        else:
            first += 1


def _number(view: str, start: int, end: int) -> Finding | None:
    """What the digits in ``view[start:end]`` are, taken together; ``None`` if nothing personal."""
    written = view[start:end]
    digits = _NOT_DIGIT.sub("", written)
    before = view[max(0, start - 40) : start]
    if len(digits) < 7 or _is_something_else(written, digits, before) or _UNIT_AFTER.match(view, end):
        return None
    if _is_card(digits, before):
        return Finding(start, end, "CARD", Ground.CERTAIN if _CARD_BEFORE.search(before) else Ground.SHAPED)
    ground = phones.ground(written, _NOT_DIALLED.sub("", written), before)
    if ground is not None:
        return None if _is_published(view, start, end) else Finding(start, end, "PHONE", ground)
    if _DIGIT_BY_DIGIT.match(written) and digits not in _COUNTED:
        return Finding(start, end, "PHONE" if len(digits) in _PHONE_LENGTHS else "ORDER_NO", Ground.GUESSED)
    if _is_bare_reference(written, digits):
        return Finding(start, end, "TICKET_NO" if len(digits) == 13 else "ORDER_NO", Ground.GUESSED)
    return None


def _is_published(view: str, start: int, end: int) -> bool:
    return phones.is_published(view[max(0, start - 90) : start], view[end : end + 60])


def _is_something_else(written: str, digits: str, before: str) -> bool:
    """A date, years, a version, a row of one digit, or a number with a label of its own."""
    if len(set(digits)) == 1:
        return True
    # 555-010-0142 is no date, nor is 06 12 34 56 78
    a_phone = phones.is_north_american(written) or _IN_PAIRS.fullmatch(written)
    if not a_phone and any(pattern.match(written) for pattern in (_DATED, _YEARS, _HOURS, _VERSION, _STYLE)):
        return True
    return _LABEL_BEFORE.search(before) is not None


def _is_card(digits: str, before: str) -> bool:
    if not 12 <= len(digits) <= 19 or not luhn.is_valid(digits):
        return False
    if _CARD_BEFORE.search(before):
        return True
    return len(digits) >= 13 and bool(_CARD_PREFIX.match(digits)) and not _NOT_CARD_BEFORE.search(before)


def _is_bare_reference(written: str, digits: str) -> bool:
    """A long number that nothing around it explains: some reference, since people post no others."""
    if not 8 <= len(digits) <= 25 or not _PLAIN.fullmatch(written):
        return False
    return not digits.endswith("000000") and not phones.is_company(_NOT_DIALLED.sub("", written))


RULES: Final = (
    Rule(find_parcels, digits=9),
    Rule(find_ips, digits=5),
    Rule(find_runs, digits=7),
)
