"""Scoring alone: all four heads with language, spans and reasons."""

from __future__ import annotations

import os
import sys
import time
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from app.cli.cores import SideBySide
from app.compose import compose
from tests.bench.table import Row
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.domain.scores import Utterance

_MESSAGES = 10_000
_ONE_BY_ONE = 1_000
_BATCH = 500
#: Shares of second looks that are measured beside the model's own.
_SHARES = (None, 0.25, 0.0)


def measure_scoring(file: Path, runs: int) -> list[Row]:
    rows = (row for row in read_traffic(file) if not isinstance(row, Rejected) and row.inbound)
    texts = [Utterance(row.text) for row in islice(rows, _MESSAGES)]
    scorer = compose(settings.read()).scorer
    scorer.score(texts[:100])
    batches, singles, tails = [], [], []
    for run in range(runs):
        print(f"scoring, run {run + 1} of {runs}", file=sys.stderr)
        batches.append(_throughput(scorer, texts))
        times = sorted(_latencies(scorer, texts[:_ONE_BY_ONE]))
        singles.append(times[len(times) // 2] * 1000)
        tails.append(times[int(len(times) * 0.99)] * 1000)
    rows_of_shares = [
        Row(
            f"scoring on all cores, four heads with reasons and spans, {_told(share)}",
            "messages per second",
            tuple(_on_all_cores(texts, share, runs)),
        )
        for share in _SHARES
    ]
    return [
        *rows_of_shares,
        Row("… in one process, second looks as shipped, batches of 1,000", "messages per second", tuple(batches)),
        Row("scoring one message: median", "ms", tuple(singles)),
        Row("scoring one message: 99th percentile", "ms", tuple(tails)),
    ]


def _told(share) -> str:
    return "second looks as shipped" if share is None else f"second looks at {share:.0%}"


def _on_all_cores(texts, share, runs) -> list[float]:
    """As `triage score` does it, processes already there."""
    parts = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    changed = {} if share is None else {"TRIAGE_SECOND_LOOKS": str(share)}
    found = []
    with patch.dict(os.environ, changed), SideBySide(_score, compose(settings.read()).scorer) as run:
        list(run(iter(parts)))
        for _ in range(runs):
            start = time.perf_counter()
            list(run(iter(parts)))
            found.append(len(texts) / (time.perf_counter() - start))
    return found


def _score(scorer, texts) -> list:
    scorer.score(texts)
    return []


def _throughput(scorer, texts) -> float:
    start = time.perf_counter()
    for part in range(0, len(texts), 1000):
        scorer.score(texts[part : part + 1000])
    return len(texts) / (time.perf_counter() - start)


def _latencies(scorer, texts) -> list[float]:
    times = []
    for text in texts:
        start = time.perf_counter()
        scorer.score([text])
        times.append(time.perf_counter() - start)
    return times
