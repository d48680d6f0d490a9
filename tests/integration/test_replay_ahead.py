"""A replay scores one portion while it stores another, and does nothing else earlier than before."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.doubles import KeywordScorer, worker
from tests.traffic import DAY
from triage.channels.traffic_file import read_traffic
from triage.clock import TrafficClock
from triage.domain.message import IncomingMessage, MessageState
from triage.domain.scores import Scores, Utterance
from triage.errors import InvalidInput
from triage.replay import replay
from triage.store import Store

BATCH = 20


class Watching(KeywordScorer):
    """Notes what it is asked, and how many messages are stored then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[Utterance] = []
        self.stored: list[int] = []

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        self.asked += utterances
        self.stored.append(stored(self._store))
        return super().score(utterances)


class Waiting(Watching):
    """What is asked for where messages are decided waits for what is asked for in the background."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._begun = threading.Event()

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        if threading.current_thread() is threading.main_thread():
            assert self._begun.wait(20)
        self._begun.set()
        return super().score(utterances)


def stored(store: Store) -> int:
    with store.read() as transaction:
        return sum(transaction.messages.counts().values())


def run(
    store: Store, file: Path, *, speed: float | None = None, limit: int | None = None, scorer: Watching | None = None
) -> Watching:
    clock = TrafficClock()
    hands = worker(store, clock, batch=BATCH)
    scorer = scorer or Watching(store)
    hands = replace(hands, judge=replace(hands.judge, scorer=scorer))
    try:
        replay(file, store, hands, clock, batch=BATCH, speed=speed, limit=limit, on_rejected=lambda _: None)
    finally:
        hands.close()
    return scorer


def traffic() -> list[IncomingMessage]:
    return [row for row in read_traffic(DAY) if isinstance(row, IncomingMessage)]


def test_the_next_portion_is_scored_while_one_is_decided(store: Store) -> None:
    scorer = run(store, DAY, limit=2 * BATCH, scorer=Waiting(store))
    assert scorer.stored == [BATCH, BATCH]


def test_each_portion_is_scored_once_and_with_the_texts_that_it_answers(store: Store) -> None:
    rows = traffic()
    text_of = {row.external_id: row.text for row in rows}
    expected: list[Utterance] = []
    for start in range(0, len(rows), BATCH):
        portion = [row for row in rows[start : start + BATCH] if row.inbound]
        expected += {Utterance(row.text, text_of.get(row.in_reply_to or ""), row.lang) for row in portion}
    assert Counter(run(store, DAY).asked) == Counter(expected)


def test_a_file_that_was_replayed_is_not_scored_again(store: Store) -> None:
    run(store, DAY)
    assert run(store, DAY).asked == []


def test_traffic_at_its_own_pace_is_not_waited_for_ahead(store: Store) -> None:
    scorer = run(store, DAY, speed=1e9, limit=6)
    inbound = [message.inbound for message in islice(traffic(), 6)]
    assert scorer.stored == [place for place, one in enumerate(inbound, start=1) if one]


def test_what_comes_before_the_broken_part_of_a_file_is_decided(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl.gz"
    rows = [json.loads(line) for line in DAY.read_text(encoding="utf-8").splitlines()]
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows * 20).encode())
    file.write_bytes(whole[:-2000])
    with pytest.raises(InvalidInput, match="Compressed file ended"):
        run(store, file)
    with store.read() as transaction:
        states = {state for _, state in transaction.messages.counts()}
    assert states
    assert MessageState.RECEIVED not in states
