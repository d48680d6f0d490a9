"""Whether a run of digits is a person's phone number: by what stands before it, by shape, by libphonenumber.

libphonenumber knows which numbers exist and how each country writes them. It does not know invented
ones, hotlines in adverts, or what the text says; those are told here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from triage.privacy.findings import Ground

_SAID_BEFORE = re.compile(
    r"\b(?:call(?:ed|ing|s)?|ring(?:ing)?|rang|phon\w*|ph|mob(?:ile)?|cell|tel\w*|text(?:ed|ing|s)?|whats ?app|wa|sms"
    r"|fax|landline|dial\w*|(?:me|us|him|her|them) (?:on|at|@)|contact|reach|registered|handy\w*|rufnummer|anrufen"
    r"|erreichbar|t[eé]l[eé]\w*|portable|m[oó]vil|celular|ll[aá]m\w*|llamarme|bellen|mobiel|nummer is|cellulare"
    r"|chiama\w*)\b[^\d\0]{0,22}$",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(
    r"\b(?:(?:number|num|no|nr|nummer|n[uú]mero)(?:'?s| is| es| ist| est)?)\b[^\d\0]{0,10}$", re.IGNORECASE
)
_REFERENCE_BEFORE = re.compile(
    r"\b(?:order|ref\w*|ticket|case|claim|account|acct|acc|booking|confirmation|tracking|i\.?d|policy|member\w*"
    r"|customer|invoice|request|complaint|incident|file|report|reg\w*|flight|model|serial|version|app|meter"
    r"|kundennummer|pedido|commande|bestell\w*|rechnung\w*|auftrag\w*|bestelling)\b[^\d\0]{0,24}$",
    re.IGNORECASE,
)
#: A form's own field, or the writer's own number: a shared-cost prefix does not make it a company's.
_OWN_BEFORE = re.compile(
    r"(?:(?:^|\n)\W{0,3}(?:phone|tel\w*|mobile|cell)\W{1,3}|\bmy (?:\w+ )?(?:is|no|number)\W{1,3})$", re.IGNORECASE
)

#: Numbers that companies publish: free, shared-cost and local-rate prefixes are never a person's.
#: By prefix, since adverts and examples also have numbers that were never given out.
_COMPANY = re.compile(
    r"(?:\+?1)?8(?:00|88|77|66|55|44|33)\d{7}|(?:0|44|\+44)(?:(?:800|808)\d{4,7}|(?:84[345]|87[0-3]|3[0347]\d)\d{7})"
    r"|1[38]00\d{6}"
)
_FREE = re.compile(r"(?:\+?1)?8(?:00|88|77|66|55|44|33)\d{7}|(?:0|44|\+44)80[08]\d{4,7}|1[38]00\d{6}")
_PUBLISHED_KINDS: Final = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_NANP = re.compile(r"(?:\+?1)?[2-9]\d\d[2-9]\d{6}")
_NANP_WRITTEN = re.compile(r"(?:\+?1[ .-]?)?(?:\(\d{3}\)[ .-]{0,2}|\d{3}[ ./-])\d{3}[ .-]\d{4}")
_NATIONAL = re.compile(r"0[1-9]\d{8,9}")
_MOBILE_INDIA = re.compile(r"[6-9]\d{9}")
#: Countries without a trunk zero, or whose grouping tells a number that is no more than nine digits.
_GROUPED_IN: Final = ("ES", "FR", "IT", "PT", "PL", "BR", "MX", "AU", "NL", "BE", "CH", "SE", "NO", "DK", "IE", "ZA")
_GROUPS = re.compile(r"\d+")


#: A number that the text calls the company's, or asks whether it is.
_PUBLISHED_BEFORE = re.compile(
    r"\b(?:(?:your|ur|the company'?s?|official|published) (?:[\w-]+ ){0,3}(?:number|line|hotline|helpline|switchboard"
    r"|desk|phone|tel|no)|helpline|hotline|help ?desk|switch ?board|press (?:desk|office)|head office"
    r"|(?:customer|guest) (?:service|care|support)s?|call cent(?:re|er)|contact page|web ?site|advert|poster|leaflet"
    r"|(?:the|this) number (?:on|in|at) (?:the|your)|on the (?:back|letter|bill|card|box|receipt)|listed (?:as|under)"
    r"|toll[- ]free|freephone|reception)\b[^.!?\n\0]{0,40}$",
    re.IGNORECASE,
)
_PUBLISHED_AFTER = re.compile(
    r"[^.!?\n\0\d]{0,25}(?:[.,?!] ?)?\b(?:is (?:that|this|it) (?:really |actually |even )?"
    r"(?:you|yours|your|a scam|the right|legit|genuine)|as (?:the|your) (?:\w+'?s? )?(?:press|main|head|switch|help"
    r"|customer)"
    r"|(?:is|are) (?:really |actually )?(?:yours|your)|your (?:real|actual|official) number"
    r"|from your (?:web ?site|site|advert)|on your (?:web ?site|site|page|letter))\b",
    re.IGNORECASE,
)


_SOMEBODYS_BEFORE = re.compile(r"\b(?:my|me|mine|us|our|him|his|her|them|their)\b[^.!?\n\0]{0,25}$", re.IGNORECASE)


def is_published(before: str, after: str) -> bool:
    """Whether the words around a number say that it is a company's own."""
    if _PUBLISHED_AFTER.match(after):
        return True
    return bool(_PUBLISHED_BEFORE.search(before)) and not _SOMEBODYS_BEFORE.search(before)


