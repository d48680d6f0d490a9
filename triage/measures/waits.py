"""Waiting times of which some never ended: those are censored where they stopped, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait in seconds. One that is not ``ended`` is right-censored: it lasted at least so long.

    ``given_up`` tells those that will never end (the case was closed unanswered) from those still going on.
    """

    seconds: float
    ended: bool
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class WaitSummary:
    """``mean`` is over ended waits only; the quantiles are Kaplan–Meier, over all.

    ``ended``, ``waiting`` and ``given_up`` add up to all waits. A quantile is ``None`` where so many have
    not ended that it cannot be known.
    """

    ended: int
    waiting: int
    given_up: int
    mean: float | None
    median: float | None
    p90: float | None


def summarise(waits: Sequence[Wait]) -> WaitSummary:
    ended = [wait.seconds for wait in waits if wait.ended]
    given_up = sum(wait.given_up for wait in waits)
    return WaitSummary(
        ended=len(ended),
        waiting=len(waits) - len(ended) - given_up,
        given_up=given_up,
        mean=sum(ended) / len(ended) if ended else None,
        median=quantile(waits, 0.5),
        p90=quantile(waits, 0.9),
    )


def quantile(waits: Sequence[Wait], share: float) -> float | None:
    """The time by which ``share`` of the waits have ended, by the Kaplan–Meier estimator.

    Kaplan and Meier (1958): S(t) is the product, over the times at which waits ended, of one minus
    ended ÷ still at risk. The quantile is the first time at which 1 − S(t) reaches ``share``.
    """
    at_risk = len(waits)
    surviving = 1.0
    ordered = sorted(waits, key=lambda wait: (wait.seconds, not wait.ended))
    index = 0
    while index < len(ordered):
        moment = ordered[index].seconds
        here = 0
        ended = 0
        while index + here < len(ordered) and ordered[index + here].seconds == moment:
            ended += ordered[index + here].ended
            here += 1
        if ended:
            surviving *= 1 - ended / at_risk
            if 1 - surviving >= share - 1e-12:
                return moment
        at_risk -= here
        index += here
    return None
