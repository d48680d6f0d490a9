"""The interval and the evidence: against the definition, against scipy's own test, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binomtest

from triage.measures.wrong_answers import ENOUGH, evidence, interval, is_proven

PROMISED = 0.02
RUNS = 2_000
AUDITS = 1_000


@pytest.mark.parametrize(("wrong", "audited"), [(0, 1), (0, 50), (1, 50), (3, 3), (7, 200), (49, 50)])
def test_the_interval_is_that_of_clopper_and_pearson(wrong, audited) -> None:
    theirs = binomtest(wrong, audited).proportion_ci(0.95, method="exact")
    ours = interval(wrong, audited)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_of_nothing_nothing_is_known() -> None:
    assert (interval(0, 0).low, interval(0, 0).high) == (0.0, 1.0)
    assert evidence(0, 0, PROMISED) == pytest.approx(1.0)


@pytest.mark.parametrize(("wrong", "audited"), [(0, 30), (1, 30), (5, 80)])
def test_the_evidence_is_the_average_likelihood_ratio_above_the_promise(wrong, audited) -> None:
    weight = beta(2.0, 2.0 / (3 * PROMISED) - 2.0)
    right = audited - wrong

    def ratio(q: float) -> float:
        return float((q / PROMISED) ** wrong * ((1 - q) / (1 - PROMISED)) ** right * weight.pdf(q))

    average = (quad(ratio, PROMISED, 0.3)[0] + quad(ratio, 0.3, 1)[0]) / weight.sf(PROMISED)
    assert evidence(wrong, audited, PROMISED) == pytest.approx(average, rel=1e-5)


def test_a_verdict_is_expected_to_add_no_evidence_while_the_promise_is_kept() -> None:
    """The supermartingale: at the promised share itself the mean of the next value is the present one, below less."""
    for wrong, audited in [(0, 0), (0, 40), (2, 40), (9, 100)]:
        now = evidence(wrong, audited, PROMISED)
        if_wrong, if_right = evidence(wrong + 1, audited + 1, PROMISED), evidence(wrong, audited + 1, PROMISED)
        assert PROMISED * if_wrong + (1 - PROMISED) * if_right == pytest.approx(now)
        assert 0.01 * if_wrong + 0.99 * if_right <= now


def test_more_wrong_ones_are_more_evidence_and_more_right_ones_are_less() -> None:
    assert evidence(4, 50, PROMISED) > evidence(3, 50, PROMISED)
    assert evidence(3, 60, PROMISED) < evidence(3, 50, PROMISED)
    assert not is_proven(1, 1, PROMISED)


def test_promises_at_the_ends_are_possible() -> None:
    assert is_proven(1, 10, 0.0)
    assert not is_proven(0, 10, 0.0)
    assert not is_proven(10, 10, 1.0)
    assert 0 <= evidence(5, 10, 0.6) < np.inf
    assert is_proven(4_000, 4_000, PROMISED)


def _stops(share: float) -> np.ndarray:
    """At which audit each of many runs stops, one look after every verdict; 0 for never within ``AUDITS``."""
    by_count = np.array(
        [[evidence(wrong, audited, PROMISED) >= ENOUGH for wrong in range(61)] for audited in range(1, AUDITS + 1)]
    )
    wrong = np.cumsum(np.random.default_rng(7).random((RUNS, AUDITS)) < share, axis=1).clip(max=60)
    proven = by_count[np.arange(AUDITS), wrong]
    return np.where(proven.any(axis=1), proven.argmax(axis=1) + 1, 0)


@pytest.mark.parametrize(("share", "at_most"), [(0.01, 0.01), (0.02, 0.05)])
def test_a_service_that_keeps_its_promise_is_seldom_stopped_though_it_is_looked_at_after_every_verdict(
    share, at_most
) -> None:
    assert (_stops(share) > 0).mean() <= at_most


def test_three_times_the_promised_share_is_found_out_within_a_few_hundred_audits() -> None:
    stops = _stops(3 * PROMISED)
    assert (stops > 0).all()
    assert np.quantile(stops, 0.5) <= 130
    assert np.quantile(stops, 0.9) <= 340


def test_a_service_that_is_mostly_wrong_is_stopped_at_once() -> None:
    assert np.quantile(_stops(0.5), 0.9) <= 10
