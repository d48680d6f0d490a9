"""What scoring costs a machine: memory of a process that scores, and the time until its model is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from training.corpus import own_files, read_corpus
from training.figures import resident
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Absent, Setting

MESSAGES: Final = 1000
RUNS: Final = 3
_ROOT: Final = Path(__file__).parents[2]


def measure(setting: Setting) -> Measured:
    """In processes of their own, one after the other.

    Raises:
        Absent: the system does not say what a process holds.
    """
    if not resident.STATUS.exists():
        raise Absent(f"this system has no {resident.STATUS} to read resident memory from")
    people = setting.recipe.people
    if people is None:
        raise Absent(f"{setting.recipe.name} names no model of people")
    version = setting.scorer.version  # a broken model is told of here, not by a process
    examples = read_corpus(own_files()).examples
    texts = [one.text for one in examples[:: max(1, len(examples) // MESSAGES)]][:MESSAGES]
    runs = [run(setting.model, people, setting.encoders, texts) for _ in range(RUNS)]
    return Measured(
        "memory",
        figures(runs, len(texts)),
        version,
        f"Medians of {RUNS} processes that load the model and score {len(texts):,} messages of the project's own "
        "corpus in batches of 1,000, with reasons. Interpreter and libraries count; database and web server are not in "
        "it. A megabyte is a million bytes. The time is that of loading alone, on whatever else the machine was doing.",
    )


def figures(runs: Sequence[Mapping[str, float]], messages: int) -> tuple[Figure, ...]:
    """The medians of what :mod:`training.figures.resident` said."""

    def middle(name: str) -> float:
        return median(run[name] for run in runs)

    return (
        Figure(
            "resident memory",
            middle("megabytes"),
            Goal(450, 300, less_is_better=True),
            Unit.MEGABYTES,
            messages=messages,
        ),
        Figure("resident memory at its peak", middle("peak_megabytes"), unit=Unit.MEGABYTES, messages=messages),
        Figure("time to load the model", middle("load_seconds"), Goal(2.0, less_is_better=True), Unit.SECONDS),
    )


def run(model: Path, people: Path, encoders: Sequence[Path], texts: Sequence[str]) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        resident.__name__,
        *(str(folder.resolve()) for folder in (model, people, *encoders)),
    ]
    done = subprocess.run(  # noqa: S603 - our own module, no shell
        command, input=json.dumps(texts), cwd=_ROOT, capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told
