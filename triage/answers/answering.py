"""Answers, as the service uses them: one knowledge base, its matcher, its replies."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from triage.answers import compose, knowledge_base
from triage.answers.certificate import Certificate, Grounds, dials, in_force
from triage.answers.certificate import read as read_certificate
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.match import Matcher
from triage.answers.similarity import SentenceVectors
from triage.domain.decision import Match
from triage.errors import NotFound
from triage.policy import Policy


class SnippetAnswers:
    """Finds snippets and words replies from them; satisfies the protocol ``Answers`` of the use cases."""

    def __init__(
        self,
        known: KnowledgeBase,
        *,
        signature: str = "",
        vectors: SentenceVectors | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        """
        Args:
            vectors: sentence vectors; without them only words and characters are compared.
            certificate: what has been proven of its answers, if anything.

        Raises:
            KnowledgeBaseError: a reply would not fit; see :func:`triage.answers.compose.check_lengths`.
        """
        compose.check_lengths(known, signature)
        self.knowledge_base = known
        self._by_id = {snippet.id: snippet for snippet in known.snippets}
        self._signature = signature
        self._matcher = Matcher(known, vectors)
        self._certificate = certificate

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        today: date,
        signature: str = "",
        vectors: SentenceVectors | None = None,
    ) -> Self:
        """Read a folder of snippets, and the certificate that is in it.

        Raises:
            KnowledgeBaseError: a file is broken, or a reply would not fit; the message says which and where.
        """
        known = knowledge_base.load(folder, today)
        return cls(known, signature=signature, vectors=vectors, certificate=read_certificate(folder))

    @property
    def certified(self) -> bool:
        """Whether there is a certificate, in force or not."""
        return self._certificate is not None

    def grounds(self, policy: Policy, scorer: str) -> Grounds:
        """What a certificate of these answers is about, under a policy and the version of the model that scores."""
        return Grounds(scorer, self._matcher.version, dials(policy), self.knowledge_base.digest)

    def in_force(self, policy: Policy, scorer: str) -> Policy:
        """The policy with the certified threshold, or one that answers nothing alone and says why."""
        return in_force(policy, self._certificate, self.grounds(policy, scorer))

    def matches(self, text: str, on: date, limit: int = 3) -> list[Match]:
        """The best snippets valid ``on`` a day for a normalised message; empty where nothing comes close."""
        return self._matcher.match(text, on, limit)

    def title(self, snippet: str) -> str:
        """The snippet's title, or its id where it has none; also of an expired one.

        Raises:
            NotFound: there is no such snippet.
        """
        found = self._by_id.get(snippet)
        if found is None:
            raise NotFound(f"the knowledge base has no snippet {snippet!r}")
        return found.title or found.id

    def compose(self, snippet: str, variant: str, *, automatic: bool) -> str:
        """The text to send: equal variants, equal text. Only an ``automatic`` one is signed as such.

        Raises:
            NotFound: there is no such snippet.
        """
        found = self._by_id.get(snippet)
        if found is None:
            raise NotFound(f"the knowledge base has no snippet {snippet!r}")
        return compose.reply(found, variant, self._signature if automatic else "")
