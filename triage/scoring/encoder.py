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
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
import scipy.sparse as sp
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
#: Word pieces that a network is given at once, about; more would not stay in a processor's cache.
_AT_ONCE: Final = 256
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


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the encoder reads it: a row for each word, ``(words, width)``, and their sum, ``(width,)``.

    The sum is the vector of the text: the mean of what the network gives for its word pieces, at length 1 (0 where
    the text has no pieces).
    """

    words: Floats
    vector: Floats

    @classmethod
    def nothing(cls, words: int, width: int) -> Encoded:
        """Of a text of ``words`` words that have no pieces."""
        return cls(np.zeros((words, width)), np.zeros(width))


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
        self._takes_several = len(self._session.get_inputs()[0].shape) > 1
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

    def encode(self, texts: Sequence[Sequence[str]]) -> list[Encoded]:
        """What each text (a list of words) reads as. Pieces beyond the longest text that is read count nothing."""
        read = [self._read(words) for words in texts]
        found: dict[int, Encoded] = {}
        parts = _side_by_side([len(one.pieces) for one in read], _AT_ONCE if self._takes_several else 1)
        for part, own in zip(parts, self._run_all([[read[text] for text in part] for part in parts]), strict=True):
            found.update(zip(part, own, strict=True))
        return [found.get(text) or Encoded.nothing(len(words), self.width) for text, words in enumerate(texts)]

    def embed(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The vectors of whole texts, ``(texts, width)``."""
        return np.array([one.vector for one in self.encode(texts)], np.float64).reshape(len(texts), self.width)

    def pieces(self, words: Sequence[str]) -> list[int]:
        """The word pieces of a text that are read, by their numbers."""
        return self._read(words).pieces

    def _read(self, words: Sequence[str]) -> _Read:
        own = [self._pieces_of(word) for word in words]
        return _Read(list(chain.from_iterable(own))[: self._longest], [len(one) for one in own])

    def _run_all(self, parts: Sequence[Sequence[_Read]]) -> Iterable[list[Encoded]]:
        if min(len(parts), cores()) < 2:
            return map(self._run, parts)
        return self._workers().map(self._run, parts)

    def _run(self, part: Sequence[_Read]) -> list[Encoded]:
        """What texts with equally many pieces, at least one, read as."""
        pieces = np.array([one.pieces for one in part], np.int64)
        (states,) = self._session.run(None, {"pieces": pieces if self._takes_several else pieces[0]})
        sizes = [one.read_sizes() for one in part]
        words = _summed(states.reshape(-1, self.width), list(chain.from_iterable(sizes))).astype(np.float64)
        counts = [len(own) for own in sizes]
        vectors = _summed(words, counts)
        lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
        lengths[lengths == 0.0] = 1.0  # of a network that gives nothing but zeros
        words /= np.repeat(lengths, counts, axis=0)
        vectors /= lengths
        ends = accumulate(counts, initial=0)
        return [Encoded(words[start:end], vector) for (start, end), vector in zip(pairwise(ends), vectors, strict=True)]

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


@dataclass(frozen=True, slots=True)
class _Read:
    """The pieces of a text that are read, and of how many each of its words is made, read or not."""

    pieces: list[int]
    sizes: list[int]

    def read_sizes(self) -> list[int]:
        """How many pieces of each word are read."""
        if sum(self.sizes) == len(self.pieces):
            return self.sizes
        ends = [min(end, len(self.pieces)) for end in accumulate(self.sizes, initial=0)]
        return [end - start for start, end in pairwise(ends)]


def _side_by_side(sizes: Sequence[int], most: int) -> list[list[int]]:
    """The numbers of the texts to be read together: equally many pieces each, some ``most`` in all; no empty ones.

    A network that reads texts of one length needs no mask, and each text's numbers are then the same in any company.
    """
    alike: dict[int, list[int]] = {}
    for text, size in enumerate(sizes):
        alike.setdefault(size, []).append(text)
    alike.pop(0, None)
    return [
        texts[start : start + step]
        for size, texts in alike.items()
        for step in [max(1, most // size)]
        for start in range(0, len(texts), step)
    ]


def _summed(rows: NDArray[Any], sizes: Sequence[int]) -> NDArray[Any]:
    """The sum of the first ``sizes[0]`` rows, of the next ``sizes[1]``, and so on, each added one row after another."""
    bounds = np.fromiter(accumulate(sizes, initial=0), np.int64, len(sizes) + 1)
    matrix = sp.csr_array((np.ones(len(rows), rows.dtype), np.arange(len(rows)), bounds), shape=(len(sizes), len(rows)))
    summed: NDArray[Any] = matrix @ rows
    return summed


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
