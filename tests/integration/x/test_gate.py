"""What X asks of automatic replies holds before one is decided."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from app.accounts import add_user
from tests.doubles import NOON, KeywordScorer, OneSnippet, demo_brand, frozen, judge, message
from tests.network import Fate, Killed, Network
from triage.channels.memory import MemoryChannel
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PUBLIC
from triage.clock import FrozenClock
from triage.domain.case import rebuild
from triage.domain.event import EventKind
from triage.domain.limits import Limits
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyState
from triage.domain.user import Role
from triage.errors import Ambiguous
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.rewording import Rewording
from triage.service.sending import SwitchedOff
from triage.service.showing import Showing
from triage.service.stuck import Stuck
from triage.service.x.gate import STALE_AFTER
from triage.service.x.leaving import XLeaving
from triage.service.x.spending import waiting
from triage.store import Store
from triage.store.said import SaidTexts
from triage.store.x_notes import Spent

PETS = "@MarramAir can pets fly in the cabin?"


@dataclass
class Few(OneSnippet):
    """A snippet with the given wordings."""

    wordings: tuple[str, ...] = ("Pets fly.", "Pets may fly.")

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return self.wordings


@dataclass
class OnX:
    store: Store
    judge: Judge
    clock: FrozenClock

    def ask(self, number: int, *, summoned: bool | None = True, text: str = PETS, author: str = "") -> list[str]:
        """A question of a new customer, decided; the codes of why a person gets it, none where it is answered."""
        at = self.clock.now()
        one = IncomingMessage(PUBLIC, str(number), author or f"a{number}", True, at, text, None, "en", summoned)
        take_in(self.store, [one], self.clock)
        decide_pending(self.store, self.judge, 100)
        with self.store.read() as transaction:
            found = transaction.messages.by_external_id(PUBLIC, str(number))
            decision = transaction.judgements.of([found.id])[found.id].decision
        return [] if decision.action == "answer" else [reason.code for reason in decision.reasons]

    def texts(self) -> list[str]:
        with self.store.read() as transaction:
            return [reply.text for reply in transaction.replies.in_state(ReplyState.PENDING)]


def on_x(store: Store, limits: Limits | None = None, answers: OneSnippet | None = None) -> OnX:
    clock = frozen()
    brand = replace(demo_brand(), x=limits or Limits())
    return OnX(store, Judge(KeywordScorer(), answers or OneSnippet(), brand, clock), clock)


def test_who_calls_the_brand_by_name_is_answered(store) -> None:
    assert on_x(store).ask(1) == []


@pytest.mark.parametrize("summoned", [False, None])
def test_without_a_summons_that_is_sure_a_person_answers(store, summoned) -> None:
    assert on_x(store).ask(1, summoned=summoned) == ["not_summoned"]


def test_a_text_is_not_said_twice_on_the_account_within_its_time(store) -> None:
    x = on_x(store, answers=Few())
    assert [x.ask(1), x.ask(2), x.ask(3)] == [[], [], ["said_lately"]]
    assert sorted(x.texts()) == ["Pets fly.", "Pets may fly."]


def test_after_its_time_a_text_may_be_said_again(store) -> None:
    x = on_x(store, Limits(same_text_after_hours=2), Few(wordings=("Pets fly.",)))
    assert x.ask(1) == []
    with store.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE replies SET state = 'sent'")
    x.clock.advance(timedelta(minutes=119))
    assert x.ask(2) == ["said_lately"]
    x.clock.advance(timedelta(minutes=2))
    assert x.ask(3) == []


def test_links_are_not_paid_for_unless_the_brand_says_so(store) -> None:
    linked = Few(wordings=("Pets fly: https://marram.example/pets",))
    assert on_x(store, answers=linked).ask(1) == ["link_costs"]
    assert on_x(store, Limits(links_in_automatic_replies=True), linked).ask(2) == []


def test_of_texts_with_and_without_a_link_one_without_is_sent(store) -> None:
    x = on_x(store, answers=Few(wordings=("Pets fly: https://marram.example/pets", "Pets fly.")))
    assert (x.ask(1), x.texts()) == ([], ["Pets fly."])


def test_a_text_that_is_too_long_for_x_is_not_queued(store) -> None:
    assert on_x(store, answers=Few(wordings=("字" * 141,))).ask(1) == ["too_long"]


def test_the_day_has_so_many_automatic_replies_and_the_next_day_begins_anew(store) -> None:
    x = on_x(store, Limits(automatic_replies_per_day=2))
    assert [x.ask(1), x.ask(2), x.ask(3)] == [[], [], ["replies_of_the_day"]]
    x.clock.advance(timedelta(hours=12))
    assert x.ask(4) == []


def test_one_batch_does_not_go_over_the_day_s_number_either(store) -> None:
    x = on_x(store, Limits(automatic_replies_per_day=3))
    many = [IncomingMessage(PUBLIC, str(n), f"a{n}", True, NOON, PETS, None, "en", True) for n in range(10)]
    take_in(store, many, x.clock)
    decide_pending(store, x.judge, 100)
    assert len(x.texts()) == 3


def test_beyond_the_day_s_spend_people_answer(store) -> None:
    x = on_x(store, Limits(spend_per_day_usd=0.5))
    assert x.ask(1) == []
    store.run(lambda t: t.x_notes.spend(NOON.date(), Endpoint.STREAM.value, Spent(1, 100, 0)))
    assert x.ask(2) == ["spend_of_the_day"]


def test_texts_that_wait_are_read_only_where_a_link_in_them_decides_whether_it_is_enough(
    store, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = Few(wordings=("Pets fly.", "Pets may fly: https://marram.example/pets"))
    x = on_x(store, Limits(links_in_automatic_replies=True), linked)
    assert [x.ask(1), x.ask(2)] == [[], []]
    assert sum("https" in text for text in x.texts()) == 1
    read: list[str] = []
    texts_of = SaidTexts.waiting
    monkeypatch.setattr(SaidTexts, "waiting", lambda said, channel: read.append(channel) or texts_of(said, channel))
    with store.read() as transaction:
        exact = waiting(transaction)
        assert exact == pytest.approx(0.215)
        for enough, matters in ((-1, False), (0.03, False), (0.031, True), (0.3, True), (0.4, True), (0.401, False)):
            read.clear()
            assert (waiting(transaction, enough) >= enough) == (exact >= enough)
            assert bool(read) == matters, enough


def test_what_looking_stored_posts_up_again_costs_does_not_stop_answers(store) -> None:
    x = on_x(store, Limits(spend_per_day_usd=0.5))
    store.run(lambda t: t.x_notes.spend(NOON.date(), Endpoint.LOOK_UP.value, Spent(1, 100_000, 0)))
    assert x.ask(1) == []


def test_one_conversation_gets_one_automatic_reply_whatever_the_brand_allows(store) -> None:
    x = on_x(store)
    policy = replace(x.judge.brand.policy, automatic_replies_per_case=9)
    x.judge = replace(x.judge, brand=replace(x.judge.brand, policy=policy))
    assert x.ask(1) == []
    again = IncomingMessage(PUBLIC, "2", "a1", True, NOON + timedelta(minutes=9), PETS + " Big ones?", "1", "en", True)
    x.clock.advance(timedelta(minutes=9))
    take_in(store, [again], x.clock)
    decide_pending(store, x.judge, 100)
    assert len(x.texts()) == 1


def test_who_wants_no_more_messages_gets_none_again(store) -> None:
    x = on_x(store)
    assert x.ask(1, text="@MarramAir stop messaging me", author="a1") != []
    x.clock.advance(timedelta(days=400))
    assert x.ask(2, author="a1") == ["opted_out"]


def test_a_post_that_comes_in_hours_late_is_for_a_person(store) -> None:
    """After a pause up to 800 are taken in at once."""
    x = on_x(store)
    written = [NOON, NOON + timedelta(seconds=1)]
    x.clock.advance(STALE_AFTER + timedelta(seconds=1))
    late = [
        IncomingMessage(channel, str(n), f"a{n}", True, at, PETS, None, "en", summoned)
        for n, (at, channel, summoned) in enumerate(
            [(written[0], PUBLIC, True), (written[1], PUBLIC, True), (written[0], "api", None)]
        )
    ]
    take_in(store, late, x.clock)
    decide_pending(store, x.judge, 100)
    with store.read() as transaction:
        answered = {reply.in_reply_to for reply in transaction.replies.in_state(ReplyState.PENDING)}
        found = transaction.messages.by_external_id(PUBLIC, "0")
        decision = transaction.judgements.of([found.id])[found.id].decision
    assert answered == {"1", "2"}
    assert [reason.code for reason in decision.reasons] == ["too_old"]


def test_other_channels_have_no_such_limits(store) -> None:
    x = on_x(store, Limits(automatic_replies_per_day=0))
    take_in(store, [replace_channel("api")], x.clock)
    decide_pending(store, x.judge, 100)
    assert len(x.texts()) == 1


def replace_channel(name: str) -> IncomingMessage:
    return IncomingMessage(name, "1", "500", True, NOON, PETS, None, "en")


def test_a_refused_text_is_worded_anew_until_there_is_no_other(store) -> None:
    x = on_x(store, answers=Few(wordings=("One.", "Two.", "Three.")))
    x.ask(1)
    words = Rewording(x.judge.answers, Limits(), x.clock)
    with store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.PENDING)
        first = words(transaction, reply)
        assert first in {"One.", "Two.", "Three."} - {reply.text}
        second = words(transaction, replace(reply, text=first, repeats=1))
        assert second not in (None, first)
        assert words(transaction, replace(reply, text=second, repeats=2)) is None
        assert words(transaction, replace(reply, snippet=None)) is None


# --- What was decided and has to wait.


class Leaves:
    """An outbox with X's rules for what leaves, on a channel that keeps what it takes."""

    def __init__(self, x: OnX) -> None:
        self.x, self.channel, self.off = x, MemoryChannel(PUBLIC), False
        rules = XLeaving(x.judge.brand.x)
        self.outbox = Outbox(x.store, [self.channel], demo_brand().routing, x.clock, switch=self.switch, leaving=rules)

    def switch(self, transaction, channel) -> SwitchedOff | None:
        return SwitchedOff("sam", NOON, "an incident") if self.off else None

    def states(self) -> dict[str, int]:
        with self.x.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return {state.value: count for state, count in transaction.replies.counts().items()}

    def cases(self) -> list[str]:
        with self.x.store.read() as transaction:
            return sorted(case.state.value for case in transaction.cases.all().values())

    def because(self) -> list[str]:
        """Why replies were withdrawn, as the log has it."""
        with self.x.store.read() as transaction:
            events = list(transaction.events.stream())
        return [event.data["because"] for event in events if event.kind is EventKind.REPLY_CANCELLED]


