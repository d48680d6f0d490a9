"""Postcodes of many countries; those of shops and offices are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_AREAS: Final = any_of(
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX"
    " FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN"
    " NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB"
    " W WA WC WD WF WN WR WS WV YO ZE"
)
_UK = re.compile(
    r"(?<![\w-])(?P<code>(?P<area>[A-Za-z]{1,2})\d[\dA-Za-z]? ?\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2})(?![\w-])"
)
#: A model with its size ("S8 4GB"), an ordinal, or a US aircraft: London N ends at N22, tails do not.
_NOT_UK = re.compile(r".*(?:GB|TB|TH|ST|ND|RD|HR|PT|DS|PS)|N(?:2[3-9]|[3-9]\d)[A-Z\d]*", re.IGNORECASE)
_SOME_POSTCODE = re.compile(
    r"\d(?: ?[A-Z]{2}(?!\w)|(?<=[A-Z] \d)\d{3}(?!\w)|[A-Za-z]{2}(?!\w)|(?<=[A-Z]\d)[A-Z] ?\d|[\dW] [A-Z0-9]{4}(?!\w))"
)
_CANADIAN = re.compile(r"\b(?P<code>[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d)\b")
_EIRCODE = re.compile(
    r"\b(?P<code>(?:[AC-FHKNPRTV-Y]\d\d|D6W) (?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[AC-FHKNPRTV-Y0-9]{4})\b"
)
_STATE: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY])"
)
_ZIP_AFTER_STATE = re.compile(rf"\b(?:{_STATE}|(?<=, )(?i:{_STATE})),?[ \n]{{1,3}}(\d{{5}}(?:-\d{{4}})?)\b")
_POSTCODE_SAID = re.compile(
    r"\b(?:zip(?: ?code)?|post ?code|postal(?: code)?|pin ?code|plz|code postal|c\.?p\.?|código postal)(?: ?(?:is|was"
    r"|:|=|-|#)"
    r"| of my \w+ is){0,2} ?(?:it's |its )?(\d{4,6}(?:-\d{4})?)\b",
    re.IGNORECASE,
)
#: A sentence or a line of its own, or a field between a name and the next one.
_ZIP_ALONE = re.compile(r"(?:^[\0\s]*|[.!?]\s{1,3}|\n|[a-z] ?/ ?)(\d{5})(?=\s{0,3}[.!]?\s{0,3}(?:$|\n|\0)| ?/)")
#: "in Bjert 6091": a town and its number; a year or a product's version is none.
_AFTER_TOWN = re.compile(
    r"\b[Ii]n (?!(?:Windows|Build|Version|Room|Flight|Terminal|Area|Android|Store|Office|Gate|Seat|Zone|Hall)\b"
    r"|[A-Z]{2,3} )[A-ZÀ-ÞĐŠŽ][\w-]+(?: (?:d[aeou] )?[A-ZÀ-ÞĐŠŽ][\w-]*){0,3} (\d{4,5}|\d{3} \d\d|\d{4}-\d{3}"
    r"|\d\d-\d{3})(?![\w%.,-]\w|\w)"
)
_FIVE_DIGITS = re.compile(r"\d(?<!\w\d)\d{4}(?!\w)")
_DUTCH = re.compile(
    r"(?:\b(?:in|at|naar|op|uit|near|postcode|van|and|vs|from|to)|,) (?P<code>(?!(?:19|20)\d\d)[1-9]\d{3} ?"
    r"(?!SA|SD|SS|AM|PM|GB|MB|KB|TB|HP|KM|KG|UK|US|EU|FT|TV|PC|AD|BC|CE)[A-Z]{2})\b"
)
_DUTCH_TOWN = re.compile(
    r"\b(?P<code>[1-9]\d{3} ?[A-Z]{2})(?=,? (?:amsterdam|rotterdam|utrecht|den haag|eindhoven|groningen|tilburg"
    r"|almere|breda"
    r"|nijmegen|haarlem|arnhem|leiden|delft|maastricht|zwolle)\b)",
    re.IGNORECASE,
)
_AUSTRALIAN = re.compile(r"\b(?:NSW|VIC|QLD|TAS|ACT|WA|SA|NT),? (?P<code>\d{4})\b")
_UK_LOWER = re.compile(
    r"(?:\b(?:in|at|to|near|from|for|of|around|is|was|postcode|area|outside|,) |^[\0\s]*)"
    r"(?P<code>(?P<area>[a-z]{1,2})\d[\da-z]?\d[abd-hjlnp-uw-z]{2})(?![\w-])"
)
_YEAR = re.compile(r"(?:19|20)\d\d")

#: Places that a company has, and whose address is nobody's own.
SHOP: Final = (
    r"(?:store|shop|branch|outlet|location|dealership|garage|depot|warehouse|restaurant|hotel|cafe|café|bar|gym"
    r"|cinema|salon"
    r"|supermarket|showroom|head office|hq|headquarters|office|returns? (?:cent(?:re|er)|address))"
)
_SHOP_NEAR = re.compile(
    rf"\b(?:(?:your|ur|this) (?:\w+ ){{0,2}}{SHOP}|(?:branch|store|shop|outlet|depot) (?:at|in|on))\b[^.!?\n]{{0,60}}$",
    re.IGNORECASE,
)


_IN_ZIP = re.compile(
    r"\b(?:in|near|around|for|serving|outages?|area) (?:the )?(\d{5})\b(?![\w%.,-]\w)(?! ?(?:people|customers|users"
    r"|miles|days))"
)
_SERVICE_TALK = re.compile(
    r"\b(?:outages?|internet|wi-?fi|service|signal|power|area|weather|deliver\w*|down)\b", re.IGNORECASE
)


def find_postcodes(view: str) -> Iterator[Finding]:
    """Postcodes with letters: UK, Canada, Ireland, the Netherlands; and Australia's, behind the state."""
    if not _SOME_POSTCODE.search(view):
        return
    for match in (*_UK.finditer(view), *_UK_LOWER.finditer(view)):
        if _is_british(match) and not _SHOP_NEAR.search(view[max(0, match.start() - 70) : match.start()]):
            yield Finding(*match.span("code"), "POSTCODE", Ground.SHAPED)
    for pattern in (_DUTCH, _DUTCH_TOWN, _AUSTRALIAN, _CANADIAN, _EIRCODE):
        for match in pattern.finditer(view):
            yield Finding(*match.span("code"), "POSTCODE", Ground.SHAPED)


