"""Limits and prices as X publishes them: written down here a second time, so that no figure changes unseen.

Limits: X's page on rate limits, for one user of one app. Prices in US dollars: X's list for pay-per-use as of 2026,
with "own mentions 0.001 where the account owns the app, other reads 0.005 per post; post 0.015; a post with a URL
0.20", 0.010 for each user or private message that is read, and for each deletion. A reply to somebody who called the
account costs 0.010; the estimate is to be rather too high, so all posts are counted as 0.015.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from triage.channels.x.endpoint import Endpoint
from triage.service.x.spending import LINK_PRICE, price

QUARTER = timedelta(minutes=15)
DAY = timedelta(hours=24)

#: Calls of which X publishes limits: how many in which time.
LIMITS = {
    Endpoint.ME: {QUARTER: 75},
    Endpoint.MENTIONS: {QUARTER: 300},
    Endpoint.OWN_POSTS: {QUARTER: 900},
    Endpoint.LOOK_UP: {QUARTER: 900},
    Endpoint.POST: {QUARTER: 100, DAY: 10_000},
    Endpoint.DELETE: {QUARTER: 50},
    Endpoint.PRIVATE_EVENTS: {QUARTER: 15},
    Endpoint.PRIVATE_SEND: {QUARTER: 15, DAY: 1_440},
    Endpoint.STREAM: {QUARTER: 50},
    Endpoint.STREAM_RULES: {QUARTER: 25},
    Endpoint.ACTIVITY_STREAM: {QUARTER: 50},
    Endpoint.SUBSCRIPTIONS: {QUARTER: 50},
    Endpoint.WEBHOOKS: {QUARTER: 50},
    Endpoint.TOKEN: {QUARTER: 50},
}
#: What each thing costs that a call reads or writes: for any account, and for one that owns the app.
PRICES = {
    Endpoint.ME: (0.010, 0.010),
    Endpoint.MENTIONS: (0.005, 0.001),
    Endpoint.OWN_POSTS: (0.005, 0.005),
    Endpoint.LOOK_UP: (0.005, 0.005),
    Endpoint.POST: (0.015, 0.015),
    Endpoint.DELETE: (0.010, 0.010),
    Endpoint.PRIVATE_EVENTS: (0.010, 0.010),
    Endpoint.PRIVATE_SEND: (0.015, 0.015),
    Endpoint.STREAM: (0.005, 0.005),
    Endpoint.STREAM_RULES: (0, 0),
    Endpoint.ACTIVITY_STREAM: (0.005, 0.005),
    Endpoint.SUBSCRIPTIONS: (0, 0),
    Endpoint.WEBHOOKS: (0, 0),
    Endpoint.TOKEN: (0, 0),
}
WRITING = {Endpoint.POST, Endpoint.DELETE, Endpoint.PRIVATE_SEND}


@pytest.mark.parametrize("endpoint", Endpoint)
def test_a_call_is_made_as_often_as_x_publishes_and_no_oftener(endpoint: Endpoint) -> None:
    assert {one.window: one.calls for one in endpoint.terms.allowances} == LIMITS[endpoint]


@pytest.mark.parametrize("endpoint", Endpoint)
def test_a_call_is_priced_as_x_publishes(endpoint: Endpoint) -> None:
    terms = endpoint.terms
    assert (terms.price_for(owns_app=False), terms.price_for(owns_app=True)) == PRICES[endpoint]


@pytest.mark.parametrize("endpoint", Endpoint)
def test_what_changes_something_is_told_from_what_only_reads(endpoint: Endpoint) -> None:
    assert endpoint.terms.writes is (endpoint in WRITING)


def test_a_post_with_a_link_costs_more_than_one_without() -> None:
    assert LINK_PRICE == price("Here: https://marram.example/pets") == 0.20
    assert price("Pets fly.") == 0.015