def test_what_was_decided_on_many_days_does_not_leave_at_once(store) -> None:
    """Each day's number was kept when they were decided, while sending was stopped."""
    x = on_x(store, Limits(automatic_replies_per_day=2))
    leaves = Leaves(x)
    x.clock.advance(timedelta(hours=10))  # it is 22:00
    assert [x.ask(1), x.ask(2)] == [[], []]
    x.clock.advance(timedelta(hours=2, minutes=30))
    assert [x.ask(3), x.ask(4)] == [[], []]
    leaves.outbox.drain(20)
    assert sorted(reply.in_reply_to for reply in leaves.channel.sent.values()) == ["1", "2"]
    assert leaves.states() == {"sent": 2, "cancelled": 2}
    assert leaves.cases() == ["answered", "answered", "queued", "queued"]
    assert leaves.because() == ["replies_of_the_day"] * 2
    assert x.ask(5) == ["replies_of_the_day"]


def test_an_automatic_reply_that_waited_for_hours_goes_to_a_person_also_while_sending_is_stopped(store) -> None:
    x = on_x(store)
    leaves = Leaves(x)
    leaves.off = True
    assert x.ask(1) == []
    x.clock.advance(STALE_AFTER)
    assert x.ask(2) == []
    leaves.outbox.drain(20)
    assert leaves.states() == {"pending": 2}
    x.clock.advance(timedelta(seconds=1))
    leaves.outbox.drain(20)
    assert leaves.states() == {"pending": 1, "cancelled": 1}
    assert (leaves.cases(), leaves.because()) == (["answered", "queued"], ["waited_too_long"])
    with store.read() as transaction:
        (withdrawn,) = transaction.replies.in_state(ReplyState.CANCELLED)
    assert "4 hours" in withdrawn.problem
    leaves.off = False
    leaves.outbox.drain(20)
    assert [reply.in_reply_to for reply in leaves.channel.sent.values()] == ["2"]