def has_british(text: str) -> bool:
    """Whether something in ``text`` is written as a postcode of the UK."""
    return _UK.search(text) is not None


def _is_british(match: re.Match[str]) -> bool:
    code = match["code"]
    written_so = code.isupper() or " " in code or match.re is _UK_LOWER
    return written_so and match["area"].upper() in _AREAS and not _NOT_UK.fullmatch(code)


def find_zips(view: str) -> Iterator[Finding]:
    """US ZIP codes: after a state, or a sentence of their own."""
    if not _FIVE_DIGITS.search(view):
        return
    for pattern in (_ZIP_AFTER_STATE, _ZIP_ALONE):
        for match in pattern.finditer(view):
            yield Finding(*match.span(1), "POSTCODE", Ground.SHAPED)


def find_area_zips(view: str) -> Iterator[Finding]:
    """ZIP codes of a place that has no service."""
    if _SERVICE_TALK.search(view):
        for match in _IN_ZIP.finditer(view):
            yield Finding(*match.span(1), "POSTCODE", Ground.GUESSED)


def find_town_postcodes(view: str) -> Iterator[Finding]:
    """Postcodes right after a town, which most countries write so."""
    for match in _AFTER_TOWN.finditer(view):
        if not _YEAR.fullmatch(match[1]):
            yield Finding(*match.span(1), "POSTCODE", Ground.GUESSED)


def find_postcodes_said(view: str) -> Iterator[Finding]:
    """Postcodes of digits only that the text calls so."""
    for match in _POSTCODE_SAID.finditer(view):
        yield Finding(*match.span(1), "POSTCODE", Ground.CERTAIN)


RULES: Final = (
    Rule(find_postcodes, digits=2),
    Rule(find_zips, digits=5),
    Rule(find_area_zips, digits=5, words=any_of("in near around for outage outages area")),
    Rule(find_town_postcodes, digits=4, words=any_of("in")),
    Rule(find_postcodes_said, digits=4, words=any_of("zip zipcode postcode post postal pin pincode plz cp código")),
)
