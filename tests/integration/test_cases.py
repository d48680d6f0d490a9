"""What agents do with cases: claims race, moves are guarded, replies are checked and sent once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.accounts import add_user
from tests.doubles import NOON, OneSnippet, demo_brand, frozen, message, worker
from triage.channels.memory import MemoryChannel
from triage.domain.case import CaseState, rebuild
from triage.domain.legs import Leg
from triage.domain.user import Role, User
from triage.errors import Conflict, Forbidden, GuardBlocked, InvalidInput, NotFound
from triage.privacy.detect import detect
from triage.service.cases import Desk
from triage.service.intake import take_in
from triage.service.showing import Showing
from triage.service.worklist import view
from triage.store import Store

LOST = "@MarramAir my bag is lost"


class Floor:
    """A desk with people at it and cases in its queues."""

    def __init__(self, store: Store, cases: int = 1) -> None:
        self.store, self.clock = store, frozen()
        self.desk = Desk(store, demo_brand().routing, OneSnippet(), self.clock)
        self.alex = self.person("alex", Role.AGENT)
        self.robin = self.person("robin", Role.AGENT)
        self.sam = self.person("sam", Role.SUPERVISOR)
        take_in(store, [message(str(n), LOST, minutes=n) for n in range(1, cases + 1)], self.clock)
        worker(store, self.clock).drain()
        with store.read() as transaction:
            self.cases = sorted(transaction.cases.all())

    def person(self, name: str, role: Role) -> User:
        return add_user(self.store, self.clock, name, role, None)[0]


@pytest.fixture
def floor(store) -> Floor:
    return Floor(store)


def test_of_many_who_claim_at_once_exactly_one_wins(store) -> None:
    floor = Floor(store, cases=4)
    people = [floor.person(f"agent-{n}", Role.AGENT) for n in range(6)]
    start = threading.Barrier(len(people))

    def rush(user: User) -> list[int]:
        won = []
        start.wait()
        for case_id in floor.cases:
            try:
                won.append(floor.desk.claim(user, case_id).id)
            except Conflict:
                continue
        return won

    with ThreadPoolExecutor(len(people)) as pool:
        winners = [case_id for won in pool.map(rush, people) for case_id in won]
    assert sorted(winners) == floor.cases
    with store.read() as transaction:
        claims = [event.case_id for event in transaction.events.stream() if event.kind == "case_claimed"]
        assert sorted(claims) == floor.cases
        assert rebuild(transaction.events.stream()) == transaction.cases.all()


def test_taking_the_next_cases_gives_each_to_one_person_in_working_order(store) -> None:
    floor = Floor(store, cases=10)
    people = [floor.person(f"agent-{n}", Role.AGENT) for n in range(5)]
    with ThreadPoolExecutor(len(people)) as pool:
        taken = list(pool.map(lambda user: floor.desk.claim_next(user, "baggage", 2), people))
    ids = [case.id for cases in taken for case in cases]
    assert sorted(ids) == floor.cases
    assert floor.desk.claim_next(floor.alex, "baggage", 5) == []


def test_the_most_urgent_case_is_taken_first_and_then_the_longest_waiting(sqlite_store) -> None:
    floor = Floor(sqlite_store, cases=2)
    take_in(sqlite_store, [message("9", "@MarramAir urgent bag", minutes=99)], floor.clock)
    worker(sqlite_store, floor.clock).drain()
    order = [floor.desk.claim_next(floor.alex, "baggage", 1)[0].root for _ in range(3)]
    assert order == ["9", "1", "2"]


def test_a_case_goes_from_claim_to_reply_to_close(floor) -> None:
    case_id = floor.cases[0]
    assert floor.desk.claim(floor.alex, case_id).owner == "alex"
    assert floor.desk.claim(floor.alex, case_id).version == floor.desk.claim(floor.alex, case_id).version
    assert floor.desk.reply(floor.alex, case_id, "We are looking for it. ^AX", key="k1").state is CaseState.WAITING
    channel = MemoryChannel()
    worker(floor.store, floor.clock, channels=[channel]).drain()
    assert [reply.text for reply in channel.sent.values()] == ["We are looking for it. ^AX"]
    assert floor.desk.close(floor.alex, case_id, "resolved").state is CaseState.CLOSED


def test_the_same_reply_asked_for_twice_is_sent_once(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    floor.desk.reply(floor.alex, case_id, "On its way. ^AX", key="once")
    floor.desk.claim(floor.alex, case_id)
    floor.desk.reply(floor.alex, case_id, "On its way. ^AX", key="once")
    channel = MemoryChannel()
    worker(floor.store, floor.clock, channels=[channel]).drain()
    assert len(channel.sent) == 1


def test_only_the_owner_or_a_supervisor_may_act_on_a_claimed_case(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    for move in (
        lambda: floor.desk.claim(floor.robin, case_id),
        lambda: floor.desk.release(floor.robin, case_id),
        lambda: floor.desk.transfer(floor.robin, case_id, "safety"),
        lambda: floor.desk.reply(floor.robin, case_id, "Hi", key="k"),
        lambda: floor.desk.close(floor.robin, case_id, "resolved"),
    ):
        with pytest.raises(Conflict, match="is with alex"):
            move()
    assert floor.desk.release(floor.sam, case_id).state is CaseState.QUEUED


def test_a_case_must_be_claimed_before_it_is_answered(floor) -> None:
    with pytest.raises(Conflict, match="claim it first"):
        floor.desk.reply(floor.alex, floor.cases[0], "Hi", key="k")


def test_a_transferred_case_waits_in_the_other_queue_for_anybody(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    moved = floor.desk.transfer(floor.alex, case_id, "safety")
    assert (moved.queue, moved.owner, moved.state) == ("safety", None, CaseState.QUEUED)
    assert floor.desk.claim(floor.robin, case_id).owner == "robin"


def test_what_cannot_be_is_refused_with_the_field(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    with pytest.raises(InvalidInput, match="queue: 'nowhere' is not one of"):
        floor.desk.transfer(floor.alex, case_id, "nowhere")
    with pytest.raises(InvalidInput, match="reason: 'bored' is not one of"):
        floor.desk.close(floor.alex, case_id, "bored")
    with pytest.raises(InvalidInput, match="text: is empty"):
        floor.desk.reply(floor.alex, case_id, " ", key="k")
    with pytest.raises(InvalidInput, match="at most 280"):
        floor.desk.reply(floor.alex, case_id, "x" * 281, key="k")
    with pytest.raises(NotFound):
        floor.desk.claim(floor.alex, 12345)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("\u200b", "is empty"), ("\x07", "is empty"), ("We look.\x07 ^AX", r"control character U\+0007")],
)
def test_a_reply_that_shows_nothing_or_rings_a_bell_is_not_sent(floor, text: str, reason: str) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    with pytest.raises(InvalidInput, match=f"text: .*{reason}"):
        floor.desk.reply(floor.alex, case_id, text, key="k")
    with floor.store.read() as transaction:
        assert transaction.replies.of_case(case_id) == []


def test_a_reply_names_no_snippet_that_the_knowledge_base_does_not_have(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    with pytest.raises(InvalidInput, match="snippet: 'nope' is not in the knowledge base"):
        floor.desk.reply(floor.alex, case_id, "Hi", key="k", snippet="nope")
    floor.desk.reply(floor.alex, case_id, "Hi", key="k", snippet="pets-on-board")
    with floor.store.read() as transaction:
        queued = [event for event in transaction.events.stream() if event.kind == "reply_queued"]
        assert [event.data["snippet"] for event in queued] == ["pets-on-board"]


def test_a_program_that_hands_in_messages_may_not_work_on_cases(floor) -> None:
    feeder = floor.person("feeder", Role.SERVICE)
    with pytest.raises(Forbidden, match="may not work on cases"):
        floor.desk.claim(feeder, floor.cases[0])


def test_a_reply_with_personal_data_never_leaves(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    with pytest.raises(GuardBlocked):
        floor.desk.reply(floor.alex, case_id, "We will call you on 07700 900123 ^AX", key="k")
    with floor.store.read() as transaction:
        assert transaction.replies.of_case(case_id) == []
        assert transaction.cases.get(case_id).state is CaseState.CLAIMED


def test_a_message_that_the_agent_has_not_seen_must_be_read_before_replying(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    take_in(floor.store, [message("77", "@MarramAir urgent my account is hacked", parent="1", minutes=5)], floor.clock)
    with pytest.raises(Conflict, match="written again"):
        floor.desk.reply(floor.alex, case_id, "We are looking for your bag. ^AX", key="k", seen="1")
    with pytest.raises(Conflict, match="written again"):  # not read by the model yet either
        floor.desk.reply(floor.alex, case_id, "We are looking for your bag. ^AX", key="k", seen="77")
    worker(floor.store, floor.clock).drain()
    replied = floor.desk.reply(floor.alex, case_id, "We have locked your account. ^AX", key="k", seen="77")
    assert (replied.state, replied.priority) == (CaseState.WAITING, 0)


def test_what_the_customer_wrote_while_the_agent_typed_comes_back_to_the_queue(floor) -> None:
    case_id = floor.cases[0]
    floor.desk.claim(floor.alex, case_id)
    floor.clock.advance(timedelta(minutes=10))
    floor.desk.reply(floor.alex, case_id, "We are looking for your bag. ^AX", key="k", seen="1")
    take_in(floor.store, [message("77", "@MarramAir and a refund too", parent="1", minutes=5)], floor.clock)
    worker(floor.store, floor.clock).drain()
    with floor.store.read() as transaction:
        assert transaction.cases.get(case_id).state is CaseState.QUEUED


def test_a_suggestion_is_a_text_that_was_not_said_in_the_conversation_yet(floor) -> None:
    take_in(floor.store, [message("9", "@MarramAir angry: are pets allowed?", minutes=30, author="9")], floor.clock)
    worker(floor.store, floor.clock).drain()
    with floor.store.read() as transaction:
        case_id = transaction.messages.by_external_id("memory", "9").case_id
    first = view(floor.store, Showing(detect), OneSnippet(), case_id, NOON.date()).suggestions[0].text
    floor.desk.claim(floor.alex, case_id)
    floor.desk.reply(floor.alex, case_id, first, key="k", snippet="pets-on-board")
    assert view(floor.store, Showing(detect), OneSnippet(), case_id, NOON.date()).suggestions[0].text != first


def test_a_channel_that_only_calls_itself_private_has_the_guard_of_a_public_one(store) -> None:
    floor = Floor(store, cases=0)
    asked = message("1", "@MarramAir my bag is lost, I am ann@example.org", channel="acme-private")
    take_in(store, [asked], floor.clock)
    worker(store, floor.clock).drain()
    with store.read() as transaction:
        ((number, case),) = transaction.cases.all().items()
    assert case.private_since is None
    floor.desk.claim(floor.alex, number)
    with pytest.raises(GuardBlocked, match="a public reply may not"):
        floor.desk.reply(floor.alex, number, "We wrote to ann@example.org", key="k")
    with pytest.raises(Conflict, match="no private message"):
        floor.desk.reply(floor.alex, number, "We wrote to ann@example.org", key="k", leg=Leg.PRIVATE)
