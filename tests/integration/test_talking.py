"""Conversations with the service over a real store: what comes after an answer, stop, a person, and machines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from app.accounts import add_user
from tests.doubles import KeywordScorer, OneSnippet, demo_brand, frozen, message, worker
from triage.channels.memory import MemoryChannel
from triage.domain.case import Case, CaseState, rebuild
from triage.domain.event import Event, EventKind
from triage.domain.message import MessageState
from triage.domain.scores import Urgency
from triage.domain.user import Role
from triage.errors import Conflict
from triage.measures.report import Automation, report
from triage.privacy.detect import detect
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.ports import Judge
from triage.service.showing import Showing
from triage.service.worklist import view
from triage.store import Store

PETS = "@MarramAir can I bring pets on board?"
CATS = "@MarramAir are pets such as cats allowed?"


class Talk:
    """One brand, live; every message is decided as it comes, unless the service is ``held``."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.channel = store, frozen(), MemoryChannel()
        self.desk = Desk(store, demo_brand().routing, OneSnippet(), self.clock)
        self.alex = add_user(store, self.clock, "alex", Role.AGENT, None)[0]

    def hear(self, external_id: str, text: str, *, sends: bool = True, **more) -> str:
        """Take a message in, a minute after the last one, and decide it; the codes of the reasons."""
        self.clock.advance(timedelta(minutes=1))
        minutes = (self.clock.now() - frozen().now()).total_seconds() / 60
        take_in(self.store, [message(external_id, text, minutes=minutes, **more)], self.clock)
        self.work(sends=sends)
        return self.codes(external_id)

    def work(self, *, sends: bool = True) -> None:
        one = worker(self.store, self.clock, channels=[self.channel] if sends else [])
        one.drain()
        one.close()

    def codes(self, external_id: str) -> list[str]:
        with self.store.read() as transaction:
            stored = transaction.messages.by_external_id("memory", external_id)
            return [reason.code for reason in transaction.judgements.of([stored.id])[stored.id].decision.reasons]

    def case(self, external_id: str = "1") -> Case:
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return transaction.cases.get(transaction.messages.by_external_id("memory", external_id).case_id)

    def events(self, kind: EventKind) -> list[Event]:
        with self.store.read() as transaction:
            return [event for event in transaction.events.stream() if event.kind is kind]

    def automation(self) -> Automation:
        with self.store.read() as transaction:
            return report(transaction.events.stream()).automation

    @property
    def sent_to(self) -> list[str]:
        return [reply.in_reply_to for reply in self.channel.sent.values()]


@pytest.fixture
def talk(store: Store) -> Talk:
    return Talk(store)


# --- after an answer


def test_thanks_close_the_case_as_solved_and_are_counted_as_a_confirmation(talk: Talk) -> None:
    talk.hear("1", PETS)
    assert talk.hear("2", "thanks, that helps!", parent="1") == ["solved"]
    assert talk.case().state is CaseState.CLOSED
    assert len(talk.events(EventKind.ANSWER_CONFIRMED)) == 1
    assert talk.automation() == Automation(confirmed=1, assumed=0, handed_over=0)


def test_silence_and_chatter_confirm_nothing(talk: Talk) -> None:
    talk.hear("1", PETS)
    assert talk.automation() == Automation(confirmed=0, assumed=1, handed_over=0)
    talk.hear("2", "chatter", parent="1")
    assert talk.automation() == Automation(confirmed=0, assumed=1, handed_over=0)


def test_who_was_not_helped_is_taken_over_by_a_person_before_those_who_come_fresh(talk: Talk) -> None:
    talk.hear("1", PETS)
    talk.hear("2", "@MarramAir refund please", author="600")
    assert talk.hear("3", "that's not what I asked", parent="1")[0] == "not_solved"
    assert talk.case().priority == Urgency.HIGH.band < talk.case("2").priority
    assert talk.case().queue == talk.case("2").queue or talk.case().state is CaseState.QUEUED
    assert talk.sent_to == ["1"]
    with talk.store.read() as transaction:
        assert [m.external_id for m in transaction.messages.in_case(talk.case().id)] == ["1", "3"]


def test_the_same_question_again_is_not_answered_with_the_same_snippet(talk: Talk) -> None:
    talk.hear("1", "@MarramAir can two small pets travel in the cabin?")
    assert talk.hear("2", "@MarramAir so can two small pets travel in the cabin??", parent="1")[0] == "not_solved"
    assert talk.sent_to == ["1"]


