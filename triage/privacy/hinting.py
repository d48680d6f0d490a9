"""Requests without a plain question or command: "your postcode will do", "booking number, please".

Names of items are looked for first; what stands before and behind each one in its sentence says whether
somebody is asked to tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.askable import ITEMS, VAGUE

_WIDE: Final = "|".join(f"(?P<{kind}>{words}|{VAGUE.get(kind, words)})" for kind, words in ITEMS.items())
_ITEM: Final = re.compile(rf"(?<![\w@#-])(?:{_WIDE})(?!\w)", re.IGNORECASE)

#: "… would help", "… is all we need": the item is enough, so it is wanted.
_ENOUGH_AFTER = re.compile(
    r"[^.!?]{0,60}?(?:\b(?:will|would|should|'ll|'d|might|can|could)(?: also| really| certainly| just| probably"
    r"| already)?"
    r" (?:do|help|suffice|let (?:us|me)|allow|be (?:\w+ )?(?:enough|great|good|fine|helpful|useful|handy|ideal"
    r"|perfect|lovely"
    r"|brilliant|needed|all)|work|make (?:it|this|things)|speed|get (?:us|this|things)|lead us|tell us|point us)\b"
    r"|\b(?:is|are|'s)(?: also)? (?:\w+ )?(?:enough|fine(?= for|[.,!]|$)|plenty|sufficient|all (?:we|i|it|you)"
    r"|what (?:we|i) need|(?:needed|required)(?! (?:at|to|for|when|in|online|by))"
    r"|missing|handy|the (?:quickest|easiest|fastest))\b|\bworks?(?= (?:as well|too|for us|fine)|[.!]|$)|(?:we"
    r"|i) (?:could|can) (?:search|look|find|check|use|go) (?:by|with|you|it|up|on)\b|\bhelps?\b(?= (?:us|me|a lot"
    r"|too|here|to))|\bhelps?[.!]?$)",
    re.IGNORECASE,
)
_ENOUGH_BEFORE = re.compile(
    r"\b(?:(?:i|we)(?:'d| would) (?:have to|need to|like to|love to) (?:have|know|see|get)|(?:reply|answer|message"
    r"|response)"
    r" (?:should|must|needs to|has to) (?:include|have|contain|say|state|name)|if (?:we|i) (?:knew|had)|(?:only|one"
    r"|last|other) thing\b[^.!?]{0,30}?\bis|could (?:really )?do with"
    r"|all (?:it takes|we(?:'d)? need|i need|that's missing|we're missing|we want)"
    r"|(?:it's|it is|it'd be"
    r"|it would be|that's"
    r"|'s|would be|be) (?:\w+ )?(?:enough|great|helpful|useful|handy|good|lovely|fine|easier|quicker|easiest|brilliant"
    r"|ideal|perfect)(?: just)? (?:to (?:know|have|see|get|hear)|if (?:we|i) (?:had|knew|could have)"
    r"|for us to (?:know|have)|with)"
    r"|let (?:us|me) (?:know|have|see)|(?:could|can|may|might|shall) (?:we|i) (?:just |please |also "
    r"|quickly )?(?:have|get|take|see|ask|know"
    r"|check|borrow|trouble you for)|(?:just|only) need|we(?:'re| are) (?:only |just |still )?(?:missing|after"
    r"|short of|lacking"
    r"|looking for)|we(?:'d| would) (?:only |just |still |also )?(?:need|want|love|like|be after)|(?:i|we)(?:'ll| will)"
    r" (?:just |only |still |also )?(?:need|want|require)|happy to (?:look|check|help|chase)[^.!?]{0,20}with"
    r"|goes? faster with|works? (?:best|better)"
    r" with|armed with|depends on|find (?:it|you|this) (?:by|with|from)|look (?:it|you|this) up (?:by|with|from)"
    r"|(?:give|tell|send|drop|chuck"
    r"|throw|shoot) (?:us|me)(?! what (?:went|happened|is going))|in return for|any chance of|how about|what about"
    r"|mind (?:if|sharing|telling))\b"
    r"(?:(?!\b(?:we|we'll|i'll|and i)\b)[^.!?:]){0,60}$",
    re.IGNORECASE,
)
#: The item stands alone, as an answer to nobody: "… : your order number, please".
_ALONE_BEFORE = re.compile(
    r"(?:^\W*|[:;,.–—-]\s*|\b(?:and|just|only|then|so|first|plus|also|with|quick one|please)[ ,:]+)(?:(?:your|ur"
    r"|the|a|an|any|that|both|full"
    r"|exact|valid|complete) ){0,3}$",
    re.IGNORECASE,
)
#: At the end of what is asked: "please check …" asks for something else.
_PLEASE_AFTER = re.compile(
    r"[^.!?:;]{0,60}?,?\s*\b(?:(?:please|pls|plz)(?=\s*(?:[.!?,;:…)^🙏]|$|[^\w\s]|(?:and|so|then|or|if)\b))"
    r"|if you (?:can|could|would|don't mind|have it))",
    re.IGNORECASE,
)
_THEN_AFTER = re.compile(
    r"[^.!?:;]{0,60}?(?:,| and| so| then|[–—-])+ ?(?:we|i|the team|somebody|someone|our \w+)(?:'ll| will| can)\b",
    re.IGNORECASE,
)
#: Words that tell somebody to say something, beyond those of plain requests.
_COMMAND_BEFORE = re.compile(
    r"(?:^\W*(?:@\w+ )?(?:\w+[,!] )?|[,;:–—-]\s*|\b(?:please|pls|and|then|just|or|(?:if|can|could|would|will) you"
    r"|to|so|kindly|simply)\s+"
    r"(?:just |also |simply )?)(?:(?:give|tell|hit|show|help|throw|lend|remind) (?:us|me)|revert|come back|get back"
    r"|state|include|verify|leave"
    r"|forward|pass|submit|attach|enter here|paste|comment|quote|type|answer|list|pop|chuck|stick|ping|text|jot"
    r"|shoot|spell"
    r"|read|copy|note|name"
    r"|say|mention|share|repeat|throw|slide|furnish|reveal|disclose|hand over|key in|enclose|whisper|screenshot"
    r"|upload|photograph|snap|describe|specify|identify"
    r"|indicate|disclose"
    r"|supply|send|confirm|provide|post|tweet|reply|respond|write|drop|dig out|let)\b"
    r"(?:(?!\b(?:we|we'll|i'll|they|which will)\b)[^.!?]){0,60}$",
    re.IGNORECASE,
)
#: Steps in an app or at a machine, told and not asked for.
_STEPS = re.compile(
    r"^\W*(?:just |simply |then |first,? )*(?:open|tap|click|go to|head to|select|choose|press|dial|scan|log in to"
    r"|sign in to)\b",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(?:below|underneath|in your (?:next )?(?:tweet|reply|answer|post|comment|response|message back)|in (?:a|the"
    r"|this|your) "
    r"(?:reply|replies|comments?|thread|next tweet|next post)|right here|next tweet|under this (?:post|tweet)"
    r"|straight back"
    r"|as a reply"
    r"|(?:say|tell|answer|reply|write|type|give|share|add|pop|drop|leave|put|post|comment|let)\b[^.!?]{0,60}\bhere)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:\b(?:what|which|whose|where|when|who|how)\b|\b(?:do|did|can|could|would|will|may|might|have|is|are|was"
    r"|were|does|any chance"
    r"|shall|mind|got|remember|know)\b)[^.!?]{0,90}$",
    re.IGNORECASE,
)
#: Questions about what the customer has done or seen, which "yes" answers.
_HAPPENED = re.compile(
    r"\b(?:did|have|has|do|does|can|could|were|was|are|is)(?:n't)? (?:you|it|they|the \w+|your \w+"
    r"|anyone)(?: \w+){0,3}? (?:get|got|gotten|receive"
    r"|received|see|seen|tried|try|checked|check|double[- ]check|looked|look|found|find|entered|enter|updated"
    r"|update|changed|change|reset"
    r"|using|use|used|showing|show|shown|shows|appear|appears|arrive|arrived|log|logged|sign|signed|click|clicked"
    r"|verified|working|work|works|match"
    r"|matches|aware|able to|linked|saved|added|registered|set|know (?:that|you can|about))\b",
    re.IGNORECASE,
)
#: Questions about what is wrong with the item.
_TROUBLE = re.compile(
    r"\b(?:issues?|problems?|trouble|errors?|happen(?:s|ed|ing)|wrong|going on|screen ?shots?"
    r"|still turned)\b[^.!?]{0,50}$",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:don'?t|do not|never|no need (?:to|for)|without|instead of|rather than|not|won'?t|can'?t|cannot|couldn'?t"
    r"|avoid|remove|delete|hide"
    r"|cover|keep|protect|hidden|changed?|updat\w+|need(?:ed)? (?:your|a|an|the)|you(?:'ll| will)? need"
    r"|you can find|you'll find|you should have"
    r"|(?:we|i|they|it|he|she)(?:'ve| have|'ll| will|'d)? (?:just |already |also |now )?(?:sent|send|emailed|email"
    r"|texted|text|got|added|updated"
    r"|found|noted|passed|received|changed|put|provide|provided|show|shows|removed|use|used|gave|see|seen"
    r"|asked))\b[^.!?;]{0,60}$",
    re.IGNORECASE,
)
_OURS = re.compile(r"\b(?:our|my|its|this store's)\s(?:\w+ )?$", re.IGNORECASE)


#: "Log in" is something to do, and an e-mail account a thing to set up.
_NO_ITEM = re.compile(r"log in\b|e-?mail (?:accounts?|apps?)\b", re.IGNORECASE)


def hinted(sentence: str) -> Iterator[str]:
    """Types that one sentence asks for by a hint, in public or not."""
    if _STEPS.search(sentence):
        return
    place = _HERE.search(sentence)
    question = sentence.rstrip(" \"')”’").endswith("?")
    for item in _ITEM.finditer(sentence):
        before, after = sentence[: item.start()], sentence[item.end() :]
        if _OURS.search(before) or _NEVER.search(before) or _NO_ITEM.match(sentence, item.start()):
            continue
        if _is_wanted(before, after) or place or (question and _is_questioned(before, item)):
            yield next(kind for kind in ITEMS if item[kind])


_WHICH_AFTER = re.compile(
    r"[^.!?]{0,20}?[,;:–-] ?(?:do you (?:know|remember|recall)|any idea|can you (?:tell|recall|remember)\w*"
    r"|remember|know) (?:which|what|whose)\b",
    re.IGNORECASE,
)


def _is_wanted(before: str, after: str) -> bool:
    alone = _ALONE_BEFORE.search(before)
    return bool(
        _ENOUGH_AFTER.match(after)
        or _WHICH_AFTER.match(after)
        or _ENOUGH_BEFORE.search(before)
        or _COMMAND_BEFORE.search(before)
        or (alone and (_PLEASE_AFTER.match(after) or _THEN_AFTER.match(after)))
    )


def _is_questioned(before: str, item: re.Match[str]) -> bool:
    if _HAPPENED.search(before) or (_TROUBLE.search(before) and not item["MEDICAL"]):
        return False
    return bool(_ASKS.search(before) or _ALONE_BEFORE.search(before) or _ASKS.match(item[0]))
