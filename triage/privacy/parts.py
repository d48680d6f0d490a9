"""Parts of an item that a reply names as such: "the card ending 4421", "j***@mail.example", "Ms Tilsley".

The part alone is no item that detection would mark; in a public reply it still tells something of the
customer's that nobody else should read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: What the digits are the end of, by the type it then has.
_OF: Final = {
    "CARD": r"\w*cards?|visa|mastercard|amex|debit|credit",
    "PHONE": r"(?:tele)?phones?|mobiles?|cell|landline|line",
    "BANK_ACCOUNT": r"iban|sort code|bank",
    "EMAIL": r"e-?mails?|inbox|mailbox",
    "BOOKING_REF": r"bookings?|reservations?|pnr|confirmation",
    "TRACKING_NO": r"tracking|parcels?|packages?|shipments?|consignments?",
    "ORDER_NO": r"orders?|invoices?|receipts?",
    "TICKET_NO": r"tickets?|cases?|claims?|references?|ref",
    "ACCOUNT_NO": r"accounts?|members?|membership|policy|meter|contract|customer|loyalty",
    "PASSWORD": r"pass ?words?|pin|code",
}
_NAMED = re.compile("|".join(rf"(?P<{kind}>\b(?:{words})\b)" for kind, words in _OF.items()), re.IGNORECASE)
_PLACE: Final = (
    r"(?:ending|ends|ended|end(?= (?:in|with)\b)|finishing|finishes|terminating|starting|starts|beginning|begins)"
)
#: Two digits or more, or a code with a digit in it; never a time, a date, a price or a share.
_VALUE: Final = (
    r"(?P<value>(?!\d+-(?:digit|character|letter))(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{1,11}(?: \d{2,4}\b)?)"
    r"(?![\w%]|[:/.]\d)"
)
_SAID = (
    re.compile(
        rf"\b{_PLACE}(?: (?:in|with|on|by|as))?(?: (?:the|digits|numbers|no\.?|number|letters)){{0,3}}"
        rf"[ :\"'“(*.x…-]{{1,9}}{_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:last|final|first) (?:two|three|four|five|six|\d|few) (?:digits?|numbers?|characters?|letters?)"
        rf"(?: (?:of|on) (?:\w+ ){{1,5}}?)?(?: ?(?:are|is|being|of|as|were)\b)?[ :\"'“(=-]{{1,4}}{_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<value>\b\d{2,6}) (?:on|at) (?:the|its) end\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<value>\d{3,6})\b[^.!?]{0,24}\b(?:last|final|first) (?:\w+ )?(?:digits|numbers)\b", re.IGNORECASE
    ),
    # Digits or letters behind characters that stand for what is left out.
    re.compile(r"(?:[*•●#_·]{2,}|(?<![\w])[xX]{2,}|…|\.{3,})[ -]?(?P<value>\d{2,6})(?![\w%#]|[:/.]\d)"),
    re.compile(r"(?<![\w£$€.])(?P<value>\d{2,6})[ -]?(?:[*•●]{2,}|[xX]{3,}\b)"),
)
_PRICE_BEFORE = re.compile(r"[£$€¥₹]\s?$")
#: "Offer ending 30 June", "starting at 5", "ends in 2 days": a day or a count, no digits of an item.
_NO_PART_AFTER = re.compile(
    r"\s?(?:st|nd|rd|th|am|pm|days?|hours?|hrs?|mins?|minutes?|weeks?|months?|years?|%|million|billion|thousand"
    r"|times|more\b|people|percent|pounds|euros|dollars|pence|p\b"
    r"|o'clock|of (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\b)",
    re.IGNORECASE,
)
_ENDS_IN = re.compile(r"(?:ending|ends|finishing|finishes)(?: (?:in|with))? \d{3,6}$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MASKED_EMAIL = re.compile(
    r"(?<![\w@])[\w.+-]{0,20}(?:[*•●]{1,}|\.{3,}|…)[\w.*•●]{0,20}@[\w.*•●-]+|[\w.+-]{1,20}@(?:[*•●]{2,}|\.{3,}|…)",
)
_PROVIDER = re.compile(
    r"(?<![\w@])[\w.+-]{2,}@(?:gmail|hotmail|yahoo|outlook|live|icloud|aol|gmx|proton)\b", re.IGNORECASE
)
_EMAIL_PART = re.compile(
    r"\b(?:e-?mail|mailbox|inbox|gmail|hotmail|outlook|yahoo|icloud)\b[^.!?]{0,40}?\b(?:starting|starts|beginning"
    r"|begins|ending|ends)"
    r"(?: (?:in|with|at|by))?[ \"'“‘:]{1,3}(?!(?:in|on|at|the|a|an|soon|today|tomorrow|now|with)\b)[\w.@*…-]{2,}",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? (?!(?:and|or|Right|Bean|Men|Whippy|Muscle|Big)\b)"
    r"[A-Z][a-zà-ÿ]{2,}(?:[-'][A-Z]?[a-z]+)?"
)


def parts_named(text: str) -> frozenset[str]:
    """Types of items of which ``text`` says a part. ``text`` has look-alike characters folded."""
    kinds = set(_ends(text))
    if _MASKED_EMAIL.search(text) or _PROVIDER.search(text) or _EMAIL_PART.search(text):
        kinds.add("EMAIL")
    if _TITLED.search(text):
        kinds.add("PERSON")
    return frozenset(kinds)


def _ends(text: str) -> Iterator[str]:
    for pattern in _SAID:
        for match in pattern.finditer(text):
            start, end = match.span("value")
            if _PRICE_BEFORE.search(text[:start]) or _NO_PART_AFTER.match(text, end):
                continue
            sentence = text[max(0, match.start() - 60) : match.start()]
            named = [found.lastgroup for found in _NAMED.finditer(sentence)] or [
                found.lastgroup for found in _NAMED.finditer(text, match.start(), min(len(text), end + 30))
            ]
            if named and named[-1]:
                yield named[-1]
            elif (pattern is not _SAID[0] or _ENDS_IN.match(match[0])) and not _YEAR.fullmatch(match["value"]):
                yield "ACCOUNT_NO"  # of something: nobody counts out the last digits of what is public
