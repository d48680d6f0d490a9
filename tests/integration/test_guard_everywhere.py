"""Whatever way a text takes to a channel, what the guard stops does not leave. Every value here is invented."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts import add_user
from tests.doubles import KeywordScorer, OneSnippet, demo_brand, frozen, message
from triage.channels.memory import MemoryChannel
from triage.domain.case import Case, CaseState, rebuild
from triage.domain.event import Event, EventKind
from triage.domain.reply import Reply, ReplyKind, ReplyState
from triage.domain.user import Role, User
from triage.errors import Conflict, Forbidden, GiveUp, GuardBlocked, InvalidInput, NotFound, RetryLater
from triage.privacy.guard import Guard
from triage.service.cases import Desk
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.retention import Retention
from triage.service.tidying import Tidying
from triage.store import Store
from triage.store.replies import NewReply
from triage.store.tables import replies
from triage.worker import Worker

LOST = "@MarramAir my bag is lost, the reference is QX7T2P"
#: Contains, asks for, and repeats what :data:`LOST` exposed.
BAD = (
    "We will call you on 07700 900123 today. ^AX",
    "What's your booking reference? ^AX",
    "All is well with QX7T. ^AX",
)
FINE = "We are looking for it. ^AX"
WHY = "The depot's own line, on every label."
#: What knows nothing stands in for a guard whose rules are of yesterday.
YESTERDAYS = Guard(detect=lambda _: ())
TO_YESTERDAY = "Write to jo.smith@mail.example please. ^AX"


class Talkative(OneSnippet):
    """A knowledge base into which somebody wrote a customer's number."""

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return ("Pets fly. Ask Margaret Tilsley on 07700 900123." + " (automated reply)" * automatic,)


class Care:
    """Desk, worker and a channel that records what leaves, over one store with one lost bag in it."""

    def __init__(self, store: Store, channel: MemoryChannel | None = None, answers: OneSnippet | None = None) -> None:
        self.store, self.clock, self.brand = store, frozen(), demo_brand()
        self.answers = answers or OneSnippet()
        self.channel = channel or MemoryChannel()
        self.guard = Guard(self.brand.published)
        self.alex, self.sam, self.feeder = (
            add_user(store, self.clock, name, role, None)[0]
            for name, role in (("alex", Role.AGENT), ("sam", Role.SUPERVISOR), ("feeder", Role.SERVICE))
        )
        self.receive("1", LOST)
        self.case_id = self.case_of("1")

    def desk(self, guard: Guard | None = None) -> Desk:
        return Desk(self.store, self.brand.routing, self.answers, self.clock, guard or self.guard, self.brand.private)

    def worker(self) -> Worker:
        """A new one each time, as after a restart."""
        judge = Judge(KeywordScorer(), self.answers, self.brand, self.clock)
        outbox = Outbox(self.store, [self.channel], self.brand.routing, self.clock, self.guard)
        tidying = Tidying(self.store, [], Retention(self.store, self.brand.retention, self.clock), self.clock)
        return Worker(self.store, judge, outbox, tidying, 100)

    def receive(self, external_id: str, text: str, **more: Any) -> None:
        take_in(self.store, [message(external_id, text, **more)], self.clock)
        self.work(decide_only=True)

    def work(self, *, decide_only: bool = False) -> None:
        worker = self.worker()
        if decide_only:
            worker = dataclasses.replace(worker, outbox=Outbox(self.store, [], self.brand.routing, self.clock))
        worker.drain()
        worker.close()

    def queue(self, text: str, *, guard: Guard = YESTERDAYS, key: str = "k") -> int:
        """Have an agent's reply committed by a desk with this guard; its id."""
        self.desk(guard).claim(self.alex, self.case_id)
        self.desk(guard).reply(self.alex, self.case_id, text, key=key)
        return self.rows()[-1].id

    def insert(self, text: str, **columns: Any) -> int:
        """Put a reply into the outbox's table past every use case; its id."""
        with self.store.write() as transaction:
            last = transaction.messages.latest_inbound([self.case_id])[self.case_id]
            new = NewReply(
                "direct", self.case_id, last.id, "memory", "1", ReplyKind.AGENT, "alex", text, self.clock.now()
            )
            (made,) = transaction.replies.add([new])
        self.change(made, **columns)
        return made

    def change(self, reply_id: int, **columns: Any) -> None:
        if columns:
            with self.store.write() as transaction:
                transaction.connection.execute(sa.update(replies).where(replies.c.id == reply_id).values(**columns))

    def rows(self) -> list[Any]:
        with self.store.read() as transaction:
            return list(transaction.connection.execute(sa.select(replies).order_by(replies.c.id)))

    def state(self, reply_id: int) -> str:
        return next(row.state for row in self.rows() if row.id == reply_id)

    def case_of(self, external_id: str) -> int:
        with self.store.read() as transaction:
            return transaction.messages.by_external_id("memory", external_id).case_id

    def case(self, case_id: int | None = None) -> Case:
        with self.store.read() as transaction:
            return transaction.cases.get(case_id or self.case_id)

    def events(self, kind: EventKind) -> list[Event]:
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return [event for event in transaction.events.stream() if event.kind is kind]

    def left(self) -> list[str]:
        return [reply.text for reply in self.channel.sent.values()]


