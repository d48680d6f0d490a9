"""A person's content goes, wherever it is; what was counted, and every thread, stays."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts import add_user
from tests.cli import run
from tests.doubles import KeywordScorer, OneSnippet, demo_brand, frozen, message, worker
from triage.channels.journal import JournalChannel
from triage.channels.memory import MemoryChannel
from triage.clock import FrozenClock
from triage.domain.case import CaseState, rebuild
from triage.domain.erasure import ERASED
from triage.domain.event import EventKind
from triage.domain.message import MessageState
from triage.domain.reply import Reply
from triage.domain.user import Role
from triage.errors import NotFound, RetryLater
from triage.measures.report import report
from triage.service.cases import Desk
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.service.stored_posts import StoredPosts
from triage.service.sweeping import sweep
from triage.store import Store
from triage.store.tables import metadata

ANNA, BEN = "700100", "700200"
SECRET = "QX7KZP"
CONVERSATION = [
    message("1", f"@MarramAir can pets fly? booking {SECRET}", author=ANNA),
    message("2", f"thanks, {SECRET} it is", parent="1", author=ANNA, minutes=5),
    message("3", f"@MarramAir my bag is gone {SECRET}", author=ANNA, minutes=6),
    message("4", f"@Anna we look for {SECRET} ^TS", parent="3", inbound=False, minutes=7),
    message("5", "@MarramAir can pets fly too?", author=BEN, minutes=8),
]


@dataclass
class House:
    """A store with a conversation in it, all decided and sent."""

    store: Store
    clock: FrozenClock
    journal: JournalChannel
    erasure: Erasure

    def work(self) -> None:
        hands = worker(self.store, self.clock, channels=[self.journal])
        hands.drain()
        hands.close()

    def figures(self):
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return report(transaction.events.stream())

    def message(self, external_id: str):
        with self.store.read() as transaction:
            found = transaction.messages.by_external_id("memory", external_id)
            assert found is not None
            return found, transaction.judgements.of([found.id]).get(found.id)

    def case(self, external_id: str):
        with self.store.read() as transaction:
            return transaction.cases.get(self.message(external_id)[0].case_id)


@pytest.fixture
def house(store, tmp_path) -> House:
    clock = frozen()
    journal = JournalChannel("memory", tmp_path / "outbox")
    made = House(store, clock, journal, Erasure(store, [journal], clock))
    take_in(store, CONVERSATION, clock)
    made.work()
    return made


def everything(house: House) -> str:
    """All that is held, opened with the keys."""
    with house.store.read() as transaction:
        rows = [row for table in metadata.sorted_tables for row in transaction.connection.execute(sa.select(table))]
    files = [file.read_text() for file in sorted(house.journal._path.parent.iterdir())]
    return "\n".join([*map(str, rows), *files])


def told_to(house: House, external_id: str) -> str:
    """What the service has replied to a message."""
    with house.store.read() as transaction:
        query = sa.select(metadata.tables["replies"].c.text).filter_by(in_reply_to=external_id)
        return str(transaction.connection.scalars(query).one())


def test_nothing_that_a_person_wrote_or_was_told_is_left_anywhere(house) -> None:
    before, told = everything(house), told_to(house, "1")
    for trace in (SECRET, ANNA, told):
        assert trace in before
    certificate = house.erasure.erase(ANNA)
    after = everything(house)
    for trace in (SECRET, ANNA, told):
        assert trace not in after
    assert certificate.counts == {
        "messages": 3,
        "posts_of_the_brand": 1,
        "judgements": 3,
        "replies": 1,
        "replies_withdrawn": 0,
        "closed_undecided": 0,
        "cases_closed": 0,
    }


def test_reasons_and_places_go_and_labels_stay(house) -> None:
    house.erasure.erase(ANNA)
    _, judged = house.message("1")
    assert judged.scores.intent.label == "product_question"
    assert judged.scores.intent.why == ()
    assert judged.scores.spans == ()
    assert judged.decision.reasons[0].code == "safe_to_answer"


def test_what_others_wrote_stays(house) -> None:
    before = house.message("5")
    house.erasure.erase(ANNA)
    assert house.message("5") == before
    assert [line.text == ERASED for line in house.journal.lines()] == [True, False]


def test_no_figure_changes(house) -> None:
    before = house.figures()
    house.clock.advance(timedelta(days=400))
    house.erasure.erase(ANNA)
    assert house.figures() == before


def test_threads_stay_and_the_person_has_one_name_that_says_nothing(house) -> None:
    house.erasure.erase(ANNA)
    found = [house.message(one)[0] for one in ("1", "2", "3")]
    (name,) = {one.author_id for one in found}
    assert name.startswith("erased-")
    assert [one.in_reply_to for one in found] == [None, "1", None]
    assert found[0].case_id == found[1].case_id
    assert {one.text for one in found} == {ERASED}
    assert house.message("4")[0].author_id == "MarramAir"


def test_a_post_that_arrives_again_does_not_bring_its_content_back(house) -> None:
    house.erasure.erase(ANNA)
    receipt = take_in(house.store, CONVERSATION, house.clock)
    house.work()
    assert (receipt.accepted, receipt.duplicates) == ({}, 5)
    assert SECRET not in everything(house)


def test_asking_again_changes_nothing_and_gives_the_certificate_again(house) -> None:
    certificate = house.erasure.erase(ANNA)
    before = everything(house)
    assert house.erasure.erase(ANNA) == certificate
    assert everything(house) == before
    assert house.erasure.certificates() == [certificate]


def test_a_person_of_whom_nothing_is_held_is_said_to_be_unknown_without_being_named(house) -> None:
    with pytest.raises(NotFound) as caught:
        house.erasure.erase("700999")
    assert "700999" not in str(caught.value)


def test_only_the_named_channel_is_erased(house) -> None:
    other = message("1", f"@MarramAir can pets fly? {SECRET}", author=ANNA, channel="other")
    take_in(house.store, [other], house.clock)
    house.erasure.erase(ANNA, "other")
    assert house.message("1")[0].text != ERASED
    assert house.erasure.held(ANNA) == 3


def test_what_waits_for_a_person_is_closed_and_says_why(house) -> None:
    take_in(house.store, [message("6", f"@MarramAir refund {SECRET}", author=ANNA, minutes=9)], house.clock)
    house.work()
    assert house.case("6").state is CaseState.QUEUED
    certificate = house.erasure.erase(ANNA)
    assert house.case("6").state is CaseState.CLOSED
    assert certificate.counts["cases_closed"] == 1
    with house.store.read() as transaction:
        closing = [e for e in transaction.events.of_case(house.case("6").id) if e.kind is EventKind.CASE_CLOSED]
    assert [event.data for event in closing] == [{"reason": "erased"}]
    assert house.figures().queues == {}


def test_a_case_in_which_somebody_else_waits_stays_open(house) -> None:
    thread = [
        message("6", f"@MarramAir refund {SECRET}", author=ANNA, minutes=9),
        message("7", "@MarramAir refund me too", parent="6", author=BEN, minutes=10),
    ]
    take_in(house.store, thread, house.clock)
    house.work()
    house.erasure.erase(ANNA)
    assert house.case("6").state is CaseState.QUEUED


def test_what_was_not_decided_yet_ends_closed_and_is_never_scored(house) -> None:
    take_in(house.store, [message("6", f"@MarramAir urgent {SECRET}", author=ANNA, minutes=9)], house.clock)
    house.erasure.erase(ANNA)
    house.work()
    found, judged = house.message("6")
    assert (found.state, judged) == (MessageState.CLOSED, None)
    assert house.case("6").state is CaseState.CLOSED
    assert house.figures().messages["undecided"] == 0


def test_a_reply_that_was_not_sent_yet_never_is(house) -> None:
    take_in(house.store, [message("6", f"@MarramAir pets? {SECRET}", author=ANNA, minutes=9)], house.clock)
    worker(house.store, house.clock).drain()
    certificate = house.erasure.erase(ANNA)
    assert certificate.counts["replies_withdrawn"] == 1
    channel = MemoryChannel()
    worker(house.store, house.clock, channels=[channel]).drain()
    assert channel.sent == {}


def test_a_reply_that_is_on_its_way_is_taken_out_of_the_journal_once_it_is_there(house) -> None:
    class Slow(JournalChannel):
        def send(self, reply: Reply) -> str:
            certificate = house.erasure.erase(ANNA)
            assert certificate.finished_at is None
            return super().send(reply)

    take_in(house.store, [message("6", f"@MarramAir pets? {SECRET}", author=ANNA, minutes=9)], house.clock)
    slow = Slow("memory", house.journal._path.parent)
    hands = worker(house.store, house.clock, channels=[slow])
    hands.drain()
    hands.close()
    assert house.journal.lines()[-1].text != ERASED
    sweep(house.store, [house.journal], house.clock)
    assert house.journal.lines()[-1].text == ERASED
    (certificate,) = house.erasure.certificates()
    assert certificate.finished_at is not None


def test_a_reply_that_is_on_its_way_and_fails_is_not_tried_again(house) -> None:
    class Busy(MemoryChannel):
        def send(self, reply: Reply) -> str:
            house.erasure.erase(ANNA)
            raise RetryLater(f"not now: {reply.text}", house.clock.now())

    take_in(house.store, [message("6", f"@MarramAir pets? {SECRET}", author=ANNA, minutes=9)], house.clock)
    channel = Busy()
    worker(house.store, house.clock, channels=[channel]).drain()
    assert channel.sent == {}
    assert "not now" not in everything(house)
    assert house.figures().replies == {"sent": 2, "cancelled": 1}


def test_what_is_being_scored_at_that_very_moment_leaves_no_words_behind(house) -> None:
    with ThreadPoolExecutor(1) as threads:
        asked = []

        class Watched(KeywordScorer):
            def score(self, utterances):
                asked.append(threads.submit(house.erasure.erase, ANNA))
                time.sleep(0.3)  # the erasure waits for the worker's transaction, or it does not
                found = super().score(utterances)
                return [replace(one, intent=replace(one.intent, why=((SECRET, 1.0),))) for one in found]

        take_in(house.store, [message("6", f"@MarramAir refund {SECRET}", author=ANNA, minutes=9)], house.clock)
        hands = worker(house.store, house.clock)
        replace(hands, judge=replace(hands.judge, scorer=Watched())).drain()
        asked[0].result()
    assert SECRET not in everything(house)
    assert house.case("6").state is CaseState.CLOSED


def test_what_an_agent_replied_is_erased_too(house) -> None:
    take_in(house.store, [message("6", f"@MarramAir refund {SECRET}", author=ANNA, minutes=9)], house.clock)
    house.work()
    alex, _ = add_user(house.store, house.clock, "alex", Role.AGENT, None)
    desk = Desk(house.store, demo_brand().routing, OneSnippet(), house.clock)
    case = house.case("6")
    desk.claim(alex, case.id)
    desk.reply(alex, case.id, "Dear Annabella, we are on it. ^AX", key="k")
    house.work()
    assert "Annabella" in everything(house)
    house.erasure.erase(ANNA)
    assert "Annabella" not in everything(house)


def test_an_erasure_that_stopped_before_the_journal_is_finished_by_the_next(house) -> None:
    class Broken:
        name = "memory"

        def forget(self, keys):
            raise KeyboardInterrupt

    told = told_to(house, "1")
    with pytest.raises(KeyboardInterrupt):
        Erasure(house.store, [Broken()], house.clock).erase(ANNA)
    assert told in everything(house)
    assert house.erasure.certificates()[0].finished_at is None
    assert house.erasure.erase(ANNA).finished_at is not None
    assert told not in everything(house)


def test_the_command_prints_a_certificate_that_names_nobody_and_shows_it_again(house, database_url) -> None:
    def erase(*options: str):
        return run("erase", *options, "--database", database_url)

    declined = run("erase", "--author", ANNA, "--database", database_url, text="n\n")
    assert declined.exit_code == 1
    assert "Erase 3 messages" in declined.stderr
    assert house.message("1")[0].text != ERASED

    done = erase("--author", ANNA, "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    (certificate,) = json.loads(done.stdout)
    assert certificate["counts"]["messages"] == 3
    shown = erase("--certificates").stdout
    assert certificate["id"] in shown
    assert json.loads(erase("--certificates", "--json").stdout) == [certificate]
    for output in (done.stdout, shown):
        assert ANNA not in output
        assert SECRET not in output


def test_the_command_without_an_author_says_what_is_missing(here) -> None:
    assert run("db", "upgrade", "--database", "sqlite:///x.db").exit_code == 0
    result = run("erase", "--yes", "--database", "sqlite:///x.db")
    assert (result.exit_code, result.stderr) == (2, "triage: --author: is missing\n")


def test_a_stopped_reply_goes_too_and_nothing_of_its_release_is_left(house) -> None:
    with house.store.write() as transaction:
        table = metadata.tables["replies"]
        of_anna = table.c.in_reply_to == "1"
        transaction.connection.execute(
            sa.update(table).where(of_anna).values(state="blocked", release_reason="hers", release_seal="f00d")
        )
    house.erasure.erase(ANNA)
    with house.store.read() as transaction:
        row = transaction.connection.execute(sa.select(table).where(of_anna)).one()
    assert (row.state, row.release_reason, row.release_seal) == ("cancelled", None, None)


def test_who_has_deleted_all_they_wrote_is_still_named_and_is_forgotten_when_they_ask(house) -> None:
    posts = StoredPosts(house.store, [], house.clock)
    posts.honour_deletion("memory", "5")
    first = house.erasure.erase(BEN)
    with house.store.read() as transaction:
        left = transaction.messages.by_external_id("memory", "5")
    assert left is not None
    assert left.author_id.startswith("erased-")
    assert house.erasure.erase(BEN) == first
