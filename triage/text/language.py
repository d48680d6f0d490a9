"""Which language a message is in: the channel's own tag where it gives one, else a detector."""

from __future__ import annotations

import re
from typing import Final

import pycld2

#: Tags that X gives when it does not know, or when there is nothing to know (links, emoji, …).
_NO_TAG: Final = frozenset({"", "und", "qam", "qct", "qht", "qme", "qst", "zxx", "art"})
_NOISE = re.compile(r"https?://\S+|[@#]\w+|[^\w\s']+|\d+")
_FEWEST_CHARACTERS: Final = 16

DEFAULT_LANGUAGE: Final = "en"


def identify(text: str, tag: str | None = None) -> str:
    """Two-letter code of the language of ``text``.

    The detector answers only when it calls itself reliable and there is enough to read; otherwise
    the text counts as English, because a wrong "foreign" would hide a customer from the classifier.
    """
    if tag is not None and tag.lower() not in _NO_TAG:
        return tag.lower().split("-")[0]
    words = _NOISE.sub(" ", text)
    if len(words.strip()) < _FEWEST_CHARACTERS and words.isascii():
        return DEFAULT_LANGUAGE
    try:
        reliable, _, found = pycld2.detect(words, isPlainText=True)
    except pycld2.error:
        return DEFAULT_LANGUAGE  # characters the detector cannot read say nothing about language
    code = str(found[0][1])
    return code.split("-")[0] if reliable and code != "un" else DEFAULT_LANGUAGE
