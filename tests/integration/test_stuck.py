"""Replies that are stuck: what people see of them and decide about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from app.accounts import add_user
from tests.doubles import NOON, OneSnippet, demo_brand, frozen, judge, message
from tests.network import Fate, Network
from triage.channels.x.by_hand import post_id
from triage.channels.x.forbidden import Refusal
from triage.channels.x.names import PUBLIC
from triage.domain.case import CaseState, rebuild
from triage.domain.event import EventKind
from triage.domain.reply import ReplyState
from triage.domain.user import Role, User
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.sending import SwitchedOff
from triage.service.showing import Showing
from triage.service.stuck import Stuck, StuckReply
from triage.service.worklist import view
from triage.store import Store
from triage.store.tables import replies

PETS = "@MarramAir can pets fly in the cabin?"


class World:
    """One automatic reply (to message 1), and one of alex's (to message 2)."""

    def __init__(self, store: Store, channel: str = "memory") -> None:
        self.store, self.clock = store, frozen()
        self.network = Network(self.clock, name=channel)
        self.off: dict[str, SwitchedOff] = {}
        self.alex, self.robin, self.sam = (
            add_user(store, self.clock, name, role, None)[0]
            for name, role in (("alex", Role.AGENT), ("robin", Role.AGENT), ("sam", Role.SUPERVISOR))
        )
        routing, switch = demo_brand().routing, lambda transaction, name: self.off.get(name)
        self.desk = Desk(store, routing, OneSnippet(), self.clock)
        self.outbox = Outbox(store, [self.network], routing, self.clock, switch=switch)
        self.stuck = Stuck(store, [self.network], routing, Showing(lambda text: []), self.clock, switch)
        asked = [message("1", PETS, author="1", channel=channel)]
        asked += [message("2", "@MarramAir my bag is lost", author="2", channel=channel)]
        take_in(store, [one for one in asked if channel == "memory" or one.external_id == "2"], self.clock)
        decide_pending(store, judge(self.clock), 9)

    def case(self, external_id: str) -> int:
        with self.store.read() as transaction:
            return transaction.messages.by_external_id(self.network.name, external_id).case_id

    def state(self, external_id: str) -> CaseState:
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            return transaction.cases.get(self.case(external_id)).state

    def alex_replies(self) -> None:
        self.desk.claim(self.alex, self.case("2"))
        self.desk.reply(self.alex, self.case("2"), "We look for it at once.", key="k")

    def lose(self) -> None:
        """Let what is to be sent be lost for good in the eyes of everybody."""
        self.network.fates = [Fate.LOST_BEFORE] * 9
        self.network.looks = [Fate.BROKEN_BEFORE] * 99
        for _ in range(3):
            self.outbox.drain(9)
            self.clock.advance(timedelta(hours=1))
        self.network.fates, self.network.looks = [], []

    def only(self, user: User | None = None) -> StuckReply:
        (one,) = self.stuck.page(user or self.alex)
        return one

    def row(self, reply_id: int) -> sa.Row:
        with self.store.read() as transaction:
            return transaction.connection.execute(sa.select(replies).where(replies.c.id == reply_id)).one()

    def events(self, kind: EventKind) -> list[str]:
        with self.store.read() as transaction:
            return [event.actor for event in transaction.events.stream() if event.kind is kind]


@pytest.fixture
def world(store) -> World:
    return World(store)


def test_what_is_only_waiting_for_its_turn_is_not_stuck(world) -> None:
    assert (world.stuck.page(world.alex), world.stuck.count()) == ([], 0)
    world.clock.advance(timedelta(minutes=2))
    assert (world.only().why, world.stuck.count()) == ("It waits for its turn.", 1)


def test_what_waits_is_shown_with_why_and_until_when(world) -> None:
    world.network.fates = [Fate.LATER]
    world.outbox.drain(9)
    one = world.only()
    assert (one.state, one.why, one.until) == (
        ReplyState.PENDING,
        "A limit is used up.",
        NOON + timedelta(minutes=3),
    )
    world.network.rests = NOON + timedelta(minutes=15)
    one = world.only()
    assert (one.why, one.until) == ("The channel takes no more replies for a while.", NOON + timedelta(minutes=15))
    world.off["memory"] = SwitchedOff("sam", NOON, "a wrong price")
    assert world.only().why == "Sending is switched off by sam: a wrong price."


