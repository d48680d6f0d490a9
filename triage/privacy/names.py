"""Private persons by their full name, in strong context only.

First names alone, staff by first name, signatures (``^KL``) and names without a word that makes
them a customer's are left alone: the labelling guide does not count them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_CAPITAL: Final = r"(?:[A-ZÀ-ÖØ-ÞŠŽŁŚŻČĐĆĽŐÞ](?:'[A-Z])?\w*(?:[-'][A-Z]?\w+)?)"
_MIDDLE: Final = r"(?: (?:[A-Z]\.?|van|von|de|der|da|dos|di|del|la|al|bin|ibn|O))"
#: Two to three capitalised words, initials and particles between them.
_NAME: Final = rf"{_CAPITAL}{_MIDDLE}{{0,2}} {_CAPITAL}(?: {_CAPITAL})?"

_NOT_NAME: Final = any_of(
    "a about account acct address again all also am amazon american an and android any apple april are as at august"
    " australia back bad bag bank bay beach black blue booking britain british bus business but by call can canada card"
    " care case christmas city class close code come country court credit customer customers dear december delta did"
    " director dm do does down drive due economy email england europe every explorer facebook february first flight for"
    " france friday from galaxy general germany get global go god gold good google got great guys had happy has have"
    " having hello help here hey hi home hotel how i if in india instagram internet iphone ireland is issue it january"
    " july june just last late let like line live location london lost love mail man manager march may me member mobile"
    " monday more mr mrs ms my name need new news next night no north not november number october of off office ok on"
    " one online only or order our out park pay phone photo please plus policy post premium prime pro problem product"
    " random re really red ref road sad same samsung saturday school security see september service shop silver since"
    " sir sky smart so social some sorry south spain sprint st station still stop store street sunday super support"
    " sure team terrible thank thanks that the their there this thursday time to today tomorrow too town train travel"
    " trip tuesday uk united university up update us usa version very was we wednesday week well west what when where"
    " white who why wifi will windows wish with world worst would xbox xl yeah year yes yesterday you your airport"
    " airlines air thx cheers regards birthday booked cancelled delayed happy morning afternoon evening tonight now"
    " really absolutely spotify app using mac desktop apple netflix uber playstation sony nintendo switch fire stick tv"
    " pro max mini macbook ipad linux chrome firefox safari edge version smart plus note gate seat suites inn embassy"
    " plaza tower mall contact plz pls request work winter storm summer terminal paypal ebay tesco virgin trains"
)
_CONTRACTED = re.compile(r"(?:'(?:s|m|ve|ll|d|re|t))$", re.IGNORECASE)

_CUE: Final = (
    r"(?:my (?:full )?name is|my name's|(?:full |account |legal |real )name(?:'s| is|:| -| =)?"
    r"|(?:(?<=^)|(?<=[,.\n\0;] )|(?<=[\n\0,]))names?(?:'s| is|:| -| =)?|names? on the account(?: is)?"
    r"|account holder(?: is| was|:)?|in the name of|name of|under the name(?: of)?"
    r"|(?:it'?s|booked|made|registered|filed|(?:booking|reservation|order|account)(?: is| was)?) under"
    r"|under my \w+'s name,?|under my partner's name|booked (?:by|for)|(?:lead )?passenger(?: is|:| name)?"
    r"|guest(?: is|:| name)|on behalf of|policy ?holder(?: is|:)?|card ?holder(?: is|:)?|addressed to"
    r"|what's your name\?|(?:billing|shipping|delivery|mailing) address:|parcel for|package for|delivery for"
    r"|registered to|name on the account\? user:|signed,|sincerely,)"
)
_SAID = re.compile(rf"(?i:\b{_CUE})[ \n\"'(]{{1,3}}(?i:(?:mr|mrs|ms|miss|dr)\.? )?({_NAME})(?![\w@])")
_SAID_LOWER = re.compile(
    r"\bmy (?:full )?name(?: is|'s) ([^\W\d_]{2,20} [^\W\d_]{2,20}(?:-[^\W\d_]+)?)\b", re.IGNORECASE
)
_I_AM = re.compile(
    rf"[IiTt](?:(?<![\w'][Ii])(?<=[Ii])(?:'?m| am)|(?<![\w'][Tt])(?<=[Tt])his is)(?: [Mm](?:r|rs|s|iss)\.?"
    rf"| Dr\.?)? ({_NAME})(?=\s{{0,3}}(?:$|[,.\n/(-]|and\b|here|from|who\b|\0))"
)
_SO_IT_IS = re.compile(rf"[Ii](?<!\w[Ii])t'?s (?:under )?({_NAME})(?=,? (?:and )?my\b)")
_RELATIVE = re.compile(
    r"\b(?i:my|our|his|her|their|someone's) (?i:late |elderly |little |old )?(?i:mum|mom|mam|mother|dad|father|brother"
    r"|sister|son|daughter|kid|child|wife|husband|partner|nan|gran|grandma|grandad|grandmother|grandfather|aunt|uncle"
    r"|cousin|niece|nephew|neighbou?r|friend|girlfriend|boyfriend|fiancée?"
    rf"|flatmate|tenant|landlord|client|patient|boss)(?:'s name)?(?: is|,)? ({_NAME})(?![\w@])"
)
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? ({_NAME})(?![\w@])")
_SURNAME = re.compile(
    r"\b(?:maiden name|last name|surname|family name)(?: is|'s|:| was|\?(?: user:)?) ([^\W\d_]{2,}(?:-[^\W\d_]+)?)",
    re.IGNORECASE,
)
_CONTACTED = re.compile(
    rf"(?i:\b(?:check with|spoke (?:to|with)|ask for|attention of|attn:?|driver(?: was| is|:)?))(?i: mr\.?"
    rf"| ms\.?)? ({_NAME})(?![\w@])"
)
_CUSTOMER_AFTER = re.compile(
    rf"\b({_NAME}) (?:(?:was|is) the (?:guest|passenger|account holder|customer|policy ?holder|tenant)\b"
    r"|as (?:an? )?(?:guardian|beneficiary|passenger|user|account holder|contact)|lives? (?:at|on) \w*\s?\w*\s?\d)"
)

#: A name that opens a text, a line, a sentence or a part of one, and is closed by what follows.
_OPENING = re.compile(
    rf"(?:^|[\n\0]|[.!?,] )[\0\s>]{{0,20}}(?i:(?:sure|yes|yep|ok|hi|hello|thanks|thank you)[ ,:.!]+)?({_NAME})"
    r"(?=\s{0,3}(?:[,/\n;:|.-]|here\b|born\b|dob\b|and (?:then|my)|$)|\s{1,3}\S{0,64}@|\s{1,3}\+?\d)"
)
_OPENING_LOWER = re.compile(r"^[\0\s]*([^\W\d_]{3,15} [^\W\d_]{2,15}) and my e-?mail\b", re.IGNORECASE)
_AFTER = re.compile(rf"[ ,\n/]{{1,3}}({_NAME})(?=\s{{0,3}}(?:[.,\n]|$))")
_DATE = re.compile(
    r"(?<![\w/.-])((?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:\d\d)?\d\d)(?![\d/-]|\.\w)"
)
_BEFORE_DATE = re.compile(rf"(?:^|[\n\0.!?,] ?)[\0\s]*({_NAME})[\s,]{{1,3}}$")
#: Public figures are named by their office.
_OFFICE_BEFORE = re.compile(
    r"\b(?:ceo|cfo|cto|president|chairman|founder|minister|senator|mayor|governor|coach|actor|singer"
    r"|author)\W{1,2}(?:(?:mr|mrs|ms|dr)\.? )?$",
    re.IGNORECASE,
)
#: Kinds of items beside which a name is their owner's.
_OWNED: Final = any_of(
    "EMAIL PHONE STREET_ADDRESS CARD BANK_ACCOUNT NATIONAL_ID DATE_OF_BIRTH BOOKING_REF ORDER_NO ACCOUNT_NO TICKET_NO"
)


def _finder(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Finding]]:
    def find(view: str) -> Iterator[Finding]:
        for match in pattern.finditer(view):
            if is_name(match[1]) and not _OFFICE_BEFORE.search(view[max(0, match.start(1) - 24) : match.start(1)]):
                yield Finding(*match.span(1), "PERSON", Ground.SAID)

    return find


def find_names_beside(view: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """Full names right before or right after another item: whose it is, is said by the place."""
    items = [(finding.start, finding.end) for finding in found if finding.type in _OWNED]
    for match in (*_OPENING.finditer(view), *_OPENING_LOWER.finditer(view)):
        near = any(0 <= start - match.end(1) <= 24 for start, _ in items)
        if near and is_name(match[1]):
            yield Finding(*match.span(1), "PERSON", Ground.SHAPED)
    for _, end in items:
        after = _AFTER.match(view, end)
        if after and is_name(after[1]):
            yield Finding(*after.span(1), "PERSON", Ground.SHAPED)


def find_dated_names(view: str) -> Iterator[Finding]:
    """A name that opens the text with nothing but a date after it: name and date of birth."""
    for date in _DATE.finditer(view):
        window = max(0, date.start() - 60)
        name = _BEFORE_DATE.search(view[window : date.start()])
        if name and is_name(name[1]):
            yield Finding(window + name.start(1), window + name.end(1), "PERSON", Ground.SHAPED)
            yield Finding(*date.span(1), "DATE_OF_BIRTH", Ground.SHAPED)


def is_name(words: str) -> bool:
    """Whether ``words`` may be a name: none is one that names do not have, a contraction, or initials."""
    parts = [part for part in words.split() if len(part.rstrip(".")) > 1]
    if len(parts) < min(2, words.count(" ") + 1):
        return False  # an initial is no full name
    if not words.isupper() and any(part.isupper() for part in parts):
        return False  # "Pixel XL", "Champaign IL"
    return not any(part.lower().rstrip(".") in _NOT_NAME or _CONTRACTED.search(part) for part in parts)


RULES: Final = (
    Rule(
        _finder(_SAID),
        words=any_of(
            "name names name's under holder behalf passenger guest policyholder cardholder addressed parcel package"
            " delivery registered booked signed sincerely billing shipping mailing"
        ),
    ),
    Rule(_finder(_SAID_LOWER), words=any_of("name name's")),
    Rule(_finder(_I_AM), words=any_of("i'm im am this")),
    Rule(_finder(_SO_IT_IS), words=any_of("it's its")),
    Rule(
        _finder(_RELATIVE),
        words=any_of(
            "mum mom mam mother dad father brother sister son daughter kid child wife husband partner nan gran grandma"
            " grandad grandmother grandfather aunt uncle cousin niece nephew neighbour neighbor friend girlfriend"
            " boyfriend fiance fiancé fiancée flatmate tenant landlord client patient boss"
        ),
    ),
    Rule(_finder(_TITLED), words=any_of("mr mrs ms miss dr")),
    Rule(_finder(_SURNAME), words=any_of("maiden last surname family")),
    Rule(_finder(_CONTACTED), words=any_of("check spoke ask attention attn driver")),
    Rule(
        _finder(_CUSTOMER_AFTER),
        words=any_of("guest passenger holder customer policyholder tenant guardian beneficiary live lives"),
    ),
    Rule(find_dated_names, digits=4),
)
