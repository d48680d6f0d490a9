"""What a brand's reply tells of a customer that a customer's message would not: where, who, which condition.

A reply is written by somebody who sees the customer's record, so a street, a full name or a treatment in
it is mostly somebody's own. In a customer's message the same words are mostly a shop's, a clerk's or a joke.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from triage.privacy.names import is_name

_STREET: Final = (
    r"(?:Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Crescent|Terrace|Gardens|Grove|Boulevard|Blvd|Mews|Court|Place|Way"
    r"|Rise|Row"
    r"|Street|St|Hill|Walk|Square|Croft|Fold|Garth|Straße|Strasse)"
)
_STREET_NAME: Final = rf"(?:[A-Z][a-z'’]+(?:-[A-Z][a-z]+)? ){{1,3}}{_STREET}\b(?! (?:station|store|branch|shop|office))"
_ANY_STREET = re.compile(_STREET_NAME)
_DISK = re.compile(r"(?:cloud|google|flash|disk|hard|usb|one|test) drive$", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\b\d{{1,4}}[a-zA-Z]?,? {_STREET_NAME}|{_STREET_NAME}(?:,? (?:number|no\.?|nr\.?|house"
    rf"|flat)?\s?\d{{1,4}}[a-zA-Z]?\b(?![:.]\d|\s?(?:am|pm|min|hours?)))"
)
#: Places that are open to everybody, and works on the public road.
_PUBLIC_PLACE = re.compile(
    r"\b(?:stores?|branch(?:es)?|shops?|restaurants?|stations?|stops?|offices?|depot|lockers?|kitchen|caf[eé]s?"
    r"|salon|gym|clinic|pharmacy"
    r"|library|museum|outlet|garage|showroom|showing|kiosk|hubs?|pop-?up|terminus|platform|trains?|trams?"
    r"|bus(?:es)?|diversion|diverted|closed"
    r"|closure|roadworks|works|repairs|cones|traffic|burst|leak|mains?|substation|fault|cables?|outage|exits?"
    r"|entrance|corner|park|theatre"
    r"|counter|point|location|line|service|queue|open(?:s|ing)?|visit|we're (?:at|on)|find us|dock(?:ing)?|rack|bay"
    r"|mast|cabinet)\b",
    re.IGNORECASE,
)
_SOMEBODYS_PLACE = re.compile(
    r"\b(?:your|you|his|her|their|parcel|package|order|home|house|flat|door|porch|live[sd]?|lives|moved?|driver"
    r"|rider|courier|engineer|deliver\w*"
    r"|account at|address|neighbour|neighbor|left (?:it|with)|sent to|collect(?:ed)? from|property|for you)\b",
    re.IGNORECASE,
)
_HOUSE_NUMBER = re.compile(
    r"\b(?:at|to|outside|for|of|from|with|try|is|it's|past|chemist,|door,) (?:house |flat |apartment "
    r"|door )?(?:number|no\.?|nr) \d{1,4}[a-z]?\b"
    r"(?! (?:in|on|of) (?:the|our|a) (?:list|queue|charts?|menu))|\b(?:flat|apartment|apt|house number"
    r"|door number) \d{1,4}[a-z]?\b",
    re.IGNORECASE,
)
_ADDRESS_IS = re.compile(r"\baddress(?: (?:is|was|as|of|still|to|now|we have|on file)){1,4}:? \d{1,4}[a-z]?,? [A-Z]\w+")
_BUILDING = re.compile(
    r"\b\d{1,3}[A-Za-z]?,? (?:[A-Z][a-z]+ ){1,2}(?:Mansions|House|Court|Tower|Heights|Lodge|Villas|Buildings"
    r"|Apartments|Cottages?)\b"
)
_WHICH_FLAT = re.compile(
    r"\b(?:neighbou?rs?|lady|man|people|house|door|flat) at \d{1,3}[a-z]?\b(?![:.]\d| ?(?:am|pm))|"
    r"\b(?:flat|apartment|house|door) (?:on the \w+ floor|above the|opposite the|next to the|behind the"
    r"|with the (?:red|blue|green|black|white))",
    re.IGNORECASE,
)
_DELIVERY = re.compile(
    r"\b(?:driver|rider|courier|engineer|technician|parcel|package|deliver\w*|neighbour|neighbor|door|house|nobody"
    r"|you|your|him|her|knocked|left|dropped|meter)\b",
    re.IGNORECASE,
)

_NAME: Final = (
    r"[A-ZÀ-ÖØ-Þ][\w'’-]+ (?:(?:van|von|de|der|da|dos|di|del|la|al|bin|ibn|[A-Z]\.) ){0,2}[A-ZÀ-ÖØ-Þ][\w'’-]+"
)
#: A full name where a record, a place or an age says whose it is.
_NAMED = (
    re.compile(rf"(?:^|[.!?@]\s?)(?:@\w+ )?(?i:hi|hello|dear|hey)(?: there)?,? ({_NAME})(?=[,!.–-])"),
    re.compile(rf"\b[Yy]our [a-z-]+, ({_NAME}),"),
    re.compile(
        r"\b(?i:under|name of|named|called|belongs? to|signed (?:for )?by|booked by|left (?:it |your parcel )?with"
        r"|passengers?|guests?|patient|daughter|son|wife|husband|mother|mum|mom|father|dad|partner|brother|sister"
        r"|child|tenant|landlord|resident|owner|neighbou?r"
        r"|holder|customer|that was|it was|driver|rider|courier|dear|registered to|collected by|picked up by"
        r"|spoke (?:to|with)|addressed to|made out to"
        rf"|(?:booked|reserved|down|parcel|order|table|tickets?|appointment|booking|refund|claim"
        rf"|seats?) for)[ :“\",]{{1,2}}({_NAME})"
    ),
    re.compile(
        rf"(?:^|[.!?:,] |\b(?:and|that|as|for|with|to) )({_NAME})"
        r"(?=,? (?:aged? \d|\(?\d{1,3}\)|born\b|is (?:on|met|booked|listed|the|down|our)|signed|who\b|lives)"
        r"|['’]s (?:refund|order|booking|parcel|account|flight|seat|appointment|prescription|bag|bags|claim|policy"
        r"|ticket|name|table|room|card|case|file)\b)"
    ),
)
#: Words that stand where a name could but make it something else.
_NO_PERSON = re.compile(
    r"(?:Team|Service|Services|Support|Care|Store|Room|Line|Card|Club|Pass|Plus|App|Centre|Center|Air|Airlines?"
    r"|Rail|Bank|Street|Road|Lane|Avenue|Park"
    r"|Station|Airport|Terminal|House|Hotel|Hall|Court|Day|Week|Sale|Friday|Monday|Sunday|Offer|Shop|Market|Cup"
    r"|Show|Tour|City|Town|Island|Bay|Beach"
    r"|Network|Settings|Account|Trips?|Orders?|Help|Google|Apple|Windows|Android|Play|Wi-?Fi|Bluetooth|Standard"
    r"|Premium|Express|Delivery|Rewards|Points"
    r"|Menu|Burger|Pizza|Coffee|Tea|Edition|Series|Season|Version|Pro|Max|Mini|Ultra|Bus|Coach|Ferry|North|South"
    r"|East|West|Great|New|Royal|Grand|Saint|St"
    r"|Customer|Lost|Property|Contact|Privacy|Policy|Terms|Christmas|Easter|Black|Bank|Holiday|Direct|Debit|Credit"
    r"|Manage|My|Change|Fees?|System|Preferences|Siri|Watch|Touch|Face|Infant|Ringtones|Sound|Radar|Weekly|Booking"
    r"|Smart|Meter|Live|Chat"
    r"|Twitter|Facebook|Instagram|January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b"
)
_INITIAL = re.compile(
    r"\b(?i:a|see|for|under|to|by|of|name|mr|mrs|ms|dr|and|is) [A-Z]\.? ([A-Z][a-z]{3,})\b(?! (?:Street|Road|Lane))"
)
_BRANDS_OWN = re.compile(
    r"\b(?:author|artist|designer|chef|actor|singer|by|ceo|minister|director|president|starring|feat)\b", re.IGNORECASE
)

#: Codes whose characters are written one by one: "X 4 R T 9 L", "4-7-1-9".
_SPACED_CODE = re.compile(r"(?<![\w-])(?:[A-Z0-9][ -]){3,11}[A-Z0-9](?![\w-])")
_USER_NAME = re.compile(
    r"\b(?:(?:sign(?:ed)?|log(?:ged)?) (?:back )?(?:in|on) (?:as|with)|user ?name|user id(?: (?:we|you|i) \w+)?"
    r"|gamer ?tag|screen name"
    r"|account name"
    r"|(?:handle|profile|login)(?= (?:is|as|to|name)\b|:))(?: (?:is|as|of|to|now"
    r"|name)){0,2}[ :\"“'‘]{1,3}(?=[\w.-]*[\d._])(?![\d.]+\b)(?!https?)[a-z][\w.-]{3,}",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"\b(?:login|handle|profile|account|user) (?=[\w.]*\d)[a-z]\w*[._][\w.]*\w\b", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:pass ?word|pass ?code|pin|(?:security|verification|access|door|gate|unlock|reset|one-time|login) code"
    r"|safe word|wi-?fi key)"
    r"(?: (?:is|was|as|to|now|will be|has been|set|reset|printed|shown|written|changed|back"
    r"|for you)){1,4}:? [\"“'‘]?(?=\S*\d)[\w!#$%&*?@-]{4,}",
    re.IGNORECASE,
)
_PIN = re.compile(r"\b(?-i:PIN)\b[^.!?\d]{0,20}\d{4}\b", re.IGNORECASE)
_SORT_CODE = re.compile(r"\bsort code\W{1,4}(?:(?:is|was) )?\d\d[- ]\d\d[- ]\d\d\b", re.IGNORECASE)
_SECRET_WORD = re.compile(
    r"\b(?:pass ?word|code ?word|safe ?word|memorable word|pass ?phrase|security answer)(?: (?:is|was|to|now"
    r"|set)){1,3}:? [\"“'‘]\w{3,}",
    re.IGNORECASE,
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_BORN = re.compile(
    r"\b(?:date of birth|dob|d\.o\.b\.|your birthday|birth date|(?:you|he|she|you're|are|as|were"
    r"|was) born)\b[^.!?]{0,40}?"
    rf"\b(?:(?:19|20)\d\d|\d{{1,2}}[/. -]\d{{1,2}}[/. -]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}"
    rf"|{_MONTH} \d{{1,2}})\b",
    re.IGNORECASE,
)
_LOCAL_NUMBER = re.compile(r"(?<![\w£$€.,+-])(?<!\d )\d{3}[- ]\d{4}(?![\w-])")
_NUMBER_TALK = re.compile(r"\b(?:number|call|ring|text|reach|phone|mobile|cell|dial)\b", re.IGNORECASE)

#: Medicines by the endings of their names, treatments, and the body's troubles told as somebody's own.
_MEDICINE = re.compile(
    r"\b(?!(?:baseline|online|airline|byline|trampoline|gasoline|crystalline|feminine|pipeline|medicine|magazine"
    r"|routine|machine|cuisine|vaccine"
    r"|landline|deadline|outline|timeline|hotline|helpline|offline|streamline|tramline|headline|guideline"
    r"|discipline)\b)"
    r"[a-z]{3,}(?:traline|triptyline|oxetine|pril|statin|olol|prazole|cillin|mycin|azepam|zolam|formin|parin|sartan"
    r"|thyroxine|idone|dipine|oxacin|afil"
    r"|codeine|morphine|lukast|gabalin|gabapentin|tadine|terol|asone|olone|mab)\b",
    re.IGNORECASE,
)
_TREATMENT: Final = (
    r"root canal|colonoscopy|endoscopy|biops\w+|mri|ct scan|ultrasound|x-?ray|chemo\w*|dialysis|insulin|inhaler"
    r"|physio\w*|therapy|counselling"
    r"|vasectomy|hysterectomy|mammogram|smear|abortion|ivf|pregnan\w+|miscarriage|surgery|operation|transplant"
    r"|transfusion|stitches|cast|crutches"
    r"|blood (?:test|pressure|sugar|results?)|test results?|scan results?|hip replacement|cataracts?|fillings?"
    r"|extraction|implants?|dentures?"
    r"|antidepressants?|antibiotics?|steroids?|the pill|hrt|epi-?pens?|diagnosis|symptoms?|rash|seizures?|asthma"
    r"|diabet\w+|epilep\w+|allerg(?:y|ies)"
    r"|depression|anxiety|cancer|tumou?r|fracture|concussion|stroke|heart (?:condition|attack|problem)|migraines?"
    r"|eczema|arthritis|dementia|adhd|autis\w+"
    r"|disabilit\w+|(?:\w+ )?injur(?:y|ies)|(?:broken|sprained|sore|bad|swollen) (?:arm|leg|wrist|ankle|foot|hand"
    r"|finger|toe|back|knee|hip|neck|shoulder|tooth|rib)|hearing (?:loss|aids?)|wheelchair|stairlift|pacemaker"
    r"|oxygen|eyesight"
)
_OWN_HEALTH = re.compile(
    rf"\b(?:your|his|her|their|your \w+'s|(?:repeat|course|dose|prescription|script) of|moved the"
    rf"|booked (?:in )?(?:the|a|for)|(?:with|for|after|about|from) (?:the|your|that)|on|(?:had|has|having) (?:a|an"
    rf"|the))"
    rf" (?:\w+ ){{0,1}}?(?:{_TREATMENT})\b",
    re.IGNORECASE,
)
_PRESCRIBED = re.compile(
    r"\b(?:your|repeat|prescription|script|dose|tablets|collect|ready|refill|stock for you|prescribed)\b", re.IGNORECASE
)


def told(text: str) -> frozenset[str]:
    """Types of personal data that ``text`` tells. Look-alike characters folded, number words as digits."""
    return frozenset(_told(text))


def _told(text: str) -> Iterator[str]:
    if _NUMBERED.search(text) or _names_a_street(text) or _tells_a_house(text):
        yield "STREET_ADDRESS"
    if _names_a_person(text):
        yield "PERSON"
    if any(_is_code(found[0]) for found in _SPACED_CODE.finditer(text)):
        yield "BOOKING_REF"
    if _USER_NAME.search(text) or _LOGIN.search(text):
        yield "ACCOUNT_NO"
    if _LOCAL_NUMBER.search(text) and _NUMBER_TALK.search(text):
        yield "PHONE"
    if _SECRET.search(text) or _SECRET_WORD.search(text) or _PIN.search(text):
        yield "PASSWORD"
    if _SORT_CODE.search(text):
        yield "BANK_ACCOUNT"
    if _BORN.search(text):
        yield "DATE_OF_BIRTH"
    if _OWN_HEALTH.search(text) or (_MEDICINE.search(text) and _PRESCRIBED.search(text)):
        yield "MEDICAL"


def _tells_a_house(text: str) -> bool:
    return bool(
        _WHICH_FLAT.search(text)
        or _BUILDING.search(text)
        or _ADDRESS_IS.search(text)
        or (_HOUSE_NUMBER.search(text) and _DELIVERY.search(text))
    )


def _names_a_street(text: str) -> bool:
    for street in _ANY_STREET.finditer(text):
        start = max(text.rfind(mark, 0, street.start()) for mark in ".!?\n") + 1
        end = min((place for mark in ".!?\n" if (place := text.find(mark, street.end())) > 0), default=len(text))
        sentence = text[start:end]
        private = _SOMEBODYS_PLACE.search(sentence) and not _PUBLIC_PLACE.search(sentence.replace(street[0], ""))
        if private and not _DISK.search(street[0]):
            return True
    return False


def _names_a_person(text: str) -> bool:
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 20) : match.start(1)]
            if is_name(match[1]) and not _NO_PERSON.search(match[1]) and not _BRANDS_OWN.search(before):
                return True
    return any(not _NO_PERSON.search(match[1]) and match[1][0].isupper() for match in _INITIAL.finditer(text))


def _is_code(spaced: str) -> bool:
    """Characters one by one that are no countdown and no list of sizes."""
    letters = re.sub(r"\W", "", spaced)
    digits = sum(map(str.isdigit, letters))
    steps = {ord(b) - ord(a) for a, b in pairwise(letters)}
    return digits >= 1 and len(letters) >= 4 and steps not in ({1}, {-1})
