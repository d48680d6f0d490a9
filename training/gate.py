"""Whether a candidate may replace the live model: both judge the same messages, and rules look at the differences.

Every figure is a formula over sums over messages, so its difference between the two models is
resampled as a whole (paired bootstrap, Efron and Tibshirani 1993): messages are drawn with
replacement, both models keep their verdicts on them, and the interval holds the middle 95 % of the
differences. Seeded, so the same models and messages always give the same verdict.

A set of messages counts only where neither model can have been fitted on it. Each rule must be
judged on enough messages of at least one set that counts; what nobody could measure is refused, not
waved through. The rules are :data:`RULES`; ``docs/retraining.md`` says why they are as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training import public, splits
from training.corpus import Corpus, Example, in_languages, read_corpus
from training.detector import detector_of
from training.evaluate import OWN_TEST, Verdicts, judge
from training.recipe import Recipe
from triage.domain.scores import LABELS, Head, Urgency
from triage.errors import InvalidInput
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 2000
#: How much worse a figure may look although noise could explain it: noise must not hide more than this.
MARGIN: Final = 0.03
#: How much larger the calibration error may be.
CALIBRATION_MARGIN: Final = 0.02
#: A figure over fewer messages is shown and not counted; urgent messages are rare and fewer must do.
FEWEST_MESSAGES: Final = 100
FEWEST_URGENT: Final = 30

PASSED: Final = "passed"
REFUSED: Final = "refused"
NOT_COUNTED: Final = "not counted"

_SEED: Final = 20261126
_AT_A_TIME: Final = 100
_BINS: Final = 15
_URGENT: Final = tuple(LABELS[Head.URGENCY].index(level) for level in (Urgency.CRITICAL, Urgency.HIGH))


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure as a formula over sums: ``columns`` gives ``(messages, sums)``, ``formula`` takes ``(draws, sums)``.

    ``counted`` is the number of messages that the figure is of.
    """

    name: str
    columns: Callable[[Verdicts], Floats]
    formula: Callable[[Floats], Floats]
    counted: Callable[[Verdicts], int] = lambda verdicts: len(verdicts.true)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a candidate may not do to a figure of the ``heads``.

    ``beyond_noise``: it may not be worse with the whole interval. ``margin``: it may not be worse by more.
    """

    measure: Measure
    heads: tuple[Head, ...]
    beyond_noise: bool
    margin: float | None
    fewest: int = FEWEST_MESSAGES
    less_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Messages to judge. ``why_not`` says why they do not count; ``left_out`` were in the recipe's corpus as well."""

    title: str
    examples: tuple[Example, ...]
    why_not: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule on one head and one set; ``interval`` is that of ``difference``, candidate less live."""

    messages_of: str
    head: str
    figure: str
    messages: int
    live: float
    candidate: float
    difference: float
    interval: tuple[float, float]
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. ``refusals`` is empty where the candidate may replace the live model."""

    candidate: str
    live: str
    same_labels: bool
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    refusals: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.refusals

    def as_json(self) -> dict[str, Any]:
        return {
            "candidate": self.candidate,
            "live": self.live,
            "passed": self.passed,
            "same_labels": self.same_labels,
            "refusals": list(self.refusals),
            "sets": [
                {
                    "title": one.title,
                    "messages": len(one.examples),
                    "left_out": one.left_out,
                    "counts": not one.why_not,
                    "why_not": one.why_not or None,
                }
                for one in self.evidence
            ],
            "rules": [asdict(one) for one in self.findings],
        }


def compare(candidate: Path, live: Path, recipe: Recipe, corpora: Path, files: Sequence[Path]) -> Report:
    """Judge the artifact in ``candidate`` against the one in ``live``.

    On the test part of the recipe's corpus, on the public measuring sets that ``corpora`` has, and on ``files``
    of labelled messages in the format of the corpus. The candidate's encoder may be beside either.

    Raises:
        ArtifactError: an artifact is damaged, foreign, or not one that serving loads.
        InvalidInput: a file of messages is broken or has no labels.
    """
    encoders = [live.resolve().parent]
    new, old = Classifier.load(candidate, encoders), Classifier.load(live, encoders)
    odd = _other_labels(new, old)
    if odd:
        return Report(new.version, old.version, False, (), (), (odd,))
    evidence = gather(recipe, corpora, files, new.about.manifest, old.about.manifest)
    detector = detector_of(recipe)
    scorers = Scorer.load(candidate, encoders, detector), Scorer.load(live, encoders, detector)
    findings: list[Finding] = []
    for one in evidence:
        of_candidate, of_live = (judge(scorer, one.examples) for scorer in scorers)
        findings += [
            find(rule, head, one, of_candidate[head], of_live[head])
            for rule in RULES
            for head in rule.heads
            if head in of_live
        ]
    return Report(new.version, old.version, True, tuple(evidence), tuple(findings), refusals(findings))


