"""What X charges for is counted once a day."""

from __future__ import annotations

from datetime import timedelta

from tests.doubles import NOON
from triage.channels.x.charged import _MOST, Charged
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


def test_what_was_read_last_is_remembered_and_no_more_than_there_is_room_for() -> None:
    charged = Charged(FrozenClock(NOON))
    charged.new(Endpoint.MENTIONS, map(str, range(_MOST)))
    assert charged.new(Endpoint.MENTIONS, ["0", "new"]) == 1
    assert charged.new(Endpoint.MENTIONS, ["0"]) == 0
    assert charged.new(Endpoint.MENTIONS, ["1"]) == 1
