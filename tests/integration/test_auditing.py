"""Verdicts on automatic answers: the sample, the stop that they lead to, and switching on again."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from app.accounts import add_user
from tests.doubles import demo_brand, frozen, judge, message, worker
from triage.channels.memory import MemoryChannel
from triage.domain.audit import Verdict, is_sampled, rebuild
from triage.domain.case import rebuild as rebuild_cases
from triage.domain.event import EventKind
from triage.domain.user import Role
from triage.errors import Conflict, Forbidden, InvalidInput
from triage.measures.report import report
from triage.privacy.detect import detect
from triage.service.auditing import Audit
from triage.service.intake import take_in
from triage.service.showing import Showing
from triage.store import Store

PETS = "@MarramAir can I bring pets on board?"
PROMISED = 0.02


class Service:
    """A brand whose every automatic answer is looked at."""

    def __init__(self, store: Store, share: float = 1.0) -> None:
        self.store, self.clock, self.channel = store, frozen(), MemoryChannel()
        self.share = share
        self.audit = Audit(store, Showing(detect), self.clock, PROMISED)
        self.alex, self.sue = (
            add_user(store, self.clock, name, role, None)[0]
            for name, role in (("alex", Role.AGENT), ("sue", Role.SUPERVISOR))
        )

    def ask(self, *ids: str, sends: bool = True, text: str = PETS) -> None:
        """Each by a customer of its own."""
        brand = demo_brand()
        brand = replace(brand, policy=replace(brand.policy, audit_share=self.share))
        take_in(self.store, [message(one, text, author=f"author-{one}") for one in ids], self.clock)
        one = worker(self.store, self.clock, channels=[self.channel] if sends else [])
        one = replace(one, judge=replace(judge(self.clock), brand=brand))
        one.drain()
        one.close()

    def verdicts(self, *verdicts: str) -> None:
        """On the answers that wait, oldest first."""
        for verdict in verdicts:
            first = self.audit.waiting(self.alex, limit=1)[0]
            self.audit.judge(self.alex, first.message.id, verdict)

    def codes(self, external_id: str) -> list[str]:
        with self.store.read() as transaction:
            stored = transaction.messages.by_external_id("memory", external_id)
            return [reason.code for reason in transaction.judgements.of([stored.id])[stored.id].decision.reasons]


@pytest.fixture
def service(store: Store) -> Service:
    return Service(store)


def test_sent_answers_wait_for_a_verdict_with_message_answer_and_snippet_the_oldest_first(service: Service) -> None:
    service.ask("1", "2")
    first, second = service.audit.waiting(service.alex)
    assert (first.message.external_id, second.message.external_id) == ("1", "2")
    assert (first.message.text, first.snippet, first.version) == (PETS, "pets-on-board", 1)
    assert "Pets travel in the cabin" in first.reply


def test_what_exposes_personal_data_is_shown_masked(service: Service) -> None:
    service.ask("1", text="@MarramAir can I bring pets? my mail is pip.larkin@post.example")
    (one,) = service.audit.waiting(service.alex)
    assert "pip.larkin" not in one.message.text


def test_an_answer_that_was_not_sent_is_not_looked_at(service: Service) -> None:
    service.ask("1", sends=False)
    assert service.audit.waiting(service.alex) == []


def test_only_the_sample_is_looked_at_and_it_is_the_same_in_every_run() -> None:
    ids = [str(number) for number in range(4_000)]
    chosen = [one for one in ids if is_sampled("memory", one, 0.1)]
    assert chosen == [one for one in ids if is_sampled("memory", one, 0.1)]
    assert 320 <= len(chosen) <= 480
    assert set(chosen) <= {one for one in ids if is_sampled("memory", one, 0.2)}
    assert not any(is_sampled("memory", one, 0.0) for one in ids)
    assert all(is_sampled("memory", one, 1.0) for one in ids)


def test_the_default_share_marks_the_sample_in_the_log(store: Store) -> None:
    service = Service(store, share=0.1)
    service.ask(*map(str, range(60)))
    with store.read() as transaction:
        marked = {event.message_id for event in transaction.events.stream() if event.data.get("audit")}
        assert set(transaction.audits.all()) == marked
        sampled = {transaction.messages.get(one).external_id for one in marked}
    assert sampled == {str(n) for n in range(60) if is_sampled("memory", str(n), 0.1)}


def test_a_verdict_is_an_event_without_words_and_is_given_once(service: Service) -> None:
    service.ask("1")
    (one,) = service.audit.waiting(service.alex)
    service.audit.judge(service.alex, one.message.id, "right")
    with pytest.raises(Conflict):
        service.audit.judge(service.sue, one.message.id, "wrong")
    with service.store.read() as transaction:
        (event,) = [e for e in transaction.events.stream() if e.kind is EventKind.ANSWER_AUDITED]
    assert event.data == {
        "verdict": "right",
        "snippet": "pets-on-board",
        "snippet_version": 1,
        "promised": PROMISED,
    }
    assert (event.actor, event.message_id) == ("alex", one.message.id)


def test_who_may_say_what(service: Service) -> None:
    service.ask("1")
    (one,) = service.audit.waiting(service.alex)
    feeder = add_user(service.store, service.clock, "feeder", Role.SERVICE, None)[0]
    with pytest.raises(Forbidden):
        service.audit.judge(feeder, one.message.id, "right")
    with pytest.raises(Forbidden):
        service.audit.waiting(feeder)
    with pytest.raises(InvalidInput, match="not one of right, wrong, unsure"):
        service.audit.judge(service.alex, one.message.id, "fine")
    with pytest.raises(Conflict):
        service.audit.resume(service.sue)
    with pytest.raises(Conflict):
        service.audit.judge(service.alex, 999, "right")


def test_answering_stops_by_itself_when_the_verdicts_prove_the_promise_broken_and_says_so(service, caplog) -> None:
    service.ask(*"12345")
    service.verdicts("right", "wrong", "unsure", "wrong")
    assert service.audit.standing().stopped is None
    with caplog.at_level(logging.ERROR):
        service.verdicts("wrong")
    stopped = service.audit.standing().stopped
    assert (stopped.audited, stopped.wrong, stopped.promised) == (4, 3, PROMISED)
    assert "automatic answers have stopped: 3 of 4" in caplog.text
    service.ask("6")
    assert service.codes("6") == ["answering_stopped"]
    with service.store.read() as transaction:
        stored = transaction.messages.by_external_id("memory", "6")
        reason = transaction.judgements.of([stored.id])[stored.id].decision.reasons[0].text
        assert report(transaction.events.stream()).audit.stopped == stopped.at
    assert "3 of 4 that were looked at were wrong, and at most 2.0% may be" in reason


def test_a_reply_that_has_not_left_when_answering_stops_does_not_leave_and_a_person_gets_the_case(service) -> None:
    service.ask(*"123")
    service.ask("4", sends=False)
    service.verdicts("wrong", "wrong", "wrong")
    service.ask("5")
    assert {reply.in_reply_to for reply in service.channel.sent.values()} == set("123")
    with service.store.read() as transaction:
        case = transaction.cases.get(transaction.messages.by_external_id("memory", "4").case_id)
    assert case.state.value == "queued"


def test_a_supervisor_switches_it_on_again_and_the_count_begins_anew(service: Service) -> None:
    service.ask(*"1234")
    service.verdicts("wrong", "wrong", "wrong")
    with pytest.raises(Forbidden):
        service.audit.resume(service.alex)
    service.audit.resume(service.sue)
    standing = service.audit.standing()
    assert (standing.stopped, standing.tally.audited) == (None, 0)
    service.ask("5")
    assert service.codes("5") == ["safe_to_answer"]
    service.verdicts("wrong")
    assert service.audit.standing().stopped is None
    with service.store.read() as transaction:
        (event,) = [e for e in transaction.events.stream() if e.kind is EventKind.ANSWERING_RESUMED]
    assert event.actor == "sue"


def test_verdicts_on_old_answers_are_taken_while_it_is_stopped(service: Service) -> None:
    service.ask(*"1234")
    service.verdicts("wrong", "wrong", "wrong", "right")
    assert service.audit.standing().tally.audited == 4
    with service.store.read() as transaction:
        kinds = [e.kind for e in transaction.events.stream()]
    assert kinds.count(EventKind.ANSWERING_STOPPED) == 1


def test_all_of_it_is_rebuilt_from_the_log(service: Service) -> None:
    service.ask(*"12345678")
    service.verdicts("wrong", "right", "wrong", "wrong", "unsure")
    _check(service)
    service.audit.resume(service.sue)
    service.verdicts("right")
    _check(service)


def _check(service: Service) -> None:
    with service.store.read() as transaction:
        events = list(transaction.events.stream())
        assert rebuild(events) == transaction.audits.answering()
        assert rebuild_cases(events) == transaction.cases.all()
        verdicts: dict[int, tuple[str, Verdict | None]] = {}
        for event in events:
            if event.data.get("audit"):
                verdicts[event.message_id] = (event.data["snippet"], None)
            elif event.kind is EventKind.ANSWER_AUDITED:
                verdicts[event.message_id] = (event.data["snippet"], Verdict(event.data["verdict"]))
        assert verdicts == transaction.audits.all()
        audit = report(events).audit
        assert audit.stopped == (standing.at if (standing := transaction.audits.answering().stopped) else None)
        assert audit.waiting == sum(verdict is None for _, verdict in verdicts.values())
