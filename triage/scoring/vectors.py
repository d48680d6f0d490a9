"""The shipped static vectors: one per word piece, distilled once from a sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage import artifact
from triage.errors import ArtifactError

KIND: Final = "vectors"
TOKENIZER: Final = "tokenizer.json"
VECTORS: Final = "vectors.npz"


@dataclass(frozen=True, slots=True)
class PieceVectors:
    """``table[i]`` is the vector of word piece ``i`` of ``tokenizer``: float16, ``(pieces, dims)``."""

    tokenizer: Tokenizer
    tokenizer_json: bytes
    table: NDArray[np.float16]
    version: str

    @classmethod
    def load(cls, folder: Path) -> PieceVectors:
        """Read ``models/vectors-minilm`` or a folder like it.

        Raises:
            ArtifactError: it is missing, damaged, or not what it says.
        """
        checked = artifact.read(folder, kind=KIND)
        source = checked.file(TOKENIZER)
        tokenizer = read_tokenizer(source, str(folder / TOKENIZER))
        table = checked.arrays(VECTORS).get("vectors")
        if table is None or table.dtype != np.float16 or table.ndim != 2 or len(table) != tokenizer.get_vocab_size():
            raise ArtifactError(f"{folder / VECTORS} does not hold one vector per word piece")
        return cls(tokenizer, source, table, checked.version)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Mean vector of each text's pieces, of length 1 (or 0 where nothing is known): ``(texts, dims)``."""
        out = np.zeros((len(texts), self.table.shape[1]), np.float32)
        for row, encoding in enumerate(self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            if encoding.ids:
                out[row] = self.table[encoding.ids].astype(np.float32).mean(axis=0)
        length = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, length, out=out, where=length > 0)
        return out


def read_tokenizer(source: bytes, name: str) -> Tokenizer:
    """A word-piece tokenizer from its JSON, without truncation and padding.

    Raises:
        ArtifactError: ``source`` describes no tokenizer; ``name`` says where it came from.
    """
    try:
        tokenizer = Tokenizer.from_str(source.decode())
    except Exception as error:  # the Rust package raises bare Exception for whatever it cannot read
        raise ArtifactError(f"{name} describes no tokenizer: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
