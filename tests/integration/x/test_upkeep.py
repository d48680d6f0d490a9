"""What holding posts of X costs, as operators read it, and that a look which does not happen is noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.doubles import NOON, frozen, message
from triage.service.intake import take_in
from triage.service.stored_posts import LOOK_AGAIN_AFTER
from triage.service.x.alarms import Code, alarms
from triage.service.x.condition import Conditions
from triage.service.x.upkeep import Upkeep
from triage.store import Store

DAY = timedelta(days=1)


def conditions(store: Store, kept_for: timedelta | None = None, *, later: timedelta = timedelta()) -> Conditions:
    clock = frozen()
    clock.advance(later)
    return Conditions(store, clock, {}, timedelta(minutes=15), dry_run=False, kept_for=kept_for)


def hold(store: Store, *days_ago: float, channel: str = "x") -> None:
    ids = [f"{channel} {number} of {ago}" for number, ago in enumerate(days_ago)]
    posts = [
        message(one, channel=channel, minutes=-ago * 24 * 60, author=one)
        for one, ago in zip(ids, days_ago, strict=True)
    ]
    take_in(store, posts, frozen())
    store.run(lambda transaction: transaction.held.seen(channel, ids, NOON))


def test_each_held_post_costs_a_look_every_twenty_hours(store) -> None:
    hold(store, *[1] * 10)
    found = conditions(store).upkeep()
    assert found.held == 10
    assert found.a_day == pytest.approx(10 * (DAY / LOOK_AGAIN_AFTER) * 0.005) == 0.06
    assert found.a_month == pytest.approx(30 * found.a_day)


def test_only_posts_of_x_are_looked_up(store) -> None:
    hold(store, 1, channel="memory")
    hold(store, 1, channel="x-private")
    assert conditions(store).upkeep().held == 0


def test_how_many_come_in_a_day_is_counted_over_a_week(store) -> None:
    hold(store, *[0.5 + number / 10 for number in range(70)], 300, 400)  # the last five minutes short of a week
    found = conditions(store).upkeep()
    assert found.held == 72
    assert found.new_a_day == pytest.approx(66 / 7)


def test_on_the_first_days_it_is_counted_since_the_first_post(store) -> None:
    hold(store, 0.1, 0.2, 1.9, 2)
    assert conditions(store).upkeep().new_a_day == pytest.approx(2)


def test_who_keeps_posts_for_ever_reads_that_this_grows_and_what_ends_it() -> None:
    text = Upkeep(held=4_500, new_a_day=500).text
    assert "4,500 posts of X are held." in text
    assert "about $27.00 a day, $810.00 a month at present" in text
    assert "for ever" in text
    assert "each month adds $2,700.00 a month" in text
    assert "`x = 90` under [retention], after 90 days, it comes to about $8,100.00 a month" in text


def test_who_lets_posts_go_reads_where_it_ends() -> None:
    text = Upkeep(held=4_500, new_a_day=500, kept_for=30 * DAY).text
    assert "for ever" not in text
    assert "They are kept for 30 days; with about 500 a day coming in it comes to about $2,700.00 a month." in text


def test_where_nothing_is_held_there_is_nothing_to_pay() -> None:
    assert Upkeep().text == "No posts of X are held, so none are looked up again."


def test_a_post_that_was_not_looked_up_for_over_a_day_is_an_alarm(store) -> None:
    hold(store, 1, 1, 2)
    assert alarms(conditions(store, later=DAY).now()) == []
    (alarm,) = alarms(conditions(store, later=DAY + timedelta(hours=3)).now())
    assert (alarm.code, alarm.since) == (Code.NOT_LOOKED_UP, NOON + DAY)
    assert "3 posts of X have not been looked up for over 24 hours, one not for 27 hours" in alarm.text
    assert "deleted or edited" in alarm.text
    assert "looking posts up again" in alarm.text
