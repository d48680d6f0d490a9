"""One answer of the knowledge base: its questions, its wordings, and when and how far it may be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from triage.domain.decision import Mode
from triage.domain.scores import Intent


@dataclass(frozen=True, slots=True)
class ChannelTexts:
    """The wordings that one channel gets instead of the general ones."""

    channel: str
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """One answer and the questions it answers.

    ``valid_from`` and ``valid_until`` are its first and last day; ``accounts`` are the brand's accounts that it is for,
    in small letters without the ``@``, or none where it is for all of them.
    """

    id: str
    title: str
    questions: tuple[str, ...]
    phrasings: tuple[str, ...]
    version: int = 1
    intent: Intent | None = None
    link: str | None = None
    valid_until: date | None = None
    valid_from: date | None = None
    mode: Mode = Mode.LIVE
    by_channel: tuple[ChannelTexts, ...] = ()
    accounts: tuple[str, ...] = ()

    def asked_also(self, questions: Iterable[str]) -> Snippet:
        """The snippet with more questions."""
        return replace(self, questions=tuple(dict.fromkeys([*self.questions, *questions])))

    def is_for(self, account: str | None) -> bool:
        """Whether it answers messages to ``account``, or those that name none of the accounts."""
        return not self.accounts or account in self.accounts

    def shares_an_account_with(self, other: Snippet) -> bool:
        """Whether there are messages that either might answer."""
        return not (self.accounts and other.accounts) or not set(self.accounts).isdisjoint(other.accounts)

    def expired(self, today: date) -> bool:
        return self.valid_until is not None and self.valid_until < today

    def offered(self, today: date) -> bool:
        """Whether it may be sent or suggested on ``today``."""
        begun = self.valid_from is None or self.valid_from <= today
        return begun and not self.expired(today) and self.mode is not Mode.OFF

    def wordings(self, channel: str) -> tuple[str, ...]:
        """The phrasings for a channel: its own where it has some."""
        return next((own.phrasings for own in self.by_channel if own.channel == channel), self.phrasings)

    @property
    def all_wordings(self) -> tuple[str, ...]:
        """The phrasings of all channels, the general ones first."""
        return (*self.phrasings, *(phrasing for own in self.by_channel for phrasing in own.phrasings))
