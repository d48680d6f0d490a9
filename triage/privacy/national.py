"""National numbers of people, checked by python-stdnum where a country has a check digit.

A :class:`Scheme` has what people call the number, how it is written and whether it checks. One that is
written like nothing else counts by itself; every other one only where the text says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from stdnum import luhn
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pk import cnic
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import itin, ssn
from stdnum.za import idnr as za_id

from triage.privacy.findings import Finding, Ground, Rule, any_of


class Scheme(NamedTuple):
    """``shape`` is a pattern of what is written; ``valid`` checks it, separators and all."""

    shape: re.Pattern[str]
    valid: Callable[[str], bool]


def _nino(number: str) -> bool:
    """UK national insurance numbers have no check digit; some prefixes were never given out."""
    return number[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


#: Written like nothing else, or with a check digit that a chance number seldom has.
_BY_ITSELF: Final = tuple(
    Scheme(re.compile(rf"(?<![\w.-])(?:{shape})(?![\w-])"), valid)
    for shape, valid in (
        (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:\d{6}| \d{6} ?| \d\d \d\d \d\d )[A-D]", _nino),
        (r"\d{3}-\d\d-\d{4}", lambda number: ssn.is_valid(number) or itin.is_valid(number)),
        (r"[A-Z9]{5} ?\d{6} ?[A-Z9]{2} ?\d[A-Z]{2}", str.isprintable),  # UK driving licences: no public check digit
        (r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}(?! ?\d)", aadhaar.is_valid),
        (r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", pan.is_valid),
        (r"\d{8}-?[A-HJ-NP-TV-Z]", dni.is_valid),
        (r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid),
        (r"[A-Z]{6}\d\d[A-EHLMPR-T]\d\d[A-Z]\d{3}[A-Z]", codicefiscale.is_valid),
        (r"\d{3}\.\d{3}\.\d{3}-\d\d", cpf.is_valid),
        (r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", rut.is_valid),
        (r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d", curp.is_valid),
        (r"[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d", nir.is_valid),
        (r"756\.?\d{4}\.?\d{4}\.?\d\d", ahv.is_valid),
        (r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", nn.is_valid),
        (r"\d{6}[-+A]\d{3}[\dA-Y]", hetu.is_valid),
        (r"(?:(?:19|20)\d\d|\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-\d{4}", personnummer.is_valid),
        (r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-4]\d{6}", rrn.is_valid),
        (r"[1-6]\d{5}(?:19|20)\d{6}\d{3}[\dX]", ric.is_valid),
        (r"\d{5}-\d{7}-\d", cnic.is_valid),
        (r"784-(?:19|20)\d\d-\d{7}-\d", luhn.is_valid),  # the Emirates
    )
)
#: One look that tells whether any of those can be there at all.
_SOME_SHAPE = re.compile(r"(?<![\w.-])(?:(?:\d[ .A-Z+-]{0,2}){8}|(?=(?:[A-Z ]*\d){4})[A-Z]{1,6} ?\d(?: ?[\dA-Z]){4})")
#: Digits that look like hundreds of other numbers: a right check digit, and the word for it in the text.
_NEAR_ITS_WORD: Final = tuple(
    (any_of(words), Scheme(re.compile(rf"(?<![\w.-])(?:{shape})(?![\w-])"), valid))
    for words, shape, valid in (
        ("nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid),
        ("sin insurance", r"\d{3}[ -]?\d{3}[ -]?\d{3}", sin.is_valid),
        ("ssn social itin security", r"\d{3}[ -]?\d\d[ -]?\d{4}", lambda n: ssn.is_valid(n) or itin.is_valid(n)),
        ("bsn burgerservicenummer", r"\d{9}|\d{4}[ .]\d\d[ .]\d{3}|\d{3}[ .]\d{3}[ .]\d{3}", bsn.is_valid),
        ("steuer steuerid steuernummer", r"\d{11}|\d\d \d{3} \d{3} \d{3}", idnr.is_valid),
        ("pesel", r"\d{11}", pesel.is_valid),
        ("cpf", r"\d{11}", cpf.is_valid),
        ("rut", r"\d{7,8}-?[\dkK]", rut.is_valid),
        ("aadhaar aadhar adhar uidai", r"[2-9]\d{11}", aadhaar.is_valid),
        ("personnummer", r"(?:\d\d)?\d{6}[ -]?\d{4}", personnummer.is_valid),
        ("fødselsnummer personnummer", r"\d{6} ?\d{5}", fodselsnummer.is_valid),
        ("cpr", r"\d{6}[ -]?\d{4}", cpr.is_valid),
        ("tfn", r"\d{3} ?\d{3} ?\d{2,3}", tfn.is_valid),
        ("pps ppsn", r"\d{7}[A-Z]{1,2}", pps.is_valid),
        ("amka", r"\d{11}", amka.is_valid),
        ("oib", r"\d{11}", oib.is_valid),
        ("cnp", r"\d{13}", cnp.is_valid),
        ("tc kimlik tckn", r"\d{11}", tckimlik.is_valid),
        ("id identity", r"\d{6} ?\d{4} ?\d{3}", za_id.is_valid),
    )
)
_NAMES: Final = (
    r"ssn|social(?: security)?(?! (?:media|network))|itin|national insurance|nino?|ni(?= n)|pan|aadhaa?r|passport"
    r"|(?:driv\w+ )?licen[cs]e|dl(?= n)|(?:national |identity |emirates |citizen )?id(?: card)?(?= n| card)"
    r"|(?:national|identity|emirates) id|id card|bvn|nin|tax id|tfn|tax file|social insurance|sin|nhs|medicare|medicaid"
    r"|pps|ppsn|nric|mykad|iqama|cnic|dni|nie|nif|c[eé]dula|cpf|rut|curp|rfc|bsn|burgerservicenummer|codice fiscale"
    r"|steuer-?id\w*|steuernummer|sozialversicherungsnummer|personalausweis\w*|ausweisnummer|reisepass\w*|pasaporte"
    r"|passeport|paspoort\w*|s[eé]curit[eé] sociale|num[eé]ro de s[eé]cu|pesel|personnummer|cpr|hetu|amka|oib|cnp"
    r"|voter id"
)
_SAID = re.compile(
    rf"\b(?:{_NAMES})(?:[ :#=.,(-]|\b(?:card|no|num|number|nr|nummer|num[eé]ro|n[uú]mero|ends|is|was|its|it's|my|es|ist"
    r"|est|lautet|the|mera|hai|ka|lebar)\b){1,10}"
    r"((?:(?=[A-Z]{0,6}\d)[A-Z0-9]{2,20}|(?-i:[A-Z]{1,3})(?=[ -]?\d)|\d(?=[ -]\d))"
    r"(?:[ ./-]{1,2}[A-Z0-9]*\d[A-Z0-9]*){0,12}(?:[ -][A-Z]\b)?)(?![\w-])",
    re.IGNORECASE,
)
_NOT_IDENTITY_BEFORE = re.compile(
    r"\b(?:dpci|item|sku|part|model|upc|style|product|error|code|order|serial|ticket|tracking)\b\W{0,8}$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_DATE = re.compile(r"(?:19|20)\d\d|\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d\d)?\d\d")


def find_said(view: str) -> Iterator[Finding]:
    """National numbers, passports and licences that the text names, right or wrong by their check digit."""
    for match in _SAID.finditer(view):
        if sum(map(str.isdigit, match[1])) >= 4 and not _DATE.fullmatch(match[1]):
            yield Finding(*match.span(1), "NATIONAL_ID", Ground.CERTAIN)


def find_by_shape(view: str) -> Iterator[Finding]:
    """National numbers that nobody names, by format and, where there is one, by check digit."""
    if not _SOME_SHAPE.search(view):
        return
    for scheme in _BY_ITSELF:
        yield from _checked(scheme, view, Ground.SHAPED)


def find_near_word(view: str) -> Iterator[Finding]:
    """Numbers with a right check digit in a text that has the word for them anywhere."""
    words = set(_WORD.findall(view.lower()))
    for names, scheme in _NEAR_ITS_WORD:
        if not words.isdisjoint(names):
            yield from _checked(scheme, view, Ground.SAID)


def _checked(scheme: Scheme, view: str, ground: Ground) -> Iterator[Finding]:
    for match in scheme.shape.finditer(view):
        before = view[max(0, match.start() - 20) : match.start()]
        if scheme.valid(match[0]) and not _NOT_IDENTITY_BEFORE.search(before):
            yield Finding(*match.span(), "NATIONAL_ID", ground)


RULES: Final = (
    Rule(
        find_said,
        digits=4,
        words=any_of(
            "ssn social itin national nino ni pan aadhaar aadhar passport licence license dl id bvn nin tax tfn sin"
            " nhs medicare medicaid pps ppsn nric mykad iqama cnic dni nie nif cédula cedula cpf rut curp rfc bsn"
            " burgerservicenummer codice steuer steuerid steuernummer sozialversicherungsnummer personalausweis"
            " personalausweisnummer ausweisnummer reisepass reisepassnummer pasaporte passeport paspoort"
            " paspoortnummer sécurité securite sécu secu pesel personnummer cpr hetu amka oib cnp voter"
        ),
    ),
    Rule(find_near_word, digits=7, words=frozenset().union(*(words for words, _ in _NEAR_ITS_WORD))),
    Rule(find_by_shape, digits=6),
)