@pytest.fixture
def care(store: Store) -> Care:
    return Care(store)


# Ways in.


@pytest.mark.parametrize("text", BAD)
def test_the_author_of_a_reply_is_told_at_once(care: Care, text: str) -> None:
    care.desk().claim(care.alex, care.case_id)
    with pytest.raises(GuardBlocked):
        care.desk().reply(care.alex, care.case_id, text, key="k")
    care.work()
    assert care.left() == []
    assert care.rows() == []


@pytest.mark.parametrize("text", [*BAD, TO_YESTERDAY])
def test_what_was_inserted_into_the_outbox_past_the_desk_does_not_leave(care: Care, text: str) -> None:
    made = care.insert(text)
    care.work()
    assert care.left() == []
    assert care.state(made) == "blocked"
    assert care.case().state is CaseState.QUEUED


@pytest.mark.parametrize(
    "forged",
    [
        {"released_by": "sam"},
        {"released_by": "sam", "release_reason": WHY, "release_seal": "0" * 64},
        {"release_seal": ""},
    ],
)
def test_a_release_that_seals_no_text_opens_nothing(care: Care, forged: dict[str, str]) -> None:
    care.insert(BAD[0], **forged)
    care.work()
    assert care.left() == []


def test_a_reply_that_was_queued_before_the_rules_knew_does_not_leave(care: Care) -> None:
    made = care.queue(TO_YESTERDAY)
    assert care.state(made) == "pending"
    care.work()
    assert care.left() == []
    assert care.state(made) == "blocked"


def test_an_automatic_answer_from_a_snippet_with_personal_data_does_not_leave(store: Store) -> None:
    care = Care(store, answers=Talkative())
    care.receive("2", "@MarramAir can pets fly?", author="501")
    assert [row.kind for row in care.rows()] == ["automatic"]
    care.work()
    assert care.left() == []
    assert care.case(care.case_of("2")).state is CaseState.QUEUED


def test_a_suggestion_with_personal_data_is_refused_when_it_is_used(store: Store) -> None:
    care = Care(store, answers=Talkative())
    care.desk().claim(care.alex, care.case_id)
    (text,) = care.answers.texts("pets-on-board", None, automatic=False)
    with pytest.raises(GuardBlocked):
        care.desk().reply(care.alex, care.case_id, text, key="k", snippet="pets-on-board")
    care.work()
    assert care.left() == []


@pytest.mark.parametrize("text", BAD)
def test_a_restart_in_the_middle_of_sending_opens_nothing(care: Care, text: str) -> None:
    made = care.insert(text, state=ReplyState.SENDING.value)
    care.work()
    care.work()
    assert care.left() == []
    assert care.state(made) == "blocked"


def test_a_reply_that_waits_for_its_next_try_is_judged_again(store: Store) -> None:
    care = Care(store)
    care.channel = MemoryChannel(failures=[RetryLater("rate limit", care.clock.now())])
    care.queue("It is at counter RZ4K. ^AX", guard=YESTERDAYS)
    worker = care.worker()
    worker.outbox.drain(1)
    care.receive("2", "@MarramAir and my other booking ref is RZ4K8W", parent="1", minutes=1)
    worker.outbox.drain(5)
    assert care.left() == []


