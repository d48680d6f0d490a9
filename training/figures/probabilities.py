"""What a model thinks of every label, not of its verdict alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.scores import Head, Utterance
from triage.privacy.detect import detect
from triage.scoring.classifier import Classifier

_BATCH: Final = 1000


def of(model: Classifier, utterances: Sequence[Utterance], head: Head) -> NDArray[np.float64]:
    """Calibrated probabilities ``(utterances, labels of the head)``, of the messages as the service would read them."""
    found = [np.zeros((0, len(model.heads[head].labels)))]
    for start in range(0, len(utterances), _BATCH):
        readings = [model.read(one, detect(one.text)) for one in utterances[start : start + _BATCH]]
        found.append(model.probabilities(head, model.decide(readings)))
    return np.vstack(found)
