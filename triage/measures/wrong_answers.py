"""What audited answers say of the share of wrong ones: an exact interval, and evidence that holds at any time.

The interval is that of Clopper and Pearson (1934). It is for reading: it is exact for one look at a sample
whose size was fixed beforehand. Whether to stop is asked after every verdict, so it takes a test that may be
looked at as often as one likes: a test martingale (Robbins 1970; Waudby-Smith and Ramdas 2024, "Estimating
means of bounded random variables by betting", J. R. Stat. Soc. B 86). Docs: ``docs/conversation.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import betaincc, betaincinv, betaln

#: Probability that answering whose share of wrong ones never exceeds the promise is ever stopped; at most.
FALSE_ALARM: Final = 0.05
#: Evidence at which answering stops: by Ville's inequality (1939) its inverse bounds the false alarms.
ENOUGH: Final = 1.0 / FALSE_ALARM
_INTERVAL: Final = 0.95
#: Weight on shares above the promised one: Beta with these many "wrong" and a mean of so many times the promise.
_WRONG: Final = 2.0
_TIMES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Interval:
    """An exact two-sided 95 % interval of a share."""

    low: float
    high: float


def interval(wrong: int, audited: int) -> Interval:
    """The Clopper-Pearson interval of ``wrong`` among ``audited``; the whole of 0 to 1 where there are none."""
    tail = (1.0 - _INTERVAL) / 2.0
    low = float(betaincinv(wrong, audited - wrong + 1, tail)) if wrong else 0.0
    high = float(betaincinv(wrong + 1, audited - wrong, 1.0 - tail)) if wrong < audited else 1.0
    return Interval(low, high)


def evidence(wrong: int, audited: int, promised: float) -> float:
    """How many times better a share above ``promised`` explains the verdicts than ``promised`` itself.

    The likelihood ratio of the verdicts, averaged over shares q above the promised p0 under a Beta weight cut
    off at p0. For each q the ratio (q/p0)^wrong ((1-q)/(1-p0))^right is a nonnegative supermartingale as
    long as each answer is wrong with a probability of at most p0, given all before it; so is the average.
    """
    if not 0.0 < promised < 1.0:
        return math.inf if (wrong and promised <= 0.0) else 1.0
    right = audited - wrong
    a, b = _WRONG, _WRONG / min(_TIMES * promised, 0.9) - _WRONG
    log = betaln(a + wrong, b + right) - betaln(a, b) - wrong * math.log(promised) - right * math.log1p(-promised)
    kept = betaincc(a + wrong, b + right, promised) / betaincc(a, b, promised)
    return float(kept * math.exp(min(log, 700.0)))


def is_proven(wrong: int, audited: int, promised: float) -> bool:
    """Whether the verdicts prove that more than ``promised`` are wrong."""
    return evidence(wrong, audited, promised) >= ENOUGH
