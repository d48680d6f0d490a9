"""How much the matcher that answers in production could answer, and how seldom wrongly: public sets, the demo brand.

Of a public set each label is a snippet and its training rows are the snippet's questions.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.answering import FIRST, Answerer, Asked, read_asked
from training.certify import Target, certify
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.intervals import interval
from training.figures.setting import Setting
from training.figures.single_head import read_rows
from training.single import Row, read_labelled
from triage.answers.accounts import Matchers
from triage.answers.answering import SnippetAnswers
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.answers.similarity import SentenceVectors
from triage.brand import load_brand
from triage.domain.scores import Utterance
from triage.policy import objections
from triage.scoring.sentences import SentenceEncoder

_ROOT: Final = Path(__file__).parents[2]
DEMO_BRAND: Final = _ROOT / "app" / "demo"
QUESTIONS: Final = _ROOT / "training" / "answers" / "demo_questions.jsonl"
#: Any day: what is made of public sets never expires.
_DAY: Final = date(2026, 11, 26)
HINT3_BRANDS: Final = ("curekart", "powerplay11", "sofmattress")
SPLITS: Final = 200
_SEED: Final = 20261126
_TIMED: Final = 300
_SLOWEST: Final = 99.0

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Matched:
    """For each message the best snippet's confidence, and whether it is right, first and among three."""

    confidence: Floats
    right: Flags
    among_three: Flags
    answerable: Flags

    def answerable_share(self, most_wrong: float) -> float:
        return metrics.answerable(self.confidence, self.right, most_wrong)


@dataclass(frozen=True, slots=True)
class Halves:
    """Thresholds certified on one half and used on the other, over many splits.

    ``kept`` is the share of splits in which at most the promised share was wrong on the other half, ``coverage`` the
    mean share answered there; a split on which nothing is certified answers nothing and breaks no promise.
    """

    kept: float
    coverage: float
    certified: float


def hint3(setting: Setting) -> Measured:
    test = read_labelled(setting.corpus("hint3/curekart_test.jsonl"))
    train = {name: read_labelled(setting.corpus(f"hint3/{name}_train.jsonl")) for name in HINT3_BRANDS}
    vectors = encoder(setting)
    own = matched(knowledge_base(train["curekart"]), test, vectors)
    together = matched(by_account(train), [_to("curekart", row) for row in test], vectors)
    pooled = matched(knowledge_base([row for rows in train.values() for row in rows]), test, vectors)
    split = halves(own.confidence, own.right, Target(0.05))
    inside = own.answerable
    return Measured(
        "hint3",
        (
            Figure("accuracy in scope", share(own.right[inside]), Goal(0.85, 0.90), messages=int(inside.sum())),
            Figure(
                "answerable at most 5 % wrong, in hindsight",
                own.answerable_share(0.05),
                Goal(0.15, 0.30),
                Unit.PERCENT,
                messages=len(test),
            ),
            Figure("certified on one half: promise kept on the other", split.kept, Goal(0.95), Unit.PERCENT),
            Figure("… share answered there", split.coverage, Goal(aim=0.15), Unit.PERCENT),
            Figure("… splits on which anything is certified", split.certified, unit=Unit.PERCENT),
            Figure(
                "three brands in one knowledge base, each with its account: accuracy in scope",
                share(together.right[inside]),
                Goal(0.85, 0.90),
                messages=int(inside.sum()),
            ),
            Figure(
                "… answerable at most 5 % wrong, in hindsight",
                together.answerable_share(0.05),
                Goal(0.15, 0.30),
                Unit.PERCENT,
                messages=len(test),
            ),
            Figure(
                "… not told which account is asked: accuracy in scope",
                share(pooled.right[inside]),
                messages=int(inside.sum()),
            ),
            Figure(
                "… not told, answerable at most 5 % wrong, in hindsight",
                pooled.answerable_share(0.05),
                unit=Unit.PERCENT,
                messages=len(test),
            ),
        ),
        details=f"{share(~inside):.0%} of the test messages have no answer. First curekart has a knowledge base of "
        f"its own. The halves are {SPLITS} random splits; what is certified is at most 5 % wrong with 95 % confidence. "
        "Then all three brands share one, in which each snippet names its account; a message mentions the account that "
        "it is for, as on X. Without that some messages have the right answer twice, once under another brand's label "
        "(“chat with an agent”), and taking that one counts as wrong.",
    )


