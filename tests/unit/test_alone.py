from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import alone


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one than that in which this very test is."""
    for name in ("_DOOR", "_ROOM"):
        (tmp_path / name).touch()
        monkeypatch.setattr(alone, name, tmp_path / name)


def test_many_are_in_the_room_together_but_nobody_beside_one_who_is_alone() -> None:
    inside: list[bool] = []
    seen: list[tuple[bool, ...]] = []
    looking = threading.Lock()

    def stay(apart: bool) -> None:
        with alone.turn(alone=apart):
            with looking:
                inside.append(apart)
                seen.append(tuple(inside))
            time.sleep(0.02)
            with looking:
                inside.remove(apart)

    with ThreadPoolExecutor(4) as people:
        list(people.map(stay, [number % 5 == 4 for number in range(40)]))
    assert all(len(together) == 1 for together in seen if True in together)
    assert max(map(len, seen)) > 1


def test_who_wants_to_be_alone_is_not_overtaken_for_ever() -> None:
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            with alone.turn(alone=False):
                time.sleep(0.02)

    with ThreadPoolExecutor(4) as people:
        for _ in range(3):
            people.submit(come_and_go)
        people.submit(lambda: [_be_alone() for _ in range(5)]).result(timeout=20)
        stop.set()


def _be_alone() -> None:
    with alone.turn(alone=True):
        pass
