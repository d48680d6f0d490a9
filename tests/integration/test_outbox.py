"""Whatever happens while sending, nothing is sent twice and nothing is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts import add_user
from tests.doubles import NOON, OneSnippet, demo_brand, frozen, judge, message, worker
from tests.network import Fate, Network, NetworkPost
from tests.network import Killed as NetworkKilled
from triage.channels.memory import MemoryChannel
from triage.channels.protocol import HANDED_OVER_WITHIN
from triage.clock import FrozenClock
from triage.domain.case import CaseState, rebuild
from triage.domain.reply import Reply, ReplyState, seal
from triage.domain.user import Role
from triage.errors import Ambiguous, GiveUp, RetryLater
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.sending import LeavingFreely, SwitchedOff, Withdrawal
from triage.service.showing import Showing
from triage.service.stuck import Stuck
from triage.store import Store
from triage.store.replies import Outcome
from triage.store.tables import replies

PETS = "@MarramAir can pets fly in the cabin?"


class Killed(BaseException):
    """What a process sees of its own end: nothing catches it."""


class Dying(MemoryChannel):
    """A channel at which the process dies: before the call has an effect, or after."""

    def __init__(self, *, after: bool) -> None:
        super().__init__()
        self._after = after
        self.alive = True

    def send(self, reply: Reply) -> str:
        if not self.alive:
            return super().send(reply)
        self.alive = False
        if self._after:
            super().send(reply)
        raise Killed


@pytest.fixture
def decided(store) -> Store:
    clock = frozen()
    take_in(store, [message(str(n), PETS, minutes=n) for n in (1, 2, 3)], clock)
    worker(store, clock).drain()
    return store


def die(sender: Outbox) -> None:
    """Let the process die while sending: what it held is free again, what it left is as it was."""
    with pytest.raises(Killed):
        sender.drain(10)
    sender.close()


def outbox(store: Store, channel: MemoryChannel, clock=None) -> Outbox:
    return Outbox(store, [channel], demo_brand().routing, clock or frozen())


def states(store: Store) -> dict[str, int]:
    with store.read() as transaction:
        assert rebuild(transaction.events.stream()) == transaction.cases.all()
        return {state.value: count for state, count in transaction.replies.counts().items()}


def test_each_reply_is_sent_once(decided) -> None:
    channel = MemoryChannel()
    sender = outbox(decided, channel)
    assert sender.drain(10) == 3
    assert sender.drain(10) == 0
    assert len(channel.sent) == 3
    assert states(decided) == {"sent": 3}


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_while_sending_neither_loses_nor_repeats_a_reply(decided, after) -> None:
    channel = Dying(after=after)
    die(outbox(decided, channel))
    assert states(decided) == {"sending": 1, "pending": 2}

    outbox(decided, channel).drain(10)
    assert sorted(reply.in_reply_to for reply in channel.sent.values()) == ["1", "2", "3"]
    assert states(decided) == {"sent": 3}


def test_what_cannot_be_looked_up_after_a_crash_goes_to_a_person_and_is_never_resent(decided) -> None:
    channel = Dying(after=True)
    channel._can_look = False
    clock = frozen()
    die(outbox(decided, channel, clock))
    sender = outbox(decided, channel, clock)
    sender.drain(10)
    assert len(channel.sent) == 3
    assert states(decided) == {"sending": 1, "sent": 2}
    clock.advance(timedelta(hours=1))
    sender.drain(10)
    assert len(channel.sent) == 3
    assert states(decided) == {"ambiguous": 1, "sent": 2}
    with decided.read() as transaction:
        assert sorted(case.state for case in transaction.cases.all().values()) == ["answered", "answered", "queued"]


def test_while_one_process_sends_another_does_not(decided) -> None:
    class Watched(MemoryChannel):
        def send(self, reply: Reply) -> str:
            other = MemoryChannel()
            assert outbox(decided, other).drain(10) == 0
            assert other.sent == {}
            return super().send(reply)

    channel = Watched()
    assert outbox(decided, channel).drain(10) == 3
    assert len(channel.sent) == 3


def test_a_failure_that_nobody_foresaw_holds_up_one_reply_and_not_the_others(decided) -> None:
    class Full(MemoryChannel):
        def send(self, reply: Reply) -> str:
            if reply.in_reply_to == "2":
                raise OSError("no space left on device")
            return super().send(reply)

    channel = Full()
    outbox(decided, channel).drain(10)
    assert sorted(reply.in_reply_to for reply in channel.sent.values()) == ["1", "3"]
    assert states(decided) == {"pending": 1, "sent": 2}


def test_a_reply_that_comes_back_to_be_tried_again_is_withdrawn_if_a_person_took_over(decided) -> None:
    clock = frozen()
    alex, _ = add_user(decided, clock, "alex", Role.AGENT, None)
    desk = Desk(decided, demo_brand().routing, OneSnippet(), clock)

    class Claimed(MemoryChannel):
        def send(self, reply: Reply) -> str:
            desk.claim(alex, reply.case_id)
            raise RetryLater("rate limit", clock.now())

    channel = Claimed()
    outbox(decided, channel, clock).drain(10)
    assert channel.sent == {}
    assert states(decided) == {"cancelled": 3}


def test_closing_a_case_withdraws_what_the_service_has_not_sent(decided) -> None:
    clock = frozen()
    alex, _ = add_user(decided, clock, "alex", Role.AGENT, None)
    with decided.read() as transaction:
        case_id = min(transaction.cases.all())
    Desk(decided, demo_brand().routing, OneSnippet(), clock).close(alex, case_id, "spam")
    channel = MemoryChannel()
    outbox(decided, channel).drain(10)
    assert len(channel.sent) == 2


def test_a_persons_reply_elsewhere_withdraws_what_the_service_has_not_sent(decided) -> None:
    clock = frozen()
    take_in(decided, [message("9", "@500 hello ^TS", parent="1", inbound=False, minutes=9)], clock)
    worker(decided, clock).drain()
    assert states(decided) == {"cancelled": 1, "pending": 2}


def test_a_lost_response_is_settled_by_looking(decided) -> None:
    channel = MemoryChannel(failures=[Ambiguous("the connection broke")])
    outbox(decided, channel).drain(10)
    assert len(channel.sent) == 3
    assert states(decided) == {"sent": 3}


def test_a_reply_refused_for_good_brings_its_case_to_a_person(decided) -> None:
    channel = MemoryChannel(failures=[GiveUp("the author restricts replies")])
    outbox(decided, channel).drain(10)
    assert states(decided) == {"failed": 1, "sent": 2}
    with decided.read() as transaction:
        assert sorted(case.state for case in transaction.cases.all().values()) == ["answered", "answered", "queued"]


def test_a_reply_that_must_wait_is_not_tried_before_its_time(decided) -> None:
    clock = frozen()
    later = clock.now() + timedelta(minutes=15)
    channel = MemoryChannel(failures=[RetryLater("rate limit", later)])
    sender = outbox(decided, channel, clock)
    sender.drain(10)
    assert sender.drain(10) == 0
    clock.advance(timedelta(minutes=16))
    assert sender.drain(10) == 1
    assert states(decided) == {"sent": 3}


def asked(store: Store, clock) -> None:
    take_in(store, [message("1", PETS)], clock)
    decide_pending(store, judge(clock), 100)


@pytest.mark.parametrize("fate", [Fate.LOST_AFTER, Fate.BROKEN_AFTER, Fate.KILLED_AFTER])
def test_a_post_that_shows_late_is_waited_for_and_not_repeated(store, fate) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(seconds=50)])
    for _ in range(9):
        sender = outbox(store, network, clock)  # as after a restart
        with suppress(NetworkKilled):
            sender.drain(10)
        sender.close()
        clock.advance(timedelta(seconds=20))
    assert len(network.posts) == network.calls == 1
    assert states(store) == {"sent": 1}
    with store.read() as transaction:
        assert transaction.connection.scalars(sa.select(replies.c.external_id)).all() == [network.posts[0].id]


def test_what_is_not_seen_after_the_settling_time_is_sent_again_and_not_before(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_BEFORE])
    sender = outbox(store, network, clock)
    sender.drain(10)
    clock.advance(timedelta(seconds=59))
    sender.drain(10)
    assert (network.calls, states(store)) == (1, {"sending": 1})
    clock.advance(timedelta(seconds=1))
    sender.drain(10)
    assert (network.calls, states(store)) == (2, {"sent": 1})


def killed_while_sending(store, clock, *, longest_send: timedelta) -> tuple[Network, Outbox]:
    """A network on which nothing is yet, and the sender that comes after the one that was killed."""
    network = Network(clock, fates=[Fate.KILLED_BEFORE], longest_send=longest_send)
    stopped = outbox(store, network, clock)
    with pytest.raises(NetworkKilled):
        stopped.drain(10)
    stopped.close()
    return network, outbox(store, network, clock)


def test_a_sender_that_has_only_lost_its_right_may_still_be_at_it_and_is_waited_for(store) -> None:
    clock = frozen()
    asked(store, clock)
    network, sender = killed_while_sending(store, clock, longest_send=timedelta(seconds=120))
    for second in range(0, 200, 10):
        if second == 110:  # now its call has its effect, which shows late
            with store.read() as transaction:
                (reply,) = transaction.replies.in_state(ReplyState.SENDING)
            at = clock.now() + timedelta(seconds=50)
            network.posts.append(NetworkPost("late", reply.id, reply.in_reply_to, reply.text, at))
        sender.drain(10)
        clock.advance(timedelta(seconds=10))
    assert [post.id for post in network.posts] == ["late"]
    assert states(store) == {"sent": 1}


def test_what_a_stopped_sender_did_not_send_is_sent_once_no_call_can_last_longer(store) -> None:
    clock = frozen()
    asked(store, clock)
    network, sender = killed_while_sending(store, clock, longest_send=timedelta(seconds=120))
    sender.drain(10)
    clock.advance(timedelta(seconds=179))
    sender.drain(10)
    assert network.calls == 1
    clock.advance(timedelta(seconds=1))
    sender.drain(10)
    assert (network.calls, states(store)) == (2, {"sent": 1})


def test_after_an_hour_of_not_knowing_a_person_decides(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_AFTER], looks=[Fate.BROKEN_BEFORE, Fate.LATER] * 99)
    sender = outbox(store, network, clock)
    for _ in range(59):
        sender.drain(10)
        assert states(store) == {"sending": 1}
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(minutes=1))
    sender.drain(10)
    assert states(store) == {"ambiguous": 1}
    with store.read() as transaction:
        (case,) = transaction.cases.all().values()
        (reply,) = transaction.replies.in_state(ReplyState.AMBIGUOUS)
    assert case.state is CaseState.QUEUED
    assert reply.problem.startswith("the answer was lost. The channel could not say since whether it has it.")


def test_a_text_that_the_channel_knows_is_looked_for_before_it_is_worded_anew(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, refuses=lambda text: not text.startswith("Other"))
    sender = Outbox(store, [network], demo_brand().routing, clock, reword=lambda transaction, reply: "Other words.")
    sender.drain(10)
    assert (network.posts, states(store)) == ([], {"sending": 1})
    clock.advance(timedelta(seconds=60))
    sender.drain(10)
    assert ([post.text for post in network.posts], states(store)) == (["Other words."], {"sent": 1})


def test_a_text_that_the_channel_knows_and_nobody_can_vary_fails_in_words_that_help(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, refuses=lambda text: True)
    sender = outbox(store, network, clock)
    sender.drain(10)
    clock.advance(timedelta(seconds=60))
    sender.drain(10)
    assert states(store) == {"failed": 1}
    with store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.FAILED)
    assert "write it in other words" in reply.problem


def test_a_channel_that_rests_keeps_its_replies_and_holds_up_no_other(decided) -> None:
    clock = frozen()
    take_in(decided, [message(str(n), PETS, author=str(n), channel="other") for n in (7, 8)], clock)
    decide_pending(decided, judge(clock), 100)
    resting, other = MemoryChannel(), MemoryChannel("other")
    resting.rests = clock.now() + timedelta(minutes=15)
    sender = Outbox(decided, [resting, other], demo_brand().routing, clock)
    assert sender.drain(10) == 2
    assert (len(resting.sent), len(other.sent)) == (0, 2)
    assert states(decided) == {"pending": 3, "sent": 2}
    resting.rests = None
    assert sender.drain(10) == 3


def test_while_sending_is_switched_off_nothing_is_taken(decided) -> None:
    off = {"memory": SwitchedOff("sam", NOON, "a wrong price")}
    channel = MemoryChannel()
    sender = Outbox(decided, [channel], demo_brand().routing, frozen(), switch=lambda transaction, name: off.get(name))
    assert sender.drain(10) == 0
    assert states(decided) == {"pending": 3}
    off.clear()
    assert sender.drain(10) == 3


@pytest.mark.parametrize("released", [False, True])
def test_sending_that_is_switched_off_while_a_reply_is_taken_keeps_it_back(decided, released) -> None:
    with decided.write() as transaction:
        for reply in transaction.replies.in_state(ReplyState.PENDING) if released else ():
            sealed = sa.update(replies).where(replies.c.id == reply.id)
            transaction.connection.execute(sealed.values(release_seal=seal(reply.key, reply.text)))
    answers = [None, SwitchedOff("sam", NOON, "a wrong price")]  # what the taking sees, and what is so right after it
    clock, channel = frozen(), MemoryChannel()

    def switch(transaction, name) -> SwitchedOff | None:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    sender = Outbox(decided, [channel], demo_brand().routing, clock, switch=switch)
    assert sender.drain(10) == 1
    assert channel.sent == {}
    assert states(decided) == {"pending": 3}
    answers[:] = [None]
    clock.advance(timedelta(seconds=1))
    sender.drain(10)
    assert states(decided) == {"sent": 3}


class Stopping(MemoryChannel):
    """Something stops the sending during the first call: ``stop`` does it."""

    def __init__(self, stop: Callable[[Stopping], object]) -> None:
        super().__init__()
        self._stop = stop

    def send(self, reply: Reply) -> str:
        self._stop(self)
        return super().send(reply)


def test_a_switch_that_is_thrown_during_a_call_holds_back_the_next_reply(decided) -> None:
    off: list[SwitchedOff] = []
    channel = Stopping(lambda _: off.append(SwitchedOff("sam", NOON)))
    routing = demo_brand().routing
    sender = Outbox(decided, [channel], routing, frozen(), switch=lambda transaction, name: off[0] if off else None)
    assert sender.drain(10) == len(channel.sent) == 1
    assert states(decided) == {"pending": 2, "sent": 1}


def test_a_limit_that_is_used_up_by_a_call_holds_back_the_next_reply(decided) -> None:
    channel = Stopping(lambda channel: setattr(channel, "rests", NOON + timedelta(days=99)))
    assert outbox(decided, channel).drain(10) == len(channel.sent) == 1
    assert states(decided) == {"pending": 2, "sent": 1}


def test_whoever_loses_the_right_to_send_during_a_call_sends_no_other(decided) -> None:
    channel = Stopping(lambda _: sender.close())
    sender = outbox(decided, channel)
    assert sender.drain(10) == len(channel.sent) == 1
    assert states(decided) == {"pending": 2, "sent": 1}


def test_people_go_before_the_service_and_who_had_to_wait_neither_overtakes_nor_falls_behind(store) -> None:
    clock = frozen()
    take_in(store, [message(str(n), PETS, author=str(n), minutes=n) for n in (1, 2, 3)], clock)
    clock.advance(timedelta(minutes=5))
    decide_pending(store, judge(clock), 100)
    alex, _ = add_user(store, clock, "alex", Role.AGENT, None)
    desk = Desk(store, demo_brand().routing, OneSnippet(), clock)
    take_in(store, [message("9", "@MarramAir my bag is lost", author="9", minutes=9)], clock)
    decide_pending(store, judge(clock), 100)
    with store.read() as transaction:
        case_id = transaction.messages.by_external_id("memory", "9").case_id
    desk.claim(alex, case_id)
    desk.reply(alex, case_id, "Please tell us the tag's number in a private message.", key="k")
    channel = MemoryChannel(failures=[RetryLater("busy", clock.now()), RetryLater("busy", clock.now())])
    sender = outbox(store, channel, clock)
    assert sender.drain(4) == 4  # the first two have to wait: the person's, and the first automatic one
    clock.advance(timedelta(seconds=1))
    sender.drain(10)
    assert [reply.in_reply_to for reply in channel.sent.values()] == ["2", "3", "9", "1"]


def test_a_result_that_comes_after_the_reply_was_settled_elsewhere_changes_nothing(store, caplog) -> None:
    clock = frozen()
    asked(store, clock)

    class Echoed(MemoryChannel):
        def send(self, reply: Reply) -> str:
            with store.write() as transaction:
                transaction.replies.settle(Outcome(reply.id, reply.attempts, ReplyState.SENT, external_id="echo"))
            raise GiveUp("too late")

    with caplog.at_level(logging.INFO):
        outbox(store, Echoed(), clock).drain(10)
    assert states(store) == {"sent": 1}
    (told,) = [record for record in caplog.records if "settled meanwhile" in record.getMessage()]
    assert told.levelno == logging.INFO, "an echo that is quicker than X's answer is nothing to warn of"


def test_a_sender_that_was_held_up_after_it_took_a_reply_does_not_send_it_any_more(decided) -> None:
    """Another may have the right to send by then, and wait only for what was to leave in time."""
    seconds, channel = [0.0], MemoryChannel()

    def slow(transaction, name) -> None:
        seconds[0] += HANDED_OVER_WITHIN.total_seconds() if held_up else 0.0

    held_up, clock = True, frozen()
    sender = Outbox(decided, [channel], demo_brand().routing, clock, switch=slow, ticks=lambda: seconds[0])
    assert sender.drain(10) == 3
    assert channel.sent == {}
    assert states(decided) == {"pending": 3}
    held_up = False
    clock.advance(timedelta(seconds=1))
    sender.drain(10)
    assert states(decided) == {"sent": 3}


# --- Channels that show late what they have taken.


def run(store: Store, network: Network, clock, hours: float, reword=None, *, step: float = 20) -> None:
    """Let outboxes work, each as after a restart, every ``step`` seconds."""
    until = clock.now() + timedelta(hours=hours)
    while clock.now() < until:
        more = {"reword": reword} if reword else {}
        sender = Outbox(store, [network], demo_brand().routing, clock, **more)
        with suppress(NetworkKilled):
            sender.drain(10)
        sender.close()
        clock.advance(timedelta(seconds=step))


lost = pytest.mark.parametrize("fate", [Fate.LOST_AFTER, Fate.BROKEN_AFTER, Fate.KILLED_AFTER])


@lost
@pytest.mark.parametrize("lag", [61, 130, 600])
def test_a_lost_reply_is_never_worded_anew_however_late_it_shows(store, fate, lag) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(seconds=lag)])
    run(store, network, clock, 0.5, reword=lambda transaction, reply: "Other words.")
    assert len(network.posts) == 1
    assert states(store) == {"sent": 1}


@lost
def test_a_lost_reply_that_the_channel_says_it_has_and_never_shows_goes_to_a_person(store, fate) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(days=9)])
    run(store, network, clock, 0.4, reword=lambda transaction, reply: "Other words.")
    assert (len(network.posts), network.calls) == (1, 2)
    assert states(store) == {"ambiguous": 1}
    with store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.AMBIGUOUS)
        (case,) = transaction.cases.all().values()
    assert "has it already" in reply.problem
    assert "Look for these words there" in reply.problem
    assert case.state is CaseState.QUEUED


@lost
@pytest.mark.parametrize("lag", [61, 130, 600])
def test_where_texts_are_not_refused_a_lost_reply_is_only_looked_for(store, fate, lag) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(seconds=lag)], knows_its_posts=False)
    run(store, network, clock, 0.5)
    assert len(network.posts) == network.calls == 1
    assert states(store) == {"sent": 1}


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.KILLED_BEFORE])
def test_where_texts_are_not_refused_a_lost_reply_that_does_not_show_goes_to_a_person(store, fate) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(days=9)], knows_its_posts=False)
    run(store, network, clock, 0.2)
    assert states(store) == {"sending": 1}
    run(store, network, clock, 0.2)
    assert network.calls == 1
    assert states(store) == {"ambiguous": 1}
    with store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.AMBIGUOUS)
    assert "the customer could get it twice" in reply.problem


@pytest.mark.parametrize("fate", [Fate.LATER, Fate.REFUSED, Fate.LOST_BEFORE, Fate.KILLED_BEFORE])
def test_whatever_becomes_of_another_attempt_a_lost_reply_is_not_called_failed_or_sent_in_other_words(
    store, fate
) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_AFTER, fate], lags=[timedelta(minutes=9)])
    run(store, network, clock, 0.5, reword=lambda transaction, reply: "Other words.")
    assert len(network.posts) == 1
    assert states(store) == {"sent": 1}


def test_a_lost_reply_is_not_sent_again_when_its_text_may_be_taken_anew(store) -> None:
    """A channel refuses a text only for a while."""
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_AFTER, *[Fate.LOST_BEFORE] * 99], lags=[timedelta(days=9)])
    run(store, network, clock, 7, step=300)
    assert states(store) == {"ambiguous": 1}
    assert network.calls > 10
    calls = network.calls
    run(store, network, clock, 1, step=300)
    assert network.calls == calls


@pytest.mark.parametrize("fate", [Fate.LOST_AFTER, Fate.KILLED_AFTER])
def test_a_lost_reply_that_is_looked_for_only_after_days_is_not_sent_again(store, fate) -> None:
    """The channel knows its text no more: what counts is when it may have taken it, not when that was noticed."""
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[fate], lags=[timedelta(days=9)], longest_send=timedelta(seconds=120))
    run(store, network, clock, 0.001)
    clock.advance(timedelta(days=3))
    run(store, network, clock, 1)
    assert (len(network.posts), network.calls) == (1, 1)
    assert states(store) == {"ambiguous": 1}


def test_a_call_that_comes_back_after_days_counts_from_when_it_began(store) -> None:
    """The machine slept during the call."""
    clock = frozen()
    asked(store, clock)

    class Asleep(Network):
        def send(self, reply: Reply) -> str:
            try:
                return super().send(reply)
            finally:
                clock.advance(timedelta(days=3))

    network = Asleep(clock, fates=[Fate.LOST_AFTER], lags=[timedelta(days=9)])
    run(store, network, clock, 75)
    assert (len(network.posts), network.calls) == (1, 1)
    assert states(store) == {"ambiguous": 1}


def test_a_lost_reply_whose_case_a_person_took_over_is_not_sent_again(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_BEFORE])
    sender = outbox(store, network, clock)
    sender.drain(10)
    alex, _ = add_user(store, clock, "alex", Role.AGENT, None)
    Desk(store, demo_brand().routing, OneSnippet(), clock).claim(alex, 1)
    sender.close()
    run(store, network, clock, 0.5)
    assert network.calls == 1
    assert states(store) == {"ambiguous": 1}


def lost_and_switched_off(store: Store, clock: FrozenClock) -> tuple[Network, Outbox, dict[str, SwitchedOff]]:
    """A reply whose answer is lost, and then somebody switches the sending off: what is in the last."""
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_BEFORE])
    off: dict[str, SwitchedOff] = {}
    sender = Outbox(store, [network], demo_brand().routing, clock, switch=lambda transaction, name: off.get(name))
    sender.drain(10)
    off["memory"] = SwitchedOff("sam", NOON)
    return network, sender, off


def test_a_lost_reply_is_not_sent_again_while_sending_is_switched_off(store) -> None:
    clock = frozen()
    network, sender, off = lost_and_switched_off(store, clock)
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        sender.drain(10)
    assert (network.calls, states(store)) == (1, {"sending": 1})
    off.clear()
    clock.advance(timedelta(minutes=10))
    sender.drain(10)
    assert (network.calls, states(store)) == (2, {"sent": 1})


def test_who_decides_about_a_lost_reply_reads_that_sending_was_stopped(store) -> None:
    clock = frozen()
    _, sender, _ = lost_and_switched_off(store, clock)
    for _ in range(61):
        clock.advance(timedelta(minutes=1))
        sender.drain(10)
    with store.read() as transaction:
        (reply,) = transaction.replies.in_state(ReplyState.AMBIGUOUS)
    assert "not sent again, since sending was stopped" in reply.problem
    assert "twice" not in reply.problem


def test_replies_are_withdrawn_one_in_a_transaction(decided) -> None:
    """A database with one writer would keep all others waiting."""
    seen = []

    class Nothing(LeavingFreely):
        def against(self, transaction, reply, now) -> Withdrawal:
            seen.append(states(decided).get("cancelled", 0))
            return Withdrawal("waited_too_long", "it had waited")

    channel = MemoryChannel()
    Outbox(decided, [channel], demo_brand().routing, frozen(), leaving=Nothing()).drain(10)
    assert seen == [0, 1, 2]
    assert (channel.sent, states(decided)) == ({}, {"cancelled": 3})


def test_what_a_person_has_sent_again_is_not_worded_anew(store) -> None:
    clock = frozen()
    asked(store, clock)
    network = Network(clock, fates=[Fate.LOST_AFTER], lags=[timedelta(days=9)])
    run(store, network, clock, 0.5)
    sam, _ = add_user(store, clock, "sam", Role.SUPERVISOR, None)
    stuck = Stuck(store, [network], demo_brand().routing, Showing(lambda _: []), clock)
    (one,) = stuck.page(sam)
    stuck.again(sam, one.id)
    run(store, network, clock, 0.5, reword=lambda transaction, reply: "Other words.")
    assert len(network.posts) == 1
    assert states(store) == {"ambiguous": 1}