def clinc150(setting: Setting) -> Measured:
    train, held = (read_rows(setting.corpus(f"clinc150/{part}.jsonl"), "oos") for part in ("train", "val"))
    found = matched(knowledge_base(train), held, encoder(setting))
    inside = found.answerable
    return Measured(
        "clinc150-answers",
        (
            Figure("right snippet first", share(found.right[inside]), messages=int(inside.sum())),
            Figure(
                "answerable at most 1 % wrong, in hindsight",
                found.answerable_share(0.01),
                Goal(0.50, 0.65),
                Unit.PERCENT,
                messages=len(held),
            ),
        ),
        details=f"{len(train):,} training messages; those out of scope are known to have no answer. "
        f"{share(~inside):.0%} of the messages judged are out of scope.",
    )


def demo(setting: Setting) -> Measured:
    """The whole path: rules of the policy, matcher, certified threshold."""
    path = demo_path(setting)
    asked = read_asked(QUESTIONS, [snippet.id for snippet in path.answers.knowledge_base.snippets])
    today = path.answers.knowledge_base.today
    judged = path.verdicts(asked, today)
    answered = (
        judged.confidence >= path.policy.min_match_confidence if not path.policy.withheld else judged.right & False
    )
    times = decision_times(path, [one.text for one in asked[:_TIMED]], today)
    return Measured(
        "demo",
        (
            Figure(
                "answered, of the answerable",
                share((answered & judged.right)[judged.answerable]),
                Goal(0.45, 0.70),
                Unit.PERCENT,
                interval(_mean, *_as_pair((answered & judged.right)[judged.answerable])),
                int(judged.answerable.sum()),
            ),
            Figure(
                "wrong, of the answered",
                share(~judged.right[answered]),
                Goal(0.01, 0.003, less_is_better=True),
                Unit.PERCENT,
                interval(_mean, *_as_pair(~judged.right[answered])),
                int(answered.sum()),
            ),
            Figure("wrong answers", float((answered & ~judged.right).sum()), unit=Unit.COUNT, messages=len(asked)),
            Figure(
                "right snippet among three suggestions",
                share(among_suggestions(path, asked, today)),
                Goal(0.90, 0.97),
                Unit.PERCENT,
                messages=int(judged.answerable.sum()),
            ),
            Figure(
                "message to decision, 99th percentile",
                float(np.percentile(times, _SLOWEST)),
                Goal(15.0, 5.0, less_is_better=True),
                Unit.MILLISECONDS,
                messages=len(times),
            ),
            Figure("message to decision, median", float(np.median(times)), unit=Unit.MILLISECONDS, messages=len(times)),
        ),
        path.scorer.version,
        f"{len(asked)} questions and non-questions written by hand and never fitted on; nor was the threshold, "
        f"{path.policy.min_match_confidence:g}, chosen on them. An answer with another snippet is wrong, and so is any "
        "to a message that no snippet answers. The time is the processor's, for scoring, matching and deciding one "
        "message after the other.",
    )


def demo_path(setting: Setting) -> Answerer:
    """The demo brand's path with the policy that its certificate puts in force."""
    brand = load_brand(DEMO_BRAND)
    today = datetime.now(UTC).date()
    vectors = SentenceEncoder.load(setting.sentence_encoder)
    answers = SnippetAnswers.load(brand.knowledge_base, today=today, signature=brand.signature, vectors=vectors)
    return Answerer(answers.in_force(brand.policy, setting.scorer.made_of), answers, setting.scorer)


