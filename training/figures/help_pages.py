"""Which help page an agent would link to: conversations of several brands' support on Twitter (IBM's TCC)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import numbered_rows
from training.figures.answers import encoder
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Setting
from training.figures.single_head import folds
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.answers.match import Matcher
from triage.answers.similarity import SentenceVectors
from triage.text.normalise import normalise

FOLDS: Final = 5
_SEED: Final = 20261126
_DAY: Final = date(2026, 11, 26)
_ARCHIVE: Final = re.compile(r"^https?://web\.archive\.org/web/\d+/")
_HOST: Final = re.compile(r"^https?://[^/]*")
_LETTERS: Final = re.compile(r"[A-Za-z]{2,}")
#: What every address of a help site has.
_HELP_SITE: Final = "answer answers article articles en gb hc help hl html http https kb sections support us www"
_SAID_BY_ALL: Final = frozenset(_HELP_SITE.split())


@dataclass(frozen=True, slots=True)
class Conversation:
    company: str
    text: str
    page: str


@dataclass(slots=True)
class Remembering:
    """Vectors that are taken once, however many knowledge bases ask for them."""

    vectors: SentenceVectors
    known: dict[str, NDArray[np.floating]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return self.vectors.version

    def embed(self, texts: Sequence[str]) -> NDArray[np.floating]:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self.vectors.embed(new), strict=True))
        return np.array([self.known[text] for text in texts])


def measure(setting: Setting) -> Measured:
    told = [conversation(row) for _, row in numbered_rows(setting.corpus("ibm_tcc/dev.jsonl"))]
    pages = [row for _, row in numbered_rows(setting.corpus("ibm_tcc/docs.jsonl"))]
    first, three, popular = judged(told, titles(pages), Remembering(encoder(setting)))
    return Measured(
        "help-pages",
        (
            Figure("right page first", first, Goal(0.38, 0.50), Unit.PERCENT, messages=len(told)),
            Figure("right page among three", three, unit=Unit.PERCENT, messages=len(told)),
            Figure("the company's most popular page", popular, unit=Unit.PERCENT, messages=len(told)),
        ),
        details=f"{FOLDS} folds. The company is known, and each has a knowledge base of its own: its pages, with the "
        "words of their addresses as titles, and as questions what customers wrote in conversations of the other "
        "folds. Texts of the pages are not in the corpus.",
    )


def conversation(row: Mapping[str, Any]) -> Conversation:
    """What the customer wrote, all turns together."""
    said = [turn["text"] for turn in row["turns"] if turn["role"] == "client"]
    return Conversation(row["company"], " ".join(said), row["doc_id"])


def titles(pages: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """For each company its pages with the words of their addresses."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for page in pages:
        for company in page["companies"]:
            found[company][page["doc_id"]] = title(page["url"])
    return found


def title(address: str) -> str:
    """The words of an address, without the host's and those that every help site's address has."""
    path = _HOST.sub("", _ARCHIVE.sub("", address))
    return " ".join(word for word in _LETTERS.findall(path) if word.lower() not in _SAID_BY_ALL)


def judged(
    told: Sequence[Conversation], pages: Mapping[str, Mapping[str, str]], vectors: SentenceVectors
) -> tuple[float, float, float]:
    """Share of conversations whose page comes first, is among three, is the most popular of the other folds."""
    fold = folds([one.company for one in told], FOLDS, _SEED)
    first = three = popular = 0
    for held in range(FOLDS):
        for company in sorted({one.company for one in told}):
            known = [one for one, place in zip(told, fold, strict=True) if one.company == company and place != held]
            asked = [one for one, place in zip(told, fold, strict=True) if one.company == company and place == held]
            base = knowledge_base(known, pages.get(company, {}))
            if not asked or not base.snippets:
                continue
            matcher = Matcher(base, vectors)
            best = Counter(one.page for one in known).most_common(1)
            for one in asked:
                found = [match.snippet for match in matcher.match(normalise(one.text), _DAY)]
                first += found[:1] == [one.page]
                three += one.page in found
                popular += bool(best) and best[0][0] == one.page
    return first / len(told), three / len(told), popular / len(told)


def knowledge_base(known: Sequence[Conversation], pages: Mapping[str, str]) -> KnowledgeBase:
    """A snippet for each page that has anything to be known by."""
    questions: dict[str, list[str]] = defaultdict(list)
    for one in known:
        questions[one.page].append(one.text)
    snippets = []
    for page in sorted({*questions, *pages}):
        words = pages.get(page, "")
        asked = questions[page] or [words]
        if any(asked):
            snippets.append(Snippet(page, words, tuple(asked), ("",)))
    return KnowledgeBase(tuple(snippets), _DAY)