def test_what_a_person_wrote_leaves_however_long_it_waited_and_beyond_the_day_s_number(store) -> None:
    x = on_x(store, Limits(automatic_replies_per_day=0))
    leaves = Leaves(x)
    assert x.ask(1) == ["replies_of_the_day"]
    alex, _ = add_user(store, x.clock, "alex", Role.AGENT, None)
    desk = Desk(store, demo_brand().routing, OneSnippet(), x.clock)
    desk.claim(alex, 1)
    desk.reply(alex, 1, "Yes, they can.", key="k")
    x.clock.advance(timedelta(days=3))
    leaves.outbox.drain(20)
    assert leaves.states() == {"sent": 1}


def test_a_request_to_go_on_in_private_that_waited_for_hours_does_not_leave(store) -> None:
    x = on_x(store, Limits(links_in_automatic_replies=True))
    asking = replace(x.judge.brand, private=replace(x.judge.brand.private, automatic=True))
    x.judge = replace(x.judge, brand=asking)
    x.ask(1, text="@MarramAir my bag is lost, a secret one")
    leaves = Leaves(x)
    assert leaves.states() == {"pending": 1}
    x.clock.advance(STALE_AFTER + timedelta(seconds=1))
    leaves.outbox.drain(20)
    assert (leaves.states(), leaves.cases()) == ({"cancelled": 1}, ["queued"])


