"""Personal data in a message, as exact spans of the raw text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triage.domain.scores import Span
from triage.privacy import (
    bank,
    births,
    credentials,
    emails,
    health,
    locators,
    names,
    national,
    numbers,
    places,
    postcodes,
    references,
    spelled,
)
from triage.privacy.exposure import Exposure
from triage.privacy.findings import Finding, Rule, settle
from triage.privacy.people import People
from triage.privacy.view import KEYCAP, keycap_end, view_of

_RULES: Final[tuple[Rule, ...]] = (
    *bank.RULES,
    *national.RULES,
    *births.RULES,
    *numbers.RULES,
    *references.RULES,
    *locators.RULES,
    *spelled.RULES,
    *credentials.RULES,
    *emails.RULES,
    *places.RULES,
    *postcodes.RULES,
    *names.RULES,
    *health.RULES,
)
_ON_DIGITS: Final = tuple(rule for rule in _RULES if rule.words is None)
_ON_WORDS: Final = tuple(
    (frozenset(word.encode() for word in rule.words), rule) for rule in _RULES if rule.words is not None
)
_ANY_WORD: Final = frozenset().union(*(words for words, _ in _ON_WORDS))
#: Words that some rule waits for even in a text without a digit.
_NEEDS_NO_DIGIT: Final = frozenset().union(*(words for words, rule in _ON_WORDS if rule.digits == 0))

_DIGIT = re.compile(r"\d")
#: Words are looked up as UTF-8, where one table folds case and ends words: twice as fast as on text.
_FOLD: Final = bytes(
    byte if byte > 127 or byte == ord("'") else ord(chr(byte).lower()) if chr(byte).isalpha() else ord(" ")
    for byte in range(256)
)


@dataclass(frozen=True)
class Detector:
    """The rules and, where there is one, a model for the names and addresses that no rule can know.

    Pure: equal texts get equal spans, in any batch. The types are those of
    :data:`triage.privacy.findings.TYPES`. The common message, with no digit, no ``@`` inside a word,
    no word that a rule waits for and no sign of a name, costs one cheap look.
    """

    exposure: Exposure | None = None

    @classmethod
    def load(cls, folder: Path) -> Detector:
        """The rules and the model of people in ``folder``.

        Raises:
            ArtifactError: the folder is missing, damaged, foreign or does not fit this version.
        """
        return cls(Exposure.over(People.load(folder)))

    @property
    def version(self) -> str:
        """Of the model: equal versions find the same."""
        return self.exposure.people.version if self.exposure else "rules"

    def find(self, text: str) -> tuple[Span, ...]:
        """Every exposed item of ``text``: offsets into the raw text, sorted, without overlap."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """Every exposed item of each text. Many at a time are quicker than one by one."""
        views = [view_of(text) for text in texts]
        found = [_by_rules(view) for view in views]
        if self.exposure is not None:
            named = self.exposure.find(texts, views)
            found = [
                [*ruled, *(_before_postcode(one, ruled, view) for one in read)]
                for ruled, read, view in zip(found, named, views, strict=True)
            ]
        return list(map(_settled, texts, found))


#: For places that have no model, and where the names that rules leave out do not matter.
RULES: Final = Detector()


def detect(text: str) -> tuple[Span, ...]:
    """Every exposed item of ``text`` that rules alone find."""
    return RULES.find(text)


def _before_postcode(one: Finding, ruled: Sequence[Finding], view: str) -> Finding:
    """An address without the postcode that rules find in it, which is an item of its own."""
    inside = [other.start for other in ruled if other.type == "POSTCODE" and one.start < other.start < one.end]
    if one.type != "STREET_ADDRESS" or not inside:
        return one
    end = min(inside)
    while end > one.start + 1 and not view[end - 1].isalnum():
        end -= 1
    return one._replace(end=end)


def _settled(text: str, found: Sequence[Finding]) -> tuple[Span, ...]:
    if found and KEYCAP in text:
        found = [finding._replace(end=keycap_end(text, finding.end)) for finding in found]
    return settle(found) if found else ()


def _by_rules(view: str) -> list[Finding]:
    words = _ANY_WORD.intersection(view.encode("utf-8", "surrogatepass").translate(_FOLD).split())
    digits = sum(map(view.count, "0123456789")) if _DIGIT.search(view) else 0
    if not digits and "@" not in view and words.isdisjoint(_NEEDS_NO_DIGIT):
        return []
    return _findings(view, words, digits)


def _findings(view: str, words: frozenset[bytes], digits: int) -> list[Finding]:
    found: list[Finding] = []
    if digits:
        for rule in _ON_DIGITS:
            if digits >= rule.digits:
                found += rule.find(view)
    if words:
        for triggers, rule in _ON_WORDS:
            if digits >= rule.digits and not words.isdisjoint(triggers):
                found += rule.find(view)
    if "@" in view:
        found += emails.find_emails(view)
        found += credentials.find_user_names_beside(view)
    if found:
        found += names.find_names_beside(view, found)
    return found
