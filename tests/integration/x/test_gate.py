"""What X asks of automatic replies holds before one is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.doubles import NOON, KeywordScorer, OneSnippet, demo_brand, frozen
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.names import PUBLIC
from triage.clock import FrozenClock
from triage.domain.limits import Limits
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyState
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.ports import Judge
from triage.service.rewording import Rewording
from triage.store import Store
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
