"""What agents' corrections would do for the sentiment of one trade: a learning curve on airline tweets.

The tweets' labels stand for corrections by agents. Half of the authors are judged on, corrections come from the
other half, and the sentiment head is fitted again on the recipe's corpus and the corrections, as one would who
retrains. What is fitted here is judged and thrown away: these tweets are for measuring only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import fit, public
from training.corpus import Example, numbered_rows
from training.design import Design
from training.figures.figure import Figure, Goal, Measured
from training.figures.intervals import macro_f1
from training.figures.setting import Setting
from training.lexicon import read_lexicon
from training.recipe import Recipe
from training.shipping import numbers, readings
from triage.domain.scores import LABELS, Head
from triage.errors import InvalidInput
from triage.scoring.features import Reading
from triage.scoring.vectors import PieceVectors

Ints = NDArray[np.int64]

COUNTS: Final = (0, 100, 300, 1000, 3000)
REPEATS: Final = 3
#: How many times a correction counts as much as a message of the corpus, and what else was tried.
WEIGHT: Final = 3
OTHER_WEIGHTS: Final = (1, 5)
#: The number of corrections that the weights are compared at and the aim is for.
AT: Final = 1000
AIM: Final = 0.77
#: The picture of the curve, in ``docs/img``.
PICTURE: Final = "learning-curve.png"
_SEED: Final = 20261126


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages as serving would read them, and the place of each one's sentiment in the head's list."""

    readings: tuple[Reading, ...]
    true: Ints

    def __len__(self) -> int:
        return len(self.readings)

    def some(self, places: Ints) -> Messages:
        return Messages(tuple(self.readings[place] for place in places), self.true[places])


@dataclass(frozen=True, slots=True)
class Halves:
    """Tweets to judge on, and tweets that stand for corrections; no author has tweets in both."""

    judged: Messages
    corrections: Messages


@dataclass(frozen=True, slots=True)
class Point:
    """Macro-F1 with ``count`` corrections of ``weight``, one for each repeat."""

    count: int
    weight: int
    macro_f1: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.macro_f1))


def read(examples: Sequence[Example], recipe: Recipe) -> Messages:
    """Messages as the service would read them; all must have a sentiment."""
    return Messages(tuple(readings(examples, recipe)), numbers(examples, Head.SENTIMENT))


def is_judged(author: str) -> bool:
    """Which half an author is in, by a hash, so that it does not depend on who else is there."""
    return hashlib.sha256(author.encode()).digest()[0] % 2 == 0


def draw(total: int, counts: Sequence[int], repeat: int) -> dict[int, Ints]:
    """Places of the corrections of one repeat, by count; those of a smaller count are among those of a larger one."""
    order = np.random.default_rng([_SEED, repeat]).permutation(total)
    return {count: order[:count] for count in counts}


def judged_after(recipe: Recipe, corpus: Messages, corrections: Messages, weight: int, judged: Messages) -> float:
    """Macro-F1 on ``judged`` of a head fitted on ``corpus`` and ``corrections``, each of which counts ``weight`` times.

    The n-grams to keep are chosen with every correction counted once: a word of one tweet is no rule.
    """
    design = Design(recipe.features, PieceVectors.load(recipe.vectors), read_lexicon(recipe.lexicon))
    matrix = design.fit([*corpus.readings, *corrections.readings])
    true = np.concatenate([corpus.true, corrections.true])
    rows = np.repeat(np.arange(len(true)), [1] * len(corpus) + [weight] * len(corrections))
    labels = LABELS[Head.SENTIMENT]
    nothing = matrix[:0], true[:0]  # to calibrate on: the temperature changes no verdict
    head = fit.fit_head(
        Head.SENTIMENT, labels, (matrix[rows], true[rows]), nothing, recipe.heads[Head.SENTIMENT], recipe.seed
    )
    said = head.values(design.transform(judged.readings)).argmax(axis=1)
    return macro_f1(len(labels))(judged.true, said)