def gather(
    recipe: Recipe, corpora: Path, files: Sequence[Path], candidate: Mapping[str, Any], live: Mapping[str, Any]
) -> list[Evidence]:
    """The sets of messages, and whether they count for models with these two manifests."""
    corpus = read_corpus(list(recipe.corpora))
    spoken = in_languages(corpus.examples, recipe.languages)
    parts = splits.split(spoken, recipe.split)
    why_not = _why_seen(candidate, live, corpus, {part: len(own) for part, own in parts.items()})
    found = [Evidence(OWN_TEST, tuple(parts[splits.TEST]), why_not)]
    sets: dict[str, Sequence[Example]] = {**public.measuring_sets(corpora)}
    sets |= {str(path): _labelled(path) for path in files}
    fitted_on = {one.text for one in corpus.examples}
    for title, examples in sets.items():
        unseen = tuple(one for one in examples if one.text not in fitted_on)
        found.append(Evidence(title, unseen, left_out=len(examples) - len(unseen)))
    return found


def _labelled(path: Path) -> tuple[Example, ...]:
    examples = read_corpus([path]).examples
    if not any(one.labels for one in examples):
        raise InvalidInput("has no labels to judge by", field=path.name)
    return examples


def find(rule: Rule, head: Head, evidence: Evidence, candidate: Verdicts, live: Verdicts) -> Finding:
    """What ``rule`` says of one head on one set."""
    before, after, interval = paired(rule.measure, live, candidate)
    messages = rule.measure.counted(live)
    why_not = evidence.why_not
    if not why_not and messages < rule.fewest:
        why_not = f"only {messages} messages, at least {rule.fewest} are needed"
    fault = _fault(rule, after - before, interval)
    verdict = NOT_COUNTED if why_not else REFUSED if fault else PASSED
    return Finding(
        messages_of=evidence.title,
        head=head.value,
        figure=rule.measure.name,
        messages=messages,
        live=before,
        candidate=after,
        difference=after - before,
        interval=interval,
        verdict=verdict,
        words=why_not or fault or "no worse than the rule allows",
    )