def test_the_same_key_again_with_another_text_sends_the_first_only(care: Care) -> None:
    care.queue(FINE, guard=care.guard, key="same")
    for text in BAD:
        with pytest.raises(GuardBlocked):
            care.desk().reply(care.alex, care.case_id, text, key="same")
    care.work()
    care.work()
    assert care.left() == [FINE]


def test_what_the_other_half_of_a_merged_case_exposed_counts_too(care: Care) -> None:
    care.receive("21", "@MarramAir the bag again, it is at 14 Tanyard Lane", parent="20", minutes=2)
    other = care.case_of("21")
    care.desk().claim(care.alex, other)
    text = "We are looking into QX7T for you. ^AX"  # harmless beside what this half exposed
    care.desk().reply(care.alex, other, text, key="k")
    care.receive("20", "@MarramAir one more thing about the bag", parent="1", minutes=1)
    assert care.case_of("21") == care.case_of("1")
    care.work()
    assert care.left() == []


def test_a_guard_that_fails_lets_nothing_through(store: Store) -> None:
    def broken(_: str) -> tuple[()]:
        raise RuntimeError("out of order")

    care = Care(store)
    made = care.insert(FINE)
    care.guard = Guard(detect=broken)
    care.worker().outbox.drain(5)
    assert care.left() == []
    assert care.state(made) == "blocked"


# What is left behind.


def test_a_blocked_reply_says_the_types_and_never_the_values(care: Care) -> None:
    made = care.insert("Ring 07700 900123 or write to jo.smith@mail.example ^AX")
    care.work()
    (blocked,) = care.events(EventKind.REPLY_BLOCKED)
    assert blocked.data["types"] == ["EMAIL", "PHONE"]
    assert blocked.data["reply"] == made
    row = care.rows()[-1]
    assert "EMAIL, PHONE" in row.problem
    for told in (str(blocked.data), row.problem):
        assert "900123" not in told
        assert "jo.smith" not in told


def test_one_blocked_reply_holds_up_no_other(care: Care) -> None:
    care.insert(BAD[0])
    care.queue(FINE, guard=care.guard)
    care.work()
    assert care.left() == [FINE]


# Releasing.


def test_a_supervisor_lets_a_blocked_reply_go_with_a_reason_and_it_leaves_once(care: Care) -> None:
    made = care.queue(TO_YESTERDAY)
    care.work()
    released = care.desk().release_reply(care.sam, care.case_id, made, WHY)
    assert released.state is CaseState.WAITING
    care.work()
    care.work()
    assert care.left() == [TO_YESTERDAY]
    row = care.rows()[-1]
    assert (row.state, row.released_by, row.release_reason) == ("sent", "sam", WHY)
    (event,) = care.events(EventKind.GUARD_RELEASED)
    assert (event.actor, dict(event.data)) == ("sam", {"reply": made, "types": ["EMAIL"]})


def test_a_supervisor_may_release_a_reply_while_writing_it(care: Care) -> None:
    care.desk().claim(care.alex, care.case_id)
    care.desk().reply(care.sam, care.case_id, TO_YESTERDAY, key="k", release=WHY)
    care.work()
    assert care.left() == [TO_YESTERDAY]
    (event,) = care.events(EventKind.GUARD_RELEASED)
    assert WHY not in str(event.data)


def test_a_reason_for_what_needs_no_release_is_not_kept(care: Care) -> None:
    care.desk().claim(care.alex, care.case_id)
    care.desk().reply(care.sam, care.case_id, FINE, key="k", release=WHY)
    assert care.rows()[-1].released_by is None
    assert care.events(EventKind.GUARD_RELEASED) == []


