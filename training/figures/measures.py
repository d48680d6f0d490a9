"""Which measures there are, in the order in which they are told, and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from training.figures import (
    answers,
    curve,
    guard,
    help_pages,
    invariance,
    label_sets,
    memory,
    people,
    personal_data,
    reasons,
    urgent,
    verdicts,
    x_texts,
)
from training.figures.figure import Measured
from training.figures.setting import Absent, Setting


@dataclass(frozen=True, slots=True)
class Measure:
    """``run`` raises :class:`Absent` where something that it needs is not there."""

    name: str
    title: str
    run: Callable[[Setting], Measured]


MEASURES: Final = (
    Measure("care", "Real care messages", verdicts.care),
    Measure("urgent", "Urgent messages found, and false alarms", urgent.measure),
    Measure("airline", "Sentiment of airline tweets", verdicts.airline),
    Measure("reasons", "Reasons of airline complaints", reasons.measure),
    Measure("own", "The project's own held-out messages", verdicts.own),
    Measure("invariance", "Verdicts that stay when nothing of meaning changes", invariance.measure),
    Measure("tweeteval", "Sentiment of tweets in general (SemEval, TweetEval's validation part)", label_sets.tweeteval),
    Measure("banking77", "Fine intents: BANKING77", label_sets.banking77),
    Measure("hwu64", "Fine intents: HWU64", label_sets.hwu64),
    Measure("clinc150", "Intents and what is out of scope: CLINC150", label_sets.clinc150),
    Measure("hint3", "Answers to real chatbot traffic: HINT3", answers.hint3),
    Measure("clinc150-answers", "Answers where much is out of scope: CLINC150", answers.clinc150),
    Measure("help-pages", "The help page an agent would link to: TCC", help_pages.measure),
    Measure("demo", "Answers of the demo brand", answers.demo),
    Measure("x-texts", "Lengths, mentions and links as X sees them", x_texts.measure),
    Measure("curve", "What corrections by agents add", curve.measure),
    Measure("personal-data", "Personal data found, and false alarms", personal_data.measure),
    Measure("guard", "The guard on what goes out", guard.measure),
    Measure("people", "Names of people in tweets", people.measure),
    Measure("memory", "Memory and time to load", memory.measure),
)
NAMES: Final = tuple(measure.name for measure in MEASURES)


def take(names: Sequence[str], setting: Setting) -> list[Measured]:
    """Run the measures that are named, all where none is; one that lacks something is left out, and said so."""
    found = []
    for measure in MEASURES:
        if names and measure.name not in names:
            continue
        setting.say(f"measuring {measure.name}")
        try:
            found.append(measure.run(setting))
        except Absent as error:
            setting.say(f"{measure.name} is left out: {error}")
    return found
