"""How soon a sign-in may be tried again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from app.desk import attempts
from app.desk.attempts import FREE, LONGEST_WAIT, Attempts
from tests.doubles import NOON

HERE, THERE = "192.0.2.1", "192.0.2.2"
NONE = timedelta()


def _failed(times: int) -> Attempts:
    made = Attempts()
    for _ in range(times):
        assert made.begin("anna", HERE, NOON) == NONE
    return made


def test_the_first_failures_cost_nothing_and_each_further_one_doubles_the_wait() -> None:
    made, now, waits = _failed(FREE), NOON, []
    for _ in range(12):
        waits.append(made.begin("anna", HERE, now))
        now += waits[-1]
        assert made.begin("anna", HERE, now) == NONE
    assert [wait.total_seconds() for wait in waits] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_trying_too_early_makes_the_wait_no_longer() -> None:
    made = _failed(FREE)
    for _ in range(50):
        assert made.begin("anna", HERE, NOON) == timedelta(seconds=1)


def test_the_same_name_elsewhere_and_another_name_here_do_not_wait() -> None:
    made = _failed(FREE)
    assert made.begin("anna", THERE, NOON) == NONE
    assert made.begin("ben", HERE, NOON) == NONE


def test_a_name_in_other_letters_is_the_same_name() -> None:
    assert _failed(FREE).begin("ANNA", HERE, NOON) > NONE


def test_a_good_sign_in_forgets_the_failures_before_it() -> None:
    made = _failed(FREE)
    made.succeed("anna", HERE)
    assert made.begin("anna", HERE, NOON) == NONE


def test_failures_are_forgotten_after_an_hour() -> None:
    made = _failed(FREE)
    for _ in range(FREE):
        assert made.begin("anna", HERE, NOON + timedelta(hours=1)) == NONE


def test_many_at_once_are_no_way_round() -> None:
    made = Attempts()
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: made.begin("anna", HERE, NOON), range(100)))
    assert waits.count(NONE) == FREE


def test_a_clock_that_was_set_back_keeps_nobody_out_for_long() -> None:
    made = _failed(FREE)
    assert made.begin("anna", HERE, NOON - timedelta(days=1)) <= LONGEST_WAIT


def test_memory_has_an_end_and_who_tried_last_is_remembered(monkeypatch) -> None:
    monkeypatch.setattr(attempts, "MOST_REMEMBERED", 3)
    made = _failed(FREE)
    for number in range(3):
        made.begin(f"{number}", HERE, NOON)
    assert made.begin("anna", HERE, NOON) == NONE
