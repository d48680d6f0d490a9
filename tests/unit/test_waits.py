"""Waiting times with open cases, against figures worked out by hand."""

from __future__ import annotations

import pytest

from triage.measures.waits import Wait, WaitSummary, quantile, summarise


def waits(*seconds: float, still: tuple[float, ...] = ()) -> list[Wait]:
    return [Wait(s, ended=True) for s in seconds] + [Wait(s, ended=False) for s in still]


def test_without_open_waits_the_quantiles_are_the_plain_ones() -> None:
    summary = summarise(waits(10, 20, 30, 40, 50, 60, 70, 80, 90, 100))
    assert (summary.mean, summary.median, summary.p90, summary.waiting) == (55, 50, 90, 0)


def test_an_open_wait_counts_for_as_long_as_it_has_lasted() -> None:
    """By hand: S(10) = 3/4, 20 censored leaves 2 at risk, S(30) = 3/8, so half have ended by 30."""
    assert quantile(waits(10, 30, 40, still=(20,)), 0.5) == 30


def test_a_quantile_that_cannot_be_known_yet_is_not_guessed() -> None:
    summary = summarise(waits(10, still=(10, 20, 30)))
    assert (summary.median, summary.p90) == (None, None)
    assert (summary.ended, summary.waiting, summary.mean) == (1, 3, 10)


def test_no_waits_at_all_have_no_figures() -> None:
    assert summarise([]) == WaitSummary(ended=0, waiting=0, given_up=0, mean=None, median=None, p90=None)


def test_a_wait_that_was_given_up_is_censored_but_waits_no_more() -> None:
    """By hand: 20 censored leaves 1 of 3 at risk after S(10) = 2/3, and S(30) = 0; the mean is of 10 and 30."""
    summary = summarise([*waits(10, 30), Wait(20, ended=False, given_up=True)])
    assert summary == WaitSummary(ended=2, waiting=0, given_up=1, mean=20, median=30, p90=30)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_leaving_open_waits_out_would_flatter(share: float) -> None:
    ended = waits(5, 10, 15, 20)
    honest = quantile(ended + waits(still=(60, 60, 60)), share)
    assert honest is None or honest >= (quantile(ended, share) or 0)
