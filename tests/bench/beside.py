"""The product's scorer beside its peers: speed on the same messages in the same run, and how good each is.

All take turns within a run, and each run has messages that nobody has met before; ratios are taken
within a run. Whoever is slow stops early and is compared on the messages that it got to.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from app.compose import compose
from tests.bench.peers import AIRLINE, NOTHING, OWN, Judge, LeftOut, Peer, package, peers
from tests.bench.table import Beside, Comparison
from training import metrics, public, splits
from training.corpus import Example, in_languages, numbered_rows, read_corpus
from training.recipe import read_recipe
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.domain.scores import LABELS, Head, Utterance
from triage.scoring.scorer import Scorer

RECIPE: Final = Path(__file__).parents[2] / "training" / "recipes" / "triage-en.toml"
PRODUCT: Final = "tweet-triage"
_JUDGES: Final = "four heads with reasons, exposed items and language"
_BATCH: Final = 1_000
_BATCHES: Final = 4
#: A peer that has judged this many seconds of a run's messages judges no further batch of them.
_LONG_ENOUGH: Final = 2.0
#: The service runs for days and knows common words; the first messages of its life are not the rule.
_WARMING_UP: Final = 2_000
_HELD_OUT: Final = 0.3
_SEED: Final = 1
_CORES: Final = os.cpu_count() or 1
#: Shares of second looks that are measured beside the shipped one.
_FASTER: Final = ((0.25, "second looks at a quarter"), (0.0, "no second looks"))


@dataclass(frozen=True, slots=True)
class Contestant:
    """One judge with the number of threads it uses, and its sentiment macro-F1 where it says sentiments."""

    name: str
    judges: str
    threads: int
    judge: Judge
    macro_f1: float | None


def measure_beside(file: Path, corpora: Path, runs: int) -> Comparison:
    """Everyone who can be measured here; messages are the inbound ones of ``file``."""
    with package("threadpoolctl").threadpool_limits(1):  # per core: nobody's linear algebra may use a second one
        held_out, training_sets = _data(corpora)
        scorer = compose(settings.read()).scorer
        product = _product(scorer)
        contestants = [Contestant(PRODUCT, _JUDGES, _CORES, product, sentiment_macro_f1(product, held_out))]
        for share, told in _FASTER:
            faster = _product(scorer.looking_again_at(share))
            contestants.append(
                Contestant(f"{PRODUCT}, {told}", _JUDGES, _CORES, faster, sentiment_macro_f1(faster, held_out))
            )
        left_out = []
        for peer in peers():
            print(f"fitting and judging: {peer.name}", file=sys.stderr)
            try:
                contestants += enter(peer, training_sets, held_out)
            except LeftOut as reason:
                left_out.append((peer.name, str(reason)))
        warming, parts = _messages(file, runs)
        product(warming)
        seconds = take_turns([one.judge for one in contestants], parts)
    sizes = [len(texts) for texts in parts]
    rows = [compare(one, own, seconds[0], sizes) for one, own in zip(contestants, seconds, strict=True)]
    return Comparison(tuple(rows), tuple(left_out), _note(held_out, training_sets, runs))


def enter(peer: Peer, training_sets: Mapping[str, Sequence[Example]], held_out: Sequence[Example]) -> list[Contestant]:
    """The peer fitted, and how good it is; one contestant for each number of threads.

    Raises:
        LeftOut: what it is fitted on or its package is not here.
    """
    train = training_sets[peer.fitted_on]
    if not train and peer.fitted_on != NOTHING:
        raise LeftOut(f"there are no {peer.fitted_on} here")
    judges = peer.fit(train)
    quickest = judges[max(judges)]
    macro_f1 = sentiment_macro_f1(quickest, held_out) if peer.sentiment else None
    return [Contestant(peer.name, peer.judges, threads, judge, macro_f1) for threads, judge in judges.items()]


def by_author(rows: Sequence[tuple[str, Example]], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Rows of (author, example) in two parts that share no author; ``share`` of the authors are in the second."""
    authors = sorted({author for author, _ in rows})
    random.Random(seed).shuffle(authors)
    kept_back = set(authors[: round(share * len(authors))])
    return (
        [example for author, example in rows if author not in kept_back],
        [example for author, example in rows if author in kept_back],
    )


