"""Which suggestion a reply was made from: the log says so of replies that still are that suggestion."""

from __future__ import annotations

import re

from triage.errors import NotFound
from triage.service.ports import Answers

_WORD = re.compile(r"\w+")


def made_from(snippet: str, text: str, answers: Answers) -> str | None:
    """``snippet``, or ``None`` if the agent has replaced its words by others (or it has gone meanwhile)."""
    if not snippet:
        return None
    try:
        wordings = answers.texts(snippet, None, automatic=False)
    except NotFound:
        return None
    return snippet if any(rests_on(text, wording) for wording in wordings) else None


def rests_on(text: str, suggested: str) -> bool:
    """Whether at least half of the words that were suggested are in ``text``, in any order."""
    words = _words(suggested)
    return 2 * len(words & _words(text)) >= len(words)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
