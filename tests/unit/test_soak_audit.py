"""What the soak of the connection to X would find: each thing that may go wrong, planted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tests.soak.x.audit import audit
from tests.soak.x.processes import Size, growth
from tests.soak.x.traffic import HANDLE
from tests.xsim.client import SimMessage, SimPost, SimUser, SimWorld
from triage.domain.message import IncomingMessage
from triage.service.intake import take_in_within
from triage.store import Store
from triage.store.tables import messages, replies

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
ASKED = SimPost(
    id="100",
    author="ann",
    author_id="5",
    raw=f"@{HANDLE} can pets fly?",
    text=f"@{HANDLE} can pets fly?",
    reply_to=None,
    quote=None,
    conversation_id="100",
    created_ms=0,
    versions=["100"],
    by_api=False,
    deleted=False,
)
SAID = replace(
    ASKED, id="200", author=HANDLE, raw="Yes.", text="@ann Yes.", reply_to="100", versions=["200"], by_api=True
)
TOLD = SimMessage("300", "ann", HANDLE, "my bag", "5-9", 0)


@dataclass
class World:
    """A stand-in with nothing behind it."""

    posts: list[SimPost]
    messages: list[SimMessage]
    exceeded: dict[str, int]
    early: list[dict[str, Any]] = field(default_factory=list)

    def world(self) -> SimWorld:
        return SimWorld(0, [SimUser("5", "ann", "Ann"), SimUser("6", "bob", "Bob")], self.posts, self.messages)

    def ledger(self) -> dict[str, Any]:
        return {"exceeded": self.exceeded, "early": self.early, "calls": {}}


@pytest.fixture
def x() -> World:
    return World([ASKED, SAID], [TOLD], {})


@pytest.fixture
def whole(sqlite_store: Store) -> Store:
    """A database in which everything is as it should be."""
    public = IncomingMessage("x", "100", "5", True, NOON, ASKED.text, None, "en", True)
    private = IncomingMessage("x-private", "300", "5", True, NOON, TOLD.text)
    with sqlite_store.write() as transaction:
        take_in_within(transaction, [public, private], _Noon())
        known = transaction.connection.execute(sa.select(messages).where(messages.c.channel == "x")).one()
        transaction.connection.execute(
            sa.insert(replies).values(
                key="a",
                case_id=known.case_id,
                message_id=known.id,
                channel="x",
                in_reply_to="100",
                kind="automatic",
                author="service",
                text="Yes.",
                state="sent",
                created_at=NOON,
                attempts=1,
                external_id="200",
            )
        )
        transaction.connection.execute(sa.update(messages).values(state="answered"))
    return sqlite_store


class _Noon:
    def now(self) -> datetime:
        return NOON

    def seen(self, created_at: datetime) -> datetime:
        return created_at


def changed(store: Store, table: sa.Table, **values: Any) -> None:
    with store.write() as transaction:
        transaction.connection.execute(sa.update(table).values(**values))


def test_where_nothing_is_amiss_nothing_is_found(x, whole) -> None:
    assert audit(x, whole).faults == []


def test_a_mention_that_is_not_stored_is_lost(x, whole) -> None:
    x.posts.append(replace(ASKED, id="101", versions=["101"]))
    assert any("101 is lost" in fault for fault in audit(x, whole).faults)


def test_a_private_message_that_is_not_stored_is_lost(x, whole) -> None:
    x.messages.append(replace(TOLD, id="301"))
    assert any("301 is lost" in fault for fault in audit(x, whole).faults)


def test_a_mention_that_waits_for_ever_is_found(x, whole) -> None:
    changed(whole, messages, state="received")
    assert any("never decided" in fault for fault in audit(x, whole).faults)


def test_a_text_that_its_author_deleted_or_changed_is_found(x, whole) -> None:
    x.posts[0] = replace(ASKED, deleted=True)
    assert any("still there" in fault for fault in audit(x, whole).faults)
    x.posts[0] = replace(ASKED, text=f"@{HANDLE} something else")
    assert any("should read" in fault for fault in audit(x, whole).faults)


def test_a_second_post_of_one_reply_is_found(x, whole) -> None:
    x.posts.append(replace(SAID, id="201", versions=["201"]))
    found = audit(x, whole).faults
    assert any("no reply is called sent" in fault for fault in found)
    assert any("posted 2 times" in fault for fault in found)


def test_a_reply_under_another_post_is_found(x, whole) -> None:
    x.posts.append(replace(ASKED, id="101", versions=["101"], author=HANDLE, by_api=False))
    x.posts[1] = replace(SAID, reply_to="101")
    assert any("stands under 101" in fault for fault in audit(x, whole).faults)


@pytest.mark.parametrize("state", ["pending", "sending"])
def test_a_reply_without_an_end_is_found(x, whole, state) -> None:
    changed(whole, replies, state=state)
    assert any("not come to an end" in fault for fault in audit(x, whole).faults)


@pytest.mark.parametrize("state", ["failed", "cancelled", "blocked"])
def test_a_reply_that_is_on_x_though_it_is_said_not_to_be_is_found(x, whole, state) -> None:
    changed(whole, replies, state=state)
    assert any("no reply is called sent" in fault for fault in audit(x, whole).faults)


def test_what_nobody_can_know_may_be_on_x(x, whole) -> None:
    changed(whole, replies, state="ambiguous", lost_at=NOON, problem="look for it")
    assert audit(x, whole).faults == []


def test_a_reply_that_goes_to_a_person_for_no_reason_or_without_a_word_is_found(x, whole) -> None:
    changed(whole, replies, state="ambiguous")
    found = audit(x, whole).faults
    assert ["no attempt at it was lost" in fault for fault in found] == [True, False]
    assert "nothing says why" in found[1]


def test_a_reply_that_was_posted_again_in_other_words_is_found(x, whole) -> None:
    changed(whole, replies, state="ambiguous", lost_at=NOON, problem="look for it")
    x.posts.append(replace(SAID, id="201", versions=["201"], raw="Indeed.", text="@ann Indeed."))
    assert audit(x, whole).faults == ["2 posts are under 100, of 1 replies that left or may have"]


def test_a_private_reply_that_left_twice_is_found(x, whole) -> None:
    x.posts.pop()
    x.messages += [SimMessage(name, HANDLE, "ann", "Yes.", "5-9", 0) for name in ("301", "302")]
    changed(whole, replies, channel="x-private", kind="agent", external_id="301")
    assert "ann got 'Yes.' 2 times in private" in audit(x, whole).faults


def test_a_reply_that_is_called_sent_and_is_not_there_is_found(x, whole) -> None:
    x.posts.pop()
    assert any("was never posted" in fault for fault in audit(x, whole).faults)


def test_calls_beyond_a_limit_are_found(x, whole) -> None:
    x.exceeded["create"] = 2
    assert audit(x, whole).faults == ["limit of create exceeded 2 times"]


def test_calls_before_the_time_that_x_had_named_are_found(x, whole) -> None:
    x.early = [{"endpoint": "mentions", "told_ms": 1000, "came_ms": 121_000}]
    assert audit(x, whole).faults == ["mentions was called 120 s after X had said to wait for longer"]


def test_a_few_calls_that_were_on_their_way_when_x_said_to_wait_are_not_early(x, whole) -> None:
    x.early = [{"endpoint": "mentions", "told_ms": 1000, "came_ms": 2000 + n} for n in range(3)]
    assert audit(x, whole).faults == []
    x.early += [{"endpoint": "mentions", "told_ms": 1000, "came_ms": 3000}]
    assert len(audit(x, whole).faults) == 1


def test_who_was_killed_right_after_being_told_to_wait_could_tell_nobody(x, whole) -> None:
    x.early = [{"endpoint": "mentions", "told_ms": 1000, "came_ms": 121_000}]
    assert audit(x, whole, blows=[2000]).faults == []
    assert len(audit(x, whole, blows=[900, 70_000, 130_000]).faults) == 1


def test_what_left_while_sending_was_paused_is_found(x, whole) -> None:
    x.posts[1] = replace(SAID, created_ms=150)
    assert audit(x, whole, [(100, 150), (160, 170)]).faults == []
    assert audit(x, whole, [(100, 200)]).faults == ["200 left while the sending was paused"]


@pytest.mark.parametrize(
    ("written", "amiss"),
    [
        (SimMessage("301", HANDLE, "ann", "Yes.", "5-9", 0), []),
        (SimMessage("301", HANDLE, "bob", "Yes.", "6-9", 0), ["went to bob instead of ann"]),
        (SimMessage("301", HANDLE, "ann", "No.", "5-9", 0), ["reads otherwise on X: 'No.'"]),
        (SimMessage("302", HANDLE, "ann", "Yes.", "5-9", 0), ["never written", "no reply is called sent"]),
    ],
)
def test_a_private_reply_must_be_there_for_the_right_person_in_the_right_words(x, whole, written, amiss) -> None:
    x.messages.append(written)
    x.posts.pop()
    changed(whole, replies, channel="x-private", kind="agent", external_id="301")
    found = audit(x, whole).faults
    assert len(found) == len(amiss)
    assert all(words in fault for words, fault in zip(amiss, found, strict=True))


def test_a_private_message_of_the_service_itself_is_found(x, whole) -> None:
    changed(whole, replies, channel="x-private")
    assert any("never writes in private" in fault for fault in audit(x, whole).faults)


def test_posts_that_came_in_another_order_are_counted(x, whole) -> None:
    assert not audit(x, whole).happened["post stored after a newer one"]
    with whole.write() as transaction:
        late = [
            IncomingMessage("x", name, "5", True, NOON, "?", above) for name, above in (("102", "101"), ("101", None))
        ]
        for each in late:
            take_in_within(transaction, [each], _Noon())
    happened = audit(x, whole).happened
    assert happened["post stored after a newer one"] == 1
    assert happened["answer stored before its parent"] == 1


def test_what_grows_and_is_not_given_back_shows() -> None:
    flat = [Size(100, 9, 5)] * 20
    assert growth(flat) == Size(0, 0, 0)
    assert growth([Size(10 * number, 9, 5) for number in range(20)]).memory == 100