def test_a_further_question_in_the_conversation_is_for_a_person(talk: Talk) -> None:
    talk.hear("1", PETS)
    assert "answered_before" in talk.hear("2", "@MarramAir and may pets sleep on seats?", parent="1")
    assert talk.case().priority == Urgency.NORMAL.band
    assert talk.sent_to == ["1"]


def test_thanks_in_a_case_that_a_person_has_take_nothing_out_of_their_hands(talk: Talk) -> None:
    talk.hear("1", PETS)
    talk.desk.claim(talk.alex, talk.case().id)
    talk.hear("2", "thanks, that worked", parent="1")
    assert talk.case().state is CaseState.CLAIMED
    assert talk.events(EventKind.ANSWER_CONFIRMED) == []


# --- a person, please


def test_a_first_message_that_asks_for_a_person_gets_one_and_the_case_gets_no_automatic_answer_any_more(
    talk: Talk,
) -> None:
    assert "agent_please" in talk.hear("1", "@MarramAir pets on board? I want to talk to a person")
    case = talk.case()
    assert (case.state, case.person_wanted) == (CaseState.QUEUED, True)
    talk.desk.close(talk.alex, case.id, "resolved")
    assert "person_wanted" in talk.hear("2", PETS, parent="1")
    assert talk.sent_to == []


def test_asking_for_a_person_takes_back_an_answer_that_has_not_left(talk: Talk) -> None:
    talk.hear("1", PETS, sends=False)
    talk.hear("2", "agent please", parent="1", sends=False)
    talk.work()
    assert talk.sent_to == []
    assert (talk.case().state, talk.case().priority) == (CaseState.QUEUED, Urgency.HIGH.band)


def test_that_a_person_was_asked_for_is_kept_when_cases_merge(talk: Talk) -> None:
    talk.hear("2", "agent please @MarramAir", parent="9")
    talk.hear("5", PETS, author="700")
    talk.hear("9", PETS, parent="5")
    assert talk.case("9").person_wanted


# --- stop


def test_stop_is_obeyed_for_good_and_in_every_case(talk: Talk) -> None:
    talk.hear("1", PETS)
    assert talk.hear("2", "@MarramAir stop messaging me", parent="1") == ["stop"]
    assert talk.case().state is CaseState.CLOSED
    assert "opted_out" in talk.hear("3", CATS)
    assert "opted_out" in talk.hear("4", PETS, parent="1")
    assert talk.sent_to == ["1"]
    assert talk.automation().confirmed == 0
    assert talk.hear("5", PETS, author="600") == ["safe_to_answer"]  # others are answered as before


def test_stop_beside_something_else_goes_to_a_person(talk: Talk) -> None:
    talk.hear("1", PETS)
    codes = talk.hear("2", "@MarramAir stop messaging me and give me my refund for flight 88 now", parent="1")
    assert codes[0] == "stop"
    assert talk.case().state is CaseState.QUEUED


def test_stop_takes_back_what_has_not_left_here_and_in_other_cases(talk: Talk) -> None:
    talk.hear("1", PETS, sends=False)
    talk.hear("2", CATS, sends=False)
    talk.hear("3", "STOP", parent="1", sends=False)
    talk.work()
    assert talk.sent_to == []
    assert len(talk.events(EventKind.REPLY_CANCELLED)) == 2
    assert talk.case("1").state is CaseState.CLOSED
    assert talk.case("2").state is CaseState.QUEUED  # that question has no answer now: a person sees to it


def test_in_one_batch_the_question_before_the_stop_is_not_answered_either(store: Store) -> None:
    talk = Talk(store)
    batch = [message("1", PETS), message("2", "stop", parent="1", minutes=1), message("3", CATS, minutes=2)]
    talk.clock.advance(timedelta(minutes=3))
    take_in(store, batch, talk.clock)
    talk.work()
    assert talk.sent_to == []
    assert "opted_out" in talk.codes("3")


