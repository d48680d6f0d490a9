"""References of orders, bookings, accounts, tickets and parcels, by what the text calls them.

A code that nobody named is taken for a reference only where its shape is one that prices, dates,
models and flights do not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

#: What a reference is called, by the type it then has. The first alternative that matches decides.
_CALLED: Final = {
    "TRACKING_NO": (
        r"tracking|track(?:ing)? ?(?:and|&|&amp;|n) ?trace|awb|way ?bill|consignment|parcel|package|shipment|bag tag"
        r"|baggage tag"
        r"|luggage tag|sendungsnummer|sendung|paketnummer|paket|suivi|colis|seguimiento|env[ií]o|spedizione|rastreo"
        r"|zending"
    ),
    "BOOKING_REF": (
        r"booking|reservation|res(?= ?#| no)|pnr|confirmation|conf|itinerary|trip|ride|record locator|locator"
        r"|collection ref"
        r"|check ?in ref|e-?ticket|localizador|reserva|buchung\w{0,8}|buchungs-?(?:nr|code)|r[eé]servation"
        r"|boeking\w{0,8}"
        r"|prenotazione|resa|rezerwacj\w+"
    ),
    "TICKET_NO": (
        r"ticket|case|claim|complaint|incident|ref|reference|repair|return|returns|rma|crm|sr|query|enquiry|inquiry"
        r"|service request|request|job|quote|report|fault|vorgang\w{0,8}|dossier|incidencia|reclamaci[oó]n|expediente"
        r"|aktenzeichen|docket"
    ),
    "ORDER_NO": (
        r"order|orders|ordr|ordre|ord|invoice|inv|receipt|transaction|txn|trans|mpesa|m-pesa|payment|purchase|pedido"
        r"|orden"
        r"|rechnung\w{0,8}|bestell\w{0,8}|auftrag\w{0,8}|commande|factura|facture|bestelling|factuur|ordine|encomenda"
        r"|utr|upi"
        r"|code"
    ),
    "ACCOUNT_NO": (
        r"account|acct|acc|a/c|ac|customer|cust|member|membership|policy|loan|club ?card|nectar|frequent flyer"
        r"|frequent flier|ff|rapid rewards|rr|sky ?miles|mileage ?plus|avios|executive club|loyalty|rewards?"
        r"|user(?!:)|card"
        r"|landlord|meter (?:serial|point|reading id)|meter|mpan|mprn|contract|client|driver|subscriber|smart ?card"
        r"|oyster|consumer|krisflyer|bonvoy"
        r"|honors|kunden\w{0,8}|vertrag\w{0,8}|klant\w{0,8}|cliente|client(?: n)?|contrat|contrato|z[aä]hler\w{0,8}"
        r"|abonn\w{2,6}"
        r"|flying blue|miles (?:and|&) more|skywards|aadvantage|velocity|tesco|boots|payback|pod"
    ),
}
_NAMES: Final = "|".join(f"(?P<{kind}>{names})" for kind, names in _CALLED.items())
#: What may stand between the name and the value.
_LINK: Final = (
    r"(?P<link>(?:[ \t\n:#=,.;()\-\"'/_*°º~]|\b(?:n|no|nr|es|ist|est|lautet|hai|n[uú]mero|num[eé]ro|nummer|numero|de"
    r"|del|la|le|meine?|mon|mi|mijn|mera"
    r"|meri|nos|num|numb|number|nbr|id|code|ref|reference|is|was|its|it's|my|the"
    r"|here|of|as|this|details|from bank|style)\b){1,12})"
)
#: A value starts with a token that has a digit, or with a few capitals before one that has; further
#: tokens belong to it if they look like its groups.
_GROUP: Final = r"(?: [A-Za-z0-9]*\d\d[A-Za-z0-9-]*| \d(?= \d)|(?-i: [A-Z]{1,3}(?= \d))| \d[A-Z]{2,4}\b)"
_VALUE: Final = (
    r"(?P<value>(?:(?-i:[A-Z]{1,4}[ -])(?=\d)|(?=[A-Z0-9/_.*#-]*\d))[A-Z0-9](?:[-/_.*]?[A-Z0-9])*"
    rf"{_GROUP}{{0,5}})(?![\w@])"
)
_REFERENCE = re.compile(rf"(?<![\w-])(?:{_NAMES})s?\b'?s?{_LINK}{_VALUE}", re.IGNORECASE)
#: What every value has: three digits in a row, a digit beside a letter, or groups of digits.
_SOME_VALUE = re.compile(r"\d(?:\d\d|[A-Za-z]|[ /-]{1,3}\d\d)|[A-Za-z]\d")
_MARK = re.compile(
    r"[#:=°º]|\b(?:n|no|nr|es|ist|est|lautet|hai|n[uú]mero|num[eé]ro|nummer|numero|num|numb|number|nbr|id|code|ref"
    r"|reference|is|was|its|it's)\b",
    re.IGNORECASE,
)
#: Names that are followed by nothing but a value.
_MARKED: Final = frozenset({"ref", "reference", "pnr", "rma", "txn", "awb", "mpesa", "m-pesa", "crm"})

_NOT_VALUE = re.compile(
    r"(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|\d+(?:\.\d+)?(?:gb|mb|kg|lb|lbs|am|pm|hrs?|mins?|minutes?|days?|k|m|ml|p"
    r"|usd|eur|gbp|miles|points|x|inch|cm|mm|hours?|weeks?|months?|years?|yrs?)"
    r"|\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?(?:-.*)?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|\d{1,2}[-/.]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*(?:[-/.]?\d{2,4})?"
    r"|(?=[\d.]{1,9}$)\d+(?:\.\d+)+|\d+-\d{1,3}"
    r"|v\d+(?:\.\d+)+|.*[a-z]{7,}|iphone\w*|ios\d*\w*|ps[34]|xbox\w*|covid\w*|windows\d+|http\w*|\d+[x*]\d*",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"[$£€¥₹]\s?$|\b(?:rs|php|usd|eur|gbp|aud|ksh|inr|r|kes|ngn)\.?\s?$", re.IGNORECASE)
_MONEY_AFTER = re.compile(
    r"\s?(?:[$£€%₹]|usd|dollars?|pounds?|euros?|bucks|rupees|rs\b|naira)|[.,]\d\d\b", re.IGNORECASE
)
_NAMED_AFTER = re.compile(
    rf"[ ,]{{1,3}}(?:(?:is|was|-|=) )?(?:(?:that's|thats|is|was|my|the|our|for) ){{0,3}}(?:{_NAMES})\b", re.IGNORECASE
)

#: Letters and digits that start like a reference; guessed at only when nobody named it before.
_CODE = re.compile(
    r"(?<![\w@./$£€+&'-])#?(?=[A-Z0-9/-]{0,30}\d)(?=[A-Z0-9/-]{0,30}[A-Z])[A-Z0-9]{1,24}(?:[-/][A-Z0-9]{1,14}){0,4}"
    r"(?: \d{3,5}){0,4}(?![\w@/'-]|[.:]\d)"
)
_SOME_CODE = re.compile(r"\d(?:(?<=[A-Z/#-]\d)|[A-Z]|[-/][A-Z])")
_HASHED = re.compile(r"(?<!\w)#\d[\d-]{4,}\d(?![\w-])")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LOCATOR = re.compile(r"[A-Z0-9]{6}")
_FLIGHT = re.compile(r"(?:[A-Z]{2}|[A-Z]\d|\d[A-Z])[ -]?\d{1,4}[A-Z]?|[A-Z]{3}\d{3,4}")
#: Models, builds, updates, error codes, units; a six-character one may still be a locator.
_DEVICE = re.compile(
    r"[A-Z]{1,4}[- ]?\d{1,4}[A-Z]{0,3}|(?:SM|GT|MK|LG|XBR|KDL|UN|UA|UE|RTX|GTX|DSC|ERR?|BSOD|CE|NW|WS|SU"
    r"|KB)-?[A-Z0-9-]+|\d{1,4}[A-Z]{1,4}|[A-Z]{1,3}\d{1,3}[-/][A-Z0-9]{1,4}|0X[0-9A-F]+|\d+X\d+"
    r"|[A-Z]+-?\d{1,3}(?:[-/][A-Z]+\d{0,3})*|\d[A-Z]+\d?|\d\d[A-Z]\d{2,4}[A-Z]?|B?7\d7-\d{3}[A-Z]*"
)
_SHORT: Final = (7, 8)
_REFERENCE_TALK = re.compile(
    r"\b(?:ref|reference|booking|pnr|confirmation|locator|reservation|e-?ticket|ticket|itinerary|check[- ]?in"
    r"|boarding)\b",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(
    r"\b(?:model|flight|error|err|serial|imei|part|item|sku|style|version|build|promo|discount|suspended|banned|seat"
    r"|gate|train|engine|bus|coach|tail|aircraft|reg|registration|plate|vin|udid|asin|product|article|update|samsung"
    r"|lg|sony|dell|hp|lenovo|canon|panasonic|bosch|hotpoint|whirlpool|asus|acer|toshiba|philips|tcl|hisense"
    r"|vizio)\b[^.!?\0]{0,16}$",
    re.IGNORECASE,
)


_ERROR_TALK = re.compile(r"\b(?:errors?|exception|http|bsod|crash(?:es|ed|ing)?|bug ?check|stop code)\b", re.IGNORECASE)


def find_named(view: str) -> Iterator[Finding]:
    """References that the text names before the value: "order no. 118-2", "my ref is QX7T2P"."""
    if not _SOME_VALUE.search(view):
        return
    for match in _REFERENCE.finditer(view):
        kind = next(kind for kind in _CALLED if match[kind])
        if _is_value(kind, match, view):
            yield Finding(*match.span("value"), _refined(kind, match), Ground.SAID)


def find_glued(view: str) -> Iterator[Finding]:
    """References with the name for them stuck to their front: "order88127409not here"."""
    for match in _GLUED.finditer(view):
        kind = next(kind for kind in _CALLED if re.fullmatch(_CALLED[kind], match[1], re.IGNORECASE))
        yield Finding(*match.span(2), kind, Ground.SAID)


def find_codes(view: str) -> Iterator[Finding]:
    """Codes that are named after the value, or by nothing but their shape."""
    if not _SOME_CODE.search(view):
        return
    for match in _HASHED.finditer(view):
        if not _COLOUR.fullmatch(match[0]):
            yield Finding(*match.span(), "ORDER_NO", Ground.GUESSED)
    for match in _CODE.finditer(view):
        if (kind := _named_after(match, view)) is not None:
            yield Finding(*match.span(), kind, Ground.SAID)
        elif (kind := _guessed(match, view)) is not None:
            yield Finding(*match.span(), kind, Ground.GUESSED)


def _is_value(kind: str, match: re.Match[str], view: str) -> bool:
    """Whether what follows the name is a reference and not a price, a date, a count or a plain word."""
    value, name = match["value"], match[kind].lower()
    start, end = match.span("value")
    if (
        _NOT_VALUE.fullmatch(value)
        or _MONEY_BEFORE.search(view[max(0, start - 4) : start])
        or _MONEY_AFTER.match(view, end)
    ):
        return False
    if match[kind] == "ORD" and not match["link"].strip():
        return False  # an airport
    marked = name in _MARKED or _MARK.search(match["link"]) is not None
    if name == "code":  # of every kind of code, only the long ones pay for something
        marked = False
        if len(value) < 9 or _LABEL_BEFORE.search(view[max(0, match.start() - 12) : match.start()]):
            return False
    return _has_substance(value, marked=marked)


def _has_substance(value: str, *, marked: bool) -> bool:
    """Whether ``value`` is long enough; less will do where the text marks it ("no", "#", "is")."""
    digits = sum(map(str.isdigit, value))
    if value.replace(" ", "").isdigit():
        return digits >= (4 if marked else 6)
    if digits >= 3:
        return len(value) >= 5 and (marked or digits >= 4 or value.isupper())
    return len(value) >= 5 and (marked or (value.isupper() and len(value) >= 6))


def _refined(kind: str, match: re.Match[str]) -> str:
    """A six-character mix called "ref" is a booking reference: airlines have no others."""
    value = match["value"]
    if (
        kind == "TICKET_NO"
        and match[kind].lower() in _MARKED
        and _LOCATOR.fullmatch(value.upper())
        and not value.isdigit()
    ):
        return "BOOKING_REF"
    return kind


def _named_after(match: re.Match[str], view: str) -> str | None:
    code = match[0].lstrip("#")
    if len(code) < 5 or sum(map(str.isdigit, code)) < 2 or _FLIGHT.fullmatch(code):
        return None
    after = _NAMED_AFTER.match(view, match.end())
    return next(kind for kind in _CALLED if after[kind]) if after else None


def _guessed(match: re.Match[str], view: str) -> str | None:
    code = match[0].lstrip("#")
    if _COLOUR.fullmatch(match[0]) or _NOT_VALUE.fullmatch(code):
        return None
    if _LABEL_BEFORE.search(view[max(0, match.start() - 30) : match.start()]) or _ERROR_TALK.search(
        view[max(0, match.start() - 60) : match.start()]
    ):
        return None
    if _LOCATOR.fullmatch(code):
        return "BOOKING_REF" if _is_locator(code, view) else None
    digits, turns = sum(map(str.isdigit, code)), changes(code)
    if len(code) in _SHORT and turns > 3 and not _DEVICE.fullmatch(code) and _REFERENCE_TALK.search(view):
        return "ORDER_NO"
    if len(code) < 9 or _DEVICE.fullmatch(code) or (digits < 5 and (turns < 4 or digits < 3)):
        return None
    if code.count("-") == 1 and digits < 6:
        return None  # a model or a spare part
    return "TICKET_NO" if "-" in code or "/" in code else "ORDER_NO"


def _is_locator(code: str, view: str) -> bool:
    if changes(code) < 2 or _FLIGHT.fullmatch(code):
        return False
    return not _DEVICE.fullmatch(code) or _REFERENCE_TALK.search(view) is not None


def changes(code: str) -> int:
    """How often letters and digits take turns: often in ``QX7T2P``, once in models and words."""
    kinds = [character.isdigit() for character in code if character.isalnum()]
    return sum(a != b for a, b in pairwise(kinds))


_GLUED_NAMES: Final = (
    "order|ord|txn|ref|booking|account|acct|tracking|ticket|case|invoice|claim|pnr|awb|policy|customer"
)
_GLUED = re.compile(
    rf"(?<![^\W_])({_GLUED_NAMES})(?:no|nr|num|id"
    rf"|is)?\.?[#=:]?((?=[A-Z]{{0,6}}\d)(?=[A-Z0-9]*\d{{3}})[A-Z0-9]{{6,22}}(?![^\W_])"
    r"|\d{6,20}(?=[a-z]{2}|\b))",
    re.IGNORECASE,
)
_GLUED_WORDS: Final = frozenset(
    name + behind for name in _GLUED_NAMES.split("|") for behind in ("", "no", "nr", "num", "id", "is")
)

RULES: Final = (
    Rule(find_glued, digits=6, words=_GLUED_WORDS),
    Rule(
        find_named,
        digits=1,
        words=any_of(
            "tracking awb waybill consignment parcel parcels package packages shipment tag booking bookings"
            " reservation pnr res confirmation conf itinerary trip ride locator collection ticket tickets eticket case"
            " claim complaint incident ref refs reference references repair return returns rma crm sr query enquiry"
            " inquiry request job quote report fault order orders ordr ordre ord invoice inv receipt transaction txn"
            " trans mpesa pesa payment purchase pedido orden rechnungsnummer bestellnummer code account acct acc ac c"
            " customer member membership policy loan club clubcard nectar flyer flier ff rewards reward rr miles"
            " skymiles mileageplus mileage avios executive loyalty user card landlord meter mpan mprn contract client"
            " driver subscriber smartcard oyster consumer krisflyer bonvoy honors trace sendungsnummer sendung"
            " paketnummer paket suivi colis seguimiento envío envio spedizione rastreo zending localizador reserva"
            " buchung buchungsnummer buchungscode buchungsnr réservation boeking boekingsnummer boekingscode"
            " prenotazione resa vorgang vorgangsnummer dossier incidencia reclamación reclamacion expediente"
            " aktenzeichen docket rechnung rechnungsnr bestellung bestellnr auftrag auftragsnummer commande factura"
            " facture bestelling factuur ordine encomenda utr upi cust kunde kundennummer kundennr vertrag"
            " vertragsnummer klant klantnummer cliente contrat contrato zähler zählernummer zaehlernummer abonnement"
            " flying skywards aadvantage velocity tesco boots payback pod"
        ),
    ),
    Rule(find_codes, digits=1),
)
