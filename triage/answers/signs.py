"""Signs that a message is no plain question, whatever it is about: a person's own case, venting, several matters.

Each sign is a number from 0 to 1 and can only lower the confidence of a match. They are few, readable
patterns on purpose: the scoring heads judge sentiment and intent; here a second, independent look makes sure
that "my bag was charged twice" is not answered with the price list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.answers.terms import plain, words
from triage.text.normalise import normalise

_THINGS = (
    "account|bag|baggage|bags|bill|booking|boarding pass|card|case|claim|code|complaint|confirmation|email|flight|"
    "flights|form|holiday|invoice|item|luggage|money|name|number|order|parcel|package|payment|points|reference|ref|refund|"
    "request|reservation|seat|seats|stuff|suitcase|ticket|tickets|trip|voucher"
)
_DONE = (
    "been|bought|booked|called|cancelled|canceled|changed|charged|checked|contacted|deleted|emailed|entered|filled|"
    "flew|found|gave|got|had|left|lost|made|messaged|missed|ordered|paid|phoned|received|reported|requested|rang|sent|"
    "submitted|told|took|transferred|tried|tweeted|used|waited|waiting|was|were|wrote"
)
#: The customer tells what happened or did not, or asks about one thing that is theirs alone.
_PERSONAL = re.compile(
    rf"\b(?:i|we)(?:'ve|'d| have| had| just| already| only| still| never)* (?:{_DONE})\b"
    r"|\b(?:i|we)(?:'m|'re| am| are)(?: still| currently| now)? (?:at|on|stuck|waiting|stranded|sitting|being|told)\b"
    r"|\b(?:still|yet|again|since|ago)\b|\b(?:yesterday|last (?:night|week|month|year)|this morning)\b"
    rf"|\b(?:where|why|when)(?:'s| is| are| was| were| will| did| has| have| hasn't| haven't) (?:my|our|you)\b"
    rf"|\b(?:my|our)(?: \w+)? (?:{_THINGS})(?: \w+)? (?:is|are|was|were|has|have|had|isn't|wasn't|hasn't|says|said|got|"
    r"did|didn't|never|won't|just|still|keeps|arrived|came|went)\b"
    r"|\b(?:you|they|your (?:staff|agent|agents|team|crew|app|site|website|driver|rep))(?:'ve| have| guys)? (?:just )?"
    r"(?:cancelled|canceled|charged|lost|broke|damaged|sent|took|told|said|made|left|refused|promised|changed|stole|"
    r"ruined|forgot|never|didn't|did|keep|won't|emailed|texted|messaged|gave|owe|moved|bumped|put|denied|rejected|cancel)\b"
    r"|\b(?:says|said|shows|showed|showing|tells me|keeps saying)\b"
    r"|\b(?:didn't|hasn't|haven't|wasn't|weren't|never) (?:\w+ )?"
    r"(?:arrive|arrived|come|came|get|got|receive|received|work|worked|show|shown|turn|turned|reply|replied|hear|heard)\b",
    re.IGNORECASE,
)
_VENTING = re.compile(
    r"\b(?:absolute|absolutely|angry|appalling|awful|bloody|bs|bullshit|clown|clowns|con|crap|damn|disappointed|"
    r"disappointing|disgrace|disgraceful|disgusted|disgusting|disgusts|dreadful|dumb|embarrassing|fail|fuck\w*|furious|"
    r"garbage|greedy|hate|hell|hilarious|horrible|horrendous|idiots?|incompetent|insane|insulting|joke|jokers|lies|lying|"
    r"liars|ludicrous|madness|mess|nightmare|nonsense|outrageous|pathetic|ridiculous|rip ?off|robbery|rubbish|scam|"
    r"scammers|shambles|shame|shameful|shit\w*|shocking|sick of|stupid|suck|sucks|terrible|thieves|theft|unacceptable|"
    r"unbelievable|useless|waste|worst|wtf|yikes)\b"
    r"|\b(?:how hard (?:can|is)|who (?:designed|hires|thought)|why (?:does|do|is|are) (?:every|it always|nobody|"
    r"no one)|you lot|blackmail|rinsed|in this day and age|on purpose|how (?:is|are) .{1,30} (?:even |legal|allowed))\b"
    r"|\b(?:bravo|congrats|congratulations|cheers for|genius|good luck|great job|how hard is it|how lovely|love how|"
    r"love that|nice one|slow clap|so glad|thanks for (?:nothing|the)|well done|what a surprise|wonderful)\b"
    r"|[\U0001F621\U0001F620\U0001F92C\U0001F644\U0001F624\U0001F926\U0001F612\U0001F643\U0001F44F\U0001F4A9\U0001F595]"
    r"|!{2,}|\?{3,}|[!?]*(?:\?!|!\?)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\?|\b(?:how|hows|what|whats|when|where|wheres|which|who|whos|whom|whose|why|is there|are there)\b"
    r"|(?:^|[.,!:;]\s*)(?:(?:@user|hi|hey|hello|hiya|morning|quick one|please|pls|so|and|just)[\s,!]+)*"
    r"(?:any|am|are|can|could|did|do|does|has|have|is|may|might|must|should|was|were|will|would)\b"
    r"|\b(?:(?:can|could|may|do|does|will|would|is|are) (?:i|we|you|u|my|our|your|it|they)|wonder|wondering|tell me|"
    r"let me know|need (?:to know|help|a|an|some)|looking (?:for|to)|want to|would like|asking)\b",
    re.IGNORECASE,
)
_LONGEST_KEYWORDS = 5
_ANSWERS = [
    ["yes"],
    ["yeah"],
    ["yep"],
    ["no"],
    ["nope"],
    ["ok"],
    ["okay"],
    ["done"],
    ["sent"],
    ["thanks"],
    ["thank"],
    [],
]
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
_END = re.compile(r"[.!?]+(?:\s|$)|\n|;")
_SECOND_MATTER = re.compile(
    r"\b(?:also|and another|another thing|secondly|while (?:i'm|im|you're) (?:at it|here)|btw|by the way)\b"
    r"|[.,!?] plus\b"
    # a second request or question after "and", "but" or a comma: "…, and can you", "… but why was"
    r"|\w[,;]? (?:and|but|because|cos|so|oh and) (?:then |if so |please )?"
    r"(?:can|could|will|would|is|are|was|were|has|have|had|did|does|do|why|who|when|where|how|what|which|tell|please|"
    r"i|my|mine|your|you|our|ours|we|one of|there's|there is)\b"
    r"|, (?:can|could|will|would|is|was|has|have|did|why|where|mine|ours|my|our|also)\b",
    re.IGNORECASE,
)
_MANY_SHOUTS = 3
_LONG = 3


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks against answering; 0 is "nothing of the kind", 1 is "plainly so"."""

    personal: float
    venting: float
    several: float
    statement: float  # nothing is asked

    def as_tuple(self) -> tuple[float, float, float, float]:
        return self.personal, self.venting, self.several, self.statement


def read(text: str) -> Signs:
    """The signs in ``text`` (as received or normalised)."""
    text = normalise(text)
    shouts = len(_SHOUTED.findall(text))
    return Signs(
        personal=_share(len(_PERSONAL.findall(text)), 2),
        venting=1.0 if _VENTING.search(text) or shouts >= _MANY_SHOUTS else 0.0,
        several=max(_share(_extra_sentences(text), _LONG), _share(len(_SECOND_MATTER.findall(text)), 1)),
        statement=0.0 if _asks(text) else 1.0,
    )


def _asks(text: str) -> bool:
    """Whether something is asked; a few bare words ("opening hours sunday") are taken for a question."""
    if _ASKING.search(text):
        return True
    bare = words(plain(text))
    return len(bare) <= _LONGEST_KEYWORDS and bare[:1] not in _ANSWERS


def _extra_sentences(text: str) -> int:
    """Sentences of at least three words beyond the first."""
    return max(0, sum(len(part.split()) > 2 for part in _END.split(text)) - 1)


def _share(count: int, enough: int) -> float:
    return min(1.0, count / enough)
