"""Whether a post on X is a text that was sent, after all that X changes in a text.

X shortens links to its own, turns some characters into HTML entities, trims white space, and shows an answer
with the handles of those it answers before it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from triage.text.links import links

_LEADING: Final = re.compile(r"^(?:\s*[@＠][A-Za-z0-9_]{1,20}(?![A-Za-z0-9_]))+\s*")
_LINK: Final = "\N{LINK SYMBOL}"


def same_text(ours: str, theirs: str) -> bool:
    """Whether ``theirs``, as X shows it, may be ``ours``, as it was sent."""
    return what_stays(ours) == what_stays(theirs)


def what_stays(text: str) -> str:
    """What X leaves of a text: without leading handles, with one sign for each link."""
    text = unicodedata.normalize("NFC", html.unescape(text))
    text = _LEADING.sub("", text)
    parts, end = [], 0
    for link in links(text):
        parts += [text[end : link.start], _LINK]
        end = link.end
    return " ".join("".join([*parts, text[end:]]).split())
