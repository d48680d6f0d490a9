"""What X charges for is counted once a day."""

from __future__ import annotations

from datetime import timedelta

from tests.doubles import NOON
from triage.channels.x.charged import Charged
from triage.channels.x.endpoint import Endpoint
from triage.clock import FrozenClock


def test_what_is_read_again_on_the_same_day_is_new_once() -> None:
    clock = FrozenClock(NOON)
    charged = Charged(clock)
    assert charged.new(Endpoint.MENTIONS, ["1", "2"]) == 2
    assert charged.new(Endpoint.MENTIONS, ["2", "3", "3"]) == 1
    assert charged.new(Endpoint.LOOK_UP, ["2"]) == 1
    clock.advance(timedelta(days=1))
    assert charged.new(Endpoint.MENTIONS, ["2"]) == 1
