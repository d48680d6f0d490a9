"""The same post is charged once a day."""

from __future__ import annotations

from datetime import date, timedelta

from triage.channels.x.charged import _MOST, Charged
from triage.channels.x.endpoint import Endpoint

TODAY = date(2026, 11, 27)


def test_what_was_read_today_is_told_for_each_kind_of_call() -> None:
    charged = Charged()
    assert charged.again(Endpoint.MENTIONS, ["1", "2", "2"], TODAY) == 0
    assert charged.again(Endpoint.MENTIONS, ["2", "3"], TODAY) == 1
    assert charged.again(Endpoint.LOOK_UP, ["2", "3"], TODAY) == 0
    assert charged.again(Endpoint.MENTIONS, ["1", "2", "3"], TODAY) == 3
    assert charged.again(Endpoint.MENTIONS, ["1", "2", "3"], TODAY + timedelta(days=1)) == 0


def test_what_was_read_last_is_remembered_and_no_more_than_there_is_room_for() -> None:
    charged = Charged()
    charged.again(Endpoint.MENTIONS, map(str, range(_MOST)), TODAY)
    assert charged.again(Endpoint.MENTIONS, ["0", "new"], TODAY) == 1
    assert charged.again(Endpoint.MENTIONS, ["0"], TODAY) == 1
    assert charged.again(Endpoint.MENTIONS, ["1"], TODAY) == 0
    assert len(charged._read[Endpoint.MENTIONS]) == _MOST
