"""Seeing what is masked: who may, what it leaves behind, and that it moves nothing. On both engines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.doubles import NOON, frozen, judge, message
from triage.domain.case import rebuild
from triage.domain.event import EventKind
from triage.domain.user import Role, User
from triage.errors import Forbidden, InvalidInput, NotFound
from triage.measures.report import report
from triage.privacy.detect import detect
from triage.service import worklist
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.revealing import REVEAL_REASONS, Reveals
from triage.service.showing import Showing
from triage.store import Store

ALEX, ROBIN = User(1, "alex", Role.AGENT), User(2, "robin", Role.AGENT)
SAM, FEEDER = User(3, "sam", Role.SUPERVISOR), User(4, "feeder", Role.SERVICE)
TEXT = "@MarramAir my bag is lost, mail jo.marsh@example.org, order no. 118204577"
SECRETS = ("jo.marsh@example.org", "118204577")


@dataclass
class Scene:
    """One case with a message that exposes two items, claimed by ``alex``."""

    store: Store
    reveals: Reveals
    desk: Desk
    case: int

    def events(self) -> list:
        with self.store.read() as transaction:
            return list(transaction.events.stream())


@pytest.fixture
def scene(store: Store) -> Scene:
    clock = frozen()
    one = judge(clock)
    take_in(store, [message("1", TEXT), message("2", "@MarramAir can pets fly?", minutes=1)], clock)
    decide_pending(store, one, 10)
    desk = Desk(store, one.brand.routing, one.answers, clock)
    with store.read() as transaction:
        case = transaction.messages.cases_of("memory", ["1"])["1"]
    desk.claim(ALEX, case)
    clock.advance(timedelta(minutes=3))
    return Scene(store, Reveals(store, Showing(detect), clock), desk, case)


@pytest.mark.parametrize("user", [ALEX, SAM], ids=["who has the case", "supervisor"])
def test_who_may_look_gets_the_text_as_received_and_where_its_items_are(scene: Scene, user: User) -> None:
    found = scene.reveals.reveal(user, scene.case, "1")
    assert found.text == TEXT
    assert [(found.text[s.start : s.end], s.type) for s in found.spans] == [
        ("jo.marsh@example.org", "EMAIL"),
        ("118204577", "ORDER_NO"),
    ]


@pytest.mark.parametrize("user", [ROBIN, FEEDER], ids=["another agent", "a program"])
def test_who_may_not_look_gets_nothing_and_leaves_no_trace_in_the_case(scene: Scene, user: User) -> None:
    before = scene.events()
    with pytest.raises(Forbidden):
        scene.reveals.reveal(user, scene.case, "1")
    assert scene.events() == before


def test_an_agent_who_gave_the_case_back_may_not_look_any_more(scene: Scene) -> None:
    scene.desk.release(ALEX, scene.case)
    with pytest.raises(Forbidden, match="claim it first"):
        scene.reveals.reveal(ALEX, scene.case, "1")


def test_a_look_is_on_record_with_who_when_and_which_types_and_without_a_value(scene: Scene) -> None:
    scene.reveals.reveal(ALEX, scene.case, "1", "to_answer")
    event = scene.events()[-1]
    assert (event.kind, event.actor, event.at, event.case_id) == (
        EventKind.DATA_REVEALED,
        "alex",
        NOON + timedelta(minutes=3),
        scene.case,
    )
    assert event.data == {"types": ["EMAIL", "ORDER_NO"], "reason": "to_answer"}
    assert not any(secret in repr(scene.events()) for secret in SECRETS)


def test_a_look_moves_nothing_in_the_case_and_the_log_still_gives_the_cases(scene: Scene) -> None:
    with scene.store.read() as transaction:
        before = transaction.cases.get(scene.case)
    scene.reveals.reveal(ALEX, scene.case, "1")
    with scene.store.read() as transaction:
        after, cases, events = transaction.cases.get(scene.case), transaction.cases.all(), scene.events()
    assert after.version == before.version + 1
    assert {name: getattr(after, name) for name in after.__struct_fields__ if name != "version"} == {
        name: getattr(before, name) for name in before.__struct_fields__ if name != "version"
    }
    assert rebuild(events) == cases


def test_the_report_is_the_same_whoever_looked(scene: Scene) -> None:
    before = report(scene.events())
    scene.reveals.reveal(SAM, scene.case, "1")
    assert report(scene.events()) == before


@pytest.mark.parametrize("reason", REVEAL_REASONS)
def test_every_reason_that_is_offered_is_taken(scene: Scene, reason: str) -> None:
    scene.reveals.reveal(ALEX, scene.case, "1", reason)
    assert scene.reveals.page(SAM)[0].reason == reason


def test_a_reason_in_words_of_ones_own_is_refused_since_the_log_holds_none(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="is not one of to_answer"):
        scene.reveals.reveal(ALEX, scene.case, "1", "Jo asked me to")


@pytest.mark.parametrize(("case", "external_id"), [(0, "2"), (0, "none"), (999, "1")])
def test_only_a_message_of_the_case_is_shown(scene: Scene, case: int, external_id: str) -> None:
    with pytest.raises(NotFound):
        scene.reveals.reveal(SAM, case or scene.case, external_id)


def test_supervisors_see_who_looked_at_what_newest_first_a_page_at_a_time(scene: Scene) -> None:
    for user in (ALEX, SAM, ALEX):
        scene.reveals.reveal(user, scene.case, "1")
    first = scene.reveals.page(SAM, limit=2)
    assert [(look.actor, look.case_id, look.external_id, look.types) for look in first] == [
        ("alex", scene.case, "1", ("EMAIL", "ORDER_NO")),
        ("sam", scene.case, "1", ("EMAIL", "ORDER_NO")),
    ]
    assert [look.actor for look in scene.reveals.page(SAM, before=first[-1].number)] == ["alex"]
    with pytest.raises(Forbidden):
        scene.reveals.page(ALEX)


def test_a_case_shows_who_looked_also_at_what_came_to_it_from_another(scene: Scene) -> None:
    clock = frozen()
    take_in(scene.store, [message("5", TEXT, parent="4", minutes=4)], clock)
    with scene.store.read() as transaction:
        other = transaction.messages.cases_of("memory", ["5"])["5"]
    scene.reveals.reveal(SAM, other, "5")
    take_in(scene.store, [message("4", parent="1", minutes=2)], clock)  # late: both were one thread
    view = worklist.view(scene.store, Showing(detect), judge().answers, scene.case, NOON.date())
    assert [(look.actor, look.external_id, look.case_id) for look in view.reveals] == [("sam", "5", scene.case)]
    assert scene.reveals.page(SAM)[0].case_id == scene.case
    with pytest.raises(NotFound):
        scene.reveals.reveal(SAM, other, "5")


def test_nothing_that_is_looked_at_otherwise_holds_a_masked_item(scene: Scene) -> None:
    showing = Showing(detect)
    looked_at = [
        worklist.view(scene.store, showing, judge().answers, scene.case, NOON.date()),
        worklist.last_words(scene.store, showing, worklist.page(scene.store).cases),
        worklist.find(scene.store, showing, "memory", "1"),
    ]
    assert "[EMAIL]" in repr(looked_at)
    assert not any(secret in repr(looked_at) for secret in SECRETS)
