"""Tables in 8 bits: each row as whole numbers from -127 to 127 and the one number that they are multiplied by.

Half the size of half precision, and as good for sums over dozens of rows: a value is off by at most half its
row's scale, and the errors of rows are independent.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LARGEST: Final = 127


def pack_rows(table: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``(rows, columns)`` as 8-bit rows and the scale of each, ``(rows,)``; a row of zeros has the scale 0."""
    scales = (np.abs(table).max(axis=1, initial=0.0) / _LARGEST).astype(np.float32)
    divided = np.divide(table, scales[:, None], out=np.zeros(table.shape), where=scales[:, None] > 0)
    return np.clip(np.rint(divided), -_LARGEST, _LARGEST).astype(np.int8), scales


def unpack_rows(packed: NDArray[Any], scales: NDArray[Any]) -> NDArray[np.float32]:
    """The table that :func:`pack_rows` packed, to half a scale."""
    return packed.astype(np.float32) * scales[:, None].astype(np.float32)