def test_an_opt_out_is_one_event_without_the_customers_id_and_the_table_follows_from_the_log(talk: Talk) -> None:
    talk.hear("1", "@MarramAir stop messaging me")
    talk.hear("2", "unsubscribe", parent="1")
    (event,) = talk.events(EventKind.CUSTOMER_OPTED_OUT)
    assert "500" not in event.data.values()
    with talk.store.read() as transaction:
        assert transaction.opt_outs.all() == {(event.data["channel"], event.data["author"])}
        assert transaction.opt_outs.among([("memory", "500"), ("other", "500"), ("memory", "600")]) == {
            ("memory", "500")
        }
        assert report(transaction.events.stream()).opted_out == 1


def test_agents_see_that_a_customer_has_opted_out(talk: Talk) -> None:
    talk.hear("1", PETS)
    talk.hear("2", "unsubscribe", parent="1")
    talk.hear("3", PETS, author="600")
    for external_id, opted_out in (("1", True), ("3", False)):
        seen = view(talk.store, Showing(detect), OneSnippet(), talk.case(external_id).id, talk.clock.now().date())
        assert seen.opted_out is opted_out


def test_people_may_still_reply_to_somebody_who_opted_out(talk: Talk) -> None:
    talk.hear("1", "@MarramAir stop messaging me and find my bag from flight 88 in Porto please")
    case = talk.desk.claim(talk.alex, talk.case().id)
    talk.desk.reply(talk.alex, case.id, "We found it.", key="k")
    talk.work()
    assert talk.sent_to == ["1"]


# --- two services wired to each other


class Worded(OneSnippet):
    """Answers as :class:`OneSnippet` does, in words of its own."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return self._words


class Wire:
    """Two brands whose automatic replies reach each other as a customer's messages."""

    def __init__(self, stores: tuple[Store, Store], answers: tuple[OneSnippet, OneSnippet], signature: str) -> None:
        self.clock = frozen()
        self.channels = (MemoryChannel(), MemoryChannel())
        brand = replace(demo_brand(), signature=signature)
        self.workers = []
        for store, channel, snippets in zip(stores, self.channels, answers, strict=True):
            judge = Judge(KeywordScorer(), snippets, brand, self.clock)
            self.workers.append(replace(worker(store, self.clock, channels=[channel]), judge=judge))
        self.stores = stores

    def run(self, text: str, *, threads: bool, delay: timedelta, most: int = 60) -> tuple[int, int]:
        """Let the second write to the first and carry what they say; how many replies each gave."""
        text, parent, to = f"@MarramAir {text}", None, 0
        carried = 0
        while carried < most:
            carried += 1
            self.clock.advance(delay)
            own = message(f"{'ab'[to]}{carried}", text, parent=parent if threads else None, author=f"bot-{to}")
            take_in(self.stores[to], [structs.replace(own, created_at=self.clock.now())], self.clock)
            before = set(self.channels[to].sent)
            self.workers[to].drain()
            new = [key for key in self.channels[to].sent if key not in before]
            if not new:
                break
            text, parent = f"@MarramAir {self.channels[to].sent[new[0]].text}", None
            to = 1 - to
        assert carried < most, "they would have gone on for ever"
        return len(self.channels[0].sent), len(self.channels[1].sent)


SLOWLY, AT_ONCE = timedelta(minutes=2), timedelta(seconds=2)


@pytest.fixture
def two_stores(store: Store, sqlite_store: Store) -> tuple[Store, Store]:
    return store, sqlite_store


@pytest.mark.parametrize("delay", [SLOWLY, AT_ONCE])
def test_two_of_this_product_end_at_once_by_their_signature(two_stores, delay) -> None:
    wire = Wire(two_stores, (OneSnippet(), OneSnippet()), "(automated reply)")
    assert wire.run("can pets fly?", threads=False, delay=delay) == (1, 0)


def test_two_that_say_the_same_without_a_signature_answer_once_each(two_stores) -> None:
    same = Worded(
        "Small pets travel in the cabin up to eight kilos with a carrier.",
        "Pets travel in the cabin, small, up to eight kilos with carrier.",
    )
    wire = Wire(two_stores, (same, same), "")
    assert max(wire.run("can pets fly?", threads=False, delay=SLOWLY)) == 1


def test_two_that_say_different_things_at_machine_speed_answer_once_each(two_stores) -> None:
    wire = Wire(two_stores, (Worded("Pets fly in the cabin."), Worded("We love pets; see our page.")), "")
    assert max(wire.run("can pets fly?", threads=False, delay=AT_ONCE)) == 1


