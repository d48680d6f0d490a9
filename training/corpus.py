"""Labelled messages as they lie on disk: one JSON object a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triage.domain.scores import LABELS, Head, Span, Utterance
from triage.errors import InvalidInput

#: Where the project's own corpus lies.
OWN: Final = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message. ``labels`` lacks a head on which there is no verdict."""

    id: str
    utterance: Utterance
    labels: Mapping[Head, str]
    spans: tuple[Span, ...]
    origin: str
    trade: str = ""
    tags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.utterance.text


@dataclass(frozen=True, slots=True)
class Corpus:
    """The examples of one or more files, and what those files were."""

    examples: tuple[Example, ...]
    files: Mapping[str, str]  # name -> SHA-256


def read_corpus(paths: list[Path]) -> Corpus:
    """Read files in the format of ``training/corpus/README.md``.

    Raises:
        InvalidInput: a file cannot be read or a line is not an example; names file and line.
    """
    examples: list[Example] = []
    files = {}
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
        files[path.name] = hashlib.sha256(content).hexdigest()
        examples += [_example(row, path, number) for number, row in _rows(content, path)]
    return Corpus(tuple(examples), files)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line; blank lines are skipped.

    Raises:
        InvalidInput: the file cannot be read, or a line is not a JSON object.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    return [row for _, row in _rows(content, path)]


def _rows(content: bytes, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise InvalidInput("is not a JSON object", field=path.name, line=number)
        yield number, row


def _example(row: dict[str, Any], path: Path, number: int) -> Example:
    text, reply = row.get("text"), row.get("in_reply_to")
    if not isinstance(text, str) or not (reply is None or isinstance(reply, str)):
        raise InvalidInput("has no text, or an odd in_reply_to", field=path.name, line=number)
    labels = {}
    for head in Head:
        label = row.get(head.value)
        if label is not None and label not in LABELS[head]:
            raise InvalidInput(f"{label!r} is no {head.value}", field=path.name, line=number)
        if label is not None:
            labels[head] = str(label)
    try:
        spans = tuple(Span(int(start), int(end), str(kind)) for start, end, kind in row.get("spans", ()))
    except (TypeError, ValueError):
        raise InvalidInput("has spans that are not [start, end, type]", field=path.name, line=number) from None
    return Example(
        id=str(row.get("id", f"{path.stem}-{number:04d}")),
        utterance=Utterance(text, reply, row.get("lang")),
        labels=labels,
        spans=spans,
        origin=str(row.get("origin", "")),
        trade=str(row.get("trade", "")),
        tags=tuple(row.get("tags", ())),
    )
