"""E-mail addresses, as such and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_EMAIL = re.compile(
    r"\w[\w.+%-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b"
)
#: Ends that a spoken address has; one whose signs are hidden may have any.
_TOP: Final = (
    r"(?:com|net|org|edu|gov|info|biz|io|me|co|uk|ie|ca|au|nz|in|us|de|at|ch|fr|es|it|nl|be|pt|br|mx|pl|se|no|dk|fi"
    r"|za|ng|ke|cz|sk|hu|ro|gr|tr|cl|ar|pe|ph|my|sg|hk|kr|id|th|lt|lv|ee|hr|si|bg|ua|il|ae|sa|pk"
    r"|jp|ru|example|mail|live|online|shop|app|dev)"
)
_HIDDEN_DOT: Final = r" ?[(\[{<*_-]\s?(?:dot|punto|punkt|ponto|point|\.)\s?[)\]}>*_-] ?"
_SPOKEN_DOT: Final = r" (?:dot|punto|punkt|ponto|point|punt|period|full ?stop|d0t|\.) "
_DOT: Final = rf"(?:\.|{_HIDDEN_DOT}|{_SPOKEN_DOT}|(?<=\w) \.(?=\w)|(?<=\w)\. (?=(?:com|net|org|co|de|fr|es|it|nl)\b))"
_SIGN: Final = (
    r"(?: (?:underscore|hyphen|dash|minus|plus|gui[oó]n(?: bajo)?|tiret|unterstrich|bindestrich) "
    r"| ?[(\[{](?:underscore|hyphen|dash)[)\]}] ?)"
)
_AT: Final = (
    r"\s?(?P<hidden>[(\[{<*_]\s?(?:at|@|a|ät|arroba)\s?[)\]}>*_]|(?<= )@(?= )|(?<=\w)@(?= )|(?<= )@(?=(?:gmail"
    r"|hotmail|yahoo)"
    r"\b)|-at-)\s?|\s(?P<spoken>at_|_at|at|bei|arroba|chez|arobase|ät|klammeraffe|aapenstaartje|chiocciola"
    r"|at the rate(?: of)?)\s"
)
_IN_WORDS = re.compile(
    rf"(?<![\w.])(?P<local>[\w+-]{{1,64}}(?:(?:{_DOT}|{_SIGN})[\w+-]{{1,64}}){{0,4}})(?:{_AT})"
    rf"(?P<domain>(?:(?:g|hot|i|ya|proton) (?=mail|cloud|hoo))?[\w-]{{1,63}}?(?:(?:{_DOT}"
    rf"|{_SIGN})[\w-]{{1,63}}){{0,2}}?){_DOT}(?P<top>[a-z]{{2,12}}\b(?:{_DOT}{_TOP}\b)?)",
    re.IGNORECASE,
)
_SPOKEN_TOP = re.compile(rf"{_TOP}\b", re.IGNORECASE)
#: People leave the end away where everybody knows it.
_KNOWN_DOMAIN: Final = (
    r"gmail|googlemail|hotmail|outlook|yahoo|icloud|protonmail|aol|ymail|msn|btinternet|gmx|rediffmail|live"
)
_NO_TOP = re.compile(
    rf"(?<![\w.])(?P<local>[\w+-]{{1,64}}(?:(?:{_DOT}"
    rf"|{_SIGN})[\w+-]{{1,64}}){{0,4}})(?:{_AT})(?P<domain>{_KNOWN_DOMAIN})\b"
    r"(?! (?:account|support|app|address|inbox|and )|\.\w)",
    re.IGNORECASE,
)
_HIDDEN_AFTER_AT = re.compile(
    rf"(?<![\w.])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:{_HIDDEN_DOT}|{_SPOKEN_DOT})[a-z]{{2,12}}\b", re.IGNORECASE
)
_NO_END = re.compile(rf"(?<![\w.])[\w.+-]{{3,64}}@(?:{_KNOWN_DOMAIN})\b(?![.\w-])", re.IGNORECASE)
#: "at" as it stands in such an address, for texts that have no other word of one.
_SOME_AT = re.compile(
    r"at(?:(?<=[(\[{<*_-]at)|(?<=[(\[{<*_-] at)) ?[)\]}>*_-]"
    rf"|at(?<=\sat) (?:[\w-]+\.\w|the rate|(?:{_KNOWN_DOMAIN})\b)"
)
_PROVIDER = re.compile(
    r"(?:g|hot|google|yahoo|ymail|live|aol|proton|rocket|rediff|mail|gmx|fast)(?:mail)?|outlook|icloud|me|msn"
    r"|btinternet|comcast|verizon",
    re.IGNORECASE,
)
_MAIL_BEFORE = re.compile(
    r"(?:\be-?mail\b.{0,25}|\b(?:send|sent|forward|write|reply|resend|mail)\b[^.!?]{0,20}\b(?:to|an) |\bits |\bit's "
    r"|\bis |\bat |:\s?|^[\s\0]*)$",
    re.IGNORECASE | re.DOTALL,
)


#: Mailboxes of care desks and machines: nobody's own.
_DESK = re.compile(
    r"(?:no|do[._-]?not)[._-]?reply|(?:customer|guest|client)[._-]?(?:care|relations|services?|support|help)@"
    r"|(?:care|support|help|helpdesk|feedback|complaints|refunds|returns)@|mailer-daemon@|postmaster@",
    re.IGNORECASE,
)


def find_emails(view: str) -> Iterator[Finding]:
    """E-mail addresses as such; the caller has seen an ``@``."""
    for match in _EMAIL.finditer(view):
        if _DESK.match(match[0]):
            continue
        yield Finding(*match.span(), "EMAIL", Ground.CERTAIN)
    for match in _NO_END.finditer(view):
        yield Finding(*match.span(), "EMAIL", Ground.SAID)
    if "dot" in view:
        for match in _HIDDEN_AFTER_AT.finditer(view):
            yield Finding(*match.span(), "EMAIL", Ground.CERTAIN)
    if "@ " in view or " @" in view or "@)" in view or "@]" in view:
        yield from find_worded(view)


def find_with_at(view: str) -> Iterator[Finding]:
    """The same, for a text whose only sign of it is the word "at"."""
    if _SOME_AT.search(view.lower()):
        yield from find_worded(view)


def find_worded(view: str) -> Iterator[Finding]:
    """E-mail addresses in words or in pieces: ``john dot smith at gmail dot com``, ``k_obuya(at)yahoo.co.uk``."""
    for match in _IN_WORDS.finditer(view):
        if match["hidden"] or (_SPOKEN_TOP.match(match["top"]) and _is_mail(match, view)):
            yield Finding(*match.span(), "EMAIL", Ground.CERTAIN)
    for match in _NO_TOP.finditer(view):
        if match["hidden"] or re.search(r" dot |[._\d]", match["local"]):
            yield Finding(*match.span(), "EMAIL", Ground.SAID)


def _is_mail(match: re.Match[str], view: str) -> bool:
    """Whether "a at b dot com" is an address and not a shop's site that something is sold at."""
    if match["spoken"].lower() != "at":
        return True
    if _PROVIDER.fullmatch(match["domain"]) or re.search(r"\bdot\b|[._\d]|underscore|hyphen|dash", match["local"]):
        return True
    return _MAIL_BEFORE.search(view[max(0, match.start() - 40) : match.start()]) is not None


RULES: Final = (
    Rule(find_worded, words=any_of("dot arroba arobase punto period chiocciola punkt ponto")),
    Rule(find_with_at, words=any_of("at")),
)