def decision_times(path: Answerer, texts: Sequence[str], today: date) -> Floats:
    """Milliseconds of processor time from each message to its decision, after a first one that counts nothing."""
    found = []
    for text in [texts[0], *texts]:
        start = time.process_time()
        (scores,) = path.scorer.score([Utterance(text)])
        matches = path.answers.matches(text, today, limit=1)
        objections(scores, matches[0] if matches else None, path.policy, FIRST)
        found.append(1000 * (time.process_time() - start))
    return np.array(found[1:])


def among_suggestions(path: Answerer, asked: Sequence[Asked], today: date) -> Flags:
    """Of the messages that have an answer, whether it is among the suggestions."""
    return np.array(
        [
            one.snippet in {match.snippet for match in path.answers.suggestions(one.text, today)}
            for one in asked
            if one.snippet is not None
        ],
        bool,
    )


def knowledge_base(rows: Sequence[Row]) -> KnowledgeBase:
    """A snippet for each label, with its rows as questions; rows without one are known to have no answer."""
    questions: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.label is not None:
            questions[row.label].append(row.text)
    snippets = tuple(Snippet(label, "", tuple(texts), ("",)) for label, texts in sorted(questions.items()))
    return KnowledgeBase(snippets, _DAY, tuple(row.text for row in rows if row.label is None))


def by_account(rows: Mapping[str, Sequence[Row]]) -> KnowledgeBase:
    """One knowledge base of several brands, each with snippets for its own account."""
    snippets = (
        replace(snippet, id=f"{brand}/{snippet.id}", accounts=(brand,))
        for brand, own in rows.items()
        for snippet in knowledge_base(own).snippets
    )
    no_answer = tuple(row.text for own in rows.values() for row in own if row.label is None)
    return KnowledgeBase(tuple(sorted(snippets, key=lambda snippet: snippet.id)), _DAY, no_answer)


def _to(brand: str, row: Row) -> Row:
    """The message as one to a brand's account."""
    return Row(f"@{brand} {row.text}", None if row.label is None else f"{brand}/{row.label}")


def matched(known: KnowledgeBase, rows: Sequence[Row], vectors: SentenceVectors) -> Matched:
    matchers = Matchers(known, vectors)
    found = [matchers.of(row.text).match(row.text, _DAY) for row in rows]
    pairs = list(zip(found, rows, strict=True))
    return Matched(
        np.array([matches[0].confidence if matches else 0.0 for matches in found]),
        np.array([bool(matches) and matches[0].snippet == row.label for matches, row in pairs], bool),
        np.array([row.label in {match.snippet for match in matches} for matches, row in pairs], bool),
        np.array([row.label is not None for row in rows], bool),
    )


def halves(confidence: Floats, right: Flags, target: Target, splits: int = SPLITS, seed: int = _SEED) -> Halves:
    chance = np.random.default_rng(seed)
    kept, covered, certified = 0, 0.0, 0
    for _ in range(splits):
        order = chance.permutation(len(confidence))
        one, other = order[: len(order) // 2], order[len(order) // 2 :]
        threshold = certify(confidence[one], right[one], target).threshold
        answered = confidence[other] >= (np.inf if threshold is None else threshold)
        certified += threshold is not None
        kept += share(~right[other][answered]) <= target.most_wrong
        covered += share(answered)
    return Halves(kept / splits, covered / splits, certified / splits)


def encoder(setting: Setting) -> SentenceVectors:
    return SentenceEncoder.load(setting.sentence_encoder)


def share(flags: Flags) -> float:
    """The share that is true; 0 of nothing."""
    return float(flags.mean()) if len(flags) else 0.0


def _as_pair(flags: Flags) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As the bootstrap wants it: what is, and what would be were all true."""
    return flags.astype(np.int64), np.ones(len(flags), np.int64)


def _mean(true: NDArray[np.int64], _: NDArray[np.int64]) -> float:
    return float(true.mean())
