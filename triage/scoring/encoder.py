"""The shipped encoder: a small transformer that reads a text's word pieces in their context.

It costs a hundred times what the linear features cost, so it reads only what they leave in doubt
(:mod:`triage.scoring.second`). What it gives is one vector per word, and their sum is the vector of
the text, so that a linear head on top of it can be taken apart word by word.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage import artifact
from triage.artifact import Artifact
from triage.cores import cores
from triage.errors import ArtifactError
from triage.scoring.features import AMUSED, CROSS, GLAD
from triage.scoring.vectors import TOKENIZER, read_tokenizer
from triage.scoring.words import WITHOUT_PIECES

KIND: Final = "encoder"
NETWORK: Final = "encoder.onnx"
#: Entry of a manifest: the encoder whose network has this one's table of words. The network calls it so, too.
WORDS: Final = "words"
_MOST_PIECES: Final = 510
_REMEMBERED: Final = 50_000
#: Signs that the vocabulary does not have, as words that it has.
_SPOKEN: Final = dict.fromkeys(GLAD, "happy") | dict.fromkeys(CROSS, "angry") | dict.fromkeys(AMUSED, "haha")

Floats = NDArray[np.float64]


def spoken(word: str) -> str:
    """The word that a sign is read as; any other word as it is."""
    return _SPOKEN.get(word, word)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which encoder a model was fitted with: the name of its folder, and its version."""

    folder: str
    version: str


