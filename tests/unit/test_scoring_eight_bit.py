"""Tables in 8 bits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from triage.scoring.eight_bit import pack_rows, unpack_rows


@given(arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 6)), elements=st.floats(-50, 50, width=32)))
def test_a_value_comes_back_to_half_its_rows_scale(table: np.ndarray) -> None:
    packed, scales = pack_rows(table)
    assert packed.dtype == np.int8
    assert (np.abs(unpack_rows(packed, scales) - table) <= scales[:, None] * 0.5001 + 1e-30).all()


def test_a_row_of_zeros_stays_one() -> None:
    packed, scales = pack_rows(np.zeros((2, 3)))
    assert not scales.any()
    assert not unpack_rows(packed, scales).any()