def test_another_makers_automatic_reply_is_not_answered(talk: Talk) -> None:
    codes = talk.hear("1", "@MarramAir Hello, this is an automated response about pets.")
    assert codes[0] == "automated"
    assert talk.sent_to == []


def test_even_slow_strangers_without_threads_or_signature_end_for_the_day(two_stores) -> None:
    mine = Worded(*(f"Pets fly in the cabin, wording {n} of {n * 7}" for n in range(40)))
    theirs = Worded(*(f"about pets we say {n}, kindly {n * 3}" for n in range(40)))
    first, second = Wire(two_stores, (mine, theirs), "").run("can pets fly?", threads=False, delay=SLOWLY)
    limit = demo_brand().policy.automatic_replies_per_author_per_day
    assert max(first, second) <= limit


# --- a person and the outbox


@pytest.mark.parametrize("move", ["claim", "close"])
def test_what_a_person_does_first_takes_the_reply_back(talk: Talk, move) -> None:
    talk.hear("1", PETS, sends=False)
    if move == "claim":
        talk.desk.claim(talk.alex, talk.case().id)
    else:
        talk.desk.close(talk.alex, talk.case().id, "no_answer_needed")
    talk.work()
    assert talk.sent_to == []


def test_a_transfer_takes_the_reply_back(talk: Talk) -> None:
    talk.hear("1", PETS, sends=False)
    talk.hear("2", "@MarramAir angry about my refund", parent="1", sends=False)
    assert talk.case().state is CaseState.QUEUED
    talk.desk.transfer(talk.alex, talk.case().id, "bookings")
    talk.work()
    assert talk.sent_to == []


def test_a_claim_that_comes_while_the_reply_is_being_sent_does_not_undo_it(talk: Talk) -> None:
    class Claiming(MemoryChannel):
        def send(self, reply):
            talk.desk.claim(talk.alex, reply.case_id)
            return super().send(reply)

    talk.channel = Claiming()
    talk.hear("1", PETS)
    assert talk.sent_to == ["1"]
    assert (talk.case().state, talk.case().owner) == (CaseState.CLAIMED, "alex")
    assert len(talk.events(EventKind.REPLY_SENT)) == 1
    assert talk.events(EventKind.REPLY_CANCELLED) == []


def test_of_claims_and_an_outbox_that_run_at_once_each_reply_is_sent_or_taken_back_never_both(talk: Talk) -> None:
    for number in range(8):
        talk.hear(str(number), PETS, author=str(number), sends=False)
    cases = [talk.case(str(number)).id for number in range(8)]
    start = threading.Barrier(2)

    def claim() -> None:
        start.wait()
        for case_id in reversed(cases):
            talk.desk.claim(talk.alex, case_id)

    def send() -> None:
        start.wait()
        talk.work()

    with ThreadPoolExecutor(2) as threads:
        for ended in [threads.submit(claim), threads.submit(send)]:
            ended.result()
    talk.work()
    sent = {event.data["reply"] for event in talk.events(EventKind.REPLY_SENT)}
    cancelled = {event.data["reply"] for event in talk.events(EventKind.REPLY_CANCELLED)}
    assert len(sent) == len(talk.channel.sent)
    assert not sent & cancelled
    assert len(sent | cancelled) == 8
    assert {talk.case(str(number)).state for number in range(8)} == {CaseState.CLAIMED}


def test_a_message_on_which_the_model_fails_can_still_say_stop(talk: Talk) -> None:
    class Failing(KeywordScorer):
        def score(self, utterances):
            raise ValueError("no")

    take_in(talk.store, [message("1", "@MarramAir stop messaging me")], talk.clock)
    decide_pending(talk.store, Judge(Failing(), OneSnippet(), demo_brand(), talk.clock), 10)
    assert len(talk.events(EventKind.CUSTOMER_OPTED_OUT)) == 1
    with talk.store.read() as transaction:
        assert transaction.messages.by_external_id("memory", "1").state is MessageState.QUEUED


def test_a_second_claim_is_refused_all_the_same(talk: Talk) -> None:
    talk.hear("1", PETS, sends=False)
    bea = add_user(talk.store, talk.clock, "bea", Role.AGENT, None)[0]
    talk.desk.claim(talk.alex, talk.case().id)
    with pytest.raises(Conflict):
        talk.desk.claim(bea, talk.case().id)
