"""Several accounts with one folder of snippets: whom a message is for decides what may answer it.

Two accounts are often asked the same ("where is my order"), each with an answer of its own. Words cannot tell these
apart, and need not: a message says whom it is for. So each account has a matcher of its own, which knows and is
calibrated on what is for that account and what is for all. A message that names none of the accounts gets only the
latter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.match import Matcher
from triage.answers.similarity import SentenceVectors
from triage.text.mentions import mentions


class Matchers:
    """One matcher for each account that has snippets of its own, and one for messages that name none of them."""

    def __init__(self, known: KnowledgeBase, vectors: SentenceVectors | None = None) -> None:
        self._others: Final = Matcher(known.of(None), vectors)
        self._of: Final[Mapping[str, Matcher]] = {
            account: Matcher(known.of(account), vectors) for account in known.accounts
        }

    @property
    def version(self) -> str:
        return self._others.version

    def of(self, text: str) -> Matcher:
        """The matcher for a message as received: of the first account that it mentions."""
        if not self._of:
            return self._others
        named = (mention.name.casefold() for mention in mentions(text))
        return next((self._of[name] for name in named if name in self._of), self._others)
