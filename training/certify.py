"""A threshold above which at most a given share of answers is wrong, with a stated confidence.

Thresholds of a fixed grid are tested one after another from the most to the least careful, each with
an exact binomial test of "the wrong share is above the limit", and the walk ends at the first that
cannot be rejected. In a fixed sequence no test has to pay for the others (fixed-sequence testing,
Maurer, Hothorn and Lehmacher 1995; Learn then Test, Angelopoulos et al. 2021), so the last
threshold passed keeps the limit with the stated confidence. The walk begins where enough messages
are above the threshold for a test to be able to pass at all, which looks at no label.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

#: Probability that the limit holds, for a threshold drawn from messages like those served.
CONFIDENCE: Final = 0.95
_GRID: Final = tuple(round(1 - step / 200, 3) for step in range(1, 200))


def certified_threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], most_wrong: float) -> float | None:
    """The least threshold of the grid that passes, or ``None`` where none does.

    ``confidence`` and ``right`` are of messages that neither weights nor temperature were fitted on.
    """
    fewest = int(np.ceil(np.log(1 - CONFIDENCE) / np.log(1 - most_wrong)))
    passed = None
    for threshold in _GRID:
        answered = confidence >= threshold
        count = int(answered.sum())
        if count < fewest:
            continue
        wrong = int((~right[answered]).sum())
        if binom.cdf(wrong, count, most_wrong) > 1 - CONFIDENCE:
            break
        passed = threshold
    return passed
