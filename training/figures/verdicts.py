"""The shipped model's verdicts against their goals: real care messages, airline tweets, its own held-out part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from training import public
from training.evaluate import OWN_TEST, Verdicts, judge
from training.figures.figure import Figure, Goal, Measured
from training.figures.intervals import Formula, accuracy, interval, macro_f1, quadratic_kappa
from training.figures.setting import Absent, Setting
from triage.domain.scores import LABELS, Head


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure of one head, by the name that manifests give it, and its goal."""

    head: Head
    figure: str
    goal: Goal


_NAMES: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "quadratic_kappa": "quadratic kappa",
    "calibration_error": "calibration error",
}

CARE: Final = (
    Aim(Head.INTENT, "accuracy", Goal(0.65, 0.80)),
    Aim(Head.SENTIMENT, "macro_f1", Goal(0.75, 0.85)),
    Aim(Head.URGENCY, "quadratic_kappa", Goal(0.55, 0.75)),
    Aim(Head.PRIVACY, "quadratic_kappa", Goal(0.75, 0.85)),
)
AIRLINE: Final = (Aim(Head.SENTIMENT, "macro_f1", Goal(0.66, 0.74)),)
OWN: Final = (
    Aim(Head.INTENT, "macro_f1", Goal(0.80, 0.90)),
    Aim(Head.SENTIMENT, "macro_f1", Goal(0.82, 0.90)),
    Aim(Head.URGENCY, "macro_f1", Goal(0.72, 0.82)),
    Aim(Head.URGENCY, "quadratic_kappa", Goal(0.78, 0.88)),
    *(Aim(head, "calibration_error", Goal(0.03, less_is_better=True)) for head in Head),
)


def care(setting: Setting) -> Measured:
    setting.corpus("care_dev/labelled.jsonl")
    judged = judge(setting.scorer, public.care(setting.corpora))
    return Measured(
        "care",
        against(CARE, judged),
        setting.scorer.version,
        "Labels on which the two annotators differ are left out. Used for choosing between recipes, never fitted on.",
    )


def airline(setting: Setting) -> Measured:
    setting.corpus("airline/dev.jsonl")
    judged = judge(setting.scorer, public.airline(setting.corpora))
    return Measured("airline", against(AIRLINE, judged), setting.scorer.version, "Never fitted on.")


def own(setting: Setting) -> Measured:
    """As the manifest has them: measured when the model was fitted, by weights that had not seen the test part.

    Raises:
        Absent: the manifest holds no such figures.
    """
    model = setting.classifier
    told = model.about.manifest.get("metrics", {}).get(OWN_TEST)
    if not told:
        raise Absent(f"the manifest in {setting.model} has no figures on held-out messages of the project's own")
    return Measured(
        "own",
        as_told(OWN, told),
        model.version,
        "Read from the model's manifest: taken when it was fitted, by weights that had not seen these messages or "
        "near-duplicates of them.",
    )


def against(aims: Sequence[Aim], judged: Mapping[Head, Verdicts]) -> tuple[Figure, ...]:
    """The figures of the heads that were judged, each with its bootstrap interval."""
    found = []
    for aim in aims:
        if aim.head in judged:
            one, formula = judged[aim.head], _formula(aim)
            found.append(
                Figure(
                    _name(aim),
                    formula(one.true, one.said),
                    aim.goal,
                    interval=interval(formula, one.true, one.said),
                    messages=len(one.true),
                )
            )
    return tuple(found)


def as_told(aims: Sequence[Aim], told: Mapping[str, Mapping[str, Any]]) -> tuple[Figure, ...]:
    """The figures that ``told``, the entry of a manifest by heads, has."""
    return tuple(
        Figure(_name(aim), float(of_head[aim.figure]), aim.goal, messages=of_head.get("messages"))
        for aim in aims
        if (of_head := told.get(aim.head.value, {})).get(aim.figure) is not None
    )


def _name(aim: Aim) -> str:
    return f"{aim.head.value}: {_NAMES[aim.figure]}"


def _formula(aim: Aim) -> Formula:
    labels = len(LABELS[aim.head])
    return {"accuracy": accuracy, "macro_f1": macro_f1(labels), "quadratic_kappa": quadratic_kappa(labels)}[aim.figure]