def points(recipe: Recipe, corpus: Messages, tweets: Halves, counts: Sequence[int], weight: int) -> list[Point]:
    """The curve: a fit per count and repeat, but one alone without corrections, where chance has no part."""
    found = []
    for count in counts:
        drawn = [
            tweets.corrections.some(draw(len(tweets.corrections), counts, repeat)[count])
            for repeat in range(REPEATS if count else 1)
        ]
        macro = tuple(judged_after(recipe, corpus, own, weight, tweets.judged) for own in drawn)
        found.append(Point(count, weight, macro))
    return found


def measure(setting: Setting) -> Measured:
    recipe = setting.recipe
    path = setting.corpus("airline/dev.jsonl")
    authors = [row.get("author") for _, row in numbered_rows(path)]
    if not all(isinstance(author, str) for author in authors):
        raise InvalidInput("has a line without an author", field=path.name)
    tweets = _halves(public.airline(setting.corpora), [str(author) for author in authors], recipe)
    corpus = read(setting.spoken(), recipe)
    setting.say(f"curve: {len(tweets.judged):,} tweets to judge on, {len(tweets.corrections):,} to draw from")
    shown = points(recipe, corpus, tweets, COUNTS, WEIGHT)
    others = [point for weight in OTHER_WEIGHTS for point in points(recipe, corpus, tweets, (AT,), weight)]
    if setting.picture:
        plot(shown, setting.picture)
    figures = tuple(
        Figure(
            f"airline sentiment, macro-F1 after {point.count:,} corrections",
            point.mean,
            Goal(aim=AIM) if point.count == AT else None,
            messages=len(tweets.judged),
        )
        for point in shown
    )
    return Measured("curve", figures, details=details(shown, others, tweets))


def details(shown: Sequence[Point], others: Sequence[Point], tweets: Halves) -> str:
    """What was done, and the curve as a picture and a table; ``others`` are rows of other weights."""
    lines = [
        "The labels of airline tweets stand for agents' corrections. The sentiment head is fitted again by the "
        f"recipe, on its corpus and corrections drawn from {len(tweets.corrections):,} tweets, and judged on "
        f"{len(tweets.judged):,} tweets of other authors; {REPEATS} draws of each number, the smaller in the larger. "
        f"A correction counts {WEIGHT} times as much as a message of the corpus. With none it is the shipped recipe's "
        "linear head, fitted on the whole corpus. Nothing that is fitted here is shipped.",
        "",
        f"![Macro-F1 of airline sentiment by the number of corrections](img/{PICTURE})",
        "",
        "| corrections | weight | macro-F1 | lowest – highest draw |",
        "|--:|--:|--:|---|",
    ]
    lines += [
        f"| {point.count:,} | {point.weight if point.count else ''} | {point.mean:.3f} "
        f"| {min(point.macro_f1):.3f} – {max(point.macro_f1):.3f} |"
        for point in [*shown, *others]
    ]
    return "\n".join(lines)


def plot(shown: Sequence[Point], path: Path) -> None:
    """Draw the curve: means, and the range of the draws."""
    from matplotlib.figure import Figure as Canvas  # here: only whoever writes the page needs it

    canvas = Canvas(figsize=(7, 4), layout="constrained")
    axis = canvas.subplots()
    counts = [point.count for point in shown]
    axis.fill_between(
        counts,
        [min(point.macro_f1) for point in shown],
        [max(point.macro_f1) for point in shown],
        color="#1f5a8c",
        alpha=0.2,
        linewidth=0,
    )
    axis.plot(counts, [point.mean for point in shown], marker="o", color="#1f5a8c")
    axis.axhline(AIM, color="#8a3b12", linestyle="--", linewidth=1)
    axis.annotate(f"aim at {AT:,}: {AIM:g}", (counts[-1], AIM), ha="right", va="bottom", color="#8a3b12")
    axis.set_xscale("symlog", linthresh=100)
    axis.set_xlim(left=0)
    axis.set_xticks(counts, [f"{count:,}" for count in counts])
    axis.set_xlabel("corrections")
    axis.set_ylabel("macro-F1, sentiment of airline tweets")
    axis.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, dpi=120, metadata={"Software": None})


def _halves(examples: Sequence[Example], authors: Sequence[str], recipe: Recipe) -> Halves:
    first = np.array([is_judged(author) for author in authors], bool)
    both = read(examples, recipe)
    return Halves(both.some(np.flatnonzero(first)), both.some(np.flatnonzero(~first)))
