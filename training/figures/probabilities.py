"""What a model thinks of every label, not of its verdict alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.scores import Head, Utterance
from triage.privacy.detect import Detector
from triage.scoring.classifier import Classifier

_BATCH: Final = 1000


def of(model: Classifier, utterances: Sequence[Utterance], head: Head, detector: Detector) -> NDArray[np.float64]:
    """Calibrated probabilities ``(utterances, labels of the head)``, of the messages as the service would read them."""
    found = [np.zeros((0, len(model.heads[head].labels)))]
    for start in range(0, len(utterances), _BATCH):
        batch = utterances[start : start + _BATCH]
        readings = list(map(model.read, batch, detector.find_all([one.text for one in batch])))
        found.append(model.probabilities(head, model.decide(readings)))
    return np.vstack(found)
