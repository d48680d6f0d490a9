"""Answers, as the service uses them: one knowledge base, its matcher, its replies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Self

from triage.answers import compose, knowledge_base
from triage.answers.accounts import Matchers
from triage.answers.certificate import Certificate, Grounds, dials, in_force, promised
from triage.answers.certificate import read as read_certificate
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.similarity import SentenceVectors
from triage.answers.snippet import Snippet
from triage.domain.decision import Match, Mode
from triage.errors import NotFound
from triage.policy import Policy


class SnippetAnswers:
    """Finds snippets and words replies from them; satisfies the protocol ``Answers`` of the use cases."""

    def __init__(
        self,
        known: KnowledgeBase,
        *,
        signature: str = "",
        mode: Mode = Mode.LIVE,
        vectors: SentenceVectors | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        """
        Args:
            mode: how far the brand lets any snippet be used.
            vectors: sentence vectors; without them only words and characters are compared.
            certificate: what has been proven of its answers, if anything.

        Raises:
            KnowledgeBaseError: a reply would not fit; see :func:`triage.answers.compose.check_lengths`.
        """
        compose.check_lengths(known, signature)
        self.knowledge_base = known
        self._by_id = {snippet.id: snippet for snippet in known.snippets}
        self._signature = signature
        self._mode = mode
        self._matchers = Matchers(known, vectors)
        self._certificate = certificate

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        today: date,
        variables: Mapping[str, str] | None = None,
        signature: str = "",
        mode: Mode = Mode.LIVE,
        vectors: SentenceVectors | None = None,
    ) -> Self:
        """Read a folder of snippets, and the certificate that is in it.

        Raises:
            KnowledgeBaseError: a file is broken, or a reply would not fit; the message says which and where.
        """
        known = knowledge_base.load(folder, today, variables)
        certificate = read_certificate(folder)
        return cls(known, signature=signature, mode=mode, vectors=vectors, certificate=certificate)

    @property
    def certified(self) -> bool:
        """Whether there is a certificate, in force or not."""
        return self._certificate is not None

    def grounds(self, policy: Policy, scorer: str) -> Grounds:
        """What a certificate of these answers is about, under a policy and the version of the model that scores."""
        return Grounds(scorer, self._matchers.version, dials(policy), self.knowledge_base.digest)

    def in_force(self, policy: Policy, scorer: str) -> Policy:
        """The policy with the certified threshold, or one that answers nothing alone and says why."""
        return in_force(policy, self._certificate, self.grounds(policy, scorer))

    def promised(self, policy: Policy) -> float:
        """The largest share of automatic answers that may be wrong, by the certificate or, without one, the policy."""
        return promised(policy, self._certificate)

    def matches(self, text: str, on: date, limit: int = 3) -> list[Match]:
        """The snippets valid ``on`` a day that most likely answer a message as received, each with its confidence."""
        return self._within(self._matchers.of(text).match(text, on, limit))

    def suggestions(self, text: str, on: date) -> list[Match]:
        """What an agent is shown beside a message; see :meth:`triage.answers.match.Matcher.suggestions`."""
        return self._within(self._matchers.of(text).suggestions(text, on))

    def _within(self, found: list[Match]) -> list[Match]:
        """As far as the brand lets snippets be used."""
        if self._mode is Mode.OFF:
            return []
        return [replace(match, mode=match.mode.within(self._mode)) for match in found]

    def title(self, snippet: str) -> str:
        """The snippet's title, or its id where it has none; also of an expired one.

        Raises:
            NotFound: there is no such snippet.
        """
        found = self._snippet(snippet)
        return found.title or found.id

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        """Every text that it may be sent as on a channel, or on any. Only an ``automatic`` one is signed as such.

        Raises:
            NotFound: there is no such snippet.
        """
        return compose.texts(self._snippet(snippet), channel, self._signature if automatic else "")

    def _snippet(self, name: str) -> Snippet:
        found = self._by_id.get(name)
        if found is None:
            raise NotFound(f"the knowledge base has no snippet {name!r}")
        return found