def test_a_reply_in_doubt_is_shown_with_its_next_look_and_nobody_may_send_it_again(world) -> None:
    world.network.fates = [Fate.LOST_AFTER]
    world.network.lags = [timedelta(seconds=60)]
    world.outbox.drain(9)
    one = world.only(world.sam)
    assert (one.state, one.until) == (ReplyState.SENDING, NOON + timedelta(seconds=60))
    assert "looked for" in one.why
    assert one.may == {"found"}
    for move in (world.stuck.again, world.stuck.drop):
        with pytest.raises(Conflict):
            move(world.sam, one.id)


def test_a_person_says_that_it_is_there(world) -> None:
    world.lose()
    one = world.only()
    assert (one.state, world.state("1")) == (ReplyState.AMBIGUOUS, CaseState.QUEUED)
    assert one.why.startswith("Nobody can tell whether it went out.")
    world.stuck.found(world.alex, one.id, "p77")
    assert (world.row(one.id).state, world.row(one.id).external_id) == ("sent", "p77")
    assert (world.state("1"), world.stuck.count()) == (CaseState.ANSWERED, 0)
    assert world.events(EventKind.REPLY_SENT) == ["alex"]


def test_a_post_belongs_to_one_reply(world) -> None:
    world.alex_replies()
    world.lose()
    first, second = world.stuck.page(world.alex)
    world.stuck.found(world.alex, first.id, "p77")
    with pytest.raises(Conflict, match="another reply"):
        world.stuck.found(world.alex, second.id, "p77")


def test_a_person_says_that_it_is_not_there_and_it_is_sent_once(world) -> None:
    world.alex_replies()
    world.outbox.drain(1)
    world.lose()
    one = world.only()
    with pytest.raises(Forbidden):
        world.stuck.again(world.alex, one.id)
    world.desk.claim(world.alex, one.case_id)
    with pytest.raises(Conflict, match="is with alex"):
        world.stuck.again(world.robin, one.id)
    world.stuck.again(world.alex, one.id)
    assert world.events(EventKind.REPLY_RETRIED) == ["alex"]
    world.outbox.drain(9)
    assert world.row(one.id).state == "sent"
    assert [post.reply_id for post in world.network.posts].count(one.id) == 1


def test_a_supervisor_may_have_any_sent_again_but_not_after_the_customer_has_written(world) -> None:
    world.lose()
    one = world.only(world.sam)
    later = message("3", "@MarramAir hello?", author="1", parent="1", minutes=400)
    take_in(world.store, [later], world.clock)
    decide_pending(world.store, judge(world.clock), 9)
    with pytest.raises(Conflict, match="written again"):
        world.stuck.again(world.sam, one.id)


def test_what_is_dropped_is_not_sent_and_its_customer_waits_for_a_person(world) -> None:
    world.clock.advance(timedelta(minutes=5))
    one = world.only()
    world.stuck.drop(world.alex, one.id)
    assert (world.row(one.id).state, world.state("1")) == ("cancelled", CaseState.QUEUED)
    world.outbox.drain(9)
    assert world.network.posts == []
    assert world.events(EventKind.REPLY_DROPPED) == ["alex"]


def test_a_person_s_reply_that_is_dropped_brings_the_case_back_too(world) -> None:
    world.outbox.drain(9)
    world.alex_replies()
    assert world.state("2") is CaseState.WAITING
    world.clock.advance(timedelta(minutes=5))
    world.stuck.drop(world.alex, world.only().id)
    assert world.state("2") is CaseState.QUEUED


