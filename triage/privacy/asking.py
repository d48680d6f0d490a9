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

from triage.privacy.askable import ITEMS
from triage.privacy.hinting import hinted
from triage.privacy.view import folded

_ITEM: Final = "|".join(f"(?P<{kind}>{words})" for kind, words in ITEMS.items())
_ANY_ITEM = re.compile(rf"\b(?:{_ITEM})(?!\w)", re.IGNORECASE)

_VERB: Final = (
    r"(?:send|share|provide|confirm|give|tell|let (?:us|me) (?:know|have)|(?<!your )reply|respond"
    r"|(?<!this )(?<!your )(?<!the )(?<!that )(?<!edit )post|tweet|supply"
    r"|state|include|drop|pop|comment|(?<!be )advise|verify|quote|leave|forward|pass|mention|write|submit|attach"
    r"|reattach|fire|dm|remind (?:us|me)|mind (?:telling|sending|sharing|providing|giving|confirming|letting)"
    r"|(?:get|have|grab)(?= (?:your|ur)\b))"
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
    r"|comment (?:with|below|your)|comments below|right here|here with your|mention us with|publicly"
    r"|(?:tell|give) us (?:\w+ ){1,4}(?<!link )(?<!form )(?:here|below)"
    r"|post (?:\w+ ){1,4}(?<!link )(?<!form )(?:here|below))\b",
    re.IGNORECASE,
)
#: "No need to DM" moves nothing.
_NO_MOVE = re.compile(
    r"\b(?:no need (?:to|for)|(?:don'?t|do not|needn'?t)(?: even)? (?:need|have) to|without|rather than|instead of"
    r"|(?:skip|forget) the)"
    r"(?: \w+){0,2}? (?:dms?\b|message|messaging|call|ring|phone|email|e-mail|log(?:ging)? in|pm)\w*",
    re.IGNORECASE,
)
#: Said of the question before: "You can just answer that bit here".
_OPEN_NEXT = re.compile(
    r"^\W*(?:(?:you can|just|please|feel free to|and|it's fine to|okay to|or) )*(?:answer|reply|say|tell us|tweet"
    r"|post|write|put|do|sort)\b"
    r"(?![^.!?]*\b(?:dm|privately|in private)\b)[^.!?]{0,40}\b(?:here|below|in this thread|in public|under this)\b",
    re.IGNORECASE,
)
_LAST_DIGITS = re.compile(
    r"\b(?:the )?(?:last|final) (?:2|two|3|three|4|four)(?: (?:digits|numbers))?"
    r"(?: (?:of|on) (?:your|the|that) (?:\w+ )?card(?: number)?)?",
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


def asked_anywhere(text: str) -> frozenset[str]:
    """Types of personal data that ``text`` asks for, in public or in private; the last digits of a number are none."""
    bare = _LAST_DIGITS.sub(_blanked, folded(text))
    return frozenset(kind for sentence in _SENTENCE.finditer(bare) for kind in _asked(sentence[0]))


def _goes_private(sentences: list[str], index: int) -> bool:
    """Whether a sentence, or one beside it, moves the answer to a private channel."""
    # "… You can just answer that bit here" may come one sentence later.
    if any(_OPEN.search(_NO_MOVE.sub("", sentence)) for sentence in sentences[index : index + 1]):
        return False
    if index + 1 < len(sentences) and _OPEN_NEXT.search(sentences[index + 1]):
        return False
    if _LINK.search(sentences[index]):
        return True
    beside = (_NO_MOVE.sub("", sentence) for sentence in sentences[max(0, index - 1) : index + 2])
    return any(_PRIVATE.search(sentence) for sentence in beside)


def _asked(sentence: str) -> Iterator[str]:
    """Types asked for in one sentence, in public or not."""
    sentence = _NOT_ASKING.sub(_blanked, sentence)
    for pattern in (_QUESTION, _BARE_QUESTION, _REQUEST, _NEED):
        for match in pattern.finditer(sentence):
            # The verb governs the rest of the list too: "your full name and date of birth".
            for item in _ANY_ITEM.finditer(sentence, match.start()):
                yield next(kind for kind in ITEMS if item[kind])
    yield from hinted(sentence)


def _blanked(match: re.Match[str]) -> str:
    # Letters to the patterns: what stands on both sides does not become one phrase.
    return "_" * (match.end() - match.start())
