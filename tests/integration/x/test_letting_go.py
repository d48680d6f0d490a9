"""After a person's request nothing in the database says what they wrote on X, or who they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import seeded_secrets
from tests.seeded_secrets import Secret
from tests.x_private import Private
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.posts_lookup import XPosts
from triage.domain.legs import Leg
from triage.errors import Ambiguous, GiveUp, RetryLater
from triage.service.erasure import Erasure
from triage.service.retention import Retention
from triage.service.stored_posts import LOOK_AGAIN_AFTER
from triage.service.x.notebook import Notebook
from triage.store.tables import metadata


@pytest.fixture
def brand(store) -> Private:
    made = Private(store)
    made.notes = Notebook(store, made.clock)
    return made


@pytest.fixture
def secrets() -> list[Secret]:
    return [one for one in seeded_secrets.make(34, seed=11).secrets if one.type != "PERSON"]


def everything(brand: Private) -> str:
    """All tables, decrypted."""
    with brand.store.read() as transaction:
        rows = [
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in transaction.connection.execute(sa.select(table))
        ]
    return "\n".join(rows)


def left(brand: Private, secrets: list[Secret]) -> list[str]:
    text = everything(brand).lower()
    return [secret.value for secret in secrets if any(form in text for form in secret.forms())]


def live(brand: Private, secrets: list[Secret]) -> None:
    """Ann writes her secrets on both legs, edits and deletes; she is answered, quoted, and looked up again."""
    said = iter(secrets)
    for number in range(4):
        post = brand.posts(next(said).text)
        if number == 1:
            brand.taking.take([Posted(brand.x.edit(post.id, f"@MarramAir {next(said).text}"))])
        if number == 2:
            brand.x.delete(post.id)
            brand.taking.take([PostDeleted(post.id), Posted(post)])
        if number == 3:
            own = brand.x.write(brand.account, f"You said: {next(said).value}", in_reply_to=post.id)
            brand.taking.take([Posted(own)])
        brand.later(minutes=1)
    brand.decide()
    early = brand.customer(next(said).text)
    brand.taking.take([PostDeleted(early.id)])
    brand.taking.take([Posted(early)])
    last = brand.posts(f"my bag is lost, {next(said).text}")
    brand.asked_to_move(last)
    brand.send()
    private = brand.writes(next(said).text)
    brand.taking.take([PrivatelyWritten(brand.wrote(f"Is it {next(said).value}?"))])
    brand.decide()
    for error in (GiveUp("X refuses"), RetryLater("later", brand.clock.now()), Ambiguous("lost")):
        case = brand.case_of(private.id)
        if case.owner is None or case.state.value != "claimed":
            brand.desk.claim(brand.alex, case.id)
        brand.desk.reply(brand.alex, case.id, f"Thanks, {error}", key=str(error), leg=Leg.PRIVATE)
        brand.x.fail(Endpoint.PRIVATE_SEND, error)
        brand.send()
        brand.later(minutes=1)
    for poll in (brand.mentions, brand.own_posts, brand.private_messages):
        poll.poll()
    brand.later(seconds=LOOK_AGAIN_AFTER.total_seconds() + 1)
    brand.taking.posts.check(XPosts(brand.x))
    brand.decide()


def test_erasing_leaves_nothing_of_what_a_person_said_or_of_who_they_are(brand, secrets) -> None:
    live(brand, secrets)
    ann = brand.person().id
    assert len(left(brand, secrets)) >= 7, "the test says something"
    assert f"'{ann}'" in everything(brand)
    Erasure(brand.store, [], brand.clock).erase(ann)
    assert left(brand, secrets) == []
    assert f"'{ann}'" not in everything(brand)


def test_retention_leaves_nothing_of_finished_cases_either(brand, secrets) -> None:
    live(brand, secrets)
    for case in sorted({brand.case_of(one, "x").id for one in brand.stored()}):
        with brand.store.read() as transaction:
            state = transaction.cases.get(case).state.value
        if state in ("queued", "claimed"):
            if state == "queued":
                brand.desk.claim(brand.alex, case)
            brand.desk.close(brand.alex, case, "resolved")
    brand.outbox.drain(99)
    brand.later(days=100)
    brand.outbox.drain(99)
    days = dict.fromkeys(("x", "x-private"), timedelta(days=30))
    Retention(brand.store, days, brand.clock).apply(1000)
    assert left(brand, secrets) == []
    assert f"'{brand.person().id}'" not in everything(brand)
