"""The main job over 53,223 real posts of 77 brands (Customer Support on Twitter)."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.keys import VAULT
from triage.domain.case import rebuild
from triage.domain.message import FINAL_STATES, MessageState
from triage.store import open_store

POSTS, INBOUND = 53_223, 17_882


@pytest.fixture(scope="module")
def traffic(corpora: Path) -> Path:
    return corpora / "twcs" / "tweets.jsonl.gz"


@pytest.fixture(scope="module")
def replayed(traffic: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """The printed report and the database of one run over the whole file."""
    url = f"sqlite:///{tmp_path_factory.mktemp('real')}/real.db"
    assert CliRunner().invoke(main, ["db", "upgrade"], env={"TRIAGE_DATABASE_URL": url}).exit_code == 0
    arguments = ["replay", str(traffic), "--once", "--json", "--speed", "max", "--database", url]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), url


def test_every_inbound_message_reaches_exactly_one_state(replayed) -> None:
    document, url = replayed
    assert document["replay"] == {"read": POSTS, "accepted": POSTS, "duplicates": 0, "rejected": 0}
    states = document["report"]["messages"]
    assert states["undecided"] == 0
    assert sum(states.values()) == document["report"]["received"] == INBOUND
    with closing(open_store(url, VAULT)) as store, store.read() as transaction:
        counts = transaction.messages.counts()
        decided = [event.message_id for event in transaction.events.stream() if event.kind == "message_decided"]
    assert {state for inbound, state in counts if inbound} <= FINAL_STATES - {MessageState.RECORDED}
    assert len(decided) == len(set(decided)) == INBOUND


def test_every_reply_of_an_agent_is_in_the_case_of_what_it_answers(replayed, traffic) -> None:
    _, url = replayed
    with gzip.open(traffic, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with closing(open_store(url, VAULT)) as store, store.read() as transaction:
        cases = {case.id: case for case in transaction.cases.all().values() if case.merged_into is None}
        case_of = {m.external_id: case for case in cases for m in transaction.messages.in_case(case)}
    roots = {case.root: number for number, case in cases.items()}
    assert len(case_of) == POSTS
    replies = [row for row in rows if not row["inbound"] and row["in_response_to_tweet_id"]]
    assert len(replies) > 35_000
    for row in replies:
        parent = row["in_response_to_tweet_id"]
        # A parent that is not in the file is what its thread is named by, unless that goes further up.
        expected = case_of.get(parent, roots.get(parent))
        assert case_of[row["tweet_id"]] == expected


def test_the_log_gives_every_case_as_it_stands(replayed) -> None:
    with closing(open_store(replayed[1], VAULT)) as store, store.read() as transaction:
        assert rebuild(transaction.events.stream()) == transaction.cases.all()
