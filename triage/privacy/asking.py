"""Which personal data a reply asks for where everybody can read the answer.

A sentence asks by a question ("what's your …?"), a request ("please send …", "could you confirm
…"), or a need ("we'll need your …"). What someone is said to have done or will do ("we've sent your
…") and what is forbidden ("never post your …") is blanked before the search, so that a thank-you or
a warning in front never hides a question behind it. A sentence that moves to a private channel, or
stands beside one that does, asks nothing in public.

English only: a reply in another language is only searched for the data that it contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.view import folded

_NUMBER: Final = r"(?: (?:reference|ref\.?|numbers?|no\.?|#|id|details?|info(?:rmation)?|code|name|holder'?s? name))+"
#: What a customer could be asked for, by type.
_ITEMS: Final = {
    "EMAIL": (
        r"e-?mail ?(?:address(?:es)?|id)|(?<!an )(?<!of the )(?<!at the )(?<!this )(?<!send )(?<!sending )(?<!by )"
        r"(?<!via )(?<!with )(?<!to your )(?<!to the )e-?mail(?! (?:app|client|program|confirmation|notification"
        r"|message|from|newsletter|settings|alert|was|about|issues?|problem|accounts|that you|you (?:received|got)|with"
        r"|to|asking|and then))"
    ),
    "PHONE": (
        r"(?:(?:tele)?phone|mobile|cell|contact|callback|call-?back|landline|whats ?app"
        r"|daytime)(?: phone)? ?(?:numbers?|no\.?|num|#|details?)|contact (?:info(?:rmation)?|details)"
    ),
    "STREET_ADDRESS": (
        r"(?:(?:home|street|postal|mailing|delivery|shipping|billing|full|service"
        r"|house) )*(?<!to )address(?:es)?(?! (?:this|the|all|it|these|any|that|is eligible|book"
        r"|of (?:that|the|this) (?:store|shop|restaurant|branch)))|where you live|house number"
    ),
    "POSTCODE": r"(?:full )?(?:post ?code|zip(?: ?code)?|postal code)",
    "CARD": (
        r"(?:(?:credit|debit|bank|payment|gift) )*card(?: (?:number|no\.?|details?|info(?:rmation)?))"
        r"|(?:last|first) (?:4|four|6|six) (?:digits|numbers)|long number"
    ),
    "BANK_ACCOUNT": (
        r"iban|sort code|(?:bank|banking|payment) (?:account )?(?:details?|account|info(?:rmation)?|number)"
        r"|routing number"
    ),
    "NATIONAL_ID": (
        r"ssn|social security(?: number)?|national insurance(?: number)?|ni number"
        r"|passport(?: (?:number|no\.?|details?))?|(?:national )?id (?:number|card)|pan(?: card)?(?: number)"
        r"|driv\w+ licen[cs]e(?: number)?|aadhaa?r(?: number)?"
    ),
    "DATE_OF_BIRTH": r"date of birth|d\.?o\.?b\.?\b|birth ?(?:date|day)",
    "BOOKING_REF": (
        rf"(?:booking|reservation|confirmation|trip){_NUMBER}|pnr|record locator"
        r"|(?:6|six)[- ](?:character|digit|letter) (?:code|reference|confirmation)"
    ),
    "ORDER_NO": (
        rf"(?:order|invoice|receipt|transaction|purchase){_NUMBER}|order #|digits (?:on|of) (?:your|the) receipt"
    ),
    "ACCOUNT_NO": (
        rf"(?:account|customer|member(?:ship)?|policy|loyalty|user|frequent flyer|rewards|contract|client){_NUMBER}"
        r"|user ?name|log ?in(?: (?:details|name|id))?|acct(?: (?:number|no\.?|#))?|account #"
    ),
    "TRACKING_NO": rf"(?:tracking|consignment|parcel|shipment|awb|waybill){_NUMBER}",
    "TICKET_NO": (
        r"(?:ticket|case|claim|complaint|reference|incident|file)(?: (?:reference|ref\.?|numbers?|no\.?|id))+"
        r"|ref(?:erence)? (?:number|no\.?)"
    ),
    "PASSWORD": (
        r"pass ?words?|passcode|pin(?: (?:number|code))?|otp|cvv2?|cvc|memorable word"
        r"|(?:verification|security|one[- ]time|access) (?:code|number|word|answer)"
    ),
    "PERSON": (
        r"(?:full|legal|first and last|last|sur|complete) ?names?"
        r"|names? (?:on(?! it)|as it appears on|and (?:address|email|e-mail|number|date|account|phone|post ?code"
        r"|order))"
    ),
    "MEDICAL": (
        r"(?:medical|health) (?:condition|details?|history|information|records?)"
        r"|(?:your|their|his|her) (?:symptoms|diagnosis)"
    ),
}
_ITEM: Final = "|".join(f"(?P<{kind}>{words})" for kind, words in _ITEMS.items())
_ANY_ITEM = re.compile(rf"\b(?:{_ITEM})(?!\w)", re.IGNORECASE)

_VERB: Final = (
    r"(?:send|share|provide|confirm|give|tell|let (?:us|me) (?:know|have)|(?<!your )reply|respond|post|tweet|supply"
    r"|state|include|drop|pop|comment|(?<!be )advise|verify|quote|leave|forward|pass|mention|write|submit|attach"
    r"|reattach|fire|dm|remind (?:us|me)|mind (?:telling|sending|sharing|providing|giving|confirming|letting)"
    r"|(?:get|have|grab|take)(?= (?:your|ur)\b))"
)
#: Nothing in the gap between verb and item may start another clause.
_GAP: Final = (
    r"(?:(?!\b(?:so|we|we'll|i'll|when|once|because|but|then|if(?! (?:possible|you can|you have|any)))\b)[^.!?]){0,70}?"
)
#: Up to four words between the question word and the item, none of which makes it another question.
_WHICH: Final = r"(?:(?!(?:with|on|for|in|to|of|happen\w*|going|wrong|our|about)\b)[\w']+\W{1,3}){0,4}?"
_QUESTION = re.compile(
    rf"\b(?:what(?:'?s| is| are| was| were)?|which)\W{{1,3}}{_WHICH}(?:{_ITEM})(?!\w)", re.IGNORECASE
)
_BARE_QUESTION = re.compile(
    rf"^\W{{0,9}}(?:(?:and|or|also|so|ok|hi|hello|thanks|sure|great|no problem|no worries)\W{{1,9}})*(?:your|ur|the"
    rf"|any|an?)?\s?(?:{_ITEM})(?:\W{{1,3}}(?:and|or|&)\W{{1,3}}[\w ]{{1,60}})?\s?(?:please|pls|plz)?\s?\?",
    re.IGNORECASE,
)
_REQUEST = re.compile(rf"\b{_VERB}\b{_GAP}\b(?:{_ITEM})(?!\w)", re.IGNORECASE)
_NEED = re.compile(
    r"\b(?:(?:we|i)(?:'ll|'d| will| would| do| may)?(?: just| also| still| only| then| first)? (?:need|require|want"
    r"|like)|(?<!you )(?:still|also) need|(?:may|can|could|shall) (?:we|i) (?:please )?(?:have|know|get|take|grab"
    r"|ask(?: for)?)|looking for|please\W+your|(?:do|would) you (?:happen to )?have(?= (?:an?|your|ur|the"
    r"|any) \w+)(?! a check)|waiting (?:for|on)|(?:is|are) the(?:re)? any|missing|under (?:what|which))\b"
    rf"{_GAP}\b(?:{_ITEM})(?!\w)",
    re.IGNORECASE,
)

#: Forbidden, or done by somebody: the verb asks nobody for anything.
_NOT_ASKING = re.compile(
    rf"\b(?:do not|don'?t|never|not(?: to)?|avoid|without|no need to|rather than|instead of)(?: \w+){{0,2}}? {_VERB}\b"
    rf"|(?<!\bcan )(?<!could )(?<!would )(?<!\bwill )(?<!\bmay )(?<!\bdo )\b(?:we|i|they|it|he|she|team"
    rf"|system)(?: (?:just|already|also))? {_VERB}\b|(?<!\byou)(?<!\byou )\b(?:'ll|will|has|have|had|can|could|should"
    rf"|would|might|did|does)(?: (?:also|then|now|just|already|automatically|be able to|not))* {_VERB}\b"
    r"|(?<!\bdo )(?<!would )(?<!\bdid )\byou(?:'ll| will| should| can| may)? (?:get|have|take"
    r"|grab)\b(?! (?:a|an|any)\b)|\b(?:no|not|without|never) (?:your |an? "
    r"|any )?(?=(?:account|order|card|phone|booking|reference) (?:number|details))\w+ \w+",
    re.IGNORECASE,
)

#: Words that hand the thread over to a place that only customer and brand can read.
_PRIVATE = re.compile(
    r"\b(?:d\.?m\.?(?:s|ed|ing|'d)?|direct(?:ly)? messag\w+|private(?:ly)?|(?:pm|pm'?ing) (?:us|me)|(?:a|by|via) pm"
    r"|inbox|e-?mail (?:us|me|our|it to us|them)|by e-?mail|via e-?mail|message (?:us|me)|messaging us|messenger"
    r"|(?:send|drop|give) us an? (?:message|email|e-mail|dm|pm)|(?:call|ring|phone) us|give us a (?:call|ring)"
    r"|over the phone|live chat|web ?chat|chat with us|securely|secure (?:form|link|message|page)"
    r"|(?:in|via|through|using|on) our (?:app|form|website|site|portal)"
    r"|(?:via|through|using|fill(?:ing)?(?: in| out)?) (?:the|this) (?:app|form|website|site|portal|link)"
    r"|link (?:above|below)|log(?:ged)? ?in(?:to)? to|sign(?:ed)? in to)\b",
    re.IGNORECASE,
)
#: A link counts only in the very sentence that asks: then the form behind it is where to answer.
_LINK = re.compile(r"https?://", re.IGNORECASE)
#: Words that keep the answer in the open, whatever else the reply says.
_OPEN = re.compile(
    r"\b(?:(?:reply|respond) (?:here|below|to this|with|back|in this|in the)|tweet (?:us|me|it|your|back)"
    r"|post (?:it|your|them) (?:here|below)|in the (?:comments|thread|replies)|in this thread"
    r"|comment (?:with|below|your)|comments below|right here|here with your|mention us with|publicly)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\w)|(?<=\bno)\.|(?<=\bref)\.)+[.!?]*")


def asked_in_public(text: str) -> frozenset[str]:
    """Types of personal data that ``text`` asks for without moving to a private channel."""
    sentences = [sentence[0] for sentence in _SENTENCE.finditer(folded(text))]
    asked: set[str] = set()
    for index, sentence in enumerate(sentences):
        kinds = set(_asked(sentence))
        if kinds and not _goes_private(sentences, index):
            asked |= kinds
    return frozenset(asked)


def _goes_private(sentences: list[str], index: int) -> bool:
    """Whether a sentence, or one beside it, moves the answer to a private channel."""
    if _OPEN.search(sentences[index]):
        return False
    if _LINK.search(sentences[index]):
        return True
    return any(_PRIVATE.search(sentence) for sentence in sentences[max(0, index - 1) : index + 2])


def _asked(sentence: str) -> Iterator[str]:
    """Types asked for in one sentence, in public or not."""
    if not _ANY_ITEM.search(sentence):
        return
    sentence = _NOT_ASKING.sub(_blanked, sentence)
    for pattern in (_QUESTION, _BARE_QUESTION, _REQUEST, _NEED):
        for match in pattern.finditer(sentence):
            # The verb governs the rest of the list too: "your full name and date of birth".
            for item in _ANY_ITEM.finditer(sentence, match.start()):
                yield next(kind for kind in _ITEMS if item[kind])


def _blanked(match: re.Match[str]) -> str:
    # Letters to the patterns: what stands on both sides does not become one phrase.
    return "_" * (match.end() - match.start())