class Encoder:
    """Word vectors of texts. Safe to use from many threads; a text's vectors never depend on its neighbours."""

    def __init__(
        self,
        network: bytes,
        tokenizer: Tokenizer,
        width: int,
        longest: int,
        version: str,
        words: bytes | None = None,
    ) -> None:
        self.width = width
        self.version = version
        self._longest = longest
        self._tokenizer = tokenizer
        self._pieces: dict[str, list[int]] = {}
        self._session = _session(network, words)
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Check and read an encoder's folder. One that shares another's table of words needs that one beside it.

        Raises:
            ArtifactError: it, or the one that has its words, is missing, damaged, foreign, or not an encoder that
                this version can run.
        """
        checked = artifact.read(folder, kind=KIND)
        width, longest = checked.get("width", int), checked.get("longest", int)
        if isinstance(width, bool) or isinstance(longest, bool) or not (width > 0 and 0 < longest <= _MOST_PIECES):
            raise ArtifactError(f"{folder} describes an encoder that cannot be")
        tokenizer = read_tokenizer(checked.file(TOKENIZER), str(folder / TOKENIZER))
        words = _read_words(checked, folder.resolve().parent)
        try:
            encoder = cls(checked.file(NETWORK), tokenizer, width, longest, checked.version, words)
            sound = np.isfinite(encoder.embed([["a"] * longest])).all()
        except Exception as error:  # onnxruntime's own errors share no class but this
            raise ArtifactError(f"{folder / NETWORK} is no network that this version can run: {error}") from error
        if not sound:
            raise ArtifactError(f"{folder / NETWORK} gives vectors that are no numbers")
        return encoder

    def encode(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
        """For each text (a list of words) one row per word, ``(words, width)``.

        The rows add up to the mean of the vectors of the text's word pieces, whose length is 1 (0 where the text
        has no pieces). Pieces beyond the longest text that the encoder reads count nothing.
        """
        workers = min(len(texts), cores())
        if workers < 2:
            return [self._encode(words) for words in texts]
        parts = self._workers().map(self._encode_all, [texts[start::workers] for start in range(workers)])
        found: list[Floats] = [np.zeros(0)] * len(texts)
        for start, part in enumerate(parts):
            found[start::workers] = part
        return found

    def embed(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The vectors of whole texts, ``(texts, width)``."""
        vectors = np.zeros((len(texts), self.width))
        for row, words in enumerate(self.encode(texts)):
            vectors[row] = words.sum(axis=0)
        return vectors

    def _encode_all(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
        return [self._encode(words) for words in texts]

    def _encode(self, words: Sequence[str]) -> Floats:
        """One text alone: the network's rounding depends on everything that it is given at once."""
        own = [self._pieces_of(word) for word in words]
        pieces = list(chain.from_iterable(own))[: self._longest]
        rows = np.zeros((len(words), self.width))
        if not pieces:
            return rows
        (states,) = self._session.run(None, {"pieces": np.array(pieces, np.int64)})
        read, starts, sizes = _places([len(one) for one in own], len(pieces))
        rows[read] = _summed(states, starts, sizes)
        length = float(np.sqrt(np.square(rows.sum(axis=0)).sum()))
        return np.divide(rows, length, out=rows) if length else rows

    def _pieces_of(self, word: str) -> list[int]:
        known = self._pieces.get(word)
        if known is None:
            known = [] if word in WITHOUT_PIECES else self._tokenizer.encode(spoken(word), add_special_tokens=False).ids
            if len(self._pieces) >= _REMEMBERED:
                self._pieces = {}
            self._pieces[word] = known
        return known

    def _workers(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="encoder")
            return self._pool


def _places(sizes: Sequence[int], total: int) -> tuple[list[int], list[int], list[int]]:
    """Which words have pieces among the first ``total``, where each one's begin, and how many it has of them."""
    read, starts, counts, start = [], [], [], 0
    for word, size in enumerate(sizes):
        if size and start < total:
            read.append(word)
            starts.append(start)
            counts.append(min(size, total - start))
            start += size
    return read, starts, counts


def _summed(states: NDArray[np.float32], starts: list[int], sizes: list[int]) -> NDArray[np.float32]:
    """For each word the sum of the states of its pieces. Most words have one, so the others are added one by one."""
    found: NDArray[np.float32] = states[starts]
    for word, size in enumerate(sizes):
        if size == 2:
            found[word] += states[starts[word] + 1]
        elif size > 2:  # it adds in an order of its own: one after the other the last bits would differ
            found[word] = np.add.reduceat(states[starts[word] : starts[word] + size], [0], axis=0)[0]
    return found


def _read_words(checked: Artifact, place: Path) -> bytes | None:
    """The network of the encoder that has the table of words; ``None`` where ``checked`` has its own."""
    if WORDS not in checked.manifest:
        return None
    choice = read_choice(checked.manifest[WORDS])
    other = artifact.read(place / choice.folder, kind=KIND)
    if other.version != choice.version:
        raise ArtifactError(f"{place / choice.folder} is {other.version}, but {choice.version} is needed")
    return other.file(NETWORK)


def _session(network: bytes, words: bytes | None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # texts run side by side, not the parts of one: equal values, less waiting
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if words is not None:
        options.add_external_initializers_from_files_in_memory([WORDS], [words], [len(words)])
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def read_choice(described: Any) -> Choice:
    """The entry ``encoder`` of a manifest.

    Raises:
        ArtifactError: it names no encoder.
    """
    folder = described.get("folder") if isinstance(described, dict) else None
    version = described.get("version") if isinstance(described, dict) else None
    if not (isinstance(folder, str) and isinstance(version, str) and folder and Path(folder).name == folder):
        raise ArtifactError("the manifest names no encoder")
    return Choice(folder, version)


def find(choice: Choice, places: Iterable[Path]) -> Encoder:
    """Load the chosen encoder from the first of ``places`` that has a folder of its name.

    Raises:
        ArtifactError: no place has it, or has another version of it.
    """
    looked = list(places)
    for place in looked:
        folder = place / choice.folder
        if folder.is_dir():
            encoder = Encoder.load(folder)
            if encoder.version != choice.version:
                raise ArtifactError(f"{folder} is {encoder.version}, but {choice.version} is needed")
            return encoder
    raise ArtifactError(f"encoder {choice.folder} is not in {' or '.join(str(place) for place in looked)}")
