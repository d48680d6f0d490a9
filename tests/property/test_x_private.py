"""Private messages: whatever the order in which they arrive, the same messages exist, each once, in one case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ENGINES
from tests.keys import VAULT
from tests.x_private import Private
from triage.channels.x.happening import Happening, Posted, PrivatelyWritten
from triage.domain.case import rebuild
from triage.store import open_store

#: Who writes, on which leg, how many hours after the one before, and whether it is the brand.
STEPS = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.booleans(), st.integers(0, 120), st.booleans()),
    min_size=1,
    max_size=10,
)
EXAMPLES = {"sqlite": 40, "postgresql": 8}


def told(brand: Private, steps: list[tuple[str, bool, int, bool]]) -> list[Happening]:
    happened: list[Happening] = []
    for handle, private, hours, by_brand in steps:
        brand.later(hours=hours, seconds=1)
        if not private:
            happened.append(Posted(brand.customer("my bag is lost", handle=handle)))
        elif by_brand:
            happened.append(PrivatelyWritten(brand.wrote("We look", handle=handle)))
        else:
            happened.append(PrivatelyWritten(brand.x.write_privately(brand.x.person(handle), "my bag")))
    return happened


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_the_order_the_same_messages_exist_each_once_and_with_its_person(
    engine: str, new_database: Callable[[str], str]
) -> None:
    @settings(max_examples=EXAMPLES[engine], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(STEPS, st.randoms(use_true_random=False), st.integers(1, 4))
    def check(steps, random, size) -> None:
        with closing(open_store(new_database(engine), VAULT)) as store:
            brand = Private(store)
            happened = told(brand, steps)
            again = [*happened, *random.choices(happened, k=3)]
            random.shuffle(again)
            for start in range(0, len(again), size):
                brand.taking.take(again[start : start + size])
                if random.random() < 0.3:
                    brand.decide()
                if random.random() < 0.3:
                    move_one(brand, random)
            brand.decide()
            judge(brand, happened)

    check()


def move_one(brand: Private, random) -> None:
    """Somebody is asked to go on in private, if any public case is there to be claimed."""
    with brand.store.read() as transaction:
        waiting = [case.id for case in transaction.cases.all().values() if case.state.value == "queued"]
        public = [case for case in waiting if transaction.messages.in_case(case)[-1].channel == "x"]
    if public:
        case = random.choice(public)
        brand.desk.claim(brand.alex, case)
        brand.desk.move_to_private(brand.alex, case, key=f"{case} {brand.clock.now()}")
        brand.later(seconds=1)


def judge(brand: Private, happened: list[Happening]) -> None:
    with brand.store.read() as transaction:
        cases = transaction.cases.all()
        assert rebuild(transaction.events.stream()) == cases
        stored = [message for case in cases for message in transaction.messages.in_case(case)]
    expected = [one.post.id if isinstance(one, Posted) else one.message.id for one in happened]
    assert sorted(message.external_id for message in stored) == sorted(expected)
    for case in cases:
        people = {m.author_id if m.inbound else m.addressee_id for m in stored if m.case_id == case}
        assert len(people) == 1, "nobody's private words are in somebody else's case"
    wrote_privately = {m.case_id for m in stored if m.channel == "x-private"}
    assert all(cases[case].private_since is not None for case in wrote_privately)


def test_in_the_order_in_which_they_were_written_a_conversation_is_one_case(store) -> None:
    brand = Private(store)
    messages = told(brand, [("ann", True, 6 * 24, False)] * 4)
    for one in messages:
        brand.taking.take([one])
    with store.read() as transaction:
        assert len(transaction.cases.all()) == 1


def test_out_of_order_a_slow_conversation_may_become_two_cases_and_loses_nothing(store) -> None:
    brand = Private(store)
    first, second, third = told(brand, [("ann", True, 6 * 24, False)] * 3)
    for one in (first, third, second):
        brand.taking.take([one])
    with store.read() as transaction:
        case_of = transaction.messages.cases_of("x-private", [one.message.id for one in (first, second, third)])
    assert case_of[first.message.id] != case_of[third.message.id] == case_of[second.message.id]
