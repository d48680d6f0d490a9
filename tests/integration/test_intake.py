"""Messages exist once, wherever and however often they come from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.doubles import message
from triage.clock import TrafficClock
from triage.service.intake import take_in
from triage.store import Store


def all_ids(store: Store) -> list[str]:
    with store.read() as transaction:
        return [m.external_id for case in transaction.cases.all() for m in transaction.messages.in_case(case)]


def test_a_message_that_comes_twice_exists_once(store) -> None:
    first = take_in(store, [message("1"), message("2"), message("1")], TrafficClock())
    again = take_in(store, [message("2", "changed"), message("3")], TrafficClock())
    assert (list(first.accepted), first.duplicates) == (["1", "2"], 1)
    assert (list(again.accepted), again.duplicates) == (["3"], 1)
    assert sorted(all_ids(store)) == ["1", "2", "3"]


def test_the_same_id_on_two_channels_is_two_messages(store) -> None:
    take_in(store, [message("1", channel="memory"), message("1", channel="api")], TrafficClock())
    assert all_ids(store) == ["1", "1"]


def test_many_senders_at_once_store_each_message_once_and_thread_it_once(store) -> None:
    """Twelve senders hand in overlapping parts of one conversation, in different orders."""
    chain = [message(str(n), parent=str(n - 1) if n > 1 else None, minutes=n) for n in range(1, 25)]
    parts = [chain[i::3] + chain[::-1][: i + 4] for i in range(3)] * 4

    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(lambda part: take_in(store, part, TrafficClock()), parts))

    accepted = [key for receipt in receipts for key in receipt.accepted]
    assert sorted(accepted) == sorted(set(accepted)) == sorted(m.external_id for m in chain)
    with store.read() as transaction:
        live = [case for case in transaction.cases.all().values() if case.merged_into is None]
        assert [case.root for case in live] == ["1"]
        assert len(transaction.messages.in_case(live[0].id)) == len(chain)


def test_the_database_itself_refuses_a_second_copy(store) -> None:
    take_in(store, [message("1")], TrafficClock())
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO messages (channel, external_id, case_id, author_id, inbound, created_at, text, "
                "normalised, state) SELECT channel, external_id, case_id, author_id, inbound, created_at, text, "
                "normalised, state FROM messages"
            )
        )


def test_text_is_kept_exactly_beside_its_normalised_form(store) -> None:
    text = "  @MarramAir   don’t\u200b worry…\n\n\x07 &amp; sooooo 👩🏽‍🚀  "
    take_in(store, [message("1", text)], TrafficClock())
    with store.read() as transaction:
        kept = transaction.messages.by_external_id("memory", "1")
    assert kept is not None
    assert kept.text == text
    assert kept.normalised.startswith("@user don't worry")


def test_an_id_of_19_digits_stays_what_it_is(store) -> None:
    take_in(store, [message("1934712345678901234", parent="1934712345678901233")], TrafficClock())
    assert all_ids(store) == ["1934712345678901234"]


def test_a_message_without_its_case_cannot_be_committed(store) -> None:
    with pytest.raises(sa.exc.DBAPIError), store.write() as transaction:
        transaction.messages.insert([(1, 999_999, message("1"))])
    assert all_ids(store) == []


def test_events_cannot_be_changed_or_removed(store) -> None:
    take_in(store, [message("1")], TrafficClock())
    for statement in ("UPDATE events SET actor = 'someone'", "DELETE FROM events"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(sa.text(statement))
