"""Whatever happens while sending, nothing is sent twice and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts import add_user
from tests.doubles import OneSnippet, demo_brand, frozen, message, worker
from triage.channels.memory import MemoryChannel
from triage.domain.case import rebuild
from triage.domain.reply import Reply
from triage.domain.user import Role
from triage.errors import Ambiguous, GiveUp, RetryLater
from triage.service.cases import Desk
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.store import Store

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
