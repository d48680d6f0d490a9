"""Threads are the same for every order in which their messages arrive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import message
from triage.clock import TrafficClock
from triage.service.intake import take_in
from triage.store import Store
from triage.threads import Link, plan

#: Child -> parent over a handful of ids: forests, missing parents, self-replies and circles alike.
IDS = [str(number) for number in range(1, 9)]
CONVERSATIONS = st.dictionaries(st.sampled_from(IDS), st.none() | st.sampled_from([*IDS, "98", "99"]), min_size=1)


class Memory:
    """The least that can thread: what a store knows, in dictionaries."""

    def __init__(self) -> None:
        self.case_of: dict[str, int] = {}
        self.root_of: dict[int, str] = {}
        self.parent: dict[str, str | None] = {}

    def arrive(self, batch: Sequence[tuple[str, str | None]]) -> None:
        links = [Link(*pair) for pair in batch]
        asked = {link.external_id for link in links} | {link.parent for link in links if link.parent}
        by_root = {root: case for case, root in self.root_of.items()}
        known = {key: self.case_of.get(key, by_root.get(key)) for key in asked}
        known = {key: case for key, case in known.items() if case is not None}
        for thread in plan(links, known, self.root_of, self._parents_of):
            case = thread.cases[0] if thread.cases else max(self.root_of, default=0) + 1
            for other in thread.cases[1:]:
                self.case_of |= {key: case for key, owner in self.case_of.items() if owner == other}
                del self.root_of[other]
            self.root_of[case] = thread.root
            self.case_of |= dict.fromkeys(thread.members, case)
        self.parent |= dict(batch)

    def _parents_of(self, case: int) -> dict[str, str | None]:
        return {key: self.parent[key] for key, owner in self.case_of.items() if owner == case}

    def threads(self) -> set[tuple[str, frozenset[str]]]:
        members: dict[int, set[str]] = {}
        for key, case in self.case_of.items():
            members.setdefault(case, set()).add(key)
        return {(self.root_of[case], frozenset(keys)) for case, keys in members.items()}


@given(data=st.data(), conversation=CONVERSATIONS)
@settings(max_examples=400)
def test_any_order_and_any_batching_of_arrival_gives_the_same_threads(data, conversation) -> None:
    pairs = list(conversation.items())
    at_once = Memory()
    at_once.arrive(pairs)
    shuffled = data.draw(st.permutations(pairs))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(pairs)), max_size=4)) | {len(pairs)})
    piecemeal = Memory()
    start = 0
    for cut in cuts:
        if shuffled[start:cut]:
            piecemeal.arrive(shuffled[start:cut])
        start = cut
    assert piecemeal.threads() == at_once.threads()


@given(conversation=CONVERSATIONS)
def test_two_messages_share_a_thread_exactly_if_reply_links_connect_them(conversation) -> None:
    memory = Memory()
    memory.arrive(list(conversation.items()))
    neighbours: dict[str, set[str]] = {}
    for child, parent in conversation.items():
        neighbours.setdefault(child, set()).add(parent or child)
        neighbours.setdefault(parent or child, set()).add(child)
    for _, members in memory.threads():
        reached, todo = set(), [next(iter(members))]
        while todo:
            here = todo.pop()
            if here not in reached:
                reached.add(here)
                todo += neighbours[here]
        assert members == reached & set(conversation)


def test_two_replies_to_a_parent_that_never_comes_are_one_thread_named_by_it() -> None:
    memory = Memory()
    memory.arrive([("5", "1")])
    memory.arrive([("6", "1")])
    assert memory.threads() == {("1", frozenset({"5", "6"}))}


def test_the_store_threads_alike_for_every_order_of_arrival(store) -> None:
    """The same property through the real use case; each example is a channel of its own."""
    examples = count()

    @given(data=st.data(), conversation=CONVERSATIONS)
    @settings(max_examples=25, deadline=None)
    def check(data, conversation) -> None:
        expected = Memory()
        expected.arrive(list(conversation.items()))
        channel = f"example-{next(examples)}"
        for external_id, parent in data.draw(st.permutations(list(conversation.items()))):
            take_in(store, [message(external_id, parent=parent, channel=channel)], TrafficClock())
        assert threads_in(store, channel) == expected.threads()

    check()


def threads_in(store: Store, channel: str) -> set[tuple[str, frozenset[str]]]:
    with store.read() as transaction:
        cases = [case for case in transaction.cases.all().values() if case.channel == channel]
        return {
            (case.root, frozenset(m.external_id for m in transaction.messages.in_case(case.id)))
            for case in cases
            if case.merged_into is None
        }
