from __future__ import annotations

import fcntl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import alone


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another door and room than those of this very test."""
    for name in ("_DOOR", "_ROOM"):
        (tmp_path / name).touch()
        monkeypatch.setattr(alone, name, tmp_path / name)
    return tmp_path


def closed(path: Path, how: int) -> bool:
    """Whether a newcomer would have to wait."""
    with path.open() as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_many_are_in_the_room_together_and_nobody_is_alone_beside_them(place: Path) -> None:
    with alone.turn(alone=False), alone.turn(alone=False):
        assert not closed(place / "_ROOM", fcntl.LOCK_SH)
        assert closed(place / "_ROOM", fcntl.LOCK_EX)
    assert not closed(place / "_ROOM", fcntl.LOCK_EX)


def test_nobody_is_in_the_room_beside_one_who_is_alone(place: Path) -> None:
    with alone.turn(alone=True):
        assert closed(place / "_ROOM", fcntl.LOCK_SH)
    assert not closed(place / "_ROOM", fcntl.LOCK_EX)


def test_a_test_that_fails_leaves_the_room(place: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone.turn(alone=True):
        1 / 0  # noqa: B018
    assert not closed(place / "_ROOM", fcntl.LOCK_EX)


def test_nobody_overtakes_one_who_waits_to_be_alone(place: Path) -> None:
    def be_alone() -> None:
        with alone.turn(alone=True):
            assert closed(place / "_ROOM", fcntl.LOCK_SH)

    with ThreadPoolExecutor(1) as other:
        with alone.turn(alone=False):
            waiting = other.submit(be_alone)
            until = time.monotonic() + 20
            while not closed(place / "_DOOR", fcntl.LOCK_SH):  # what who comes later finds closed
                assert time.monotonic() < until, "it does not wait at the door"
            assert not waiting.done()
        waiting.result(timeout=20)
