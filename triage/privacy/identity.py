"""What identifies a citizen: national numbers, and dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.checksums import verhoeff
from triage.privacy.findings import Finding, Ground, Rule, any_of

_NINO = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:\d{6}| \d{6} ?| \d\d \d\d \d\d )[A-D]\b"
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])")
_PAN = re.compile(r"\b[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]\b")
_DNI = re.compile(r"\b(\d{8})-?([A-HJ-NP-TV-Z])\b")
_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_AADHAAR = re.compile(r"(?<![\d-])[2-9]\d{3}[ -]\d{4}[ -]\d{4}(?![ -]?\d)")
_SAID = re.compile(
    r"\b(?:ssn|social(?: security)?|national insurance|nino?|ni(?= n)|pan|aadhaa?r|passport|(?:driv\w+ )?licen[cs]e"
    r"|national id|id card|bvn|nin|tax id|sin)(?:[ :#=.,-]"
    r"|\b(?:card|no|num|number|nr|is|was|its|it's|my)\b){1,8}((?:(?=[A-Z]{0,6}\d)[A-Z0-9]{2,16}"
    r"|(?-i:[A-Z]{1,3})(?=[ -]?\d))(?:[ -][A-Z0-9]*\d[A-Z0-9]*){0,4}(?:[ -][A-D]\b)?)(?![\w-])",
    re.IGNORECASE,
)
_NOT_IDENTITY_BEFORE = re.compile(
    r"\b(?:dpci|item|sku|part|model|upc|style|product|error|code)\b\W{0,8}$", re.IGNORECASE
)

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*"
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH},?[ -]'?(?:\d{{4}}|\d\d)\b"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b"
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?:(?:19|20)\d\d|\d\d)\b|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b)"
)
_BORN = re.compile(
    r"\b(?:d\.?o\.?b\.?|date of birth|birth ?date|birthday|born|birth)(?=\W)"
    rf"(?:[ :=,.?-]|\b(?:is|was|on|in|as|its|it's|to change the name|the)\b){{1,8}}({_DATE})",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    rf"(?<![\d/.-])(\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19[2-9]\d|200[0-8])"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?:19[2-9]\d|200[0-8])"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19[2-9]\d|200[0-8]))(?![\d/-])",
    re.IGNORECASE,
)
_OLD_YEAR = re.compile(r"19[2-9]\d|200[0-8]")
#: Nothing before a date but the start of the text or of a line, a comma after a name, or a question.
_ALONE = re.compile(r"^[\s\0]*$|[\n,/(?]\s*$")


def find_national_ids_said(view: str) -> Iterator[Finding]:
    """National numbers, passports and licences that the text names."""
    for match in _SAID.finditer(view):
        if sum(map(str.isdigit, match[1])) >= 4:
            yield Finding(*match.span(1), "NATIONAL_ID", Ground.CERTAIN)


def find_national_ids(view: str) -> Iterator[Finding]:
    """National numbers by format: UK, US, India (Aadhaar with its check), Spain (with its check)."""
    for pattern in (_NINO, _SSN, _PAN):
        for match in pattern.finditer(view):
            if not _NOT_IDENTITY_BEFORE.search(view[max(0, match.start() - 20) : match.start()]):
                yield Finding(*match.span(), "NATIONAL_ID", Ground.SHAPED)
    for match in _DNI.finditer(view):
        if _DNI_LETTERS[int(match[1]) % 23] == match[2]:
            yield Finding(*match.span(), "NATIONAL_ID", Ground.SHAPED)
    for match in _AADHAAR.finditer(view):
        if verhoeff(re.sub(r"\D", "", match[0])):
            yield Finding(*match.span(), "NATIONAL_ID", Ground.SHAPED)


def find_births(view: str) -> Iterator[Finding]:
    """Dates that the text calls a date of birth."""
    for match in _BORN.finditer(view):
        yield Finding(*match.span(1), "DATE_OF_BIRTH", Ground.CERTAIN)


def find_old_dates(view: str) -> Iterator[Finding]:
    """A full date between 1920 and 2008 that stands alone: nobody asks care about those years."""
    if not _OLD_YEAR.search(view):
        return
    for match in _LONG_AGO.finditer(view):
        if _ALONE.search(view[max(0, match.start() - 30) : match.start()]):
            yield Finding(*match.span(1), "DATE_OF_BIRTH", Ground.SHAPED)


RULES: Final = (
    Rule(
        find_national_ids_said,
        digits=4,
        words=any_of("ssn social national nino ni pan aadhaar aadhar passport licence license id bvn nin tax sin"),
    ),
    Rule(find_national_ids, digits=6),
    Rule(find_births, digits=3, words=any_of("dob b birth born birthday birthdate")),
    Rule(find_old_dates, digits=5),
)
