"""Content is kept for as long as the brand says, and no longer."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli import run
from tests.doubles import DEMO_BRAND, frozen, message, worker
from triage.brand import load_brand
from triage.channels.journal import JournalChannel
from triage.channels.memory import MemoryChannel
from triage.domain.case import rebuild
from triage.domain.erasure import ERASED
from triage.errors import ConfigurationError
from triage.measures.report import report
from triage.service.intake import take_in
from triage.service.retention import Retention
from triage.service.stored_posts import StoredPosts
from triage.service.tidying import Tidying
from triage.store import Store

MONTH = timedelta(days=30)
DAY = 24 * 60
POSTS = [
    message("1", "@MarramAir can pets fly?", author="7", minutes=-40 * DAY),
    message("2", "thanks", parent="1", author="7", minutes=-31 * DAY),
    message("3", "@MarramAir can pets fly?", author="7", minutes=-29 * DAY),
    message("4", "@MarramAir refund please", author="8", minutes=-90 * DAY),
    message("5", "@MarramAir can pets fly?", author="9", minutes=-90 * DAY, channel="other"),
]


@pytest.fixture
def decided(store) -> Store:
    clock = frozen()
    take_in(store, POSTS, clock)
    hands = worker(store, clock, channels=[MemoryChannel()])
    hands.drain()
    hands.close()
    return store


def texts(store: Store) -> dict[str, str]:
    with store.read() as transaction:
        assert rebuild(transaction.events.stream()) == transaction.cases.all()
        return {m.external_id: m.text for case in transaction.cases.all() for m in transaction.messages.in_case(case)}


def erased(store: Store) -> set[str]:
    return {external_id for external_id, text in texts(store).items() if text == ERASED}


def authors(store: Store) -> dict[str, str]:
    with store.read() as transaction:
        return {
            m.external_id: m.author_id for case in transaction.cases.all() for m in transaction.messages.in_case(case)
        }


def test_content_past_its_time_goes_where_nothing_is_left_to_do(decided) -> None:
    retention = Retention(decided, {"memory": MONTH}, frozen())
    assert retention.due() == {"memory": 2}
    assert retention.apply(100) == 2
    assert erased(decided) == {"1", "2"}, "not the young, not what waits for a person, not another channel"
    assert retention.due() == {"memory": 0}
    assert retention.apply(100) == 0


def test_who_wrote_what_went_is_not_known_any_more_and_nobody_else_is_renamed(decided) -> None:
    Retention(decided, {"memory": MONTH}, frozen()).apply(100)
    found = authors(decided)
    assert found["1"] == found["2"] != "7"
    assert (found["3"], found["4"]) == ("7", "8")


def test_no_figure_changes(decided) -> None:
    def figures():
        with decided.read() as transaction:
            return report(transaction.events.stream())

    before = figures()
    clock = frozen()
    clock.advance(MONTH)
    Retention(decided, {"memory": MONTH}, clock).apply(100)
    assert figures() == before


def test_what_a_reply_is_still_on_its_way_to_stays(store) -> None:
    take_in(store, POSTS, frozen())
    worker(store, frozen()).drain()  # has no channel to send by
    Retention(store, {"memory": MONTH}, frozen()).apply(100)
    assert erased(store) == {"2"}


def test_a_batch_is_no_larger_than_asked_for_and_the_oldest_go_first(decided) -> None:
    retention = Retention(decided, {"memory": MONTH}, frozen())
    assert retention.apply(1) == 1
    assert erased(decided) == {"1"}


def test_the_worker_tidies_batch_by_batch_and_then_rests_an_hour(decided, monkeypatch) -> None:
    monkeypatch.setattr("triage.service.tidying._BATCH", 1)
    clock = frozen()
    retention = Retention(decided, {"memory": MONTH}, clock)
    tidying = Tidying(decided, [], retention, clock)
    assert [tidying.step() for _ in range(3)] == [1, 1, 0]
    clock.advance(timedelta(days=2))
    tidying.step()
    assert erased(decided) == {"1", "2", "3"}
    take_in(decided, [message("6", "thanks", minutes=-50 * DAY)], clock)
    worker(decided, clock).drain()
    assert tidying.step() == 1, "not finished yet: no rest"
    assert tidying.step() == 0
    take_in(decided, [message("7", "thanks", minutes=-50 * DAY)], clock)
    worker(decided, clock).drain()
    clock.advance(timedelta(minutes=59))
    assert tidying.step() == 0
    clock.advance(timedelta(minutes=1))
    assert tidying.step() == 1


def test_a_running_worker_tidies_and_a_draining_one_does_not(decided) -> None:
    clock = frozen()
    stop = threading.Event()

    class Watched(Tidying):
        def step(self) -> int:
            stop.set()
            return super().step()

    hands = worker(decided, clock)
    tidying = Watched(decided, [], Retention(decided, {"memory": MONTH}, clock), clock)
    live = type(hands)(hands.store, hands.judge, hands.outbox, tidying, 100)
    live.drain()
    assert erased(decided) == set()
    live.run(stop, 0.01)
    assert erased(decided) == {"1", "2"}


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    folder = tmp_path / "brand"
    folder.mkdir()
    (folder / "kb").symlink_to(DEMO_BRAND / "kb")
    (folder / "brand.toml").write_text((DEMO_BRAND / "brand.toml").read_text() + "\n[retention]\nmemory = 30\n")
    return folder


def test_a_brand_says_for_how_many_days_and_keeps_for_ever_where_it_does_not(brand) -> None:
    assert load_brand(brand).retention == {"memory": MONTH}
    assert load_brand(DEMO_BRAND).retention == {}


@pytest.mark.parametrize("days", ["0", "-1", "1.5", '"30"', "40000"])
def test_a_period_that_is_none_is_refused_with_its_place(brand, days) -> None:
    path = brand / "brand.toml"
    path.write_text(path.read_text().replace("memory = 30", f"memory = {days}"))
    with pytest.raises(ConfigurationError, match=r"brand\.toml: .*retention"):
        load_brand(brand)


def test_the_command_says_what_it_would_do_and_does_it(decided, database_url, brand) -> None:
    def retain(*options: str) -> str:
        result = run("retain", *options, "--database", database_url, TRIAGE_BRAND=str(brand))
        assert result.exit_code == 0, result.stderr
        return result.stdout

    dry = retain("--dry-run")
    assert dry.startswith("memory: ")
    assert erased(decided) == set()
    assert retain() == dry + "3 erased\n"
    assert retain() == "memory: 0 messages past their time\n0 erased\n"


def test_the_command_says_where_nothing_is_set(decided, database_url) -> None:
    assert "for ever" in run("retain", "--database", database_url).stdout
    assert erased(decided) == set()


def test_replies_go_from_the_journal_too(decided, tmp_path) -> None:
    clock = frozen()
    journal = JournalChannel("memory", tmp_path)
    take_in(decided, [message("6", "@MarramAir can pets fly?", minutes=-50 * DAY)], clock)
    hands = worker(decided, clock, channels=[journal])
    hands.drain()
    hands.close()
    Tidying(decided, [journal], Retention(decided, {"memory": MONTH}, clock), clock).step()
    assert [line.text for line in journal.lines()] == [ERASED]


def test_what_people_deleted_themselves_names_nobody_after_its_time(decided) -> None:
    StoredPosts(decided, [], frozen()).honour_deletion("memory", "4")
    assert authors(decided)["4"] == "8"
    retention = Retention(decided, {"memory": MONTH}, frozen())
    assert retention.due() == {"memory": 3}
    assert retention.apply(100) == 3
    assert authors(decided)["4"].startswith("erased-")
    assert (retention.due(), retention.apply(100)) == ({"memory": 0}, 0)
