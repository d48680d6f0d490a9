"""Whatever polls, streams and webhooks tell, twice, late, in any order or not at all, and wherever a process is killed:
each post is stored once, as it was last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ENGINES
from tests.keys import VAULT
from tests.x_intake import Brand, Killed
from triage.channels.x.happening import Happening, PostDeleted, Posted
from triage.domain.erasure import ERASED
from triage.errors import RetryLater
from triage.store import open_store

PICK = st.integers(0, 99)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 9), st.integers(0, 890)),  # so many, the last shown so late
    st.tuples(st.just("edit"), PICK, st.booleans()),  # and whether a stream tells of it
    st.tuples(st.just("delete"), PICK, st.booleans()),
    st.tuples(st.just("answer"), PICK),  # a person of the brand's, elsewhere
    st.tuples(st.just("stream"), st.lists(PICK, min_size=1, max_size=6)),
    st.tuples(st.just("poll"), st.sampled_from(("whole", "refused", "killed")), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(1, 300)),
)
EXAMPLES = {"sqlite": 40, "postgresql": 10}


class World:
    """What truly happened, beside what was told of it."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.told: list[Happening] = []
        self.deletions_told: set[str] = set()
        self.deleted: set[str] = set()
        self.texts: dict[str, str] = {}
        self.newest: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.write(1, 0)
        self.answer(0)
        self.poll("whole", 0)  # from here on nothing may be lost, however long nobody polls

    def write(self, count: int, late: int) -> None:
        for number in range(count):
            post = self.brand.customer(f"question {len(self.texts)}", handle=f"ann{number % 3}")
            self._tell(Posted(post))
            self.texts[post.id], self.newest[post.id] = post.text, post.id
            self.brand.clock.advance(timedelta(seconds=1))
        self.brand.late[post.id] = timedelta(seconds=late)

    def edit(self, pick: int, told: bool) -> None:
        if (first := self._pick(pick)) is not None:
            post = self.brand.x.edit(self.newest[first], f"@MarramAir changed {self.texts[first]}")
            self.texts[first], self.newest[first] = post.text, post.id
            if told:
                self._tell(Posted(post))

    def delete(self, pick: int, told: bool) -> None:
        if (first := self._pick(pick)) is not None:
            self.brand.x.delete(self.newest[first])
            self.deleted.add(first)
            if told:
                if self._is_known(self.newest[first]):
                    self.deletions_told.add(first)
                self.brand.taking.take([PostDeleted(self.newest[first])])

    def answer(self, pick: int) -> None:
        if (first := self._pick(pick)) is not None:
            post = self.brand.x.write(self.brand.account, f"We look into {pick}", in_reply_to=self.newest[first])
            self.texts[post.id], self.newest[post.id] = post.text, post.id
            self.answers[post.id] = first
            self._tell(Posted(post))

    def stream(self, picks: list[int]) -> None:
        if self.told:
            self.brand.taking.take([self.told[pick % len(self.told)] for pick in picks])

    def poll(self, ends: str, pages: int) -> None:
        last = self.brand.pages + pages

        def interrupt(number: int) -> None:
            if ends != "whole" and number > last:
                raise Killed if ends == "killed" else RetryLater("not now", self.brand.clock.now())

        self.brand.interrupt = interrupt
        for one in (self.brand.mentions, self.brand.own_posts):
            with suppress(Killed, RetryLater):
                one.poll()
        if ends == "killed":
            self.brand.kill()

    def wait(self, seconds: int) -> None:
        self.brand.clock.advance(timedelta(seconds=seconds))

    def _is_known(self, version: str) -> bool:
        """Whether the product can say which post a version is of: nobody has to tell it of an edit."""
        with self.brand.store.read() as transaction:
            return version in self.texts or bool(transaction.versions.first_of([version]))

    def _tell(self, happening: Happening) -> None:
        self.told.append(happening)

    def _pick(self, pick: int) -> str | None:
        there = [first for first in self.texts if first not in self.deleted]
        return there[pick % len(there)] if there else None


@pytest.mark.parametrize("engine", ENGINES)
def test_every_post_is_stored_once_as_it_was_last(engine: str, new_database: Callable[[str], str]) -> None:
    @settings(max_examples=EXAMPLES[engine], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(STEPS, min_size=4, max_size=25))
    def run(steps: list[tuple]) -> None:
        with closing(open_store(new_database(engine), VAULT)) as store:
            world = World(Brand(store, page=3))
            for name, *told in steps:
                getattr(world, name)(*told)
            world.wait(900)
            world.poll("whole", 0)
            check(world)

    run()


def check(world: World) -> None:
    stored = world.brand.stored()
    there = {first: text for first, text in world.texts.items() if first not in world.deleted}
    # The brand's answers to what was deleted go with it: they may repeat what it said.
    answered = {first: asked for first, asked in world.answers.items() if first in stored}
    gone = {first for first, asked in answered.items() if asked in world.deleted and stored[first].text == ERASED}
    assert {first: stored[first].text for first in there.keys() - gone if first in stored} == {
        first: text for first, text in there.items() if first not in gone
    }
    # What was deleted is not there, or has no words, if that was told; else it is left for looking it up again.
    assert set(stored) - set(there) <= world.deleted
    assert all(stored[first].text == ERASED for first in world.deletions_told if first in stored)
