"""The text as the rules read it: same length, so that every offset is one of the raw text.

Characters that people use for others (full-width and other scripts' digits, curly quotes, long
dashes, no-break spaces) are folded one to one; what can never be personal data here (links,
handles, hashtags) is blanked.
"""

from __future__ import annotations

import re
from typing import Final

#: What stands for a blanked character: no letter, no digit, no space, and never in an accepted text.
BLANK: Final = "\0"

#: The mark that makes a digit a key: ``4`` and this, mostly with a variation selector between.
KEYCAP: Final = "\u20e3"

#: Every alternative starts with a character of its own, which is what makes the search quick.
_NOISE = re.compile(
    r"@(?<![\w.+-]@)(?!(?:gmail|hotmail|yahoo|outlook|icloud)\.com)\w+|[hH][tT][tT][pP][sS]?://\S+|#[A-Za-z]{3,}\w*"
    r"|[wW][wW][wW]\.\S+"
)


def _folds() -> dict[int, str]:
    """One character to one character, by code point."""
    folds = {full: chr(full - 0xFEE0) for full in range(0xFF01, 0xFF5F)}
    # Decimal digits of other scripts: each block is ten consecutive code points from its zero.
    for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, *range(0x1D7CE, 0x1D800, 10)):
        folds |= {zero + value: str(value) for value in range(10)}
    folds |= {0x2460 + value: str(value + 1) for value in range(9)}  # circled digits
    # Keycap emoji are a digit followed by two marks; the marks separate, as a space would.
    invisible = (0x00A0, 0x2007, 0x2009, 0x202F, 0x200B, 0x200C, 0x200D, 0x2060, 0x3000, 0xFEFF, 0xFE0F, 0x20E3)
    folds |= dict.fromkeys(invisible, " ")
    folds |= dict.fromkeys((0x2018, 0x2019, 0x02BC), "'") | dict.fromkeys((0x201C, 0x201D), '"')
    folds |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
    return folds


_FOLDS: Final = _folds()


def view_of(text: str) -> str:
    """``text`` folded and with links, handles and hashtags blanked; of exactly the same length."""
    return _NOISE.sub(_blank, folded(text))


def folded(text: str) -> str:
    """``text`` with look-alike characters folded, links and handles kept; of exactly the same length."""
    return text if text.isascii() else text.translate(_FOLDS)


def _blank(match: re.Match[str]) -> str:
    # Not a space: what stands on both sides of a handle is not one number.
    return BLANK * (match.end() - match.start())


def keycap_end(text: str, end: int) -> int:
    """``end``, or behind the marks of a keycap emoji that ``text[:end]`` would cut in two."""
    while end < len(text) and text[end] in (KEYCAP, "\ufe0f"):
        end += 1
    return end
