from __future__ import annotations

import numpy as np
import pytest

from triage.answers.calibration import AGAINST, EVIDENCE, FOR, Calibration, fit

FLAT = Calibration((0.0,) * len(EVIDENCE), 0.0)


def cases(seed: int = 1, count: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random evidence, and outcomes drawn from a known curve of the first column."""
    random = np.random.default_rng(seed)
    evidence = random.uniform(0, 1, (count, len(EVIDENCE)))
    chance = 1 / (1 + np.exp(-(8 * evidence[:, 0] - 4)))
    return evidence, (random.uniform(size=count) < chance).astype(float), chance


def test_a_fit_recovers_the_curve_that_the_outcomes_came_from() -> None:
    evidence, right, chance = cases()
    found = fit(evidence, right, FLAT, 0.1).confidence(evidence)
    assert np.abs(found - chance).mean() < 0.03


def test_no_weight_gets_the_wrong_sign_even_where_the_data_ask_for_it() -> None:
    evidence, right, _ = cases()
    found = fit(evidence, 1 - right, FLAT, 0.1)
    assert all(weight >= 0 for weight in found.weights[: len(FOR)])
    assert all(weight <= 0 for weight in found.weights[len(FOR) :])


def test_a_pinned_weight_stays_as_in_the_prior() -> None:
    evidence, right, _ = cases()
    prior = Calibration((1.0,) * len(FOR) + (-3.0,) * len(AGAINST), 0.0)
    found = fit(evidence, right, prior, 0.1, pinned=("score", "venting"))
    assert found.weights[EVIDENCE.index("score")] == 1.0
    assert found.weights[EVIDENCE.index("venting")] == -3.0


def test_a_strong_prior_keeps_the_weights_near_it() -> None:
    evidence, right, _ = cases()
    prior = Calibration((1.0,) * len(FOR) + (-1.0,) * len(AGAINST), 0.0)
    assert np.allclose(fit(evidence, right, prior, 1e9).weights, prior.weights, atol=1e-3)


def test_sample_weights_count_as_repetitions() -> None:
    evidence, right, _ = cases(count=300)
    twice = fit(np.r_[evidence, evidence[right == 1]], np.r_[right, right[right == 1]], FLAT, 1.0)
    weighted = fit(evidence, right, FLAT, 1.0, sample_weight=1 + right)
    assert np.allclose(twice.confidence(evidence), weighted.confidence(evidence), atol=1e-3)


def test_a_wrong_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="weights are needed"):
        Calibration((1.0,), 0.0)
