"""Dates of birth: called so, or too long ago to be anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_MONTH: Final = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|m[äa]r|mai|okt|dez|ene|abr|ago|dic|janv|f[ée]v|avr|juin"
    r"|juil|ao[uû]t"
    r"|d[ée]c|mrt|mei)[a-zé]*\.?"
)
_OF: Final = r"(?: of| de)?"
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th) of the \d{{1,2}}(?:st|nd|rd|th),? (?:(?:19|20)\d\d|'?\d\d)\b|\d{{1,2}}(?:st|nd|rd"
    rf"|th|\.)?{_OF}[ /-]?{_MONTH}{_OF},?[ /-]?'?(?:\d{{4}}|\d\d)\b"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:(?:19|20)\d\d|'\d\d)\b"
    r"|\d{1,2} ?[-/. ] ?\d{1,2} ?[-/. ] ?(?:(?:19|20)\d\d|\d\d)\b|(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}\b"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\b|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:(?:19"
    r"|20)\d\d|\d\d)\b)"
)
_BIRTH: Final = (
    r"(?:d[. ]?o[. ]?b\.?|b\.|date of birth|birth ?date|birthday|b'?day|bday|born|birth|geb\.?|geboren|geburts\w+"
    r"|geboortedatum|n[ée]e?(?= le)"
    r"|naissance|nacid[oa]|nacimiento|nascid[oa]|nascimento|nat[oa](?= il)|f[øö]d\w*|janam|janm)"
)
_BORN = re.compile(
    rf"\b{_BIRTH}(?=\W)"
    rf"(?:[ :=,.?()\"'-]|\b(?:is|was|on|in|as|its|it's|to change the name|the|le|il|el|am|op|es|ist|date|to|from|me"
    rf"|i)\b){{1,8}}({_DATE})",
    re.IGNORECASE,
)
_BORN_SOMEWHERE = re.compile(rf"\b{_BIRTH}(?=\W)", re.IGNORECASE)
_ANY_DATE = re.compile(rf"(?<![\w/.-])(?:{_DATE})(?![\d/-])", re.IGNORECASE)
#: What a form has before anybody filled it in.
_NOBODYS_YEAR = re.compile(r"\b(?:1[0-8]\d\d|190\d)\b")
#: How far from the word a date may stand that is old enough to be a birth.
_NEAR: Final = 90
_ORDINAL: Final = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|fourth|fifth|sixth|seventh"
    r"|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth"
    r"|fifteenth"
    r"|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[ -](?:first|second|third"
    r"|fourth|fifth"
    r"|sixth|seventh|eighth|ninth)|\d{1,2}(?:st|nd|rd|th)?)"
)
_ONES: Final = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_YEAR_WORDS: Final = (
    rf"(?:(?:nineteen|twenty)[ -](?:(?:oh|o)[ -]{_ONES}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty"
    rf"|ninety)(?:[ -]{_ONES})?"
    rf"|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
    rf"|two thousand(?: and)?(?: {_ONES}| ten| eleven| twelve)?|(?:19|20)\d\d)"
)
_IN_WORDS = re.compile(
    rf"\b(?:{_MONTH} (?:the )?{_ORDINAL},? (?:of )?{_YEAR_WORDS}"
    rf"|{_ORDINAL} (?:of )?{_MONTH},? (?:of )?{_YEAR_WORDS})\b",
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
    """Dates that the text calls a date of birth, and dates of long ago near the word for it."""
    for match in _BORN.finditer(view):
        if not _NOBODYS_YEAR.search(match[1]):
            yield Finding(*match.span(1), "DATE_OF_BIRTH", Ground.CERTAIN)
    word = _BORN_SOMEWHERE.search(view)
    if word is None:
        return
    for match in _ANY_DATE.finditer(view, max(0, word.start() - _NEAR), word.end() + _NEAR):
        if _OLD_YEAR.search(match[0]):
            yield Finding(*match.span(), "DATE_OF_BIRTH", Ground.SAID)
    for match in _IN_WORDS.finditer(view, word.start(), word.end() + _NEAR):
        if not _NOBODYS_YEAR.search(match[0]):
            yield Finding(*match.span(), "DATE_OF_BIRTH", Ground.CERTAIN)


def find_old_dates(view: str) -> Iterator[Finding]:
    """A full date between 1920 and 2008 that stands alone: nobody asks care about those years."""
    if not _OLD_YEAR.search(view):
        return
    for match in _LONG_AGO.finditer(view):
        if _ALONE.search(view[max(0, match.start() - 30) : match.start()]):
            yield Finding(*match.span(1), "DATE_OF_BIRTH", Ground.SHAPED)


RULES: Final = (
    Rule(
        find_births,
        words=any_of(
            "dob b birth born birthday birthdate bday geb geboren geburtsdatum geburtstag geboortedatum né née"
            " naissance nacido nacida nacimiento nascido nascida nascimento nato nata født född fødselsdato fødselsdag"
            " födelsedatum födelsedag"
        ),
    ),
    Rule(find_old_dates, digits=5),
)