def test_an_automatic_reply_that_a_person_has_sent_again_leaves_however_old(store) -> None:
    x = on_x(store)
    leaves = Leaves(x)
    assert x.ask(1) == []
    leaves.channel._can_look = False
    leaves.channel._failures = [Ambiguous("the answer was lost")]
    leaves.outbox.drain(20)
    x.clock.advance(timedelta(hours=5))
    leaves.outbox.drain(20)
    assert leaves.states() == {"ambiguous": 1}
    sam, _ = add_user(store, x.clock, "sam", Role.SUPERVISOR, None)
    Stuck(store, [leaves.channel], demo_brand().routing, Showing(lambda _: []), x.clock).again(sam, 1)
    leaves.outbox.drain(20)
    assert leaves.states() == {"sent": 1}


def test_beyond_the_day_s_spend_nothing_that_was_decided_before_leaves_by_itself(store) -> None:
    x = on_x(store, Limits(spend_per_day_usd=0.5))
    assert x.ask(1) == []
    store.run(lambda t: t.x_notes.spend(NOON.date(), Endpoint.LOOK_UP.value, Spent(1, 100_000, 0)))
    leaves = Leaves(x)
    store.run(lambda t: t.x_notes.spend(NOON.date(), Endpoint.STREAM.value, Spent(1, 100, 0)))
    leaves.outbox.drain(20)
    assert (leaves.states(), leaves.because()) == ({"cancelled": 1}, ["spend_of_the_day"])


@pytest.mark.parametrize(
    ("limits", "hours", "why"),
    [(Limits(), 4.5, "waited for more than 4 hours"), (Limits(automatic_replies_per_day=1), 1, "replies of the day")],
)
def test_a_lost_reply_is_sent_again_only_where_it_might_leave_for_the_first_time(store, limits, hours, why) -> None:
    x = on_x(store, limits)
    assert x.ask(1) == []
    network = Network(x.clock, name=PUBLIC, fates=[Fate.KILLED_BEFORE])

    def outbox() -> Outbox:
        return Outbox(store, [network], demo_brand().routing, x.clock, leaving=XLeaving(limits))

    stopped = outbox()
    with suppress(Killed):
        stopped.drain(9)
    stopped.close()
    x.clock.advance(timedelta(hours=hours))
    with store.write() as transaction:  # another left meanwhile
        (lost,) = transaction.replies.in_state(ReplyState.SENDING)
        columns = (
            "case_id, message_id, channel, in_reply_to, kind, author, text, created_at, attempts, repeats, tried_at"
        )
        transaction.connection.exec_driver_sql(
            f"INSERT INTO replies (key, state, {columns}) SELECT 'other', 'sent', {columns} FROM replies"
        )
    sender = outbox()
    for _ in range(20):
        sender.drain(9)
        x.clock.advance(timedelta(minutes=1))
    with store.read() as transaction:
        (ambiguous,) = transaction.replies.in_state(ReplyState.AMBIGUOUS)
    assert (network.calls, ambiguous.id) == (1, lost.id)
    assert why in ambiguous.problem


def test_other_channels_have_no_such_rules(store) -> None:
    """A replay ends in the same state however often it is interrupted: what it left waiting may be years old."""
    clock = frozen()
    take_in(store, [message("1", PETS)], clock)
    decide_pending(store, judge(clock), 10)
    clock.advance(timedelta(days=900))
    channel = MemoryChannel()
    rules = XLeaving(Limits(automatic_replies_per_day=0))
    Outbox(store, [channel], demo_brand().routing, clock, leaving=rules).drain(10)
    assert len(channel.sent) == 1
