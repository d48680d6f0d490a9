"""Where someone lives: street addresses, with the postcode right behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy import postcodes
from triage.privacy.findings import Finding, Ground, Rule, any_of

_UNIT_WORD: Final = (
    r"(?:flat|apt|apartment|unit|suite|ste|floor|fl|room|rm|block|house|villa|plot|apto|piso|bât|bat|étage|etage"
    r"|stock|whg"
    r"|wohnung|interno|scala|bte|bus|lok|lgh|tower|wing|studio)"
)
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
    rf"(?<![\w/$£€.])(?i:{_UNIT})?(?:\d{{1,4}}[A-Za-z]?/)?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?,? (?i:{_DIRECTION})?"
    rf"(?:(?:(?:[A-Z0-9][\w.'-]*|of|the|de|la)[ ]){{1,3}}(?i:{_SUFFIX_SURE})"
    rf"|(?:[A-Z0-9][\w.'-]* ){{1,3}}{_SUFFIX_CAPITAL}|(?:[a-z0-9][\w.'-]+ ){{1,2}}{_SUFFIX_LOWER})\b\.?{_TAIL}"
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
    rf"|\b(?:your|the|ur|this) (?:[\w'-]+ ){{0,2}}{postcodes.SHOP}(?:,? (?:at|on|in|@)|,|:| -) (?:\w+ )?$"
    rf"|\b(?:your|ur|this) (?:[\w'-]+ ){{0,2}}{postcodes.SHOP} (?:is|was) (?:at|on|in) $"
    r"|\b(?:store|shop|branch|outlet|restaurant|hotel|warehouse|filiale|magasin|tienda|winkel) (?:at|on|in|@|an der"
    r"|in der|de la) $"
    r"|\bThe [A-Z]\w+ (?:on|at) $",
    re.IGNORECASE,
)

_STREET_WORDS: Final = any_of(
    "street road avenue lane crescent terrace boulevard gardens grove mews rd ave blvd ln terr cres pkwy parkway hwy"
    " highway turnpike strasse straße st dr drive ct court way place pl close square sq walk rise row hill park green"
    " view loop trail trl circle cir quay wharf estate heights yard bypass gate mead drove mount vale common manor"
    " bank fold wynd brae croft"
)

_NAMED_FIRST = re.compile(
    r"\b(?:\d{1,5}(?: ?(?:bis|ter|[A-Z])\b)?,? ){0,2}(?:[Rr]ue|[Pp]lace(?= d[eu]|d')|Gran V[ií]a|Via"
    r"|via(?= [A-Z][\w' ]+ \d{1,3},? \d{5})|Viale|Vicolo"
    r"|Piazz\w+|Corso|[Cc]alle|C/|Avda\.?"
    r"|Av\.|[Aa]venue"
    r"|[Aa]venida|[Rr]ua|Rúa|Strada|[Uu]l\.|[Aa]l\.|Route|[Cc]hemin|[Ii]mpasse|[Aa]llée|[Bb]oulevard|[Bb]d|[Qq]uai"
    r"|Plaza|Praça"
    r"|Carrer|Camino|Carretera|Ronda|Travessa|Estrada|Alameda|Largo|Paseo|Jalan|Jl\.|Jln\.?) ?(?:d\w{1,3} |d')?(?:la "
    r"|l')?"
    r"(?:[A-ZÀ-Þ][\w'.-]+|El-\w+|la|\d{2})(?: (?:d\w{1,3} |d'|la )?[A-ZÀ-Þ][\w'.-]+){0,4}"
    r"(?:,? (?:n[ºo°]\.? ?|nr\.? ?|no\.? ?)?\d{1,5}(?:[a-z]|/\d{1,4})?\b)?" + _TAIL
)
#: Street words that other languages join to the name, before the number.
_JOINED: Final = tuple(
    any_of(
        "strasse straße str gasse gracht dreef markt allee damm ufer chaussee stræti weg platz katu tie gata gatan"
        " gate veien vegen vej gade straat laan vägen plein kade stræde toft hove brücke gränd vænget vangur braut"
        " steeg singel dijk polku kuja gaten backen stigen bakken stien utca út útja tér"
    )
)
_HOUSE_NUMBER = re.compile(r"\d(?<=[^\W\d_][ .]\d)\d{0,3}(?:-\d{1,3}|[A-Za-z])?\b|\d(?<=[^\W\d_]\. \d)\d{0,3}[a-z]?\b")
#: German streets of several words, with the postcode that tells them from a place in a film.
_GERMAN = re.compile(
    r"\b(?:Am|An de[rnm]|Auf de[rm]|Im|In de[rn]|Unter de[rn]|Zu[mr]|Hinter de[rm]|Alte[rn]?|Neue[rn]?|Große[rn]?"
    r"|Kleine[rn]?)"
    r"(?: [A-ZÄÖÜ][\wäöüß-]+){1,3} \d{1,4}[a-z]?(?=,? (?:in )?\d{5}\b)"
)
#: A unit, then parts between commas, in the Indian way.
_LOCALITY: Final = (
    r"(?i:\b(?:nagar|colony|sector|phase|layout|cross|main|residency|apartments?|apts|society|chowk|marg|vihar"
    r"|enclave|towers?"
    r"|heights|gali|mohalla|bazaar|puram|pet|halli|wadi|ganj|block|complex|chambers|(?:road|rd|lane"
    r"|street)(?: no\.?)? ?\d+))"
)
_BY_COMMAS = re.compile(
    r"(?:#|(?<![\w,-] )(?<!\w)(?=\d{1,4}[A-Z]?, [^.!?\n\0]{5,80} \d{6}\b)|\b(?i:flat|house|h\.? ?no|plot|door"
    r"|d\.? ?no|qtr|room|shop|villa|unit|apt))\.?(?i: ?(?:no"
    r"|number))?\.?[ :#-]{0,3}"
    r"(?P<place>[A-Z]{0,2}-?\d{1,4}(?:[-/]?[A-Za-z0-9]{1,4}){0,3}(?:,\s?[A-Za-z0-9][\w.'()/ -]{1,40}?){1,7}?)"
    r"(?:,?[ -]{1,3}[A-Z]?[\w. ]{2,25}?[ ,-]{1,3}(?P<pin>\d{6}|\d{3} \d{3})\b|(?=[.!?\n\0]|$))"
)
#: Japan, Singapore; a house with a name and no number, before its postcode.
_JAPANESE = re.compile(
    r"\b\d{1,4}-\d{1,3}(?:-\d{1,4})? [A-Z][\w-]+(?:,? [A-Z][\w-]*){0,4}-(?:ku|shi|cho|machi|gun|to)\b(?:,? [A-Z]\w+)?"
)
_SINGAPORE = re.compile(r"\b(?:Blk|Block)\.? ?\d{1,4}[A-Z]? [A-Z][\w ]{3,40}?#\d\d-\d{1,4}[A-Z]?\b", re.IGNORECASE)
_HOUSE_NAMED = re.compile(
    r"(?:[A-Z][\w'-]+ ){1,3}(?:Cottage|Farm|Lodge|Barn|House|Bungalow|Villa|Rectory|Vicarage|Hall|Mill)"
    r"(?:,\s(?:[A-Z][\w'-]+ ?){1,4}){1,3}(?=,?\s{1,2}[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b)"
)
#: The name first and the number after it, where someone is said to live.
_SAID_NUMBER_LAST = re.compile(
    r"\b(?:lives? (?:at|on|in)|(?:my|our|her|his|new|the|delivery|home) address(?: is|:)|office is (?:at|on)"
    r"|located (?:at|on)"
    r"|deliver(?:ed|y)? to|adres(?:se|s)?(?: is| ist|:)?|direcci[oó]n(?: es|:)?|wohne (?:in|an|am)|indirizzo:?"
    r"|woon (?:op|aan)) "
    r"(?P<place>(?!(?:Terminal|Gate|Room|Windows|Platform|Floor|Level|Door|Bay|Locker|Unit|January|February|March"
    r"|April|May|June"
    r"|July|August|September|October|November|December)\b)(?:[A-ZÀ-Þ][\w.'-]+ ){1,4}\d{1,5}[a-z]?)\b(?!\w)"
)
#: In French the street word alone makes the number before it a house's.
_FRENCH_LOWER = re.compile(
    r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|chemin|impasse|allée|quai|boulevard) (?:des |de la |du |de |d'|de l')"
    r"[a-zà-ÿ'-]{3,}(?: [A-ZÀ-Þ][\wà-ÿ-]+)?",
)
#: A unit and a number make any street word one, in lower case too.
_UNIT_LOWER = re.compile(
    rf"\b(?:flat|apt|apartment"
    rf"|unit) \d{{1,4}}[a-z]?,? \d{{1,4}}[a-z]? (?:[a-z'-]{{2,}} ){{1,2}}(?:{'|'.join(sorted(_STREET_WORDS))})\b",
    re.IGNORECASE,
)
_UNIT_OF_HOUSE = re.compile(
    r"\b(?:flat|apt|apartment|unit|room) \d{1,4}[a-z]?,? (?:[a-z'-]{2,} ){1,3}(?:house|court|mansions|towers?|heights"
    r"|lodge|buildings?"
    r"|apartments|hall)\b",
    re.IGNORECASE,
)
_SAID_LOWER = re.compile(
    r"\b(?:address(?: is|:)|house is|lives? (?:at|on)|(?:deliver|sent?|ship|post)(?:ed|ing)? (?:it |this |them )?to"
    r"|living at"
    r"|moved to) "
    r"(?P<place>(?:flat \d{1,4}[a-z]?,? )?\d{1,5}[a-z]? (?:[a-z'-]{3,} ){0,2}[a-z'-]{3,})(?=,| [a-z]{1,2}\d"
    r"|\s{0,3}(?:[.!?\n\0]|$))",
    re.IGNORECASE,
)
#: The town and the country under a street, each on a line of its own, with the postcode behind them.
_LINES_BELOW = re.compile(
    r"(?:[ >]*\n[ >]*(?!\s)[^\W\d_][^\n\d]{0,40}|[ >]*\n[ >]*(?=\n)"
    r"|[ >]*\n[ >]*(?:,[^\n\d]{0,6})(?=\n)){1,4}?[ \n>]{1,4}"
    r"(?:[^\W\d_][^\n\d]{0,30} )?\d{4,6}(?:-\d{3,4})?(?=[\s.!]*(?:$|[\n\0]|[.!?]\s))"
)
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

_AFTER_ADDRESS = re.compile(
    r"[,.\s>]{1,8}(?:(?:[A-ZÀ-ÞĐŠŽ][\w'().-]*|nan|de|la|[a-z]+(?=,))[ ,.\n>]{1,8}){0,6}?(\d{4,6}(?:-\d{3,4})?"
    r"|\d{4} ?[A-Z]{2}|\d{3} \d\d|\d\d-\d{3}|\d{3})(?![\w-])"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


#: Nobody's own, though of the right shape.
_FAMOUS = re.compile(
    r"221b Baker|10 Downing|11 Downing|1600 Pennsylvania|4 Privet|742 Evergreen|1 Infinite Loop|350 Fifth|123 (?:Main"
    r"|Fake)",
    re.IGNORECASE,
)
#: How many characters the rest of an address has at most.
_BLOCK: Final = 80
_BEFORE_TOWN = re.compile(r"(?:\n|, )(\d{5}) [A-ZÀ-Þ][\w-]+")


def find_streets(view: str) -> Iterator[Finding]:
    """Addresses in the English way: number, name, street word; and the postcode after them."""
    for match in _STREET.finditer(view):
        if _is_known_to_all(match[0]) or _NOT_STREET.match(match[0]):
            continue
        if not _is_shops(view, match.start()):
            yield from _with_postcode(match.start(), match.start() + len(match[0].rstrip(" ,.")), view, Ground.CERTAIN)
    for match in _ESTATE.finditer(view):
        if not _is_shops(view, match.start()):
            yield Finding(*match.span(), "STREET_ADDRESS", Ground.SHAPED)


def find_streets_abroad(view: str) -> Iterator[Finding]:
    """Addresses whose street word is part of the name (``Hansinegata 120``)."""
    for match in _HOUSE_NUMBER.finditer(view):
        name = view[max(0, match.start() - 40) : match.start() - 1].split(" ")[-1].rpartition("\n")[2]
        if (
            len(name) > 5
            and name.rstrip(".").lower().endswith(_JOINED)
            and not _is_shops(view, match.start() - 1 - len(name))
        ):
            start = match.start() - 1 - len(name)
            before = _HOUSE_BEFORE.search(view[max(0, start - 30) : start])
            tail = _TAIL_ALONE.match(view, match.end())
            end = tail.end() if tail else match.end()
            yield from _with_postcode(start - (len(before[0]) if before else 0), end, view, Ground.SHAPED)


def find_streets_named_first(view: str) -> Iterator[Finding]:
    """Addresses whose street word comes first (``Rua``, ``Via``)."""
    for match in _FRENCH_LOWER.finditer(view):
        yield from _with_postcode(*match.span(), view, Ground.SHAPED)
    for match in _NAMED_FIRST.finditer(view):
        if any(map(str.isdigit, match[0])) and not _is_shops(view, match.start()):
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
    for pattern in (_SAID_NUMBER_LAST, _SAID_LOWER):
        for match in pattern.finditer(view):
            if not _NOT_STREET.match(match["place"] + " ") and not _is_shops(view, match.start("place")):
                yield from _with_postcode(*match.span("place"), view, Ground.SHAPED)
    if _ADDRESS_TALK.search(view):
        for match in _BETWEEN_NUMBERS.finditer(view):
            if not _NOT_STREET.match(match[0]):
                yield from _with_postcode(*match.span(), view, Ground.GUESSED)


def find_german_streets(view: str) -> Iterator[Finding]:
    """Streets of several words before a postcode (``Am Alten Markt 5, 20095``)."""
    for match in _GERMAN.finditer(view):
        if not _is_shops(view, match.start()):
            yield from _with_postcode(*match.span(), view, Ground.SHAPED)


def find_addresses_elsewhere(view: str) -> Iterator[Finding]:
    """Addresses in the order of India, Japan and Singapore, and houses that have a name."""
    for pattern in (_JAPANESE, _SINGAPORE, _HOUSE_NAMED, _UNIT_LOWER, _UNIT_OF_HOUSE):
        for match in pattern.finditer(view):
            if not _is_shops(view, match.start()):
                yield from _with_postcode(*match.span(), view, Ground.SHAPED)
    for match in _BY_COMMAS.finditer(view):
        if _is_shops(view, match.start()) or not (match["pin"] or _is_locality(match["place"])):
            continue
        yield Finding(match.start(), match.end("place"), "STREET_ADDRESS", Ground.CERTAIN)
        if match["pin"]:
            yield Finding(*match.span("pin"), "POSTCODE", Ground.CERTAIN)


def _is_locality(place: str) -> bool:
    return place.count(",") > 1 and bool(re.search(_LOCALITY, place)) and not postcodes.has_british(place)


def _is_known_to_all(address: str) -> bool:
    return _FAMOUS.match(address) is not None


def _is_shops(view: str, start: int) -> bool:
    """Whether the words before an address say that it is a shop's or an office's."""
    return _STORE_BEFORE.search(view[max(0, start - 50) : start]) is not None


def _with_postcode(start: int, end: int, view: str, ground: Ground) -> Iterator[Finding]:
    below = _LINES_BELOW.match(view, end)
    if below and below[0].count("\n") > 1:  # a block of lines is one item, down to its postcode
        yield Finding(start, below.end(), "STREET_ADDRESS", ground)
        return
    yield Finding(start, end, "STREET_ADDRESS", ground)
    after = _AFTER_ADDRESS.match(view, end)
    if after is None:
        after = _BEFORE_TOWN.search(view, end, end + _BLOCK)
    if after and not _YEAR.fullmatch(after[1]):
        yield Finding(*after.span(1), "POSTCODE", Ground.SHAPED)


RULES: Final = (
    Rule(
        find_german_streets,
        digits=6,
        words=any_of("am an auf im in unter zum zur hinter alte alter neue neuer große kleine"),
    ),
    Rule(
        find_addresses_elsewhere,
        digits=2,
        words=any_of(
            "cross main nagar layout phase sector colony ku shi cho machi gun h blk block flat house plot door qtr"
            " room villa unit apt apartment cottage farm lodge barn bungalow rectory vicarage hall mill"
        ),
    ),
    Rule(find_streets, digits=1, words=_STREET_WORDS),
    Rule(find_streets_abroad, digits=1),
    Rule(
        find_streets_named_first,
        digits=1,
        words=any_of(
            "rue place gran via viale piazza piazzetta piazzale corso calle avda avenue avenida rua rúa strada ul"
            " route chemin plaza carrer travessa largo paseo av vicolo c bd al impasse allée boulevard quai praça"
            " camino carretera ronda estrada alameda jalan jl jln"
        ),
    ),
    Rule(find_boxes, digits=2, words=any_of("box postbox apo fpo dpo")),
    Rule(
        find_addresses_said,
        digits=1,
        words=any_of(
            "address addresses live lives lived moved located office sent send deliver delivered ship arrived house"
            " restaurant meet apt suite living post adres adresse dirección direccion wohne indirizzo woon"
        ),
    ),
)
