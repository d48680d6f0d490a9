"""The prior of the matcher's curve: what a piece of evidence is worth before a knowledge base has said anything.

It is settled on messages with known answers over several knowledge bases, so that it suits no single one: the demo
brand's development messages, which alone have grievances and personal cases among them, and a few questions a snippet
of CLINC150 and HWU64, drawn by fixed seeds, asked what belongs to them and as much that does not. Of the brand's only
those count that its policy would let through: the rest is never answered whatever the curve says. The result is
rounded into ``triage/answers/match.py``; the curve of each knowledge base is fitted from there on its own questions.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.answering import Answerer, Asked
from training.figures.answers import knowledge_base
from training.figures.single_head import read_rows
from training.single import Row
from triage.answers.calibration import Calibration, fit
from triage.answers.evidence import KnownQuestions
from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.similarity import SentenceVectors

Floats = NDArray[np.float64]

#: Where it starts: settled by hand and on 725 messages for the demo brand, before there were other knowledge bases.
START: Final = Calibration((3.6, 1.9, 5.3, 3.5, 3.1, -0.45, -2.7, -2.8, -4.3, -2.0, -2.8), bias=-4.9)
STRENGTH: Final = 3.0
#: Weight of all cases of one knowledge base, in cases.
OWN: Final = 500.0
PUBLIC: Final = 100.0
#: Questions a snippet, and snippets, of each knowledge base that is drawn from a public set.
DRAWN: Final = ((10, 30), (5, 40), (20, 25))
_ASKED: Final = 400
#: Every so-manieth message of HWU64 is asked and not known: it has no part of its own for that.
_PARTS: Final = 4
#: The best snippet depends on the curve, and the curve on the best snippets.
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Lesson:
    """A knowledge base, messages with the ids of their snippets, and how much all of them weigh."""

    known: KnowledgeBase
    asked: Sequence[Asked]
    weight: float


def lessons(path: Answerer, development: Sequence[Asked], corpora: Path) -> Iterator[Lesson]:
    """What the prior is settled on.

    Raises:
        InvalidInput: a corpus is broken.
        OSError: it is not there.
    """
    known = path.answers.knowledge_base
    let_through = [one.asked for one in path.verdicts(development, known.today).each if one.allowed]
    yield Lesson(known, let_through, OWN)
    clinc = [read_rows(corpora / "clinc150" / f"{part}.jsonl", "oos") for part in ("train", "val")]
    hwu = read_rows(corpora / "hwu64" / "train.jsonl")
    held = hwu[::_PARTS]
    for rows, asked in (clinc, ([row for row in hwu if row not in held], held)):
        for seed, (questions, snippets) in enumerate(DRAWN):
            yield drawn(rows, asked, questions, snippets, seed)


def drawn(rows: Sequence[Row], held: Sequence[Row], questions: int, snippets: int, seed: int) -> Lesson:
    """A knowledge base of a few of the labels; asked are messages of these and, as many, of none of them."""
    chance = random.Random(seed)  # noqa: S311
    labels = set(chance.sample(sorted({row.label for row in rows if row.label is not None}), snippets))
    few: dict[str, list[Row]] = defaultdict(list)
    for row in chance.sample(rows, len(rows)):
        if row.label in labels and len(few[row.label]) < questions:
            few[row.label].append(row)
    inside = [Asked(row.text, row.label) for row in held if row.label in labels]
    outside = [Asked(row.text, None) for row in held if row.label not in labels]
    count = min(len(inside), len(outside), _ASKED)
    asked = [*chance.sample(inside, count), *chance.sample(outside, count)]
    return Lesson(knowledge_base([row for own in few.values() for row in own]), asked, PUBLIC)


def settled(lessons: Iterable[Lesson], vectors: SentenceVectors) -> Calibration:
    """The curve that explains all lessons, in small steps from :data:`START`."""
    found = START
    seen = [(lesson, *_evidence(lesson, vectors)) for lesson in lessons]
    for _ in range(_ROUNDS):
        cases = [_best(evidence, right, found) for _, evidence, right in seen]
        weight = [
            np.full(len(right), lesson.weight / len(right))
            for (lesson, *_), (_, right) in zip(seen, cases, strict=True)
        ]
        evidence, right = (np.concatenate(parts) for parts in zip(*cases, strict=True))
        found = fit(evidence, right, START, STRENGTH, sample_weight=np.concatenate(weight))
    return found


def _evidence(lesson: Lesson, vectors: SentenceVectors) -> tuple[Floats, Floats]:
    """Of every message and snippet: shape (messages, snippets, evidence), and whether it is right."""
    known = KnownQuestions.of(lesson.known, vectors)
    evidence = np.array([known.evidence(one.text)[0] for one in lesson.asked])
    right = np.array([[snippet.id == one.snippet for snippet in lesson.known.snippets] for one in lesson.asked], float)
    return evidence, right


def _best(evidence: Floats, right: Floats, curve: Calibration) -> tuple[Floats, Floats]:
    """The evidence of each message's best snippet by a curve, and whether it is right."""
    rows = np.arange(len(evidence))
    best = curve.confidence(evidence).argmax(axis=1)
    return evidence[rows, best], right[rows, best]