@pytest.mark.parametrize("who", ["alex", "feeder"])
def test_nobody_but_a_supervisor_releases(care: Care, who: str) -> None:
    user: User = getattr(care, who)
    care.desk().claim(care.alex, care.case_id)
    with pytest.raises(Forbidden):
        care.desk().reply(user, care.case_id, TO_YESTERDAY, key="k", release=WHY)
    made = care.insert(TO_YESTERDAY)
    care.work()
    with pytest.raises(Forbidden):
        care.desk().release_reply(user, care.case_id, made, WHY)
    care.work()
    assert care.left() == []


def test_a_release_is_of_one_text_and_of_no_other(care: Care) -> None:
    made = care.insert(TO_YESTERDAY)
    care.work()
    care.desk().release_reply(care.sam, care.case_id, made, WHY)
    care.change(made, text="Write to ann.price@mail.example please. ^AX")
    care.work()
    assert care.left() == []
    assert care.state(made) == "blocked"


def test_a_release_is_of_one_reply_and_of_no_other(care: Care) -> None:
    made = care.insert(TO_YESTERDAY)
    care.work()
    care.desk().release_reply(care.sam, care.case_id, made, WHY)
    row = care.rows()[-1]
    care.change(made, state="cancelled", key="gone")
    seal = {name: getattr(row, name) for name in ("released_by", "release_reason", "release_seal")}
    with care.store.write() as transaction:
        transaction.connection.execute(sa.delete(replies).where(replies.c.id == made))
    again = care.insert(TO_YESTERDAY, key="another", **seal)
    care.work()
    assert care.left() == []
    assert care.state(again) == "blocked"


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        ("  ", "is empty"),
        ("x" * 501, "at most 500"),
        ("She is at jo.smith@mail.example anyway", "EMAIL"),
        ("It only says QX7T", "BOOKING_REF"),
        ("nul \0", "NUL"),
    ],
)
def test_a_reason_is_given_and_holds_no_personal_data_itself(care: Care, reason: str, wrong: str) -> None:
    made = care.insert(TO_YESTERDAY)
    care.work()
    with pytest.raises(InvalidInput, match=rf"release\.reason: .*{wrong}"):
        care.desk().release_reply(care.sam, care.case_id, made, reason)
    care.work()
    assert care.left() == []


def test_what_is_not_blocked_or_is_overtaken_cannot_be_released(care: Care) -> None:
    fine = care.queue(FINE, guard=care.guard)
    with pytest.raises(Conflict, match="is pending, not blocked"):
        care.desk().release_reply(care.sam, care.case_id, fine, WHY)
    with pytest.raises(NotFound):
        care.desk().release_reply(care.sam, care.case_id, 999, WHY)
    made = care.insert(TO_YESTERDAY)
    care.work()
    care.receive("2", "@MarramAir found my bag", parent="1", minutes=1)
    with pytest.raises(Conflict, match="written again"):
        care.desk().release_reply(care.sam, care.case_id, made, WHY)


def test_a_released_automatic_answer_is_not_withdrawn_by_a_claim_or_a_second_try(store: Store) -> None:
    care = Care(store, answers=Talkative())
    care.receive("2", "@MarramAir can pets fly?", author="501")
    care.work()
    (row,) = care.rows()
    care.case_id = care.case_of("2")
    care.desk().release_reply(care.sam, care.case_id, row.id, WHY)
    care.desk().claim(care.alex, care.case_id)
    care.channel = MemoryChannel(failures=[RetryLater("rate limit", care.clock.now())])
    worker = care.worker()
    worker.outbox.drain(1)
    care.clock.advance(timedelta(minutes=1))
    worker.outbox.drain(1)
    assert care.left() == [row.text]


def test_a_channel_that_refuses_a_released_reply_ends_it_like_any_other(store: Store) -> None:
    care = Care(store, MemoryChannel(failures=[GiveUp("the author restricts replies")]))
    made = care.insert(TO_YESTERDAY)
    care.work()
    care.desk().release_reply(care.sam, care.case_id, made, WHY)
    care.work()
    assert (care.left(), care.state(made)) == ([], "failed")


def test_the_recording_channel_records(care: Care) -> None:
    """The double that every test above trusts."""
    reply = Reply(1, "k", 1, 1, "memory", "1", "x", ReplyKind.AGENT, ReplyState.PENDING, care.clock.now())
    care.channel.send(reply)
    assert care.left() == ["x"]
