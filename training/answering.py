"""What the service would answer to labelled messages: the whole path, rules of the policy included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import numbered_rows
from triage.answers.answering import SnippetAnswers
from triage.answers.kept_vectors import KeptVectors
from triage.brand import load_brand
from triage.domain.decision import Match
from triage.domain.scores import Scores, Utterance
from triage.errors import InvalidInput
from triage.policy import Context, Policy, may_be_answered
from triage.privacy.detect import Detector
from triage.privacy.people import SHIPPED
from triage.scoring.scorer import Scorer
from triage.scoring.sentences import SentenceEncoder

#: A message that begins a conversation with the brand.
FIRST: Final = Context(addressed=True, with_a_person=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message and the id of the snippet that answers it; ``None`` where none does."""

    text: str
    snippet: str | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Answerer:
    """All that decides about an answer."""

    policy: Policy
    answers: SnippetAnswers
    scorer: Scorer

    def verdicts(self, asked: Sequence[Asked], today: date) -> Verdicts:
        scored = self.scorer.score([Utterance(one.text) for one in asked], explain=False)
        return Verdicts(tuple(self._verdict(one, scores, today) for one, scores in zip(asked, scored, strict=True)))

    def _verdict(self, one: Asked, scores: Scores, today: date) -> Verdict:
        best = next(iter(self.answers.matches(one.text, today, limit=1)), None)
        return Verdict(one, may_be_answered(scores, self.policy, FIRST), best)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``allowed`` says that no rule of the policy forbids an answer; ``best`` is what would be given."""

    asked: Asked
    allowed: bool
    best: Match | None

    @property
    def confidence(self) -> float:
        return self.best.confidence if self.allowed and self.best else 0.0

    @property
    def right(self) -> bool:
        return self.best is not None and self.best.snippet == self.asked.snippet


@dataclass(frozen=True, slots=True)
class Verdicts:
    each: tuple[Verdict, ...]

    @property
    def confidence(self) -> NDArray[np.float64]:
        return np.array([one.confidence for one in self.each])

    @property
    def right(self) -> NDArray[np.bool_]:
        return np.array([one.right for one in self.each], bool)

    @property
    def answerable(self) -> NDArray[np.bool_]:
        return np.array([one.asked.snippet is not None for one in self.each], bool)


def read_asked(path: Path, known: Sequence[str]) -> list[Asked]:
    """Rows of ``{"text", "snippet"}``, or of ``{"text", "label"}``; null is a message without an answer.

    Raises:
        InvalidInput: a line has no text or label, or names a snippet that is not ``known``.
    """
    found = []
    for number, row in numbered_rows(path):
        text, snippet = row.get("text"), row.get("snippet", row.get("label"))
        labelled = "snippet" in row or "label" in row
        if not isinstance(text, str) or not labelled or not (snippet is None or isinstance(snippet, str)):
            raise InvalidInput('is not {"text": text, "snippet": id or null}', field=path.name, line=number)
        if snippet is not None and snippet not in known:
            raise InvalidInput(f"names a snippet {snippet!r} that is not known", field=path.name, line=number)
        found.append(Asked(text, snippet, str(row.get("kind", ""))))
    if not found:
        raise InvalidInput("holds no message", field=path.name)
    return found


def load_path(brand: Path, models: Path, model: str, today: date, cache: Path) -> Answerer:
    """The path of a brand's folder with the live model; ``cache`` keeps the vectors of its questions.

    Raises:
        ConfigurationError: the brand's file is broken.
        KnowledgeBaseError: its knowledge base is.
        ArtifactError: the model is missing or damaged.
    """
    told = load_brand(brand)
    vectors = KeptVectors(SentenceEncoder.load(models / "encoder-minilm"), cache)
    answers = SnippetAnswers.load(told.knowledge_base, today=today, signature=told.signature, vectors=vectors)
    return Answerer(told.policy, answers, Scorer.load(models / model, detector=Detector.load(models / SHIPPED)))
