"""From a message to the snippets that may answer it, each with an honest confidence.

The confidence is calibrated on the knowledge base itself, when it is loaded: on its own questions, each
taken out in turn, and on the same questions with their whole snippet taken out, which stand for messages
that have no answer here. So a new knowledge base needs no training data beyond a handful of questions a
snippet, and confidences mean the same on each. See ``docs/adr/0005-matching-snippets.md``.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.answers.calibration import EVIDENCE, SIGNS, Calibration, fit
from triage.answers.evidence import KnownQuestions
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.similarity import SentenceVectors
from triage.domain.decision import Match

Floats = NDArray[np.float64]

#: Changes whenever a confidence does; certificates name it.
VERSION: Final = "matcher-3"
#: Where the fit starts from, and stays where a knowledge base is too small to say better; as ``python -m training
#: matcher-prior`` settles it, rounded.
PRIOR: Final = Calibration((3.8, 2.2, 5.2, 3.6, 1.8, 0.0, -2.3, -2.1, -3.7, -2.1, -0.8), bias=-4.8)
#: Not fitted on a knowledge base: its questions are calm and impersonal, so they cannot tell what these are worth.
PINNED: Final = ("negated", *SIGNS)
#: How strongly; in units of the log loss of one case per unit of squared distance.
PRIOR_STRENGTH: Final = 10.0
#: Share of messages without an answer that confidences assume.
UNANSWERABLE_SHARE: Final = 0.5
#: Knowledge bases with fewer held-out questions or snippets than these keep the prior as it is.
FEWEST_QUESTIONS: Final = 20
FEWEST_SNIPPETS: Final = 3
#: A snippet none of whose questions is more like the message than this does not come close.
LEAST_ALIKE: Final = 0.1
#: A snippet is suggested to agents from this confidence on, signs aside: below it they are nearly all beside the point.
LEAST_FITTING: Final = 0.05
MOST_SUGGESTIONS: Final = 3
_NEAREST: Final = EVIDENCE.index("nearest")
_SIGNS: Final = [EVIDENCE.index(sign) for sign in SIGNS]


class Matcher:
    """Matches messages against one knowledge base. Immutable once made; safe to share between threads."""

    def __init__(self, knowledge_base: KnowledgeBase, vectors: SentenceVectors | None = None) -> None:
        self.version: Final = f"{VERSION} with {vectors.version if vectors else 'words alone'}"
        self._snippets: Final = knowledge_base.snippets
        self._known: Final = KnownQuestions.of(knowledge_base, vectors) if self._snippets else None
        self.calibration: Final = (
            _calibrated(self._known) if self._known and len(self._snippets) >= FEWEST_SNIPPETS else PRIOR
        )

    def match(self, text: str, today: date, limit: int = 3) -> list[Match]:
        """Up to ``limit`` snippets that may be used on ``today``, best first; empty where nothing comes close.

        A snippet that is not valid or switched off is never returned, but still counts as known: a message that asks
        for it is not taken for a question about the next best thing.
        """
        if self._known is None:
            return []
        return self._best(self._known, *self._known.evidence(text), today, limit)

    def suggestions(self, text: str, today: date) -> list[Match]:
        """What to show to an agent: up to three snippets that may be used on ``today``, the best fitting first.

        Their confidence leaves the signs of no plain question aside. Whoever vents or tells a case of their own is not
        answered alone, but the agent is helped all the same. What hardly fits is not shown.
        """
        if self._known is None:
            return []
        evidence, alike = self._known.evidence(text)
        evidence[:, _SIGNS] = 0.0
        found = self._best(self._known, evidence, alike, today, MOST_SUGGESTIONS)
        return [match for match in found if match.confidence >= LEAST_FITTING]

    def _best(self, known: KnownQuestions, evidence: Floats, alike: Floats, today: date, limit: int) -> list[Match]:
        confidences = self.calibration.confidence(evidence)
        found: list[Match] = []
        for number in np.argsort(-confidences, kind="stable"):
            snippet, confidence = self._snippets[number], float(confidences[number])
            if len(found) == limit:
                break
            if evidence[number, _NEAREST] >= LEAST_ALIKE and snippet.offered(today):
                question = known.nearest_question(alike, int(number))
                found.append(Match(snippet.id, snippet.version, confidence, question, snippet.mode))
        return found


def _calibrated(known: KnownQuestions) -> Calibration:
    """Fit on held-out questions, answerable and unanswerable ones weighted to their assumed shares."""
    held = known.held_out()
    yes, no = float(held.answerable.sum()), float((1 - held.answerable).sum())
    if yes < FEWEST_QUESTIONS:
        return PRIOR
    ratio = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE) * yes / no
    weight = np.where(held.answerable == 1, 1.0, ratio)
    return fit(held.evidence, held.right, PRIOR, PRIOR_STRENGTH, sample_weight=weight, pinned=PINNED)
