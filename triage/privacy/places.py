"""Where someone lives: street addresses and postcodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_UNIT_WORD: Final = r"(?:flat|apt|apartment|unit|suite|ste|floor|fl|room|rm|block|house|villa|plot)"
_UNIT: Final = rf"(?:(?:{_UNIT_WORD}|no)\.? ?#?\d{{1,5}}[A-Z]?,? ?)"
_SUFFIX_SURE: Final = (
    r"(?:street|road|avenue|lane|crescent|terrace|boulevard|gardens|grove|mews|rd|ave|blvd|ln|terr|cres|pkwy|parkway"
    r"|hwy|highway|turnpike|strasse|straße)"
)
_SUFFIX_CAPITAL: Final = (
    r"(?:St|Dr|Drive|Ct|Court|Way|Place|Pl|Close|Square|Sq|Walk|Rise|Row|Hill|Park|Green|View|Loop|Trail|Trl"
    r"|Circle|Cir|Quay|Wharf|Estate|Heights|Yard|Bypass|Gate|Mead|Drove|Mount|Vale|Common|Manor|Bank|Fold|Wynd|Brae"
    r"|Croft)"
)
_SUFFIX_LOWER: Final = r"(?:st|dr|rd|ave|blvd|ln|street|road|avenue|lane|terr|pkwy)"
#: A flat after the street, also on the next line, and a town after a comma.
_TAIL: Final = (
    rf"(?:[,\s>]{{1,6}}(?i:{_UNIT_WORD}|\#)\.? ?#?(?:\d{{1,5}}[A-Za-z]?|[A-Z])\b){{0,2}}"
    r"(?:, ?[A-ZÀ-ÞŠŽ][^\W\d_]+(?:['-]\w+)?(?: [A-ZÀ-ÞŠŽ][^\W\d_]+)?\b(?!\d|\s{0,3}[:@]))?"
)
_DIRECTION: Final = r"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )"
_STREET = re.compile(
    rf"(?<![\w/$£€.])(?i:{_UNIT})?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?,? (?i:{_DIRECTION})?(?:(?:(?:[A-Z0-9][\w.'-]*|of"
    rf"|the|de|la)[ ]){{1,3}}(?i:{_SUFFIX_SURE})|(?:[A-Z0-9][\w.'-]* ){{1,3}}{_SUFFIX_CAPITAL}"
    rf"|(?:[a-z0-9][\w.'-]+ ){{1,2}}{_SUFFIX_LOWER})\b\.?{_TAIL}"
)
_ESTATE = re.compile(
    rf"(?i:\b{_UNIT}) ?(?:[A-Z][\w'-]+ ){{1,4}}(?:Estate|House|Court|Building|Park)(?:, [A-Z]\w+ {_SUFFIX_CAPITAL})?\b"
)
#: Between a number and a street word these make a distance, a time or a count of it.
_NOT_STREET = re.compile(
    r"\d+\w* (?:[\w'.]+ ){0,3}?(?:hours?|hrs?|mins?|minutes?|days?|weeks?|months?|years?|miles?|mi|km|metres|meters"
    r"|yards|feet|people|stars?|times?|cars?|buses|trains?|stops?|on|in|at|to|from|for|down|up|off|more|other|a|an|and"
    r"|is|my|your|our|this|that|am|pm|lanes|blocks|doors|houses|different|min|gb|tb|inch|support|with|per)\b",
    re.IGNORECASE,
)
_STORE_BEFORE = re.compile(
    r"\b(?:store|shop|branch|station|outlet|cafe|pub|salon|dealership)(?:'s)? (?:address|location)\b[^.!?\n]{0,14}$"
    r"|\b(?:your|the|ur) (?:\w+ ){0,2}(?:store|shop|branch|outlet|location|dealership|garage|depot) (?:at|on|in|@) $"
    r"|\bThe [A-Z]\w+ (?:on|at) $",
    re.IGNORECASE,
)

_STREET_WORDS: Final = any_of(
    "street road avenue lane crescent terrace boulevard gardens grove mews rd ave blvd ln terr cres pkwy parkway hwy"
    " highway turnpike strasse straße st dr drive ct court way place pl close square sq walk rise row hill park green"
    " view loop trail trl circle cir quay wharf estate heights yard bypass gate mead drove mount vale common"
    " manor bank fold wynd brae croft"
)

_NAMED_FIRST = re.compile(
    r"\b(?:\d{1,5} ){0,2}(?:[Rr]ue|Via|Viale|Piazz\w+|Corso|Calle|Avda\.?|[Aa]venue|Avenida|Rua|Rúa|Strada|ul\.|Route"
    r"|Chemin|Plaza|Carrer|Travessa|Largo|Paseo) (?:d\w{1,3} )?(?:la )?(?:[A-ZÀ-Þ][\w'.-]+|El-\w+|la"
    r"|\d{2})(?: [A-ZÀ-Þ][\w'.-]+){0,4}(?: \d{1,5}[a-z]?\b)?" + _TAIL
)
#: Street words that other languages join to the name, before the number.
_JOINED: Final = tuple(
    any_of(
        "strasse straße gasse weg platz allee katu tie gata gatan gate veien vegen vej gade straat laan vägen plein"
        " kade stræde toft hove brücke gränd vænget vangur braut steeg singel dijk polku kuja gaten backen stigen"
        " bakken stien utca út útja tér"
    )
)
_HOUSE_NUMBER = re.compile(r"\d(?<=[^\W\d_] \d)\d{0,3}[a-z]?\b")
_TAIL_ALONE = re.compile(_TAIL)
_HOUSE_BEFORE = re.compile(r"(?:\b\d{1,5} ){1,2}(?:[A-Z][\w.]* )?$")
_BETWEEN_NUMBERS = re.compile(
    rf"\b\d{{3,5}} (?:\d{{1,3}} )?[^\W\d_][\w.'-]{{2,}}(?: [^\W\d_][\w.'-]*){{0,2}} \d{{1,4}}\b\.?{_TAIL}"
)
_ADDRESS_TALK = re.compile(
    r"\b(?:address|lives? (?:at|on)|located|restaurant is|(?:sent?|deliver\w*|ship\w*) (?:it )?to|moved|meet"
    r"|(?i:apt|suite)\b\.? \d)"
)
_MILITARY = re.compile(
    r"\b(?:PSC|Unit|CMR|USS|USNS|USNV|USCGC)[ \w]{1,20}?,?\s(?:Box \d+[,\s]+)?(?:APO|FPO"
    r"|DPO) A[AEP](?: \d{5}(?:-\d{4})?)?\b",
    re.IGNORECASE,
)
_BOX = re.compile(r"\b(?:\d{1,5} )?(?:P\.? ?O\.? Box|Postbox) \d{1,6}\b" + _TAIL, re.IGNORECASE)
#: What makes the next words a place: "my address is", "lives at", "send it to".
_HERE: Final = (
    r"(?:address(?:es)?(?: (?:to|is now|is|it is|here they are|with|linked to my \w+ \w+ to))?|lives? (?:at|on)"
    r"|lived (?:in|at)|live (?:in|at)|moved to|located (?:at|in)|office is at|arrived at|house is"
    r"|(?:sent|send|send it|deliver|delivered|deliver it|ship|ship it|one) to)"
)
_PART: Final = r"[^\W\d_a-z][\w.'/-]*|\d{1,5}[A-Za-z]?\b\.?|de|do|da|of|van|and|la|e|el|del|u\.|ul\."
_SAID = re.compile(
    rf"\b{_HERE}(?::|,|\?|\s|\bit is\b|\bhere they are\b|\bwith\b|\buser\b){{1,6}}"
    r"(?P<place>(?-i:(?:the corner of )?(?:\d{1,5}[A-Za-z]?(?:[ ,]{1,2}\d{1,5})?|(?<=corner of )[A-ZÀ-Þ][\w.'-]+)"
    rf"(?:[ ,]{{1,2}}(?:{_PART})){{1,9}}))",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[^\W\d_a-z][^\W\d_]{2,}")

_AREAS: Final = any_of(
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK"
    " FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP"
    " NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W"
    " WA WC WD WF WN WR WS WV YO ZE"
)
_UK = re.compile(r"(?<![\w-])([A-Za-z]{1,2})\d[\dA-Za-z]? ?\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}(?![\w-])")
#: A model with its size ("S8 4GB"), an ordinal, or a US aircraft: London N ends at N22, tails do not.
_NOT_UK = re.compile(r".*(?:GB|TB|TH|ST|ND|RD|HR|PT|DS|PS)|N(?:2[3-9]|[3-9]\d)[A-Z\d]*", re.IGNORECASE)
_SOME_POSTCODE = re.compile(r"\d(?:[A-Za-z]{2}(?!\w)|(?<=[A-Z]\d)[A-Z] ?\d|[\dW] [A-Z0-9]{4}(?!\w))")
_CANADIAN = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d\b")
_EIRCODE = re.compile(r"\b(?:[AC-FHKNPRTV-Y]\d\d|D6W) (?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[AC-FHKNPRTV-Y0-9]{4}\b")
_STATE: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY])"
)
_ZIP_AFTER_STATE = re.compile(rf"\b(?:{_STATE}|(?<=, )(?i:{_STATE})),?[ \n]{{1,3}}(\d{{5}}(?:-\d{{4}})?)\b")
_POSTCODE_SAID = re.compile(
    r"\b(?:zip(?: ?code)?|post ?code|postal(?: code)?|pin ?code|plz)(?: ?(?:is|was|:|=|-|#)"
    r"| of my \w+ is){0,2} ?(?:it's |its )?(\d{4,6}(?:-\d{4})?)\b",
    re.IGNORECASE,
)
_ZIP_ALONE = re.compile(r"(?:^[\0\s]*|[.!?]\s{1,3}|\n)(\d{5})(?=\s{0,3}[.!]?\s{0,3}(?:$|\n|\0))")
#: "in Bjert 6091": a town and its number; a year or a product's version is none.
_AFTER_TOWN = re.compile(
    r"\b[Ii]n (?!(?:Windows|Build|Version|Room|Flight|Terminal|Area|Android|Store|Office|Gate|Seat|Zone|Hall)\b"
    r"|[A-Z]{2,3} )[A-ZÀ-ÞĐŠŽ][\w-]+(?: (?:d[aeou] )?[A-ZÀ-ÞĐŠŽ][\w-]*){0,3} (\d{4,5}|\d{3} \d\d|\d{4}-\d{3}"
    r"|\d\d-\d{3})(?![\w%.,-]\w|\w)"
)
_FIVE_DIGITS = re.compile(r"\d(?<!\w\d)\d{4}(?!\w)")
_AFTER_ADDRESS = re.compile(
    r"[,.\s>]{1,8}(?:(?:[A-ZÀ-ÞĐŠŽ][\w'().-]*|nan|de|la|[a-z]+(?=,))[ ,.\n>]{1,8}){0,6}?(\d{4,6}(?:-\d{3,4})?"
    r"|\d{3} \d\d|\d\d-\d{3}|\d{3})(?![\w-])"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_streets(view: str) -> Iterator[Finding]:
    """Addresses in the English way: number, name, street word; and the postcode after them."""
    for match in _STREET.finditer(view):
        if not _NOT_STREET.match(match[0]) and not _STORE_BEFORE.search(
            view[max(0, match.start() - 40) : match.start()]
        ):
            yield from _with_postcode(match.start(), match.start() + len(match[0].rstrip(" ,.")), view, Ground.CERTAIN)
    for match in _ESTATE.finditer(view):
        yield Finding(*match.span(), "STREET_ADDRESS", Ground.SHAPED)


def find_streets_abroad(view: str) -> Iterator[Finding]:
    """Addresses whose street word is part of the name (``Hansinegata 120``)."""
    for match in _HOUSE_NUMBER.finditer(view):
        name = view[max(0, match.start() - 40) : match.start() - 1].split(" ")[-1].rpartition("\n")[2]
        if len(name) > 5 and name[0].isupper() and name.lower().endswith(_JOINED):
            start = match.start() - 1 - len(name)
            before = _HOUSE_BEFORE.search(view[max(0, start - 30) : start])
            tail = _TAIL_ALONE.match(view, match.end())
            end = tail.end() if tail else match.end()
            yield from _with_postcode(start - (len(before[0]) if before else 0), end, view, Ground.SHAPED)


def find_streets_named_first(view: str) -> Iterator[Finding]:
    """Addresses whose street word comes first (``Rua``, ``Via``)."""
    for match in _NAMED_FIRST.finditer(view):
        if any(map(str.isdigit, match[0])):
            yield from _with_postcode(*match.span(), view, Ground.SHAPED)


def find_boxes(view: str) -> Iterator[Finding]:
    """Post-office boxes and military addresses."""
    for pattern in (_MILITARY, _BOX):
        for match in pattern.finditer(view):
            yield from _with_postcode(*match.span(), view, Ground.SHAPED)


def find_addresses_said(view: str) -> Iterator[Finding]:
    """What the text calls an address, or where someone is said to live or goods to go."""
    for match in _SAID.finditer(view):
        place = match["place"]
        if any(map(str.isdigit, place)) and _LONG_WORD.search(place):
            yield Finding(
                match.start("place"), match.start("place") + len(place.rstrip(" ,.")), "STREET_ADDRESS", Ground.SHAPED
            )
    if _ADDRESS_TALK.search(view):
        for match in _BETWEEN_NUMBERS.finditer(view):
            if not _NOT_STREET.match(match[0]):
                yield from _with_postcode(*match.span(), view, Ground.GUESSED)


def _with_postcode(start: int, end: int, view: str, ground: Ground) -> Iterator[Finding]:
    yield Finding(start, end, "STREET_ADDRESS", ground)
    after = _AFTER_ADDRESS.match(view, end)
    if after and not _YEAR.fullmatch(after[1]):
        yield Finding(*after.span(1), "POSTCODE", Ground.SHAPED)


def find_postcodes(view: str) -> Iterator[Finding]:
    """Postcodes with letters: UK, Canada, Ireland."""
    if not _SOME_POSTCODE.search(view):
        return
    for match in _UK.finditer(view):
        code = match[0]
        if match[1].upper() in _AREAS and not _NOT_UK.fullmatch(code) and (code.isupper() or " " in code):
            yield Finding(*match.span(), "POSTCODE", Ground.SHAPED)
    for pattern in (_CANADIAN, _EIRCODE):
        for match in pattern.finditer(view):
            yield Finding(*match.span(), "POSTCODE", Ground.SHAPED)


def find_zips(view: str) -> Iterator[Finding]:
    """US ZIP codes: after a state, or a sentence of their own."""
    if not _FIVE_DIGITS.search(view):
        return
    for pattern in (_ZIP_AFTER_STATE, _ZIP_ALONE):
        for match in pattern.finditer(view):
            yield Finding(*match.span(1), "POSTCODE", Ground.SHAPED)


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
    Rule(find_streets, digits=1, words=_STREET_WORDS),
    Rule(find_streets_abroad, digits=1),
    Rule(
        find_streets_named_first,
        digits=1,
        words=any_of(
            "rue via viale piazza piazzetta piazzale corso calle avda avenue avenida rua rúa strada ul route chemin"
            " plaza carrer travessa largo paseo"
        ),
    ),
    Rule(find_boxes, digits=2, words=any_of("box postbox apo fpo dpo")),
    Rule(
        find_addresses_said,
        digits=1,
        words=any_of(
            "address addresses live lives lived moved located office sent send deliver delivered ship arrived house"
            " restaurant meet apt suite"
        ),
    ),
    Rule(find_postcodes, digits=2),
    Rule(find_zips, digits=5),
    Rule(find_town_postcodes, digits=4, words=any_of("in")),
    Rule(find_postcodes_said, digits=4, words=any_of("zip zipcode postcode post postal pin pincode plz")),
)