def test_a_failed_reply_is_shown_with_the_channel_s_words_until_its_case_is_dealt_with(world) -> None:
    world.network.fates = [Fate.REFUSED]
    world.outbox.drain(9)
    assert world.only().why == "The author restricts who can reply."
    world.desk.close(world.alex, world.case("1"), "resolved")
    assert world.stuck.count() == 0
    (failed,) = world.stuck.page(world.alex, state=ReplyState.FAILED)
    assert failed.may == {"found", "drop"}


def test_a_text_that_was_erased_is_never_sent_again(world) -> None:
    world.lose()
    Erasure(world.store, [], world.clock).erase("1", "memory", "sam")
    with pytest.raises(Conflict):
        world.stuck.again(world.sam, world.only(world.sam).id)


def test_programs_decide_nothing_and_unknown_replies_are_unknown(world) -> None:
    feeder, _ = add_user(world.store, world.clock, "feeder", Role.SERVICE, None)
    moves: list[Callable[[User, int], None]] = [world.stuck.found, world.stuck.again, world.stuck.drop]
    for move in moves:
        with pytest.raises(Forbidden):
            move(feeder, 1)
        with pytest.raises(NotFound):
            move(world.alex, 999)


def test_a_person_s_reply_that_x_takes_from_no_app_can_be_posted_by_hand(store) -> None:
    world = World(store, PUBLIC)
    world.alex_replies()
    world.network.fates = [Fate.REFUSED]
    world.outbox.drain(9)
    refused = sa.update(replies).values(problem=Refusal.NOT_SUMMONED.words)
    with store.write() as transaction:
        transaction.connection.execute(refused)
    one = world.only()
    address = urlsplit(one.by_hand)
    assert address._replace(query="").geturl() == "https://x.com/intent/post"
    assert parse_qs(address.query) == {"in_reply_to": ["2"], "text": ["We look for it at once."]}
    with pytest.raises(InvalidInput):
        world.stuck.found(world.alex, one.id, "https://example.org/1")
    world.stuck.found(world.alex, one.id, "https://x.com/MarramAir/status/1849000000000000001?s=20")
    assert world.row(one.id).external_id == "1849000000000000001"


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("1849000000000000001", "1849000000000000001"),
        (" https://x.com/a_b/status/12 ", "12"),
        ("twitter.com/a/status/12/photo/1", "12"),
        ("https://mobile.twitter.com/a/statuses/12", "12"),
        ("https://x.com/i/web/status/12", "12"),
        ("https://x.com/a", None),
        ("https://example.org/x.com/a/status/12", None),
        ("12 or so", None),
        ("", None),
    ],
)
def test_the_id_of_a_post_is_read_from_what_people_paste(pasted, found) -> None:
    assert post_id(pasted) == found


def test_a_suggestion_keeps_clear_of_what_was_said_to_others_of_late(world) -> None:
    world.outbox.drain(9)
    take_in(world.store, [message("5", PETS + " Mine is an angry one", author="5")], world.clock)
    decide_pending(world.store, judge(world.clock), 9)
    case_id = world.case("5")
    showing, today = Showing(lambda text: []), NOON.date()

    def suggested() -> str:
        (one,) = view(world.store, showing, OneSnippet(), case_id, today).suggestions
        return one.text

    first = suggested()
    take_in(world.store, [message("6", "@MarramAir my bag is lost", author="6")], world.clock)
    decide_pending(world.store, judge(world.clock), 9)
    world.desk.claim(world.alex, world.case("6"))
    world.desk.reply(world.alex, world.case("6"), first, key="6")
    assert suggested() != first


def test_what_a_person_has_had_sent_again_leaves_also_if_its_case_is_claimed_then(world) -> None:
    """It may be out: if it were withdrawn, a post of it that shows late would be taken for a person's."""
    world.lose()
    world.stuck.again(world.sam, world.only(world.sam).id)
    world.desk.claim(world.alex, world.case("1"))
    world.network.fates = [Fate.LATER]
    world.outbox.drain(9)
    world.clock.advance(timedelta(minutes=3))
    world.outbox.drain(9)
    assert [post.in_reply_to for post in world.network.posts] == ["1"]
    assert world.state("1") is not CaseState.ANSWERED
