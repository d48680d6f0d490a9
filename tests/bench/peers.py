"""Others that judge messages, each through the same door, so that the product can be measured beside them.

A peer is fitted on labelled messages and gives judges: functions from texts to sentiments, in the
texts' order. Each does for itself what its own users would have to do (lower case, links, handles), and
that counts as its time. What cannot be had on this machine is left out by name, with the reason.
"""

from __future__ import annotations

import importlib
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import Example
from triage.domain.scores import Head
from triage.scoring.encoder import Encoder
from triage.scoring.words import split
from triage.text.normalise import normalise

MINILM: Final = Path(__file__).parents[2] / "models" / "encoder-minilm"

#: What a peer is fitted on.
OWN: Final = "the product's own messages"
AIRLINE: Final = "airline tweets by other authors"
NOTHING: Final = "nothing"

Judge = Callable[[Sequence[str]], list[str]]
Fit = Callable[[Sequence[Example]], Mapping[int, Judge]]

_HANDLE: Final = re.compile(r"@\w+")
_LINK: Final = re.compile(r"https?://\S+")
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_MOST_STEPS: Final = 1000
_FASTTEXT_LABEL: Final = "__label__"


class LeftOut(Exception):
    """A peer cannot be measured here; the message says why, in words for a reader of the table."""


@dataclass(frozen=True, slots=True)
class Peer:
    """``fit`` gives the same judge once for each number of threads that it is worth measuring with.

    A peer without ``sentiment`` is there for its speed: its judges return no labels. ``fit`` raises
    :class:`LeftOut` where something that it needs is missing.
    """

    name: str
    judges: str
    fit: Fit
    fitted_on: str = OWN
    sentiment: bool = True


def peers() -> list[Peer]:
    """All peers, in the order of the table."""
    return [
        Peer("VADER", "sentiment", fit_vader, NOTHING),
        Peer("fastText", "sentiment", fit_fasttext),
        Peer(f"fastText, trained on {AIRLINE}", "sentiment", fit_fasttext, AIRLINE),
        Peer("TF-IDF and logistic regression, scikit-learn", "four heads, a pipeline each", fit_linear),
        Peer("spaCy's small English pipeline", "words, syntax, names", fit_spacy, NOTHING, sentiment=False),
        Peer("MiniLM (int8) and logistic regression", "sentiment", fit_minilm),
    ]


def fit_vader(_: Sequence[Example]) -> dict[int, Judge]:
    """A lexicon with rules; the thresholds are its authors' own."""
    analyzer = package("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()

    def label(text: str) -> str:
        compound = analyzer.polarity_scores(text)["compound"]
        return "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"

    return {1: lambda texts: [label(text) for text in texts]}


def fit_fasttext(train: Sequence[Example]) -> dict[int, Judge]:
    """Words and word pairs, one head; record 12 names other settings that were tried."""
    fasttext = package("fasttext")
    lines = [f"{_FASTTEXT_LABEL}{label} {_spaced(text)}\n" for text, label in _labelled(train, Head.SENTIMENT)]
    with tempfile.TemporaryDirectory(prefix="triage-fasttext-") as folder:
        file = Path(folder, "train.txt")
        file.write_text("".join(lines), encoding="utf-8")
        # One thread: with more of them equal seeds give different weights.
        model = fasttext.train_supervised(
            str(file), dim=50, lr=0.2, epoch=10, wordNgrams=2, bucket=200_000, thread=1, seed=0, verbose=0
        )

    def judge(texts: Sequence[str]) -> list[str]:
        labels, _ = model.predict([_spaced(text) for text in texts])
        return [label[0].removeprefix(_FASTTEXT_LABEL) for label in labels]

    return {1: judge}


def fit_linear(train: Sequence[Example]) -> dict[int, Judge]:
    """What a data scientist writes first, once for each of the product's heads."""
    package("sklearn")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipelines = {}
    for head in Head:
        texts, labels = zip(*_labelled(train, head), strict=True)
        vectorizer = TfidfVectorizer(preprocessor=_plain, ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        pipelines[head] = make_pipeline(vectorizer, LogisticRegression(C=3, max_iter=_MOST_STEPS)).fit(texts, labels)

    def judge(texts: Sequence[str]) -> list[str]:
        verdicts = {head: pipeline.predict(texts) for head, pipeline in pipelines.items()}
        return [str(label) for label in verdicts[Head.SENTIMENT]]

    return {1: judge}


def fit_spacy(_: Sequence[Example]) -> dict[int, Judge]:
    """The pipeline as it comes: tags, syntax, lemmas and names. It judges nothing that the product judges."""
    spacy = package("spacy")
    found = [name for name in spacy.util.get_installed_models() if name.startswith("en_core_web_sm")]
    if not found:
        raise LeftOut("the package en_core_web_sm is not installed")
    pipeline = spacy.load(found[0])

    def judge(texts: Sequence[str]) -> list[str]:
        for _ in pipeline.pipe(texts, batch_size=256):
            pass
        return []

    return {1: judge}


def fit_minilm(train: Sequence[Example]) -> dict[int, Judge]:
    """Vectors of the shipped copy of MiniLM, 8 bits a weight, and a linear head on them; on all cores."""
    package("sklearn")
    from sklearn.linear_model import LogisticRegression

    encoder = Encoder.load(MINILM)
    texts, labels = zip(*_labelled(train, Head.SENTIMENT), strict=True)
    model = LogisticRegression(C=100, max_iter=_MOST_STEPS)
    model.fit(_vectors(encoder, texts), labels)
    return {os.cpu_count() or 1: lambda texts: [str(label) for label in model.predict(_vectors(encoder, texts))]}


def _vectors(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float64]:
    return encoder.embed([split(normalise(text)) for text in texts])


def package(name: str) -> Any:
    """The module ``name``.

    Raises:
        LeftOut: its package is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise LeftOut(f"the package {(error.name or name).partition('.')[0]} is not installed") from error


def _labelled(train: Sequence[Example], head: Head) -> list[tuple[str, str]]:
    return [(one.text, one.labels[head]) for one in train if head in one.labels]


def _plain(text: str) -> str:
    """Lower case, handles and links as placeholders: what is usual for tweets, and no more."""
    return _HANDLE.sub("@user", _LINK.sub("http", text)).lower()


def _spaced(text: str) -> str:
    """Words and signs on one line with blanks between them, as fastText's own tutorial prepares text."""
    return " ".join(_TOKEN.findall(_plain(text)))
