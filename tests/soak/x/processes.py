"""The product's processes from outside: started, measured, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from tests.soak.x.process import Plan

_ROOT: Final = Path(__file__).parents[3]
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Size:
    """What a process has at a moment: bytes of memory that are its own, open files, threads."""

    memory: int
    files: int
    threads: int


@dataclass
class Running:
    """A process that works until it is killed. ``sizes`` were measured when so many messages had been written."""

    id: int
    plan: Plan
    sizes: list[tuple[int, Size]] = field(default_factory=list)

    def measure(self, written: int) -> None:
        """How large it is now, once it is at work."""
        if not self.at_work:
            return
        place = self._place
        pages = int((place / "statm").read_text().split()[1])
        threads = len(list((place / "task").iterdir()))
        self.sizes.append((written, Size(pages * _PAGE, len(list((place / "fd").iterdir())), threads)))

    def kill(self) -> float:
        """Ends it in the middle of whatever it does; the seconds of a processor that it had used."""
        used = processor_s(self.id)
        os.kill(self.id, signal.SIGKILL)
        while self.alive:
            time.sleep(0.001)
        return used

    @property
    def at_work(self) -> bool:
        return Path(self.plan.ready).exists()

    @property
    def alive(self) -> bool:
        return self._place.exists()

    @property
    def _place(self) -> Path:
        return Path(f"/proc/{self.id}")


class Nursery:
    """Starts processes (:mod:`tests.soak.x.nursery`). Soaks may share it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._one_at_a_time = threading.Lock()

    def start(self, plan: Plan) -> Running:
        """Begins at once; it is at work a moment later."""
        Path(plan.ready).unlink(missing_ok=True)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with self._one_at_a_time:
            process.stdin.write(msgspec.json.encode(plan).decode() + "\n")
            process.stdin.flush()
            return Running(int(process.stdout.readline()), plan)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """One that ends with the block, and all its processes with it."""
    command = [sys.executable, "-m", "tests.soak.x.nursery"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT, start_new_session=True
    ) as process:
        yield Nursery(process)


def processor_s(process: int) -> float:
    """Seconds of a processor that a process has used, and those that it waited for the end of."""
    numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, numbers[11:15])) / _TICKS


#: What a process may have more of in the end than after warming up.
MOST_GROWTH: Final = Size(memory=16 << 20, files=12, threads=6)


def growth(sizes: Sequence[Size]) -> Size:
    """By how much the last quarter is above the second one; the first is for warming up. Medians."""
    quarter = len(sizes) // 4
    early, late = sizes[quarter : 2 * quarter], sizes[-quarter:]
    return Size(*(_median(late, name) - _median(early, name) for name in ("memory", "files", "threads")))


def _median(sizes: Sequence[Size], name: str) -> int:
    values = sorted(getattr(size, name) for size in sizes)
    return int(values[len(values) // 2])
