"""Dates of birth: called so, or too long ago to be anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

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
    Rule(find_births, digits=3, words=any_of("dob b birth born birthday birthdate")),
    Rule(find_old_dates, digits=5),
)
