"""A threshold above which at most a given share of answers is wrong, with a stated confidence.

What is promised: of the messages that are answered, at most ``most_wrong`` are answered wrongly. Wrong is an answer
with another snippet than the right one, and any answer to a message that has none. Messages that are not answered
count nothing. The promise is made with ``confidence`` over the draw of the calibration messages, for messages like
them.

How: thresholds of a fixed grid are tested one after another from the strictest on. For each the hypothesis "more than
``most_wrong`` of what is answered above it is wrong" is tested exactly. How many messages are answered is random, but
given that number the wrong ones among them are binomial, so the test of Clopper and Pearson (1934) holds given the
number and therefore without it. The walk ends at the first hypothesis that cannot be rejected; in a fixed sequence no
test has to pay for the others (fixed-sequence testing, Maurer, Hothorn and Lehmacher 1995; Learn then Test,
Angelopoulos et al. 2021), so every threshold passed keeps the promise, and the last one is taken.

Thresholds above which too few messages lie for any test to pass are skipped. That looks at no label, and costs nothing
where wrong answers get no rarer as the confidence falls: then the first threshold that is tested is the likeliest of
the skipped and later ones to be rejected wrongly, and too few strict answers leave more wrong ones among its own.
``tests/property/test_certify.py`` counts broken promises also where that is not so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

#: Probability that the limit holds, for a threshold drawn from messages like those served.
CONFIDENCE: Final = 0.95
_GRID: Final = tuple(round(1 - step / 200, 3) for step in range(1, 200))


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be certified: "at most ``most_wrong`` of the answers are wrong, with ``confidence``"."""

    most_wrong: float
    confidence: float = CONFIDENCE

    @property
    def fewest(self) -> int:
        """The number of answers, none of them wrong, that is the least that proves it."""
        return int(np.ceil(np.log(1 - self.confidence) / np.log(1 - self.most_wrong)))


@dataclass(frozen=True, slots=True)
class Finding:
    """The least threshold that keeps a promise, with the answers above it and the wrong ones among them.

    ``threshold`` is ``None`` where nothing can be certified; the counts are then of the strictest that was tested,
    or 0.
    """

    threshold: float | None
    answered: int
    wrong: int


def certify(confidence: NDArray[np.float64], right: NDArray[np.bool_], target: Target, least: float = 0.0) -> Finding:
    """The least threshold of the grid that passes and is not below ``least``.

    ``confidence`` and ``right`` are of messages on which nothing was fitted or chosen; a message that is not to be
    answered at any threshold has a confidence of 0.
    """
    passed = tested = Finding(None, 0, 0)
    for threshold in (one for one in _GRID if one >= least):
        answered = confidence >= threshold
        count, wrong = int(answered.sum()), int((answered & ~right).sum())
        if count < target.fewest:
            continue
        tested = Finding(threshold, count, wrong)
        if binom.cdf(wrong, count, target.most_wrong) > 1 - target.confidence:
            break
        passed = tested
    return passed if passed.threshold is not None else Finding(None, tested.answered, tested.wrong)


def certified_threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], most_wrong: float) -> float | None:
    """The least threshold of the grid that passes, or ``None`` where none does; see :func:`certify`."""
    return certify(confidence, right, Target(most_wrong)).threshold
