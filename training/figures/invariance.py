"""How often a verdict stays the same when something changes that means nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training import public, splits
from training.corpus import Example
from training.figures.changes import CHANGES, Change
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Absent, Setting
from triage.domain.scores import Head, Scores, Utterance
from triage.scoring.scorer import Scorer

#: How many messages of each source are drawn.
SAMPLE: Final = 2000
GOAL: Final = Goal(0.97, 0.995)
_SEED: Final = 20261126
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Steadiness:
    """One kind of change over the ``messages`` that it could be made to: shares with the same label as before.

    ``together`` is the share on which all heads kept theirs.
    """

    kind: str
    messages: int
    heads: Mapping[Head, float]
    together: float

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.heads.values())))


def steadiness(scorer: Scorer, examples: Sequence[Example], kind: str, change: Change) -> Steadiness | None:
    """Change each message once, by chance that is seeded; ``None`` where no message could be changed."""
    chance = np.random.default_rng(_SEED)
    pairs = []
    for one in examples:
        changed = change(one.text, one.spans, chance)
        if changed is not None:
            pairs.append((one.utterance, replace(one.utterance, text=changed)))
    if not pairs:
        return None
    before, after = (_score(scorer, [pair[place] for pair in pairs]) for place in (0, 1))
    same = {
        head: np.array([a.head(head).label == b.head(head).label for a, b in zip(before, after, strict=True)])
        for head in Head
    }
    together = np.logical_and.reduce(list(same.values()))
    return Steadiness(kind, len(pairs), {head: float(own.mean()) for head, own in same.items()}, float(together.mean()))


def measure(setting: Setting) -> Measured:
    """On a sample of the recipe's test part and of real care messages, where those are."""
    sources = [splits.split(setting.spoken(), setting.recipe.split)[splits.TEST]]
    try:
        setting.corpus("care_dev/labelled.jsonl")
    except Absent as error:
        setting.say(f"invariance: without real care messages: {error}")
    else:
        sources.append(public.care(setting.corpora))
    chance = np.random.default_rng(_SEED)
    examples = [one for source in sources for one in _sample(source, chance)]
    found = [
        one
        for kind, change in CHANGES.items()
        if (one := steadiness(setting.scorer, examples, kind, change)) is not None
    ]
    figures = [Figure(one.kind, one.mean, GOAL, Unit.PERCENT, messages=one.messages) for one in found]
    return Measured("invariance", tuple(figures), setting.scorer.version, _details(found, len(examples)))


def _sample(examples: Sequence[Example], chance: np.random.Generator) -> list[Example]:
    drawn = chance.permutation(len(examples))[:SAMPLE]
    return [examples[place] for place in sorted(drawn)]


def _score(scorer: Scorer, utterances: Sequence[Utterance]) -> list[Scores]:
    found: list[Scores] = []
    for start in range(0, len(utterances), _BATCH):
        found += scorer.score(utterances[start : start + _BATCH], explain=False)
    return found


def _details(found: Sequence[Steadiness], messages: int) -> str:
    heads = " | ".join(head.value for head in Head)
    lines = [
        f"Of {messages:,} messages, of the recipe's test part and real care messages, each that has something to "
        "change is changed once. A figure is the mean over the heads of the share of messages whose label stays; "
        "the table has each head, and the share on which all four labels stay. The model that is shipped may have been "
        "fitted on the messages of the test part, too.",
        "",
        f"| change | messages | {heads} | all four |",
        "|---|--:|" + "--:|" * (len(Head) + 1),
    ]
    for one in found:
        shares = " | ".join(f"{one.heads[head]:.1%}" for head in Head)
        lines.append(f"| {one.kind} | {one.messages:,} | {shares} | {one.together:.1%} |")
    return "\n".join(lines)
