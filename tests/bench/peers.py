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

#: A folder with an ONNX export of a sentence encoder (``model.onnx``) and its ``tokenizer.json``.
MINILM_FOLDER: Final = "TRIAGE_BENCH_MINILM"

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


def peers(environment: Mapping[str, str] = os.environ) -> list[Peer]:
    """All peers, in the order of the table; ``environment`` says where the sentence encoder is."""
    folder = environment.get(MINILM_FOLDER)
    return [
        Peer("VADER", "sentiment", fit_vader, NOTHING),
        Peer("fastText", "sentiment", fit_fasttext),
        Peer(f"fastText, trained on {AIRLINE}", "sentiment", fit_fasttext, AIRLINE),
        Peer("TF-IDF and logistic regression, scikit-learn", "four heads, a pipeline each", fit_linear),
        Peer("spaCy's small English pipeline", "words, syntax, names", fit_spacy, NOTHING, sentiment=False),
        Peer(
            "MiniLM (int8) and logistic regression",
            "sentiment",
            lambda train: fit_minilm(train, Path(folder) if folder else None),
        ),
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


def fit_minilm(train: Sequence[Example], folder: Path | None) -> dict[int, Judge]:
    """Sentence vectors and a linear head on them; measured on one core and on all."""
    if folder is None:
        raise LeftOut(f"{MINILM_FOLDER} names no folder with model.onnx and tokenizer.json")
    for name in ("model.onnx", "tokenizer.json"):
        if not (folder / name).is_file():
            raise LeftOut(f"the folder that {MINILM_FOLDER} names has no {name}")
    for name in ("onnxruntime", "sklearn"):
        package(name)
    from sklearn.linear_model import LogisticRegression

    encoders = {threads: Encoder.load(folder, threads) for threads in sorted({1, os.cpu_count() or 1})}
    texts, labels = zip(*_labelled(train, Head.SENTIMENT), strict=True)
    model = LogisticRegression(C=10, max_iter=_MOST_STEPS)
    model.fit(encoders[max(encoders)].vectors(texts), labels)

    def on(encoder: Encoder) -> Judge:
        return lambda texts: [str(label) for label in model.predict(encoder.vectors(texts))]

    return {threads: on(encoder) for threads, encoder in encoders.items()}


@dataclass(frozen=True, slots=True)
class Encoder:
    """A sentence encoder in ONNX: from ``input_ids`` and ``attention_mask`` to one pooled vector a text."""

    session: Any
    tokenizer: Any
    batch: int = 32

    @classmethod
    def load(cls, folder: Path, threads: int) -> Encoder:
        onnxruntime, tokenizers = package("onnxruntime"), package("tokenizers")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)  # what the encoder was trained with
        return cls(session, tokenizer)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a text. Texts of like length go together, so that little is padded."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([_plain(text) for text in texts])]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        parts = [order[start : start + self.batch] for start in range(0, len(order), self.batch)]
        found = np.concatenate([self._encode([ids[place] for place in part]) for part in parts])
        rows = np.empty_like(found)
        rows[order] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return rows

    def _encode(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        padded = np.zeros((len(ids), max(map(len, ids))), np.int64)
        mask = np.zeros_like(padded)
        for row, own in enumerate(ids):
            padded[row, : len(own)], mask[row, : len(own)] = own, 1
        (vectors,) = self.session.run(None, {"input_ids": padded, "attention_mask": mask})
        return np.asarray(vectors, np.float32)


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
