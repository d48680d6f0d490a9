"""One budget for all processes, and notes of what happens."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.doubles import NOON, frozen
from tests.keys import KEYS
from triage.channels.x.budget import Limit
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.watch import Source
from triage.domain.limits import Limits
from triage.errors import RetryLater
from triage.service.x.budget import SharedBudget
from triage.service.x.notebook import Notebook
from triage.service.x.spending import Spend, spent_between
from triage.service.x.switches import SendingSwitch, switched_off
from triage.store import Store
from triage.store.keys import VARIABLE

_SPENDER = """
import sys
from tests.keys import VAULT
from triage.channels.x.endpoint import Endpoint
from triage.clock import SystemClock
from triage.errors import RetryLater
from triage.service.x.budget import SharedBudget
from triage.store import open_store

budget = SharedBudget(open_store(sys.argv[1], VAULT), SystemClock())
made = 0
for _ in range(40):
    try:
        budget.spend(Endpoint.DELETE)
        made += 1
    except RetryLater:
        pass
print(made)
"""


def test_processes_that_share_a_budget_never_exceed_it(database_url) -> None:
    env = {VARIABLE: KEYS, "PYTHONPATH": ":".join(sys.path), "PATH": ""}
    running = [
        subprocess.Popen([sys.executable, "-c", _SPENDER, database_url], stdout=subprocess.PIPE, env=env, text=True)
        for _ in range(2)
    ]
    made = [int(process.communicate(timeout=120)[0]) for process in running]
    assert sum(made) == Endpoint.DELETE.terms.allowances[0].calls == 50


def test_what_is_used_up_says_when_to_come_back(store) -> None:
    clock = frozen()
    budget = SharedBudget(store, clock)
    for _ in range(15):
        budget.spend(Endpoint.PRIVATE_EVENTS)
    with pytest.raises(RetryLater, match="private_events") as caught:
        budget.spend(Endpoint.PRIVATE_EVENTS)
    assert budget.rests_until(Endpoint.PRIVATE_EVENTS) == caught.value.not_before
    assert budget.rests_until(Endpoint.MENTIONS) is None
    clock.advance(caught.value.not_before - clock.now())
    budget.spend(Endpoint.PRIVATE_EVENTS)


def test_a_rest_that_x_asks_for_is_kept_by_all_and_never_shortened(store) -> None:
    clock = frozen()
    SharedBudget(store, clock).rest(Endpoint.POST, NOON + timedelta(hours=1))
    SharedBudget(store, clock).rest(Endpoint.POST, NOON + timedelta(minutes=1))
    other = SharedBudget(store, clock)
    assert other.rests_until(Endpoint.POST) == NOON + timedelta(hours=1)
    with pytest.raises(RetryLater):
        other.spend(Endpoint.POST)


def test_what_x_says_is_left_is_spent_by_all(store) -> None:
    clock = frozen()
    resets = NOON + timedelta(minutes=10)
    SharedBudget(store, clock).learn(Endpoint.MENTIONS, [Limit(300, 1, resets)])
    SharedBudget(store, clock).spend(Endpoint.MENTIONS)
    assert SharedBudget(store, clock).rests_until(Endpoint.MENTIONS) == resets


def test_all_that_an_answer_says_is_told_to_the_others_at_once(store, monkeypatch) -> None:
    """Who is killed between two transactions would have told only half."""
    clock, began = frozen(), []
    run = type(store).run
    monkeypatch.setattr(type(store), "run", lambda self, work: (began.append(work), run(self, work))[1])
    short = Limit(300, 290, NOON + timedelta(minutes=10))
    day = Limit(10_000, 0, NOON + timedelta(minutes=5))
    SharedBudget(store, clock).learn(Endpoint.MENTIONS, [short, day])
    assert len(began) == 1
    assert SharedBudget(store, clock).rests_until(Endpoint.MENTIONS) == day.resets_at


def test_a_refused_call_is_not_counted(store) -> None:
    clock = frozen()
    budget = SharedBudget(store, clock)
    budget.rest(Endpoint.POST, NOON + timedelta(seconds=1))
    for _ in range(200):
        with pytest.raises(RetryLater):
            budget.spend(Endpoint.POST)
    clock.advance(timedelta(seconds=1))
    budget.spend(Endpoint.POST)


def test_a_source_is_noted_with_its_last_post_and_how_late_it_was(store) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)
    notebook.alive(Source.STREAM)
    clock.advance(timedelta(seconds=5))
    notebook.saw(Source.STREAM, "17", NOON + timedelta(seconds=3))
    with store.read() as transaction:
        heard = transaction.x_notes.heard()["stream"]
    assert (heard.alive_at, heard.last_id, heard.lag) == (clock.now(), "17", 2.0)


def test_heartbeats_are_not_written_down_one_by_one(store, monkeypatch) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)
    written = Counter()
    run = store.run
    monkeypatch.setattr(store, "run", lambda work: written.update(["written"]) or run(work))
    for _ in range(100):
        notebook.alive(Source.STREAM)
        clock.advance(timedelta(milliseconds=100))
    assert written["written"] == 4


def test_the_same_problem_in_a_row_is_counted_and_only_the_last_ones_are_kept(store) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)
    for number in range(60):
        notebook.failed(Endpoint.POST, f"problem {number}")
        notebook.failed(Source.STREAM, "silence")
    with store.read() as transaction:
        problems = transaction.x_notes.problems()
    assert len(problems) == 50
    assert {problem.times for problem in problems if problem.place == "post"} == {1}
    with store.read() as transaction:
        assert transaction.x_notes.problems()[0].text == "problem 59"


def test_the_same_problem_of_another_place_in_between_does_not_part_it(store) -> None:
    notebook = Notebook(store, frozen())
    for _ in range(3):
        notebook.failed(Source.STREAM, "silence")
        notebook.failed(Source.POLL, "no network")
    with store.read() as transaction:
        assert {(one.place, one.text, one.times) for one in transaction.x_notes.problems()} == {
            ("stream", "silence", 3),
            ("poll", "no network", 3),
        }


def spent_on(store: Store, at: datetime, limits: Limits = Limits()) -> Spend:  # noqa: B008 - a frozen value
    with store.read() as transaction:
        return spent_between(transaction, at.date(), at.date(), limits)


def test_spend_is_estimated_by_day_and_links_cost_more(store) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)
    notebook.called(Endpoint.MENTIONS, 100)
    notebook.writing(Endpoint.POST)
    notebook.writing(Endpoint.POST, with_link=True)
    notebook.close()
    assert spent_on(store, NOON).total == pytest.approx(0.5 + 0.015 + 0.20)
    assert spent_on(store, NOON + timedelta(days=1)) == Spend()


def test_mentions_cost_less_where_the_account_owns_the_app(store) -> None:
    notebook = Notebook(store, frozen())
    notebook.called(Endpoint.MENTIONS, 100)
    notebook.called(Endpoint.OWN_POSTS, 10)
    notebook.close()
    assert spent_on(store, NOON).total == pytest.approx(0.5 + 0.05)
    assert spent_on(store, NOON, Limits(account_owns_app=True)).total == pytest.approx(0.1 + 0.05)


def test_looking_posts_up_again_is_told_apart_from_the_rest(store) -> None:
    notebook = Notebook(store, frozen())
    notebook.called(Endpoint.LOOK_UP, 100)
    notebook.called(Endpoint.STREAM, 10)
    notebook.close()
    assert spent_on(store, NOON) == Spend(look_ups=pytest.approx(0.5), rest=pytest.approx(0.05))


def test_what_x_did_not_write_is_taken_back_also_after_midnight(store) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)
    take_back = [notebook.writing(Endpoint.POST, with_link=with_link) for with_link in (False, True, True)]
    clock.advance(timedelta(days=1))
    for one in take_back[:2]:
        one()
    assert spent_on(store, NOON).total == pytest.approx(0.20)
    assert spent_on(store, clock.now()) == Spend()


def test_what_is_written_counts_at_once_and_what_is_read_within_seconds(store) -> None:
    clock = frozen()
    notebook = Notebook(store, clock)

    def spent() -> dict[str, int]:
        with store.read() as transaction:
            return {name: one.things for name, one in transaction.x_notes.spent(NOON.date(), NOON.date()).items()}

    notebook.writing(Endpoint.POST)
    for _ in range(70):
        notebook.called(Endpoint.STREAM, 1)
    assert spent() == {"post": 1}
    clock.advance(timedelta(seconds=3))
    notebook.alive(Source.STREAM)
    assert spent() == {"post": 1, "stream": 70}


def test_a_notebook_that_cannot_write_stops_nobody(store, monkeypatch) -> None:
    monkeypatch.setattr(store, "run", lambda work: 1 / 0)
    Notebook(store, frozen()).failed(Endpoint.POST, "X does not answer")


def test_sending_is_switched_off_and_on_for_channels_of_x_alone(store) -> None:
    clock = frozen()
    switch = SendingSwitch(store, clock)

    def off(channel: str):
        with store.read() as transaction:
            return switched_off(transaction, channel)

    assert off("x") is None
    switch.pause("sam", "wrong answers")
    assert (off("x").by, off("x").reason, off("x").at) == ("sam", "wrong answers", NOON)
    assert off("x-private") is not None
    assert off("api") is None
    switch.resume("sam", "mended")
    assert off("x") is None
