"""Whoever was away for an hour reads what came meanwhile, and makes no call that X does not allow."""

from __future__ import annotations

from datetime import timedelta

from tests.x_product import away
from triage.channels.x.endpoint import Endpoint


def test_a_poller_that_was_down_for_an_hour_catches_up_within_the_limits(xsim, new_database) -> None:
    caught_up = away(xsim, new_database("sqlite"), missed=300, span=timedelta(hours=1))
    assert len(caught_up.missed) == 300
    assert caught_up.decided == caught_up.missed
    assert (caught_up.ledger["violations"], caught_up.ledger["exceeded"]) == (0, {})
    assert caught_up.calls <= 20 < Endpoint.MENTIONS.terms.allowances[0].calls
