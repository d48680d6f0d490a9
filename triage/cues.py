"""The ways in which customers say "stop", "a person, please", "it did not help" and "thanks".

Patterns are matched against one line in small letters without mentions and links (:func:`line`), sets against
its bare words (:func:`plain`). They are English, like the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.text.normalise import normalise

_ADDRESS: Final = re.compile(r"@\w+|https?://\S+|#(?=\w)")
_NO_WORD: Final = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True)
class Rare:
    """``patterns`` that few texts match, and ``words``, one of which stands in each of their matches.

    Words are twenty times as quick to look for. ``pattern`` is all patterns in one.
    """

    patterns: tuple[str, ...]
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def may_be_in(self, text: str) -> bool:
        """Whether a look for matches is worth while."""
        return any(map(text.__contains__, self.words))

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self.may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text) if self.may_be_in(text) else iter(())


def rare(words: str, *patterns: str) -> Rare:
    """All of ``patterns``, each of whose matches has one of ``words`` (between bars) in it."""
    return Rare(patterns, tuple(words.split("|")), _one_of(*patterns))


def line(text: str) -> str:
    """A text in small letters on one line, without mentions and links."""
    return " ".join(_ADDRESS.sub(" ", normalise(text).lower()).split())


def plain(text: str) -> str:
    """The words of a text alone: small letters, no mentions, links or punctuation."""
    return bare(line(text))


def bare(said: str) -> str:
    """The words of a :func:`line` alone."""
    return " ".join(_NO_WORD.sub(" ", said).split())


def _one_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _set(*listed: str) -> frozenset[str]:
    return frozenset(saying for some in listed for saying in some.split("|"))


_ME: Final = r"(?:to )?(?:me|us)"
_SENDING: Final = r"(?:messag|text|contact|reply|respond|answer|tweet|writ|dm'?|spamm|pester|bother|mention|tagg)ing"
_SEND: Final = r"(?:message|text|contact|reply|respond|answer|tweet|write|dm|bother|mention|tag)"
_SENT: Final = r"(?:messages?|replies|tweets|dms?|texts?|responses|answers|mentions)"
_MACHINE_MADE: Final = r"(?:automat(?:ed|ic)|auto|bot|robot|canned)"
_THESE: Final = rf"(?:the|with the|all|these|those|your|any|more|stupid|{_MACHINE_MADE})"
#: Before an order stands the start of a sentence, or a word that makes it one.
_ORDER: Final = (
    r"(?:^|[.!?,;:)\-–—]\s*|\b(?:please|pls|plz|just|and|so|now|ok|okay|then|to|must|"
    r"(?:will|can|could|would) you) )"
)
STOP_ALONE: Final = _set(
    "stop|stop it|stop please|please stop|please stop it|please stop this|stop now|stop this|just stop|ok stop",
    "no stop|stop stop|stop stop stop|stopall|stop all|stop thanks|stop thank you|unsubscribe|unsubscribe me",
    "please unsubscribe|please unsubscribe me|opt out|optout|opt me out|leave me alone|go away",
    "stop messages|stop messaging|stop texting|stop replying|stop tweeting|no more messages|no more replies",
)
STOP: Final = rare(
    "stop |do not |don't |dont |never |leave me alone|opt |opting |unsubscribe me|remove me|take me off|no more ",
    rf"{_ORDER}stop {_SENDING}(?: {_ME}\b|\s*(?:$|[.!?,;]))",
    rf"\bstop {_SENDING} {_ME}\b",
    rf"{_ORDER}stop sending (?:{_ME} )?(?:{_THESE} )*{_SENT}\b",
    rf"{_ORDER}stop (?:{_THESE} )*{_MACHINE_MADE} {_SENT}\b",
    rf"{_ORDER}(?:do not|don't|dont|never) (?:ever )?{_SEND} {_ME}\b",
    rf"{_ORDER}(?:do not|don't|dont|never) (?:ever )?{_SEND}(?: {_ME})? (?:again|any ?more|any further|ever)\b",
    r"\bleave me alone\b",
    r"\b(?:opt me out|unsubscribe me)\b",
    r"\b(?:remove me from|take me off) (?:your|this|these|the) (?:\w+ )?(?:list|messages|replies)\b",
    rf"\bno more {_MACHINE_MADE} ?{_SENT}\b",
    rf"\bi (?:want to|wish to|would like to|am|hereby) opt(?:ing)? out of (?:{_THESE} )+{_SENT}\b",
)
#: Of the past or the habitual, and questions about why: nobody is told to stop.
NO_STOP: Final = _one_of(
    r"\b(?:did|does|have|has|had|why|when|always|often|usually|suddenly|they) (?:do )?(?:(?:you|u|they|it|just) )*stop "
)

_KIND: Final = r"(?:a|an|the|some|your|any|one|real|actual|live|proper|human|customer|service|care|support|other)"
_SOMEBODY: Final = (
    rf"(?:{_KIND} )*(?:person|people|human being|humans?|agents?|representatives?|reps?|someone|somebody|anyone|"
    r"anybody|operator|advis[eo]rs?|manager|supervisor|member of staff|staff|colleague|team member)"
)
_REAL: Final = (
    r"(?:(?:a|an|some|your|the) )?(?:(?:real|actual|live|proper) (?:person|human being|human|agent|rep|representative)|"
    r"human being|human agent|human|representative|(?:customer service|service|support|live) agent)"
)
_BOT: Final = r"(?:chat ?bots?|bots?|robots?|automated (?:answers?|repl(?:y|ies)))"
PERSON_ALONE: Final = _set(
    "agent|agents|human|humans|person|representative|operator|an agent|a human|a person|agent now|human now",
    "agent please|human please|person please|please human|please agent|operator please|representative please",
    "agent pls|human pls|person pls|an agent please|a human please|a person please|no bots|no bot|not a bot",
    "real person|real human|real agent|a real person|real person please|real human please|real agent please",
    "a real person please|a real human please|live person|live agent|live agent please|human agent|human help",
    "human agent please|human support|customer service agent|speak to agent|talk to agent|talk to human",
    "speak to human",
)
PERSON: Final = _one_of(
    r"\b(?<!managed to )(?<!able to )(?:speak|talk|chat|connect me|connected|put me (?:through|on)|transfer me|"
    r"pass me(?: on)?|hand me(?: over)?|"
    rf"forward me|escalate(?: this| it| me)?) (?:directly |live )?(?:to|with) {_SOMEBODY}\b",
    r"\b(?:need|want|get me|give me|i'd like|would like|prefer|demand|require|(?:can|could|may) i (?:get|have)|"
    rf"let me have|is there|are there|asked for|asking for) {_REAL}\b",
    rf"\b(?:can|could|will|would|let|have|get|may) {_REAL}(?: please)? (?:\w+ ){{0,2}}"
    r"(?:help|answer|reply|respond|look|call|contact|read|get back|take over)\b",
    r"\b(?:(?<!i am )(?<!i'm )not|isn't|than|instead of|rather than|no more|hate|sick of|"
    r"want to (?:talk|speak|chat) (?:to|with)) "
    rf"(?:a |an |the |this |your |these |stupid |another |talking to )*{_BOT}\b",
    r"\b(?:agent|human|real person|representative|operator),? (?:please|pls|plz|now)\b",
)

UNSOLVED_ALONE: Final = _set("no|nope|nah|no it doesn't|no it didn't|what|huh|eh|not really|and|so|wrong|seriously")
UNSOLVED: Final = _one_of(
    r"\b(?:not|isn'?t|wasn'?t) (?:\w+ )?(?:what|the (?:thing|question)|an answer to what) (?:i|we)\b",
    r"\b(?:doesn'?t|didn'?t|does not|did not|don't|not|never|hasn'?t) (?:really |actually |even )?"
    r"(?:help|helped|helping|helpful|answer|answered|work|working|useful|solve|fix|understand|my question|"
    r"the question|address|make sense|relevant|read)\b",
    r"\b(?:wrong|incorrect|unhelpful|irrelevant|useless|no help|no use|nothing to do with)\b",
    r"\bnot (?:true|correct|right)\b",
    r"\bstill (?:not|no|nothing|the same|same|broken|failing|stuck|unclear|confused|need|says|get|getting|have|"
    r"waiting|wrong|an issue|a problem|(?:do|does|did|is|ca|wo|would)n'?t|cannot)\b",
    r"\b(?:read|answer) (?:my|the|what) (?:\w+ )?(?:question|tweet|message|post|i (?:said|wrote|asked))\b",
    r"\b(?:but|no|as) i (?:asked|meant|said|wrote)\b",
    r"\bi (?:asked|meant|was asking)\b",
    r"\b(?:already|just) (?:tried|did|done|read|seen|checked|looked|knew|know)\b",
    r"\bi know (?:that|this|all that)\b",
    r"\bi don't (?:understand|get it|follow)\b",
    r"\bthat (?:link|page|answer|site)'?s? (?:is |was )?(?:dead|broken|down|blank|wrong|404)\b",
    r"\bsame (?:problem|issue|error|thing)\b",
    r"\b(?:no luck|try again)\b",
)
SOLVED: Final = _one_of(
    r"\b(?:that|this|it|which|all|everything)(?:'s| is| has| have| are)? ?"
    r"(?:now |all |just |really |finally |totally )*"
    r"(?:worked|works|working|helped|helps|helpful|sorted|solved|fixed|resolved|did it|did the trick|answered|"
    r"answers? (?:my|the|it)|what i (?:needed|wanted)|perfect|clear|exactly it|good to know)\b",
    r"\b(?:sorted|solved|resolved|fixed)(?: it| now| thanks| thank you| cheers|$)",
    r"\b(?:got it|makes sense|good to know|problem solved|all good|all set|all sorted|found it)\b",
    r"\b(?:just|exactly) what i (?:needed|wanted)\b",
    r"\b(?:very|really|super|so) helpful\b",
    r"\byou're (?:a star|a lifesaver|the best)\b",
)
THANKS: Final = _one_of(
    r"\b(?:thanks|thank you|thank u|thankyou|thx|thnx|tnx|ty|tysm|cheers|ta|appreciate (?:it|that|you)|appreciated|"
    r"great help|perfect|brilliant|awesome|lovely|legend|fab|fantastic|wonderful|super|excellent|nice one|"
    r"good stuff|amazing)\b",
    "[\U0001f44d\U0001f64f\U0001f44c\u2705\U0001f49a\u2764]",
)
ASKS: Final = _one_of(
    r"\?",
    r"\b(?:but|also|another|one more|however|though|except|where|when|why|which|who)\b",
    r"\b(?:what|how) (?:about|if)\b|\band (?:what|how)\b|\bhow (?:do|can|much|long)\b",
    r"\b(?:can|could|do) (?:i|you)\b|\bis (?:it|there)\b|\bare there\b",
)
#: Words that tell nothing of what a text is about.
FILLING: Final = _set(
    "a|an|the|i|you|we|it|is|are|am|be|to|of|in|on|for|at|my|your|our|me|us|do|does|did|can|could|will|would",
    "please|hi|hello|hey|and|or|so|just|with|this|that|what|how|when|where|which|user",
)
