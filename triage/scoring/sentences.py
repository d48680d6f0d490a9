"""Whole messages as vectors of meaning: the encoder behind the interface that matching asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.domain.scores import Utterance
from triage.scoring import features
from triage.scoring.encoder import Encoder, Floats


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """Vectors of length 1 whose dot product says how alike two texts are in meaning. Safe to share between threads."""

    encoder: Encoder

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """Read ``models/encoder-minilm`` or a folder like it.

        Raises:
            ArtifactError: it is missing, damaged, or not what it says.
        """
        return cls(Encoder.load(folder))

    @property
    def version(self) -> str:
        return self.encoder.version

    def embed(self, texts: Sequence[str]) -> Floats:
        """One row a text, ``(texts, width)``; zeros where the encoder can read nothing."""
        return self.encoder.embed([features.read(Utterance(text), ()).words for text in texts])
