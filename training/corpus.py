"""Labelled messages as they lie on disk: one JSON object a line."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triage.domain.scores import LABELS, Head, Span, Utterance
from triage.errors import InvalidInput

#: Where the project's own corpus lies.
OWN: Final = Path(__file__).parent / "corpus"


def own_files() -> list[Path]:
    """Every file of the project's own corpus, in a fixed order."""
    return sorted(OWN.glob("*/*.jsonl"))


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


def in_languages(examples: Iterable[Example], languages: Sequence[str]) -> list[Example]:
    """The examples written in one of ``languages``; what does not say is English."""
    return [one for one in examples if (one.utterance.lang or "en") in languages]


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
        files[f"{path.parent.name}/{path.name}"] = hashlib.sha256(content).hexdigest()
        examples += [_example(row, path, number) for number, row in _rows(content, path)]
    return Corpus(tuple(examples), files)


def numbered_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file, one a line, each with the number of its line; blank lines are skipped.

    Raises:
        InvalidInput: the file cannot be read, or a line is not a JSON object that can be stored.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    return list(_rows(content, path))


def _rows(content: bytes, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode())
            json.dumps(row, ensure_ascii=False).encode()  # half of a surrogate pair is JSON, and nothing can store it
        except UnicodeDecodeError:
            raise InvalidInput("is not UTF-8", field=path.name, line=number) from None
        except UnicodeEncodeError:
            raise InvalidInput("has half of a surrogate pair", field=path.name, line=number) from None
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise InvalidInput("is not a JSON object", field=path.name, line=number)
        yield number, row


def _example(row: dict[str, Any], path: Path, number: int) -> Example:
    text, reply, lang, tags = row.get("text"), row.get("in_reply_to"), row.get("lang"), row.get("tags", [])
    if not isinstance(text, str) or not all(one is None or isinstance(one, str) for one in (reply, lang)):
        raise InvalidInput("has no text, or an odd in_reply_to or lang", field=path.name, line=number)
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidInput("has tags that are no list of texts", field=path.name, line=number)
    labels = {}
    for head in Head:
        label = row.get(head.value)
        if label is not None and label not in LABELS[head]:
            raise InvalidInput(f"{label!r} is no {head.value}", field=path.name, line=number)
        if label is not None:
            labels[head] = str(label)
    try:
        spans = tuple(Span(int(start), int(end), str(kind)) for start, end, kind in row.get("spans", ()))
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput("has spans that are not [start, end, type]", field=path.name, line=number) from None
    return Example(
        id=str(row.get("id", f"{path.stem}-{number:04d}")),
        utterance=Utterance(text, reply, lang),
        labels=labels,
        spans=spans,
        origin=str(row.get("origin", "")),
        trade=str(row.get("trade", "")),
        tags=tuple(tags),
    )
