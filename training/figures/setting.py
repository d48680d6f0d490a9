"""What measures are taken of and from: the model, the recipe, the folder of public corpora."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from training.corpus import Example, in_languages, read_corpus
from training.detector import detector_of
from training.recipe import Recipe
from training.single import Sources
from triage.errors import TriageError
from triage.privacy.detect import Detector
from triage.privacy.people import People
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer


class Absent(TriageError):
    """Something that a measure needs is not here; the measure is left out."""


@dataclass(frozen=True)
class Setting:
    """``model`` is the folder of an artifact; ``picture`` is where a measure may draw to, ``None`` for nowhere."""

    model: Path
    recipe: Recipe
    corpora: Path
    say: Callable[[str], None]
    picture: Path | None = None

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier.load(self.model, self.encoders)

    @property
    def encoders(self) -> list[Path]:
        """Where the model's encoder is, if it is not beside it."""
        return [self.recipe.vectors.parent]

    @property
    def detector(self) -> Detector:
        """What finds exposed items, as the recipe's models are fitted with."""
        return detector_of(self.recipe)

    @property
    def people(self) -> People:
        """The model of people in the detector.

        Raises:
            Absent: the recipe names none.
        """
        if self.detector.exposure is None:
            raise Absent(f"{self.recipe.name} names no model of people")
        return self.detector.exposure.people

    @cached_property
    def scorer(self) -> Scorer:
        return Scorer.load(self.model, self.encoders, self.detector)

    @property
    def sources(self) -> Sources:
        """What ``fit-head`` fits over: the shipped vectors, and the shipped encoder beside them."""
        return Sources(self.recipe.vectors, self.sentence_encoder)

    @property
    def sentence_encoder(self) -> Path:
        """The shipped encoder of whole sentences, which matching compares them by."""
        return self.recipe.vectors.parent / "encoder-minilm"

    def spoken(self) -> list[Example]:
        """The messages of the recipe's corpus that are in its languages: those that are split and fitted on."""
        told = read_corpus(list(self.recipe.corpora)).examples
        return in_languages(told, self.recipe.languages)

    def corpus(self, name: str) -> Path:
        """The path of a file of the public corpora.

        Raises:
            Absent: it is not there.
        """
        path = self.corpora / name
        if not path.is_file():
            raise Absent(f"{name} is not in {self.corpora} (TRIAGE_CORPORA)")
        return path
