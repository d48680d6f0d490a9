"""How often the promise of a certificate is broken, over many calibration samples from populations that are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from training.certify import Target, certify

SAMPLES = 2000
SIZE = 400
MOST_WRONG = 0.05
TARGET = Target(MOST_WRONG, 0.95)
PEOPLE = 100_000


def population(name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidences and whether the answer would be right, of a whole population of messages."""
    chance = np.random.default_rng(7)
    confidence = chance.uniform(0, 1, PEOPLE)
    wrong = {
        # a little worse than promised at every threshold: whatever is certified breaks the promise
        "flat, just too bad": np.full(PEOPLE, MOST_WRONG + 0.002),
        "sure answers are right": 0.4 * (1 - confidence),
        "sharp edge": np.where(confidence > 0.6, 0.001, 0.6),
        # the surest messages are the worst ones: error rates that fall as the confidence falls
        "wrong at the very top": np.where(confidence > 0.97, 0.3, np.where(confidence > 0.5, 0.02, 0.3)),
        "worse at the top, never good": np.where(confidence > 0.9, 0.08, 0.052),
    }[name]
    return confidence, chance.uniform(0, 1, PEOPLE) >= wrong


def true_share(confidence: NDArray[np.float64], right: NDArray[np.bool_], threshold: float) -> float:
    return 1 - float(right[confidence >= threshold].mean())


@pytest.mark.parametrize(
    "name",
    [
        "flat, just too bad",
        "sure answers are right",
        "sharp edge",
        "wrong at the very top",
        "worse at the top, never good",
    ],
)
def test_the_promise_is_broken_in_at_most_the_stated_share_of_calibration_samples(name: str) -> None:
    confidence, right = population(name)
    chance = np.random.default_rng(11)
    shares: dict[float, float] = {}
    broken = 0
    for _ in range(SAMPLES):
        drawn = chance.integers(0, PEOPLE, SIZE)
        threshold = certify(confidence[drawn], right[drawn], TARGET).threshold
        if threshold is not None:
            if threshold not in shares:
                shares[threshold] = true_share(confidence, right, threshold)
            broken += shares[threshold] > MOST_WRONG
    assert broken / SAMPLES <= 1 - TARGET.confidence


def test_a_population_that_keeps_the_promise_is_certified_nearly_always() -> None:
    confidence, right = population("sharp edge")
    chance = np.random.default_rng(13)
    drawn = [chance.integers(0, PEOPLE, SIZE) for _ in range(200)]
    found = [certify(confidence[one], right[one], TARGET) for one in drawn]
    assert np.mean([one.threshold is not None for one in found]) >= 0.9
    assert np.median([one.answered for one in found if one.threshold is not None]) >= 0.35 * SIZE


def test_too_few_messages_certify_nothing() -> None:
    few = TARGET.fewest - 1
    assert certify(np.full(few, 0.99), np.ones(few, bool), TARGET).threshold is None
    assert certify(np.full(few + 1, 0.99), np.ones(few + 1, bool), TARGET).threshold is not None


def test_messages_that_may_not_be_answered_count_nothing() -> None:
    enough = TARGET.fewest
    confidence = np.concatenate([np.full(enough, 0.99), np.zeros(1000)])
    right = np.concatenate([np.ones(enough, bool), np.zeros(1000, bool)])
    found = certify(confidence, right, TARGET)
    assert (found.answered, found.wrong) == (enough, 0)


def test_the_walk_stops_at_the_first_threshold_that_fails() -> None:
    """What lies beyond a failed threshold is not looked at, however good it is."""
    confidence = np.concatenate([np.full(100, 0.9), np.full(20, 0.8), np.full(2000, 0.3)])
    right = np.concatenate([np.ones(100, bool), np.zeros(20, bool), np.ones(2000, bool)])
    found = certify(confidence, right, TARGET)
    assert (found.threshold, found.answered, found.wrong) == (0.805, 100, 0)


def test_no_threshold_below_the_least_that_is_asked_for_is_certified() -> None:
    confidence, right = np.full(100, 0.99), np.ones(100, bool)
    assert certify(confidence, right, TARGET).threshold == 0.005
    assert certify(confidence, right, TARGET, least=0.9).threshold == 0.9
    assert certify(confidence, right, TARGET, least=0.901).threshold == 0.905