def refusals(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Why the candidate may not replace the live model, one sentence each: rules broken, then rules unjudged."""
    broken = [
        f"{one.head}, {one.figure} on {one.messages_of}: {one.words}" for one in findings if one.verdict == REFUSED
    ]
    judged = {(one.figure, one.head) for one in findings if one.verdict != NOT_COUNTED}
    unjudged = [
        f"{head.value}, {rule.measure.name}: no set that counts has enough messages to judge it"
        for rule in RULES
        for head in rule.heads
        if (rule.measure.name, head.value) not in judged
    ]
    return tuple(broken + unjudged)


def paired(measure: Measure, live: Verdicts, candidate: Verdicts) -> tuple[float, float, tuple[float, float]]:
    """The figure of both, and the bootstrap interval of candidate less live."""
    columns = np.hstack([measure.columns(live), measure.columns(candidate)])
    before, after = _both(measure, columns.sum(axis=0, keepdims=True))
    count = len(columns)
    chance = np.random.default_rng(_SEED)
    differences = []
    for _ in range(RESAMPLES // _AT_A_TIME):
        drawn = chance.integers(0, count, (_AT_A_TIME, count)) + np.arange(_AT_A_TIME)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=_AT_A_TIME * count).reshape(_AT_A_TIME, count)
        of_live, of_candidate = _both(measure, times @ columns)
        differences.append(of_candidate - of_live)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(differences), (tail, 1 - tail))
    return float(before[0]), float(after[0]), (float(low), float(high))


def _both(measure: Measure, sums: Floats) -> tuple[Floats, Floats]:
    of_live, of_candidate = np.split(sums, 2, axis=1)
    return measure.formula(of_live), measure.formula(of_candidate)


def _fault(rule: Rule, difference: float, interval: tuple[float, float]) -> str:
    """What is wrong, in words; empty where nothing is."""
    gain, best = (-difference, -interval[0]) if rule.less_is_better else (difference, interval[1])
    if rule.beyond_noise and best < 0:
        return "worse beyond noise: the whole interval is on the wrong side of 0"
    if rule.margin is not None and gain < -rule.margin:
        return f"worse by more than {rule.margin}"
    return ""


def _other_labels(candidate: Classifier, live: Classifier) -> str:
    names = sorted(candidate.heads.keys() | live.heads.keys())
    labels = [{name: head.labels for name, head in one.heads.items()} for one in (candidate, live)]
    odd = [name for name in names if labels[0].get(name) != labels[1].get(name)]
    return f"the label sets are not the same: {', '.join(odd)}" if odd else ""


def _why_seen(candidate: Mapping[str, Any], live: Mapping[str, Any], corpus: Corpus, parts: Mapping[str, int]) -> str:
    """Why a model may have been fitted on the test part; empty where none can have been.

    A live model fitted on other files or by another split may know some of these messages too. That can only make
    the candidate look worse, so it is let pass; for the candidate it is not.
    """
    for name, manifest in (("candidate", candidate), ("live model", live)):
        refitted = _entry(manifest, "recipe").get("refit_on_everything")
        if refitted is True:
            return f"the {name} was refitted on everything, these messages included"
        if refitted is not False:
            return f"the {name} does not say whether it was fitted on these messages"
    same_files = _entry(candidate, "data").get("files") == dict(corpus.files)
    if not same_files or _entry(candidate, "recipe").get("split") != dict(parts):
        return "the candidate was fitted on another corpus or split and may have seen these messages"
    return ""


def _entry(manifest: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = manifest.get(key)
    return found if isinstance(found, Mapping) else {}


def _one_hot(places: Ints, count: int) -> Floats:
    return np.eye(count)[places]


def _f1_columns(verdicts: Verdicts) -> Floats:
    true, said = (_one_hot(places, verdicts.labels) for places in (verdicts.true, verdicts.said))
    return np.hstack([true * said, true + said])


def _macro_f1(sums: Floats) -> Floats:
    """As :func:`training.metrics.macro_f1`: the mean over the labels that occur."""
    hits, either = np.split(sums, 2, axis=1)
    f1 = 2 * hits / np.maximum(either, 1)
    mean: Floats = f1.sum(axis=1) / np.maximum((either > 0).sum(axis=1), 1)
    return mean


def _kappa_columns(verdicts: Verdicts) -> Floats:
    return _one_hot(verdicts.true * verdicts.labels + verdicts.said, verdicts.labels**2)


def _quadratic_kappa(sums: Floats) -> Floats:
    """As :func:`training.metrics.quadratic_kappa`."""
    labels = round(sums.shape[1] ** 0.5)
    observed = sums.reshape(-1, labels, labels)
    steps = np.arange(labels)
    costs = np.square(steps[:, None] - steps[None, :])
    expected = observed.sum(axis=2)[:, :, None] * observed.sum(axis=1)[:, None, :]
    worst = (costs * expected).sum(axis=(1, 2)) / np.maximum(observed.sum(axis=(1, 2)), 1)
    seen = (costs * observed).sum(axis=(1, 2))
    kappa: Floats = 1 - np.divide(seen, worst, out=np.zeros_like(worst), where=worst > 0)
    return kappa


def _recall_columns(verdicts: Verdicts) -> Floats:
    urgent = np.isin(verdicts.true, _URGENT)
    return np.stack([urgent & np.isin(verdicts.said, _URGENT), urgent], axis=1).astype(np.float64)


def _recall(sums: Floats) -> Floats:
    share: Floats = sums[:, 0] / np.maximum(sums[:, 1], 1)
    return share


def _calibration_columns(verdicts: Verdicts) -> Floats:
    places = np.minimum((verdicts.confidence * _BINS).astype(np.int64), _BINS - 1)
    gaps = verdicts.confidence - (verdicts.true == verdicts.said)
    return np.hstack([_one_hot(places, _BINS) * gaps[:, None], np.ones((len(gaps), 1))])


def _calibration_error(sums: Floats) -> Floats:
    """As :func:`training.metrics.calibration_error`: the gaps of the bins, each by its share of the messages."""
    error: Floats = np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1]
    return error


MACRO_F1: Final = Measure("macro-F1", _f1_columns, _macro_f1)
QUADRATIC_KAPPA: Final = Measure("quadratic kappa", _kappa_columns, _quadratic_kappa)
URGENT_RECALL: Final = Measure(
    "recall of critical and high",
    _recall_columns,
    _recall,
    counted=lambda verdicts: int(np.isin(verdicts.true, _URGENT).sum()),
)
CALIBRATION_ERROR: Final = Measure("calibration error", _calibration_columns, _calibration_error)

#: What a candidate must hold on every set that counts.
RULES: Final = (
    Rule(MACRO_F1, (Head.INTENT, Head.SENTIMENT), beyond_noise=True, margin=MARGIN),
    Rule(QUADRATIC_KAPPA, (Head.URGENCY, Head.PRIVACY), beyond_noise=True, margin=MARGIN),
    Rule(URGENT_RECALL, (Head.URGENCY,), beyond_noise=True, margin=None, fewest=FEWEST_URGENT),
    Rule(CALIBRATION_ERROR, tuple(Head), beyond_noise=False, margin=CALIBRATION_MARGIN, less_is_better=True),
)
