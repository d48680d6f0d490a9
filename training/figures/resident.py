"""A process of its own that loads a model, scores what standard input has, and says what that took.

``python -m training.figures.resident DIR PEOPLE`` with a JSON list of texts as input. It imports what serving imports
to score and nothing else, so that its memory is the scorer's.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Final

from triage.domain.scores import Utterance
from triage.privacy.detect import Detector
from triage.scoring.scorer import Scorer

#: Where Linux says what a process holds.
STATUS: Final = Path("/proc/self/status")
_BATCH: Final = 1000


def megabytes(status: str, entry: str) -> float:
    """The ``entry`` of ``/proc/self/status``, which is given in units of 1,024 bytes, in millions of bytes.

    Raises:
        KeyError: there is no such entry.
    """
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == entry:
            return int(value.split()[0]) * 1024 / 1e6
    raise KeyError(entry)


def main(folder: Path, people: Path, *encoders: Path) -> None:
    texts = json.load(sys.stdin)
    start = time.perf_counter()
    scorer = Scorer.load(folder, encoders, Detector.load(people))
    loaded = time.perf_counter()
    utterances = [Utterance(text) for text in texts]
    for place in range(0, len(utterances), _BATCH):
        scorer.score(utterances[place : place + _BATCH])
    status = STATUS.read_text()
    told = {
        "load_seconds": loaded - start,
        "megabytes": megabytes(status, "VmRSS"),
        "peak_megabytes": megabytes(status, "VmHWM"),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
