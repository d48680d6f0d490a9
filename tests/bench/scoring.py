"""Scoring alone: all four heads with language, spans and reasons."""

from __future__ import annotations

import sys
import time
from itertools import islice
from pathlib import Path

from app.compose import compose
from tests.bench.table import Row
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.domain.scores import Utterance

_MESSAGES = 10_000
_ONE_BY_ONE = 1_000


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
    return [
        Row(
            "scoring, four heads with reasons and spans, batches of 1,000, one process",
            "messages per second",
            tuple(batches),
        ),
        Row("scoring one message: median", "ms", tuple(singles)),
        Row("scoring one message: 99th percentile", "ms", tuple(tails)),
    ]


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
