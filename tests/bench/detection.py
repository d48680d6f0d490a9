"""Finding personal data, alone: the product's detector beside Presidio, on the same messages in the same run."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from tests.bench.peers import Judge, LeftOut, package
from tests.bench.presidio import finder
from tests.bench.table import Beside, Comparison
from triage.channels.traffic_file import Rejected, read_traffic
from triage.privacy.detect import Detector
from triage.privacy.people import SHIPPED
from triage.settings import read

#: Messages of a run.
MESSAGES: Final = 2_000
_WARMING_UP: Final = 200
_PRODUCT: Final = "tweet-triage, detection"
_JUDGES: Final = "personal data of 17 kinds"
_PEERS: Final = "personal data of its own kinds"


def measure_detection(file: Path, runs: int) -> Comparison:
    """One thread each; messages are the inbound ones of ``file``, from its start again where it has too few."""
    rows = (row.text for row in read_traffic(file) if not isinstance(row, Rejected) and row.inbound)
    known = list(islice(rows, _WARMING_UP + runs * MESSAGES))
    texts = list(islice(cycle(known), _WARMING_UP + runs * MESSAGES))
    warming, parts = texts[:_WARMING_UP], [texts[i : i + MESSAGES] for i in range(_WARMING_UP, len(texts), MESSAGES)]
    note = f"{MESSAGES:,} messages a run, all that are inbound; median, lowest and highest ratio of {runs} runs."
    with package("threadpoolctl").threadpool_limits(1):
        judges: list[tuple[str, str, Judge]] = [(_PRODUCT, _JUDGES, _product())]
        left_out = []
        try:
            name, presidio = finder(warming)
            judges.append((name, _PEERS, presidio))
        except LeftOut as reason:
            left_out.append(("Presidio", str(reason)))
        for _, _, judge in judges:
            judge(warming)
        seconds: list[list[float]] = [[] for _ in judges]
        for run, part in enumerate(parts):
            print(f"personal data, run {run + 1} of {runs}", file=sys.stderr)
            for own, (_, _, judge) in zip(seconds, judges, strict=True):
                own.append(_seconds(judge, part))
    told = [_row(*judge[:2], own, seconds[0]) for judge, own in zip(judges, seconds, strict=True)]
    return Comparison(tuple(told), tuple(left_out), note)


def _product() -> Judge:
    """What serving calls, with its model of people."""
    detector = Detector.load(read().models / SHIPPED)

    def judge(texts: Sequence[str]) -> list[str]:
        detector.find_all(texts)
        return []

    return judge


def _seconds(judge: Judge, texts: Sequence[str]) -> float:
    begin = time.process_time()  # both have one thread: what else the machine does has no part in it
    judge(texts)
    return time.process_time() - begin


def _row(name: str, judges: str, seconds: Sequence[float], products: Sequence[float]) -> Beside:
    speeds = tuple(MESSAGES / spent for spent in seconds)
    return Beside(name, judges, 1, speeds, tuple(s / p for s, p in zip(seconds, products, strict=True)), None)