def is_company(number: str) -> bool:
    """Whether ``number`` (digits, maybe a plus before them) has a prefix that only companies publish."""
    if _COMPANY.fullmatch(number):
        return True
    parsed = _parsed(number) if number.startswith("+") else None
    return parsed is not None and phonenumbers.number_type(parsed) in _PUBLISHED_KINDS


def ground(written: str, number: str, before: str) -> Ground | None:
    """How surely ``written`` is a person's phone number; ``None`` where it is none.

    ``number`` is ``written`` without separators, ``before`` what stands before it.
    """
    if not 7 <= len(number.lstrip("+")) <= 15:
        return None
    if is_company(number) and (_FREE.fullmatch(number) or not _OWN_BEFORE.search(before)):
        return None
    said = bool(_SAID_BEFORE.search(before))
    if not said and _NUMBER_BEFORE.search(before):
        said = not _REFERENCE_BEFORE.search(before)
    if _shaped(written, number):
        return Ground.CERTAIN if said else Ground.SHAPED
    return Ground.SAID if said and len(number) <= 13 else None


def is_north_american(written: str) -> bool:
    """Whether the groups are those of a number of the US or Canada: 202-555-0147 is no date."""
    return _NANP_WRITTEN.fullmatch(written) is not None


def _shaped(written: str, number: str) -> bool:
    if number.startswith(("+", "00")):
        return _is_international(written, number)
    if _NANP_WRITTEN.fullmatch(written) or _NATIONAL.fullmatch(number):
        return True
    if written.isdigit():
        if _NANP.fullmatch(number):
            return _exists(number, "US") or (len(number) == 10 and _exists(number, "IN"))
        return _MOBILE_INDIA.fullmatch(number) is not None and _exists(number, "IN")
    return 8 <= len(number) <= 11 and any(_is_grouped_as_in(region, written, number) for region in _GROUPED_IN)


def _is_international(written: str, number: str) -> bool:
    if len(number) < 9:
        return False
    # Airline tickets have 13 digits and may begin with two zeros; no country code begins with 0.
    ticket = number[0] == "0" and len(number) == 13 and " " not in written
    parsed = _parsed("+" + number.lstrip("+0"))
    return not ticket and number[:3] != "000" and parsed is not None and phonenumbers.is_possible_number(parsed)


def _exists(number: str, region: str) -> bool:
    parsed = _parsed(number, region)
    return parsed is not None and phonenumbers.is_valid_number_for_region(parsed, region)


def _is_grouped_as_in(region: str, written: str, number: str) -> bool:
    """Whether a number of ``region`` is written in its groups ("612 34 56 78")."""
    parsed = _parsed(number, region)
    if parsed is None or not phonenumbers.is_valid_number_for_region(parsed, region):
        return False
    usual = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    groups = _GROUPS.findall(written)
    return len(groups) > 2 and groups == _GROUPS.findall(usual)


def _parsed(number: str, region: str | None = None) -> PhoneNumber | None:
    with suppress(phonenumbers.NumberParseException):
        return phonenumbers.parse(number, region)
    return None
