"""One normalised form of a message, made once and used by everything that reads it.

What people vary without meaning anything is folded (entities, compatibility characters, curly
quotes, elongation, white space, who is addressed, which link); what carries meaning (case, emoji,
punctuation, numbers) stays.
"""

from __future__ import annotations

import html
import re
import unicodedata

HANDLE = "@user"
LINK = "http://link"

_LINK = re.compile(r"https?://\S+|\bwww\.\S+\.\S+", re.IGNORECASE)
_MENTION = re.compile(r"@(?<![\w@]@)\w{1,30}\b(?!@|\.\w)")  # the sign first, which makes the search quick
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_ELONGATED = re.compile(r"([^\W\d_])\1{3,}|([!?.])\2{3,}")
#: What every elongated text has, and hardly another; twice as quick to look for.
_FOUR_ALIKE = re.compile(r"(.)\1{3}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "´": "'", "`": "'"})
_CURLY = re.compile(f"[{''.join(map(chr, _QUOTES))}]")


def normalise(text: str) -> str:
    """The normalised form of ``text``. Idempotent: ``normalise(normalise(t)) == normalise(t)``."""
    if text.isascii() and "&" not in text and not _FOUR_ALIKE.search(text) and not _INVISIBLE.search(text):
        return _fold(text)  # nothing here can make work for another rule
    previous = None
    while text != previous:  # an entity may hide another, a shortened run may make a link
        previous = text
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
            if _CURLY.search(text):
                text = text.translate(_QUOTES)
        if "&" in text:
            text = html.unescape(text)
        text = _INVISIBLE.sub("", text)
        if _FOUR_ALIKE.search(text):
            text = _ELONGATED.sub(lambda run: (run.group(1) or run.group(2)) * 3, text)
        text = _fold(text)
    return text


def _fold(text: str) -> str:
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(LINK, text)
    if "@" in text:
        text = _MENTION.sub(HANDLE, text)
    return " ".join(text.split())