def sentiment_macro_f1(judge: Judge, examples: Sequence[Example]) -> float | None:
    """Mean F1 over the sentiments that occur, or ``None`` without examples."""
    if not examples:
        return None
    labels = LABELS[Head.SENTIMENT]
    true = np.array([labels.index(one.labels[Head.SENTIMENT]) for one in examples])
    said = np.array([labels.index(label) for label in judge([one.text for one in examples])])
    return metrics.macro_f1(metrics.present(metrics.per_class(true, said, labels), said))


def take_turns(judges: Sequence[Judge], parts: Sequence[Sequence[str]]) -> list[list[list[float]]]:
    """Seconds of each batch, by judge and run; one of ``parts`` is a run's messages.

    Each run begins with another judge, so that nobody always has the machine as somebody left it.
    """
    seconds: list[list[list[float]]] = [[[] for _ in parts] for _ in judges]
    for run, texts in enumerate(parts):
        print(f"beside others, run {run + 1} of {len(parts)}", file=sys.stderr)
        for turn in range(len(judges)):
            place = (run + turn) % len(judges)
            seconds[place][run] = _timed(judges[place], texts)
    return seconds


def _timed(judge: Judge, texts: Sequence[str]) -> list[float]:
    spent: list[float] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        begin = time.perf_counter()
        judge(batch)
        spent.append(time.perf_counter() - begin)
        if sum(spent) >= _LONG_ENOUGH:
            break
    return spent


def compare(
    one: Contestant, own: Sequence[Sequence[float]], products: Sequence[Sequence[float]], sizes: Sequence[int]
) -> Beside:
    """A row of the table, from the seconds of each batch by run, and from how many messages each run had.

    The multiple is the product's speed over this one's, on the batches that both judged.
    """
    judged = [min(size, _BATCH * len(spent)) for size, spent in zip(sizes, own, strict=True)]
    speeds = tuple(count / sum(spent) for count, spent in zip(judged, own, strict=True))
    multiples = []
    for spent, products_own in zip(own, products, strict=True):
        both = min(len(spent), len(products_own))
        multiples.append(sum(spent[:both]) / sum(products_own[:both]))
    return Beside(one.name, one.judges, one.threads, speeds, tuple(multiples), one.macro_f1)


def _product(scorer: Scorer) -> Judge:
    """The live scorer with everything it gives; only the sentiments are handed on."""
    return lambda texts: [one.sentiment.label for one in scorer.score([Utterance(text) for text in texts])]


def _messages(file: Path, runs: int) -> tuple[list[str], list[list[str]]]:
    """Messages to warm up with, and those of each run; what the file has too few of comes again from its start."""
    rows = (row for row in read_traffic(file) if not isinstance(row, Rejected) and row.inbound)
    size = _BATCH * _BATCHES
    texts = [row.text for row in islice(rows, _WARMING_UP + runs * size)]
    again = [texts[place % len(texts)] for place in range(_WARMING_UP + runs * size)]
    return again[:_WARMING_UP], [again[start : start + size] for start in range(_WARMING_UP, len(again), size)]


def _data(corpora: Path) -> tuple[list[Example], dict[str, list[Example]]]:
    """The held-out tweets (none where the corpora are not here), and what peers are fitted on."""
    path = corpora / public.AIRLINE / "dev.jsonl"
    others: list[Example] = []
    held_out: list[Example] = []
    if path.is_file():
        authors = [str(row["author"]) for _, row in numbered_rows(path)]
        others, held_out = by_author(list(zip(authors, public.airline(corpora), strict=True)), _HELD_OUT, _SEED)
    return held_out, {OWN: _own(), AIRLINE: others, NOTHING: []}


def _own() -> list[Example]:
    """The messages that the weights of the recipe's model saw: peers get neither more nor fewer."""
    recipe = read_recipe(RECIPE)
    examples = read_corpus(list(recipe.corpora)).examples
    spoken = in_languages(examples, recipe.languages)
    return spoken if recipe.refit else splits.split(spoken, recipe.split)[splits.TRAIN]


def _note(held_out: Sequence[Example], training_sets: Mapping[str, Sequence[Example]], runs: int) -> str:
    told = (
        f"Whoever learns was fitted on the product's own {len(training_sets[OWN]):,} messages, unless its name says "
        f"otherwise. Ratios are taken within a run: median, lowest and highest of {runs}. "
        "The product reads in one process here, as its peers do; with a process for each core it is as fast as above."
    )
    if held_out:
        told += (
            f" Sentiment is judged on {len(held_out):,} airline tweets, by authors on whose tweets nobody was fitted; "
            "only a peer whose name says so was fitted on airline tweets at all."
        )
    return told
