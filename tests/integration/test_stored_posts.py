"""What authors do to their posts after they came in is done here too, in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.doubles import NOON, frozen, message, worker
from tests.traffic import picture
from triage.channels.memory import MemoryChannel, MemoryPosts
from triage.clock import FrozenClock
from triage.domain.case import CaseState, rebuild
from triage.domain.erasure import ERASED
from triage.domain.event import EventKind
from triage.domain.message import MessageState, StoredMessage
from triage.errors import NotFound, RetryLater
from triage.measures.report import Report, report
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.service.stored_posts import LOOK_AGAIN_AFTER, Looked, StoredPosts
from triage.store import Store
from triage.store.judgements import Judged
from triage.store.tables import metadata

PETS = "@MarramAir can pets fly?"
BAG = "@MarramAir my bag is gone, QX7KZP"


@pytest.fixture
def clock() -> FrozenClock:
    return frozen()


@pytest.fixture
def stored(store, clock) -> StoredPosts:
    """A routine question (1) whose answer has not left, and one for a person (2)."""
    take_in(store, [message("1", PETS, author="7"), message("2", BAG, author="8", minutes=1)], clock)
    worker(store, clock).drain()
    return StoredPosts(store, [], clock)


def one(store: Store, external_id: str) -> tuple[StoredMessage, Judged | None]:
    with store.read() as transaction:
        found = transaction.messages.by_external_id("memory", external_id)
        assert found is not None
        return found, transaction.judgements.of([found.id]).get(found.id)


def state(store: Store, external_id: str) -> CaseState:
    with store.read() as transaction:
        cases = transaction.cases.all()
        assert rebuild(transaction.events.stream()) == cases
    return cases[one(store, external_id)[0].case_id].state


def figures(store: Store) -> Report:
    with store.read() as transaction:
        return report(transaction.events.stream())


def held(store: Store) -> str:
    with store.read() as transaction:
        rows = [row for table in metadata.sorted_tables for row in transaction.connection.execute(sa.select(table))]
    return "\n".join(map(str, rows))


def sent(store: Store, clock: FrozenClock) -> list[str]:
    channel = MemoryChannel()
    hands = worker(store, clock, channels=[channel])
    hands.drain()
    hands.close()
    return [reply.in_reply_to for reply in channel.sent.values()]


def test_a_deleted_post_has_no_content_and_gets_no_reply(store, stored, clock) -> None:
    stored.honour_deletion("memory", "1")
    found, judged = one(store, "1")
    assert (found.text, found.author_id) == (ERASED, "7")
    assert judged is not None
    assert judged.scores.intent.why == ()
    assert sent(store, clock) == []
    assert figures(store).replies == {"cancelled": 1}


def test_a_case_whose_only_post_was_deleted_waits_for_nobody_any_more(store, stored) -> None:
    stored.honour_deletion("memory", "2")
    assert state(store, "2") is CaseState.CLOSED
    with store.read() as transaction:
        last = transaction.events.of_case(one(store, "2")[0].case_id)[-1]
    assert (last.kind, last.actor, last.data) == (EventKind.CASE_CLOSED, "channel", {"reason": "deleted"})


def test_a_case_with_another_post_goes_on_waiting(store, stored, clock) -> None:
    take_in(store, [message("3", "@MarramAir refund", parent="2", author="8", minutes=2)], clock)
    worker(store, clock).drain()
    stored.honour_deletion("memory", "2")
    assert state(store, "2") is CaseState.QUEUED


def test_deleting_again_changes_nothing(store, stored, database_url) -> None:
    stored.honour_deletion("memory", "1")
    before = picture(database_url)
    stored.honour_deletion("memory", "1")
    assert picture(database_url) == before


@pytest.mark.parametrize("honour", ["honour_deletion", "honour_edit"])
def test_what_never_arrived_is_said(stored, honour) -> None:
    with pytest.raises(NotFound, match="'9' on channel 'memory'"):
        getattr(stored, honour)("memory", "9", *["text"] * (honour == "honour_edit"))


def test_an_edit_leaves_nothing_of_the_old_text(store, stored, clock) -> None:
    assert "QX7KZP" in held(store)
    stored.honour_edit("memory", "2", "@MarramAir my bag is gone")
    worker(store, clock).drain()
    assert one(store, "2")[0].text == "@MarramAir my bag is gone"
    assert one(store, "2")[0].normalised == "@user my bag is gone"
    assert "QX7KZP" not in held(store)


def test_an_edited_post_that_waits_is_decided_again_and_counted_once(store, stored, clock) -> None:
    before = figures(store)
    stored.honour_edit("memory", "2", "@MarramAir urgent, I was hacked")
    assert one(store, "2") == (one(store, "2")[0], None)
    worker(store, clock).drain()
    found, judged = one(store, "2")
    assert found.state is MessageState.QUEUED
    assert judged is not None
    assert judged.scores.intent.label == "fraud_security"
    after = figures(store)
    assert after.messages == before.messages
    assert after.intents == {"product_question": 1, "fraud_security": 1}
    assert after.urgencies == {"normal": 1, "critical": 1}
    assert sum(after.reasons.values()) > 0
    with store.read() as transaction:
        assert next(iter(transaction.cases.page(state=None, queue=None, owner=None, after=None, limit=1))).priority == 0


def test_an_answer_to_what_was_edited_is_withdrawn_and_a_person_looks(store, stored, clock) -> None:
    stored.honour_edit("memory", "1", "@MarramAir can pets fly? urgent")
    assert sent(store, clock) == []
    assert state(store, "1") is CaseState.QUEUED
    assert figures(store).replies == {"cancelled": 1}


def test_a_post_that_may_be_answered_twice_gets_its_answer_after_an_edit(store, stored, clock) -> None:
    from dataclasses import replace

    hands = worker(store, clock)
    policy = replace(hands.judge.brand.policy, automatic_replies_per_case=2)
    judge = replace(hands.judge, brand=replace(hands.judge.brand, policy=policy))
    stored.honour_edit("memory", "1", "@MarramAir can all pets fly?")
    replace(hands, judge=judge).drain()
    assert sent(store, clock) == ["1"]


def test_an_edit_after_the_answer_changes_the_text_and_nothing_else(store, stored, clock) -> None:
    assert sent(store, clock) == ["1"]
    before = figures(store)
    stored.honour_edit("memory", "1", "@MarramAir can cats fly?")
    worker(store, clock).drain()
    found, judged = one(store, "1")
    assert (found.text, found.state) == ("@MarramAir can cats fly?", MessageState.ANSWERED)
    assert judged is not None
    assert judged.scores.intent.why == ()
    assert figures(store) == before


def test_an_edit_before_the_decision_is_what_is_decided(store, stored, clock) -> None:
    take_in(store, [message("3", "@MarramAir thanks", minutes=3)], clock)
    stored.honour_edit("memory", "3", "@MarramAir refund")
    worker(store, clock).drain()
    assert one(store, "3")[0].state is MessageState.QUEUED
    assert figures(store).messages == {"answered": 1, "queued": 2, "closed": 0, "undecided": 0}


def test_the_same_text_again_is_no_edit(store, stored) -> None:
    before = held(store)
    stored.honour_edit("memory", "2", BAG)
    assert held(store) == before


def test_what_was_erased_is_not_brought_back_by_an_edit(store, stored, clock) -> None:
    Erasure(store, [], clock).erase("8")
    stored.honour_edit("memory", "2", BAG)
    assert one(store, "2")[0].text == ERASED


def test_looking_up_honours_what_it_finds_and_asks_again_only_when_due(store, stored, clock) -> None:
    posts = MemoryPosts(texts={"1": "@MarramAir can cats fly?"})
    clock.advance(timedelta(hours=19))
    assert stored.check(posts) == Looked()
    clock.advance(timedelta(hours=2))
    assert stored.check(posts) == Looked(deleted=1, edited=1)
    assert one(store, "1")[0].text == "@MarramAir can cats fly?"
    assert one(store, "2")[0].text == ERASED
    assert stored.check(posts) == Looked()
    clock.advance(LOOK_AGAIN_AFTER + timedelta(minutes=1))
    assert stored.check(posts) == Looked(unchanged=1)


def test_more_than_fit_in_one_question_are_asked_for_in_several(store, stored, clock) -> None:
    take_in(store, [message(str(n), minutes=n) for n in range(10, 15)], clock)
    posts = MemoryPosts(texts={str(n): PETS for n in (1, *range(10, 15))}, most=2)
    posts.unknown = {"2"}
    clock.advance(timedelta(days=2))
    assert stored.check(posts) == Looked(unchanged=6, unknown=1)
    assert stored.check(posts) == Looked(unknown=1), "what the channel says nothing of stays due"


def test_what_was_found_before_the_channel_refused_is_honoured(store, stored, clock) -> None:
    class Limited(MemoryPosts):
        def look_up(self, external_ids):
            if self.unknown:
                raise RetryLater("rate limit", NOON)
            self.unknown = {"the next"}
            return super().look_up(external_ids)

    clock.advance(timedelta(days=2))
    with pytest.raises(RetryLater):
        stored.check(Limited(most=1))
    assert one(store, "1")[0].text == ERASED
    assert one(store, "2")[0].text != ERASED


@pytest.mark.parametrize("deleted_after", [0.5, 3, 19.5, 20.5, 30, 47])
def test_a_deletion_is_honoured_within_24_hours_by_a_look_every_hour(store, stored, clock, deleted_after) -> None:
    posts = MemoryPosts(texts={"1": PETS, "2": BAG})
    for hour in range(1, 100):
        clock.advance(timedelta(hours=1))
        if hour >= deleted_after:
            posts.texts.pop("2", None)
        stored.check(posts)
        if one(store, "2")[0].text == ERASED:
            assert hour - deleted_after <= 24
            return
    pytest.fail("the deletion was never noticed")
