"""Bank accounts: IBAN, UK sort code with account number, US routing number, or said to be one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban
from stdnum.us import rtn

from triage.privacy.findings import Finding, Ground, Rule, any_of

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,32}", re.IGNORECASE)
_IBAN_SAID = re.compile(
    r"\biban\b\W{0,3}(?:is\W|number\W|no\W){0,2}\s*([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?\d{1,3})?)", re.IGNORECASE
)
_SORT_AND_ACCOUNT = re.compile(
    r"(?:\bsort(?: ?code)?\W{0,3})?(?<![\w/.-])(\d\d[- ]\d\d[- ]\d\d|(?<=sort )\d{6}"
    r"|(?<=sort code )\d{6})[ ,/;&]{0,3}"
    r"(?:and|acc(?:t|ount)?|a/c|no|number|num|#|:|is|\.|,| ){0,8}(\d\d(?: ?\d\d){3})(?!\d)",
    re.IGNORECASE,
)
_LINK: Final = r"(?: ?(?:no|num|number|nr|is|#|:|\.|=)){0,4} ?"
_SAID = re.compile(
    rf"\b(?:bank (?:account|acct|acc|a/c)|account at \w+ bank"
    rf"|(?:checking|savings|current) account){_LINK}(\d{{6,17}})\b",
    re.IGNORECASE,
)
#: Sort code after the account; Australian and Indian branch codes with the account that follows.
_ACCOUNT_AND_SORT = re.compile(
    r"\b(?:acc(?:t|ount)?|a/c)(?: ?(?:no|num|number|nr|is|#|:|\.)){0,4} ?(\d{8}|\d{4} \d{4})\b[ ,/;&.]{0,3}(?:and "
    r"|with )?"
    r"(?:sort|s/c)(?: ?(?:code|is|:|\.)){0,3} ?\d\d[- ]?\d\d[- ]?\d\d\b",
    re.IGNORECASE,
)
_BSB = re.compile(r"\bbsb(?: ?(?:no|num|number|code|is|#|:|\.|=)){0,3} ?(\d{3}[- ]?\d{3})\b", re.IGNORECASE)
_IFSC = re.compile(r"\b[A-Z]{4}0[A-Z0-9]{6}\b", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"\b(?:acc(?:t|ount)?|a/c|ac|konto\w*|cuenta|compte|rekening\w*)(?: ?(?:no|num|number|nr|nummer|is|#|:|\.|-"
    r"|=)){0,4} ?(\d(?:[ -]?\d){5,17})\b",
    re.IGNORECASE,
)
_ROUTING = re.compile(rf"\b(?:routing|aba){_LINK}(\d{{9}})\b", re.IGNORECASE)


_BANK_TALK = re.compile(
    r"\b(?:sort code|routing|blz|bankleitzahl|swift|bic|clabe|bank (?:details|transfer)|kontonummer|banco|banque"
    r"|ifsc)\b",
    re.IGNORECASE,
)


def find_accounts(view: str) -> Iterator[Finding]:
    """Bank accounts that words announce, and sort code with account number."""
    for pattern in (_IBAN_SAID, _SAID):
        for match in pattern.finditer(view):
            yield Finding(*match.span(1), "BANK_ACCOUNT", Ground.CERTAIN)
    for match in _ACCOUNT_AND_SORT.finditer(view):
        yield Finding(match.start(1), match.end(), "BANK_ACCOUNT", Ground.CERTAIN)
    branches = [*_BSB.finditer(view), *(match for match in _IFSC.finditer(view) if "ifsc" in view.lower())]
    for match in branches:
        yield Finding(*match.span(match.lastindex or 0), "BANK_ACCOUNT", Ground.CERTAIN)
    if branches or _BANK_TALK.search(view):
        for match in _ACCOUNT.finditer(view):
            yield Finding(*match.span(1), "BANK_ACCOUNT", Ground.CERTAIN)
    for match in _ROUTING.finditer(view):
        if rtn.is_valid(match[1]):
            yield Finding(*match.span(1), "BANK_ACCOUNT", Ground.CERTAIN)


def find_ibans(view: str) -> Iterator[Finding]:
    """IBANs that pass their check, with or without spaces; sort codes beside account numbers."""
    for match in _IBAN.finditer(view):
        compact = match[0].replace(" ", "").replace("-", "").upper()
        # The pattern may have run on into the next words: the longest prefix that checks is the IBAN.
        # Only the check digits are checked: bank codes come and go.
        length = next((n for n in range(len(compact), 14, -1) if iban.is_valid(compact[:n], check_country=False)), 0)
        if length:
            yield Finding(match.start(), match.start() + _reach(match[0], length), "BANK_ACCOUNT", Ground.CERTAIN)
    for match in _SORT_AND_ACCOUNT.finditer(view):
        yield Finding(match.start(), match.end(2), "BANK_ACCOUNT", Ground.CERTAIN)


def _reach(text: str, count: int) -> int:
    """How many characters of ``text`` hold its first ``count`` letters and digits."""
    for position, character in enumerate(text):
        count -= character not in " -"
        if count == 0:
            return position + 1
    return len(text)


RULES: Final = (
    Rule(
        find_accounts,
        digits=6,
        words=any_of(
            "iban bank checking savings current routing aba sort bsb ifsc blz bic swift clabe kontonummer banco banque"
        ),
    ),
    Rule(find_ibans, digits=9),
)
