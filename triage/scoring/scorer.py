"""The four judgements on a message, with reasons, exposed items and language, many messages at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.scores import LABELS, Head, Intent, Judgement, PrivacyRisk, Reason, Risk, Scores, Span, Utterance
from triage.errors import ArtifactError
from triage.privacy.detect import RULES, Detector
from triage.privacy.risk import assess, raise_to
from triage.scoring.classifier import Classifier
from triage.scoring.explain import everything, strongest, word_shares
from triage.scoring.heads import HeadSpec
from triage.scoring.linear import Batch
from triage.text.language import identify

#: Verdicts in other languages are given, and marked as out of scope.
LANGUAGE: Final = "en"
#: How many reasons come with each verdict.
REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """One head's verdict in full: all reasons, and the decision value that they sum to.

    The value is the winning label's before calibration. ``raised_by_spans`` says that the level
    comes from exposed items; the reasons are then those of the level as the weights alone saw it.
    """

    label: str
    value: float
    reasons: tuple[Reason, ...]
    raised_by_spans: bool = False


class Scorer:
    """Scores utterances in batches. Pure: equal utterances get equal scores, in any batch and process."""

    def __init__(
        self, classifier: Classifier, raised_confidence: Mapping[str, float], detector: Detector = RULES
    ) -> None:
        self._classifier = classifier
        self.detector = detector
        self._raised_confidence = dict(raised_confidence)
        self.version = classifier.version
        self.heads: Mapping[Head, HeadSpec] = {head: classifier.heads[head] for head in Head}

    @classmethod
    def load(cls, folder: Path, encoders: Sequence[Path] = (), detector: Detector = RULES) -> Scorer:
        """Load an artifact that has the four heads of the product with exactly its labels.

        Its encoder, where it has one, is looked for beside it, then in ``encoders``. ``detector`` finds the
        exposed items, and should be the one that the artifact was fitted with.

        Raises:
            ArtifactError: the folder is missing, damaged, foreign or lacks one of the four heads.
        """
        classifier = Classifier.load(folder, encoders)
        for head, labels in LABELS.items():
            if head not in classifier.heads or classifier.heads[head].labels != labels:
                raise ArtifactError(f"{folder} has no head {head.value!r} with the labels of this version")
        raised = classifier.about.get("raised_confidence", dict)
        levels = (PrivacyRisk.HIGH.value, PrivacyRisk.MEDIUM.value)
        if any(not isinstance(raised.get(level), float) or not 0 <= raised[level] <= 1 for level in levels):
            raise ArtifactError(f"{folder} does not say how sure a level is that exposed items raised")
        return cls(classifier, raised, detector)

    @property
    def made_of(self) -> str:
        """All that a verdict comes from: the weights and what finds exposed items, each by its version."""
        return f"{self.version}, {self.detector.version}"

    def looking_again_at(self, share: float) -> Scorer:
        """The same scorer with another share of second looks, between 0 (the fastest) and 1.

        Raises:
            ArtifactError: the model has no second look, or does not say what leads to which share.
        """
        return Scorer(self._classifier.looking_again_at(share), self._raised_confidence, self.detector)

    def score(self, utterances: Sequence[Utterance], *, explain: bool = True) -> list[Scores]:
        """One :class:`Scores` per utterance, in order.

        ``explain`` adds to each verdict the five words with the largest shares in the winning
        label's decision value before calibration, the largest first.
        """
        if not utterances:
            return []
        spans = self.detector.find_all([utterance.text for utterance in utterances])
        readings = [self._classifier.read(one, found) for one, found in zip(utterances, spans, strict=True)]
        batch = self._classifier.decide(readings)
        words = list(chain.from_iterable(reading.written for reading in readings)) if explain else []
        probabilities = {head: spec.probabilities(batch.values) for head, spec in self.heads.items()}
        verdicts = self._judge(batch, probabilities, words, spans)
        risks = self._risks(probabilities[Head.PRIVACY], verdicts, spans)
        languages = [identify(utterance.text, utterance.lang) for utterance in utterances]
        return [
            Scores(intent, sentiment, urgency, privacy, found, language, language == LANGUAGE, self.version, risk)
            for intent, sentiment, urgency, privacy, found, language, risk in zip(
                *(verdicts[head] for head in (Head.INTENT, Head.SENTIMENT, Head.URGENCY, Head.PRIVACY)),
                spans,
                languages,
                risks,
                strict=True,
            )
        ]

    def explain(self, utterance: Utterance) -> dict[Head, Explanation]:
        """Every reason for each of the four verdicts: words in order, then cues, then the bias.

        Words appear as in the normalised text. The reasons sum to ``value``.
        """
        spans = self.detector.find(utterance.text)
        reading = self._classifier.read(utterance, spans)
        batch = self._classifier.decide([reading])
        told = {}
        for head in Head:
            spec = self.heads[head]
            choice = int(spec.choose(spec.probabilities(batch.values))[0])
            column = spec.first_column + choice
            reasons = everything(batch, self._classifier.model.weights, 0, column, reading.written)
            label, value = spec.labels[choice], float(batch.values[0, column])
            final = raise_to(PrivacyRisk(label), spans) if head is Head.PRIVACY else label
            told[head] = Explanation(final, value, tuple(reasons), raised_by_spans=final != label)
        return told

    def _judge(
        self,
        batch: Batch,
        probabilities: Mapping[Head, NDArray[np.float64]],
        words: list[str],
        spans: Sequence[tuple[Span, ...]],
    ) -> dict[Head, list[Judgement]]:
        """The verdicts of each head; with reasons where there are ``words``."""
        texts = np.arange(len(batch.rows))
        choices = {head: spec.choose(probabilities[head]) for head, spec in self.heads.items()}
        reasons: list[list[tuple[Reason, ...]]] = [[() for _ in texts]] * len(self.heads)
        if words:
            columns = np.array([spec.first_column + choices[head] for head, spec in self.heads.items()])
            shares = word_shares(batch, self._classifier.model.weights, columns)
            reasons = strongest(batch, shares, words, REASONS)
        verdicts = {}
        for (head, spec), why in zip(self.heads.items(), reasons, strict=True):
            labels = [spec.labels[choice] for choice in choices[head].tolist()]
            confidences = probabilities[head][texts, choices[head]].tolist()
            verdicts[head] = list(map(Judgement, labels, confidences, why))
        privacy = verdicts[Head.PRIVACY]
        for text, found in enumerate(spans):
            if found:
                privacy[text] = self._raised(privacy[text], found)
        return verdicts

    def _risks(
        self,
        privacy_risk: NDArray[np.float64],
        verdicts: Mapping[Head, Sequence[Judgement]],
        spans: Sequence[tuple[Span, ...]],
    ) -> list[Risk]:
        """How much each message puts at risk, from the verdicts and what it exposes.

        ``privacy_risk`` are the head's probabilities, ``(texts, levels)``.
        """
        levels = [PrivacyRisk(label) for label in self.heads[Head.PRIVACY].labels]
        return [
            assess(PrivacyRisk(privacy.label), dict(zip(levels, row, strict=True)), Intent(intent.label), found)
            for row, privacy, intent, found in zip(
                privacy_risk.tolist(), verdicts[Head.PRIVACY], verdicts[Head.INTENT], spans, strict=True
            )
        ]

    def _raised(self, verdict: Judgement, spans: tuple[Span, ...]) -> Judgement:
        """The privacy verdict with the level that exposed items demand (labelling guide, head 4)."""
        level = raise_to(PrivacyRisk(verdict.label), spans)
        if level == verdict.label:
            return verdict
        return Judgement(level.value, self._raised_confidence[level.value], verdict.why)
