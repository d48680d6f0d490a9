"""From a publisher's files to this project's arrangement of them: one JSON object a line, byte for byte as declared.

A layout takes the contents of the official files, in the declared order, and gives the arranged file.
What it cannot read it refuses with one of :data:`UNREADABLE`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import Any, Final

Layout = Callable[[Sequence[bytes]], bytes]

#: What a layout raises on content that is not laid out as it expects.
UNREADABLE: Final = (ValueError, KeyError, IndexError, TypeError, AttributeError, csv.Error)

#: How HINT3 marks a query to which no answer exists.
_NO_ANSWER: Final = "NO_NODES_DETECTED"


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _unchanged(contents: Sequence[bytes]) -> bytes:
    (content,) = contents
    return content


def _clinc150(contents: Sequence[bytes], parts: Sequence[str]) -> bytes:
    told = json.loads(contents[0])
    return _lines({"text": text, "label": label} for part in parts for text, label in told[part])


def _objects(contents: Sequence[bytes]) -> bytes:
    return _lines(json.loads(contents[0]))


def _table(content: bytes, delimiter: str = ",") -> csv.DictReader[str]:
    return csv.DictReader(StringIO(content.decode(), newline=""), delimiter=delimiter, strict=True)


def _banking77(contents: Sequence[bytes]) -> bytes:
    return _lines({"text": row["text"], "label": row["category"]} for row in _table(contents[0]))


def _hint3(contents: Sequence[bytes]) -> bytes:
    labels = ((row["sentence"], row["label"]) for row in _table(contents[0]))
    return _lines({"text": text, "label": None if label == _NO_ANSWER else label} for text, label in labels)


def _hwu64(contents: Sequence[bytes]) -> bytes:
    """One file an intent; the text is what annotators made of the user's answer."""
    rows = (row for content in contents for row in _table(content, ";"))
    return _lines(
        {
            "text": row["answer_from_anno"],
            "label": f"{row['scenario']}_{row['intent']}",
            "scenario": row["scenario"],
        }
        for row in rows
    )


def _tweeteval(contents: Sequence[bytes], labels: Sequence[str]) -> bytes:
    """Texts and numbers of labels, each one a line."""
    texts, numbers = (content.decode().removesuffix("\n").split("\n") for content in contents)
    pairs = zip(texts, numbers, strict=True)
    return _lines({"text": text.strip(), "label": labels[int(number)]} for text, number in pairs)


def _conll(contents: Sequence[bytes]) -> bytes:
    """A token and its tag a line, a line without token after each message."""
    rows: list[dict[str, list[str]]] = []
    tokens: list[str] = []
    tags: list[str] = []
    for line in [*contents[0].decode().split("\n"), ""]:
        token, _, tag = line.partition("\t")
        if token:
            tokens.append(token)
            tags.append(tag)
        elif tokens:
            rows.append({"tokens": tokens, "tags": tags})
            tokens, tags = [], []
    return _lines(rows)


LAYOUTS: Final[Mapping[str, Layout]] = {
    "unchanged": _unchanged,
    "JSON objects": _objects,
    "CoNLL": _conll,
    "BANKING77": _banking77,
    "CLINC150 train": partial(_clinc150, parts=("train", "oos_train")),
    "CLINC150 validation": partial(_clinc150, parts=("val", "oos_val")),
    "HINT3": _hint3,
    "HWU64": _hwu64,
    "TweetEval emotion": partial(_tweeteval, labels=("anger", "joy", "optimism", "sadness")),
    "TweetEval irony": partial(_tweeteval, labels=("non_irony", "irony")),
    "TweetEval offensive": partial(_tweeteval, labels=("not-offensive", "offensive")),
    "TweetEval sentiment": partial(_tweeteval, labels=("negative", "neutral", "positive")),
}
