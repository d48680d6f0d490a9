"""The copies of public corpora are the declared ones, and official files give them byte for byte."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from training import public
from training.fetch import presence
from training.official import LAYOUTS

pytestmark = pytest.mark.corpora


@pytest.fixture(params=list(public.declared()))
def corpus(request: pytest.FixtureRequest, corpora: Path) -> public.PublicCorpus:
    """Each declared corpus; skips the test for one that is absent."""
    name: str = request.param
    if not (corpora / name).is_dir():
        pytest.skip(f"the public corpus {name} is not in {corpora} (TRIAGE_CORPORA)")
    return public.find(name)


def test_a_copy_is_as_declared(corpus: public.PublicCorpus, corpora: Path) -> None:
    assert presence(corpus, corpora).here == corpus.files
    assert presence(corpus, corpora).differing == ()
    for file in corpus.files:
        path = corpora / corpus.name / file.name
        assert path.stat().st_size == file.bytes
        if path.suffix == ".jsonl":
            assert path.read_bytes().count(b"\n") == file.rows


def test_no_folder_of_corpora_is_undeclared(corpora: Path) -> None:
    assert {path.name for path in corpora.iterdir() if path.is_dir()} <= set(public.declared())


Rows = Iterable[dict[str, Any]]


def as_table(rows: Rows, head: tuple[str, str], end: str) -> bytes:
    content = StringIO()
    writer = csv.writer(content, lineterminator=end)
    writer.writerow(head)
    writer.writerows((row["text"], "NO_NODES_DETECTED" if row["label"] is None else row["label"]) for row in rows)
    return content.getvalue().encode()


def as_conll(rows: Rows, tabbed: int) -> bytes:
    """``tabbed`` messages end in a line with a tab, the others in an empty one."""
    messages = (
        "".join(f"{token}\t{tag}\n" for token, tag in zip(row["tokens"], row["tags"], strict=True))
        + ("\t\n" if number < tabbed else "\n")
        for number, row in enumerate(rows)
    )
    return "".join(messages).encode()


#: For each arranged file that loses nothing of the official one: how the official one is written.
BACK: dict[tuple[str, str], Callable[[Rows], bytes]] = {
    ("banking77", "train.jsonl"): lambda rows: as_table(rows, ("text", "category"), "\r\n"),
    ("hint3", "curekart_test.jsonl"): lambda rows: as_table(rows, ("sentence", "label"), "\n"),
    ("wnut17", "train.jsonl"): lambda rows: as_conll(rows, 2394),
    ("wnut17", "dev.jsonl"): lambda rows: as_conll(rows, 0),
}


@pytest.mark.parametrize("place", BACK, ids="/".join)
def test_the_official_file_is_laid_out_as_the_copy_byte_for_byte(corpora: Path, place: tuple[str, str]) -> None:
    """The official file is made of the copy; its known checksum says that it really is that file."""
    name, file_name = place
    path = corpora / name / file_name
    if not path.is_file():
        pytest.skip(f"the public corpus {name} is not in {corpora} (TRIAGE_CORPORA)")
    (file,) = (file for file in public.find(name).files if file.name == file_name)
    official = BACK[place](json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line)
    assert hashlib.sha256(official).hexdigest() == file.official[0].sha256
    assert LAYOUTS[file.layout]([official]) == path.read_bytes()


TWEETEVAL = {
    "offensive": ("not-offensive", "offensive"),
    "irony": ("non_irony", "irony"),
    "emotion": ("anger", "joy", "optimism", "sadness"),
    "sentiment": ("negative", "neutral", "positive"),
}


@pytest.mark.parametrize("task", TWEETEVAL)
def test_the_numbers_of_tweeteval_are_the_labels_of_the_copy(corpora: Path, task: str) -> None:
    """Labels lose nothing, so their official file is known; texts lost the spaces at the ends of their lines."""
    corpus = public.find(f"tweeteval_{task}")
    if not (corpora / corpus.name).is_dir():
        pytest.skip(f"the public corpus {corpus.name} is not in {corpora} (TRIAGE_CORPORA)")
    for file in (file for file in corpus.files if file.official):
        content = (corpora / corpus.name / file.name).read_bytes()
        rows = [json.loads(line) for line in content.decode().split("\n") if line]
        numbers = "".join(f"{TWEETEVAL[task].index(row['label'])}\n" for row in rows).encode()
        assert hashlib.sha256(numbers).hexdigest() == file.official[1].sha256
        texts = "".join(f"{row['text']} \n" for row in rows).encode()
        assert LAYOUTS[file.layout]([texts, numbers]) == content
