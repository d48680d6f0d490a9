"""The bundled day of traffic, forgotten person by person: all of it can still be counted."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tests.doubles import frozen, worker
from tests.traffic import DAY
from triage.channels.journal import JournalChannel
from triage.channels.traffic_file import CHANNEL, Rejected, read_traffic
from triage.domain.case import rebuild
from triage.domain.erasure import ERASED
from triage.measures.report import report
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.store import Store
from triage.store.tables import messages, metadata


def figures(store: Store):
    with store.read() as transaction:
        assert rebuild(transaction.events.stream()) == transaction.cases.all()
        return report(transaction.events.stream())


def test_a_day_that_was_forgotten_person_by_person_is_still_counted(sqlite_store, tmp_path) -> None:
    clock = frozen()
    posts = [row for row in read_traffic(DAY) if not isinstance(row, Rejected)]
    take_in(sqlite_store, posts, clock)
    journal = JournalChannel(CHANNEL, tmp_path)
    hands = worker(sqlite_store, clock, channels=[journal], batch=500)
    hands.drain()
    hands.close()
    before = figures(sqlite_store)

    customers = sorted({post.author_id for post in posts if post.inbound})
    erasure = Erasure(sqlite_store, [journal], clock)
    certificates = [erasure.erase(author) for author in customers]

    after = figures(sqlite_store)
    waiting = sum(before.queues.values())
    assert after.queues == {}
    assert after.cases["closed"] == before.cases.get("closed", 0) + waiting
    at_work = ("cases", "queues", "queue_wait", "first_reply_by_people")
    assert replace(after, **{name: getattr(before, name) for name in at_work}) == before
    assert sum(certificate.counts["messages"] for certificate in certificates) == sum(post.inbound for post in posts)
    assert sum(certificate.counts["cases_closed"] for certificate in certificates) == waiting
    assert all(certificate.finished_at for certificate in certificates)
    assert {line.text for line in journal.lines()} <= {ERASED}

    with sqlite_store.read() as transaction:
        rows = [row for table in metadata.sorted_tables for row in transaction.connection.execute(sa.select(table))]
        kept = set(transaction.connection.scalars(sa.select(messages.c.text).where(messages.c.inbound)))
    assert kept == {ERASED}
    held = "\n".join(map(str, rows))
    assert not [author for author in customers if author in held]
    assert not [post.text for post in posts if post.inbound and repr(post.text)[1:-1] in held]
