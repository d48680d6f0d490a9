"""Whether a reply repeats a number or a code: the whole, its end or beginning, one of its groups."""

from __future__ import annotations

import re
from typing import Final

from triage.privacy.draft import Draft, bare

#: The least that is a part of a number or code; also the most that a price, a year or a time has in common with it.
LEAST_PART: Final = 4
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


def repeats_code(draft: Draft, value: str) -> bool:
    """The whole, four characters or more of its end or beginning, one of its groups, or six of its middle."""
    whole = bare(value)
    groups = {bare(group) for group in _GROUPS.split(value) if len(group) >= LEAST_PART and _DIGIT.search(group)}
    for run, start, end in draft.runs():
        told = _MASK.sub("", run)
        if told == whole and (len(whole) >= LEAST_PART or _DIGIT.search(whole)):
            return True
        if len(whole) >= _LEAST_MIDDLE and whole in told and len(told) - len(whole) <= LEAST_PART:
            return True
        if _is_part(told, whole, groups, draft.text[start:end]) and not _is_by_chance(draft.text, start, end):
            return True
        if _is_said_to_be_an_end(told, whole, draft.text, start, end):
            return True
    return False


#: With these words around them, two digits are a part.
_SAID_BEFORE = re.compile(
    r"\b(?:ending|ends?|finish\w*|starting|starts?|beginning|begins?|(?:last|first|final) (?:\w+ )?(?:digits|numbers)"
    r"(?: (?:are|is|being))?)(?: (?:in|with|on|as|by))?[ :\"'“*.…-]{1,4}$",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    r"[\"'”]? (?:number|one|line)\b|[\"'”]? (?:at|on|in) (?:the|its) (?:end|start|front|back)\b", re.IGNORECASE
)


def _is_said_to_be_an_end(told: str, whole: str, text: str, start: int, end: int) -> bool:
    if not (2 <= len(told) < LEAST_PART) or not told.isdigit() or len(whole) < LEAST_PART:
        return False
    said = _SAID_BEFORE.search(text[:start]) or (len(told) > 2 and _SAID_AFTER.match(text, end))
    return bool(said) and (whole.startswith(told) or whole.endswith(told))


def _is_part(told: str, whole: str, groups: set[str], written: str) -> bool:
    if len(told) < LEAST_PART or len(told) >= len(whole):
        return False
    if not _DIGIT.search(told):
        # Letters alone are a part only of a code of letters, and only where they are written as one.
        return written.isupper() and not whole.isdigit() and len(whole) <= 8 and whole.startswith(told)
    at_an_end = whole.startswith(told) or whole.endswith(told)
    return at_an_end or told in groups or (len(told) >= _LEAST_MIDDLE and told in whole)


#: Digits right beside others, with a space or a stroke between, are the middle of another number.
_MORE_BEFORE = re.compile(r"\d[ -]$")
_MORE_AFTER = re.compile(r"[ -]\d")


def _is_by_chance(text: str, start: int, end: int) -> bool:
    """Whether digits are a price, a time, a date, a year, a flight or a part of another number."""
    inside = _MORE_BEFORE.search(text[:start]) or _MORE_AFTER.match(text, end)
    return bool(inside and text[start:end].isdigit()) or _is_amount(text, start, end)


def _is_amount(text: str, start: int, end: int) -> bool:
    written, before = text[start:end], text[max(0, start - 24) : start]
    if _OF_AN_ITEM.search(before):
        return False
    if _CALENDAR.fullmatch(written) or text[max(0, start - 1) : start] in ("/", ":"):
        return True
    if not written.isdigit() or len(written) > 5:
        return bool(re.search(r"[£$€]\s?$", before)) and bool(re.fullmatch(r"[\d.,]+", written))
    return bool(_YEAR.fullmatch(written) or _AMOUNT_BEFORE.search(before) or _AMOUNT_AFTER.match(text, end))


_COUNTRY = re.compile(r"^\s*(?:\(?\+|00)\d{1,3}")


def repeats_phone(draft: Draft, value: str) -> bool:
    """As a code, with the country's code or the leading zero or without."""
    national = _COUNTRY.sub("", value).replace("(0)", "")
    return repeats_code(draft, value) or repeats_code(draft, bare(national).lstrip("0"))
