"""How many of the urgent messages are found, and at what price in false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import public, shipping, splits
from training.corpus import Example
from training.evaluate import OWN_TEST, judge
from training.figures import probabilities
from training.figures.figure import Figure, Measured, Unit
from training.figures.setting import Absent, Setting
from triage.domain.scores import LABELS, Head, Urgency
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The shares of messages that are not urgent and may be put before the urgent ones.
FALSE_ALARMS: Final = (0.05, 0.10, 0.20)
_LEVELS: Final = LABELS[Head.URGENCY]
_URGENT: Final = tuple(_LEVELS.index(level) for level in (Urgency.CRITICAL, Urgency.HIGH))
_CRITICAL: Final = _LEVELS.index(Urgency.CRITICAL)


@dataclass(frozen=True, slots=True)
class Found:
    """Recall of critical and high, the share of the others that was called so, and what was overlooked.

    ``overlooked`` counts the critical messages that were called normal or low, ``critical`` all critical ones.
    """

    recall: float
    false_alarms: float
    overlooked: int
    critical: int


def recall_at(score: Floats, urgent: NDArray[np.bool_], most_false: float) -> float:
    """The largest recall of a threshold on ``score`` under which at most ``most_false`` of the others are called.

    Equal scores stand or fall together. 0 where nothing is urgent.
    """
    if not urgent.any():
        return 0.0
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(urgent[order])
    false = np.cumsum(~urgent[order])
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    allowed = last_of_equals & (false <= most_false * max(1, int((~urgent).sum())))
    return float(hits[allowed].max(initial=0) / urgent.sum())


def found(true: Ints, said: Ints) -> Found:
    """What verdicts find; both arguments are places in the list of levels."""
    urgent, called = np.isin(true, _URGENT), np.isin(said, _URGENT)
    critical = true == _CRITICAL
    return Found(
        recall=float(called[urgent].mean()) if urgent.any() else 0.0,
        false_alarms=float(called[~urgent].mean()) if (~urgent).any() else 0.0,
        overlooked=int((critical & ~called).sum()),
        critical=int(critical.sum()),
    )


def measure(setting: Setting) -> Measured:
    """On real care messages by the shipped model, and on the recipe's test part by a model fitted without it."""
    shipped = setting.classifier
    figures: list[Figure] = []
    try:
        setting.corpus("care_dev/labelled.jsonl")
    except Absent as error:
        setting.say(f"urgent: without real care messages: {error}")
    else:
        figures += on(public.REAL, setting.scorer, shipped, public.care(setting.corpora))
    trial = shipping.fit_trial(setting.recipe, setting.spoken(), setting.say)
    with TemporaryDirectory(prefix="triage-figures-") as folder:
        trial.model.write(Path(folder), setting.recipe.name, {}, {})
        figures += on(
            OWN_TEST,
            trial.scorer,
            Classifier.load(Path(folder), setting.encoders),
            trial.parts[splits.TEST],
        )
    return Measured(
        "urgent",
        tuple(figures),
        shipped.version,
        "Messages are ranked by the probability that they are `critical` or `high`; the recall is that of the largest "
        "set from the top in which at most the stated share of all `normal` and `low` messages is. The verdicts are "
        "those that the service gives. On the project's own messages a model judges that was fitted by the same recipe "
        "without them.",
    )


def on(title: str, scorer: Scorer, model: Classifier, examples: Sequence[Example]) -> list[Figure]:
    """The figures on those of ``examples`` that have an urgency; ``scorer`` and ``model`` are of one artifact."""
    labelled = [one for one in examples if Head.URGENCY in one.labels]
    chances = probabilities.of(model, [one.utterance for one in labelled], Head.URGENCY, scorer.detector)
    verdicts = judge(scorer, labelled)[Head.URGENCY]
    urgent = np.isin(verdicts.true, _URGENT)
    score = chances[:, list(_URGENT)].sum(axis=1)
    figures = [
        Figure(
            f"{title}: recall of critical and high at {limit:.0%} false alarms",
            recall_at(score, urgent, limit),
            unit=Unit.PERCENT,
            messages=int(urgent.sum()),
        )
        for limit in FALSE_ALARMS
    ]
    told = found(verdicts.true, verdicts.said)
    return [
        *figures,
        Figure(f"{title}: recall of the verdicts", told.recall, unit=Unit.PERCENT, messages=int(urgent.sum())),
        Figure(
            f"{title}: false alarms of the verdicts",
            told.false_alarms,
            unit=Unit.PERCENT,
            messages=int((~urgent).sum()),
        ),
        Figure(f"{title}: critical called normal or low", told.overlooked, unit=Unit.COUNT, messages=told.critical),
    ]
