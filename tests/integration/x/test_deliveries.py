"""The webhooks to which X delivers are looked after: asked again where they failed, and told of where they are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.doubles import NOON, frozen
from tests.x_connection import Notes
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.transport import Ask
from triage.channels.x.watch import Source
from triage.channels.x.webhooks import Webhook
from triage.clock import FrozenClock
from triage.errors import GiveUp, RetryLater
from triage.service.x.deliveries import Deliveries
from triage.store import Store
from triage.store.x_notes import Heard

OURS = Webhook("1", "https://care.example.org/x/webhook", True)
OTHERS = Webhook("2", "https://crm.example.org/hook", False)
MINUTE = timedelta(minutes=1)


@dataclass
class App:
    """X's side: the webhooks of an app. ``answers`` says whether they answer their challenges rightly by now."""

    hooks: list[Webhook] = field(default_factory=lambda: [OURS, OTHERS])
    answers: bool = False
    refusal: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        assert endpoint is Endpoint.WEBHOOKS
        self.asked.append(f"{ask.method} {ask.route.removeprefix('/2/webhooks')}".strip())
        if ask.method == "PUT":
            if self.refusal is not None:
                raise self.refusal
            number = ask.route.rpartition("/")[2]
            self.hooks = [Webhook(h.id, h.url, self.answers) if h.id == number else h for h in self.hooks]
            return {"data": {"attempted": True}}
        return {"data": [{"id": h.id, "url": h.url, "valid": h.valid} for h in self.hooks]} if self.hooks else {}

    def fails(self, hook: Webhook = OURS) -> None:
        self.hooks = [Webhook(h.id, h.url, h.valid and h.id != hook.id) for h in self.hooks]


@dataclass
class Scene:
    store: Store
    app: App = field(default_factory=App)
    notes: Notes = field(default_factory=Notes)
    clock: FrozenClock = field(default_factory=frozen)
    subscribed: list[str] = field(default_factory=list)

    @property
    def deliveries(self) -> Deliveries:
        """As every process makes it."""
        return Deliveries(self.store, lambda: self.app, self.subscribed.append, self.notes, self.clock)

    def known(self) -> dict[str, bool]:
        with self.store.read() as transaction:
            return {one.id: one.valid for one in transaction.webhooks.all()}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_where_no_webhook_was_ever_used_x_is_asked_nothing(scene: Scene) -> None:
    scene.deliveries.look()
    assert (scene.app.asked, scene.known()) == ([], {})


def test_one_to_which_x_delivers_is_looked_at_and_left_alone(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.deliveries.look()
    assert (scene.app.asked, scene.known()) == (["GET"], {"1": True})


def test_one_that_failed_is_asked_again_and_another_programs_is_not(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.app.fails()
    scene.clock.advance(MINUTE)
    scene.deliveries.look()
    assert (scene.app.asked, scene.known()) == (["GET", "PUT /1", "GET"], {"1": False})
    scene.clock.advance(MINUTE)
    scene.deliveries.look()
    with scene.store.read() as transaction:
        (known,) = transaction.webhooks.all()
    assert (known.since, known.looked_at) == (NOON + MINUTE, NOON + 2 * MINUTE)
    scene.app.answers = True
    scene.deliveries.look()
    assert scene.known() == {"1": True}


def test_that_it_failed_is_known_also_where_x_does_not_take_the_question_now(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.app.fails()
    scene.app.refusal = RetryLater("a limit is used up", NOON + MINUTE)
    with pytest.raises(RetryLater):
        scene.deliveries.look()
    assert scene.known() == {"1": False}


def test_a_challenge_of_which_x_says_at_once_that_it_failed_is_no_error(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.app.fails()
    scene.app.refusal = GiveUp("X refused the call: CrcValidationFailed")
    scene.deliveries.look()
    assert (scene.app.asked, scene.known()) == (["GET", "PUT /1", "GET"], {"1": False})


def test_subscriptions_are_made_anew_for_the_one_to_which_x_has_delivered(scene: Scene) -> None:
    scene.deliveries.subscribe_again()
    scene.deliveries.follow(OURS)
    scene.deliveries.subscribe_again()
    assert scene.subscribed == [], "nobody has subscribed for it"
    scene.store.run(lambda transaction: transaction.x_notes.hear(Source.WEBHOOK.value, Heard(alive_at=NOON)))
    scene.deliveries.subscribe_again()
    assert scene.subscribed == [OURS.id]
    scene.deliveries.follow(Webhook("3", "https://stage.example.org/x/webhook", True))
    scene.deliveries.subscribe_again()
    assert scene.subscribed == [OURS.id], "it is not known which"


def test_one_that_is_gone_is_told_once(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.app.hooks = [OTHERS]
    for _ in range(2):
        scene.deliveries.look()
    ((place, told),) = scene.notes.problems
    assert (place, scene.known()) == (Source.WEBHOOK, {})
    assert f"no webhook at {OURS.url} any more" in told


def test_who_has_x_deliver_elsewhere_has_the_old_one_followed_no_longer(scene: Scene) -> None:
    scene.deliveries.follow(OURS)
    scene.deliveries.follow_only(OTHERS)
    assert scene.known() == {"2": False}
    scene.deliveries.saw([OURS])
    assert scene.known() == {"2": False}
    scene.deliveries.follow_only(None)
    assert scene.known() == {}


@pytest.mark.parametrize("second", [False, True])
def test_one_that_was_used_before_it_was_followed_is_found_by_its_address(scene: Scene, second: bool) -> None:
    scene.store.run(lambda transaction: transaction.x_notes.hear(Source.WEBHOOK.value, Heard(alive_at=NOON)))
    scene.app.hooks += [Webhook("3", "https://stage.example.org/x/webhook", True)] if second else []
    scene.app.fails()
    scene.deliveries.look()
    assert scene.known() == ({} if second else {"1": False})
