"""Whether a post on X is a text that was sent: compared after undoing what X changes on the way.

X puts names before an answer, shortens every link to one of ``t.co``, writes ``&``, ``<`` and ``>`` as entities,
composes letters with their accents, and takes white space away.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from triage.channels.x.reading import unescaped
from triage.channels.x.summons import without_leading_mentions
from triage.text.links import possible_links

_LINK: Final = "\ufffc"  # an object in a text, which nobody types
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")


def same_text(sent: str, found: str) -> bool:
    """Whether ``found`` may be what became of ``sent``. Links count as equal: X hides where they lead."""
    return essence(sent) == essence(found)


def essence(text: str) -> str:
    """What X leaves of a text, in one form: the essence of the sent text and of the post are equal."""
    text = unicodedata.normalize("NFC", unescaped(text))
    text = " ".join(_INVISIBLE.sub("", text).split())
    return " ".join(_without_links(without_leading_mentions(text)).split())


def _without_links(text: str) -> str:
    """Links replaced by a mark, also where X may see none: what is equal either way must not be told apart."""
    parts, end = [], 0
    for link in possible_links(text):
        parts += [text[end : link.start], _LINK]
        end = link.end
    return "".join([*parts, text[end:]])
