"""Moving to private over a real store: by a person, by the service where the brand wants it, and in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.accounts import add_user
from tests.doubles import NOON, KeywordScorer, OneSnippet, demo_brand, frozen, message
from triage.channels.memory import MemoryChannel
from triage.domain.case import Case, CaseState, rebuild
from triage.domain.event import Event, EventKind
from triage.domain.reply import Reply
from triage.domain.user import Role
from triage.errors import Conflict, NotFound, RetryLater
from triage.routing.private import PrivateMessages
from triage.service.cases import Desk
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.retention import Retention
from triage.service.tidying import Tidying
from triage.store import Store
from triage.worker import Worker

SECRET = "@MarramAir my bag is lost, a secret one"
SIGNATURE = demo_brand().signature


class Thread:
    """One conversation with a brand that does, or does not, ask by itself."""

    def __init__(self, store: Store, *, automatic: bool) -> None:
        self.store, self.clock, self.channel = store, frozen(), MemoryChannel()
        brand = demo_brand()
        self.brand = replace(brand, private=replace(brand.private, automatic=automatic))
        self.desk = Desk(store, self.brand.routing, OneSnippet(), self.clock, private=self.brand.private)
        self.alex = add_user(store, self.clock, "alex", Role.AGENT, None)[0]

    def receive(self, external_id: str, text: str, **more) -> None:
        take_in(self.store, [message(external_id, text, **more)], self.clock)
        self.drain()

    def drain(self) -> None:
        judge = Judge(KeywordScorer(), OneSnippet(), self.brand, self.clock)
        outbox = Outbox(self.store, [self.channel], self.brand.routing, self.clock)
        tidying = Tidying(self.store, [], Retention(self.store, self.brand.retention, self.clock), self.clock)
        worker = Worker(self.store, judge, outbox, tidying, 100)
        worker.drain()
        worker.close()

    def case(self, external_id: str = "1") -> Case:
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return transaction.cases.get(transaction.messages.by_external_id("memory", external_id).case_id)

    def moves(self) -> list[Event]:
        with self.store.read() as transaction:
            return [event for event in transaction.events.stream() if event.kind is EventKind.MOVED_TO_PRIVATE]

    def sent(self) -> list[str]:
        return [reply.text for reply in self.channel.sent.values()]


@pytest.fixture
def thread(store: Store) -> Thread:
    return Thread(store, automatic=False)


def test_by_default_the_service_asks_nobody_and_a_person_gets_the_case(thread: Thread) -> None:
    thread.receive("1", SECRET)
    assert thread.sent() == []
    assert thread.case().state is CaseState.QUEUED


def test_an_agent_moves_a_case_with_one_click_and_it_keeps_its_id(thread: Thread) -> None:
    thread.receive("1", SECRET)
    case_id = thread.case().id
    thread.desk.claim(thread.alex, case_id)
    thread.clock.advance(timedelta(minutes=5))
    moved = thread.desk.move_to_private(thread.alex, case_id, key="k")
    assert (moved.id, moved.state, moved.private_since) == (case_id, CaseState.WAITING, thread.clock.now())
    assert thread.desk.move_to_private(thread.alex, case_id, key="k") == moved, "the same click again"
    (event,) = thread.moves()
    assert (event.actor, event.data["code"], event.data["kind"]) == ("alex", "exposes", "agent")
    thread.receive("2", "@MarramAir ok, bag", parent="1", minutes=9)
    assert thread.sent() == [thread.brand.private.ready(case_id, "1", delete=False)]
    assert thread.case("2").private_since == moved.private_since


def test_a_reply_in_own_words_with_the_link_moves_the_case_too(thread: Thread) -> None:
    thread.receive("1", "@MarramAir my bag is lost")
    case_id = thread.case().id
    thread.desk.claim(thread.alex, case_id)
    thread.desk.reply(thread.alex, case_id, f"Come over: {thread.brand.private.link_for(case_id)} ^AX", key="k")
    (event,) = thread.moves()
    assert event.data["code"] == "by_choice"
    thread.receive("2", "@MarramAir my other bag", minutes=1)
    other = thread.case("2").id
    thread.desk.claim(thread.alex, other)
    thread.desk.reply(thread.alex, other, "Please send us a DM. ^AX", key="k")
    assert len(thread.moves()) == 1


def test_moving_is_a_reply_with_a_replys_rules(thread: Thread) -> None:
    thread.receive("1", SECRET)
    case_id = thread.case().id
    with pytest.raises(Conflict, match="claim it first"):
        thread.desk.move_to_private(thread.alex, case_id, key="k")
    with pytest.raises(NotFound):
        thread.desk.move_to_private(thread.alex, 999, key="k")
    thread.desk.claim(thread.alex, case_id)
    with pytest.raises(Conflict, match="written again"):
        thread.desk.move_to_private(thread.alex, case_id, key="k", seen="0")
    without = replace(thread.desk, private=PrivateMessages())
    with pytest.raises(Conflict, match="no private messages"):
        without.move_to_private(thread.alex, case_id, key="k")


def test_where_the_brand_wants_it_the_service_asks_once_and_a_person_gets_the_case_all_the_same(store: Store) -> None:
    thread = Thread(store, automatic=True)
    thread.receive("1", SECRET)
    case = thread.case()
    (text,) = thread.sent()
    assert text == thread.brand.private.ready(case.id, "1", delete=False, signature=SIGNATURE)
    assert (case.state, case.automatic_replies) == (CaseState.QUEUED, 1)
    assert case.private_since is not None
    thread.receive("2", SECRET, parent="1", minutes=1)
    assert thread.sent() == [text]
    (event,) = thread.moves()
    assert dict(event.data) == {"kind": "automatic", "code": "exposes"}


@pytest.fixture
def put_off(store: Store) -> Thread:
    """The service wants to ask by itself, and its channel takes the request only from a minute later on."""
    thread = Thread(store, automatic=True)
    thread.channel = MemoryChannel(failures=[RetryLater("a limit is used up", NOON + timedelta(minutes=1))])
    thread.receive("1", SECRET)
    assert (thread.sent(), len(thread.moves())) == ([], 1)
    return thread


def test_a_request_that_its_channel_does_not_take_now_goes_out_later(put_off: Thread) -> None:
    put_off.clock.advance(timedelta(minutes=2))
    put_off.drain()
    assert put_off.sent() == [put_off.brand.private.ready(put_off.case().id, "1", delete=False, signature=SIGNATURE)]
    assert put_off.case().state is CaseState.QUEUED


@pytest.mark.parametrize("late", [False, True])
def test_nobody_is_asked_by_the_service_any_more_once_a_person_has_the_case(store: Store, late: bool) -> None:
    thread = Thread(store, automatic=True)

    class Slow(MemoryChannel):
        """A person claims the case while the channel is still at it."""

        def send(self, reply: Reply) -> str:
            if late:
                thread.desk.claim(thread.alex, reply.case_id)
            raise RetryLater("a limit is used up", NOON + timedelta(minutes=1))

    thread.channel = Slow()
    thread.receive("1", SECRET)
    if not late:
        thread.desk.claim(thread.alex, thread.case().id)
    thread.channel = MemoryChannel()
    thread.clock.advance(timedelta(minutes=2))
    thread.drain()
    assert thread.sent() == []


@pytest.mark.parametrize(
    "text",
    ["my secret bag, to nobody", "@MarramAir bag", "@MarramAir thanks, secret thanks", "@MarramAir can pets fly?"],
)
def test_the_service_asks_only_who_addressed_the_brand_with_a_need_and_a_risk(store: Store, text: str) -> None:
    thread = Thread(store, automatic=True)
    thread.receive("1", text)
    assert thread.moves() == []


def test_a_merged_case_is_in_private_if_either_half_was(thread: Thread) -> None:
    thread.receive("21", "@MarramAir bag", parent="20", minutes=2)
    case_id = thread.case("21").id
    thread.desk.claim(thread.alex, case_id)
    thread.desk.move_to_private(thread.alex, case_id, key="k")
    since = thread.case("21").private_since
    thread.receive("1", "@MarramAir bag again")
    thread.receive("20", "@MarramAir bag", parent="1", minutes=1)
    assert thread.case("1").id == thread.case("21").id
    assert thread.case("1").private_since == since
