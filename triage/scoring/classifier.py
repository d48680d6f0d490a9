"""A fitted classifier: any number of heads over one set of features. The four-head scorer is one of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage import artifact
from triage.artifact import Artifact
from triage.domain.scores import Span, Utterance
from triage.errors import ArtifactError
from triage.scoring import features
from triage.scoring.heads import HeadSpec, read_heads
from triage.scoring.linear import Batch, Layout, LinearModel, Weights
from triage.scoring.second import SecondLook, read_second
from triage.scoring.spelling import Reader, Spelling, as_written
from triage.scoring.vectors import read_tokenizer

KIND: Final = "classifier"
TOKENIZER: Final = "tokenizer.json"
WEIGHTS: Final = "weights.npz"
#: Words that the model has seen, the commonest first, one a line.
SEEN: Final = "words.txt"
_MOST_GRAM: Final = 5
_MOST_BITS: Final = 24


class Classifier:
    """Reads utterances and gives decision values and probabilities. Safe to use from many threads."""

    def __init__(
        self,
        model: LinearModel,
        heads: Sequence[HeadSpec],
        version: str,
        about: Artifact,
        second: SecondLook | None = None,
        spelling: Reader = as_written,
    ) -> None:
        self.model = model
        self.spelling = spelling
        self.second = second
        self.heads = {head.name: head for head in heads}
        self.version = version
        self.about = about
        self._cues = model.weights.layout.cues

    @classmethod
    def load(cls, folder: Path, encoders: Sequence[Path] = ()) -> Classifier:
        """Check and read an artifact; its encoder is looked for beside it, then in ``encoders``.

        Raises:
            ArtifactError: it is missing, damaged, foreign, not a classifier, or its encoder is not there.
        """
        checked = artifact.read(folder, kind=KIND)
        try:
            heads = read_heads(checked.get("heads", list))
            tokenizer = read_tokenizer(checked.file(TOKENIZER), TOKENIZER)
            layout = _read_layout(checked, sum(len(head.labels) for head in heads))
            weights = Weights.from_arrays(checked.arrays(WEIGHTS), layout, tokenizer.get_vocab_size())
            second = read_second(checked, layout.outputs, [folder.resolve().parent, *encoders])
            spelling = _read_spelling(checked, tokenizer)
        except ArtifactError as error:
            raise ArtifactError(f"{folder}: {error}") from error
        return cls(LinearModel(weights, tokenizer), heads, checked.version, checked, second, spelling)

    def looking_again_at(self, share: float) -> Classifier:
        """The same model with another share of second looks: fewer are faster, more are righter. Its version says so.

        Raises:
            ArtifactError: the model has no second look, or does not say what leads to which share.
        """
        if self.second is None:
            if share == 0:
                return self  # it does without already
            raise ArtifactError(f"{self.version} has no second look")
        second = replace(self.second, doubt=self.second.doubt.at(share))
        version = f"{self.version}+{share:g}"
        return Classifier(self.model, tuple(self.heads.values()), version, self.about, second, self.spelling)

    def read(self, utterance: Utterance, spans: Sequence[Span] = ()) -> features.Reading:
        """Prepare one utterance; ``spans`` are its exposed items, which some cues look at."""
        return features.read(utterance, self._cues, spans, self.spelling)

    def decide(self, readings: Sequence[features.Reading]) -> Batch:
        """Decision values of prepared utterances, after a second look at those in doubt."""
        batch = self.model.decide(readings)
        return batch if self.second is None else self.second.refine(batch, readings, tuple(self.heads.values()))

    def probabilities(self, head: str, batch: Batch) -> NDArray[np.float64]:
        """Calibrated probabilities ``(readings, labels of the head)``."""
        return self.heads[head].probabilities(batch.values)


def _read_layout(checked: Artifact, outputs: int) -> Layout:
    described = checked.get("features", dict)
    cues = described.get("cues")
    numbers = [described.get(key) for key in ("longest_gram", "longest_phrase", "bucket_bits", "leading")]
    if not isinstance(cues, list) or any(cue not in features.CUES for cue in cues):
        raise ArtifactError("the manifest names cues that this version does not know")
    if not all(isinstance(number, int) for number in numbers):
        raise ArtifactError("the manifest does not describe the features")
    longest, phrase, bits, leading = numbers
    if not (1 <= longest <= _MOST_GRAM and 0 <= phrase <= _MOST_GRAM and 1 <= bits <= _MOST_BITS and leading >= 1):
        raise ArtifactError("the manifest describes features that cannot be")
    return Layout(outputs, tuple(cues), longest, phrase, bits, leading)


def _read_spelling(checked: Artifact, tokenizer: Tokenizer) -> Reader:
    """How the words of a model's texts are read; one that lists no words reads them as they stand."""
    if SEEN not in checked.files:
        return as_written
    try:
        seen = checked.file(SEEN).decode("utf-8").split()
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{SEEN} is no list of words: {error}") from error
    return Spelling(seen, tokenizer.get_vocab()).read


def describe(layout: Layout) -> dict[str, Any]:
    """The entry ``features`` of a manifest."""
    return {
        "longest_gram": layout.longest_gram,
        "longest_phrase": layout.longest_phrase,
        "bucket_bits": layout.bucket_bits,
        "leading": layout.leading,
        "cues": list(layout.cues),
    }
