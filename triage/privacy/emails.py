"""E-mail addresses, as such and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

_EMAIL = re.compile(
    r"\w[\w.+%-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b"
)
_TOP: Final = r"(?:com|net|org|edu|gov|info|biz|io|me|co|uk|ie|ca|au|in|us|de|fr|es|it|nl|za|ng|ke|example|mail|live)"
_DOT: Final = r"(?:\.| dot | ?\(dot\) ?| ?\[dot\] ?)"
_IN_WORDS = re.compile(
    rf"\b(?P<local>[\w+-]{{1,64}}(?:(?:{_DOT}| underscore )[\w+-]{{1,64}}){{0,4}})"
    r"\s?(?P<at>\(at\)|\[at\]|\{at\}|(?<= )at(?= ))\s?"
    rf"(?P<domain>[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,2}}){_DOT}{_TOP}\b",
    re.IGNORECASE,
)
_SOME_WORDED = re.compile(r"[([{]at[)\]}]| dot |[( ]dot[) ]| at [\w-]+\.", re.IGNORECASE)
_PROVIDER = re.compile(
    r"(?:g|hot|google|yahoo|ymail|live|aol|proton|rocket|rediff|mail|gmx|fast)(?:mail)?|outlook|icloud|me|msn"
    r"|btinternet|comcast|verizon",
    re.IGNORECASE,
)
_MAIL_BEFORE = re.compile(
    r"(?:\be-?mail\b.{0,25}|\bits |\bit's |\bis |\bat |:\s?|^[\s\0]*)$", re.IGNORECASE | re.DOTALL
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


def find_worded(view: str) -> Iterator[Finding]:
    """E-mail addresses in words: ``john dot smith at gmail dot com``, ``k_obuya(at)yahoo.co.uk``."""
    if not _SOME_WORDED.search(view):
        return
    for match in _IN_WORDS.finditer(view):
        if match["at"].lower() != "at" or _is_mail(match, view):
            yield Finding(*match.span(), "EMAIL", Ground.CERTAIN)


def _is_mail(match: re.Match[str], view: str) -> bool:
    """Whether "a at b dot com" is an address and not a shop's site that something is sold at."""
    if _PROVIDER.fullmatch(match["domain"]) or re.search(r"dot|[._\d]", match["local"]):
        return True
    return _MAIL_BEFORE.search(view[max(0, match.start() - 40) : match.start()]) is not None


RULES: Final = (Rule(find_worded, words=any_of("at dot")),)
