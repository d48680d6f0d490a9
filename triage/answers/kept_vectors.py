"""Vectors of a knowledge base's questions, kept on disk: reading all of them takes seconds, and they seldom change.

A file is named by a hash of the encoder's version and the very texts, so it can be old but never wrong. It may be
deleted at any time; where it cannot be written, everything works and starts more slowly.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.answers.similarity import SentenceVectors

#: Fewer texts than this are read anew: messages come one at a time, and are nobody's to keep.
_MANY: Final = 64


@dataclass(frozen=True, slots=True)
class KeptVectors:
    """Sentence vectors that remember what they made of many texts at once, in files of ``folder``."""

    vectors: SentenceVectors
    folder: Path

    @property
    def version(self) -> str:
        return self.vectors.version

    def embed(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """As :meth:`SentenceVectors.embed`."""
        if len(texts) < _MANY:
            return self.vectors.embed(texts)
        path = self.folder / f"{_name(self.version, texts)}.npy"
        kept = _read(path, len(texts))
        if kept is None:
            kept = self.vectors.embed(texts)
            with suppress(OSError):
                _write(path, kept)
        return kept


def _name(version: str, texts: Sequence[str]) -> str:
    told = hashlib.sha256(version.encode())
    for text in texts:
        told.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    return told.hexdigest()


def _read(path: Path, count: int) -> NDArray[np.floating] | None:
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    whole = isinstance(kept, np.ndarray) and kept.ndim == 2 and len(kept) == count and kept.dtype.kind == "f"
    return kept if whole and np.isfinite(kept).all() else None


def _write(path: Path, rows: NDArray[np.floating]) -> None:
    """Whole or not at all, for processes that read it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.save(buffer, rows, allow_pickle=False)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(buffer.getvalue())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
