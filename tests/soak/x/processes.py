"""The product's processes from outside: started, measured, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from tests.soak.x.process import Plan

_ROOT: Final = Path(__file__).parents[3]
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Size:
    """What a process has at a moment: bytes of memory that are its own, open files, threads."""

    memory: int
    files: int
    threads: int


@dataclass
class Running:
    """A process that works until it is killed; what it logs goes to a file."""

    process: subprocess.Popen[bytes]
    log: Path
    ready: Path
    sizes: list[Size] = field(default_factory=list)

    @classmethod
    def start(cls, plan: Plan, log: Path) -> Running:
        """Begins at once; it is at work a few seconds later."""
        ready = Path(plan.ready)
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.soak.x.process", msgspec.json.encode(plan).decode()]
        with log.open("a") as written:
            return cls(subprocess.Popen(command, stderr=written, cwd=_ROOT), log, ready)

    def measure(self) -> None:
        """How large it is now, once it is at work."""
        if not self.ready.exists():
            return
        place = Path(f"/proc/{self.process.pid}")
        pages = int((place / "statm").read_text().split()[1])
        threads = len(list((place / "task").iterdir()))
        self.sizes.append(Size(pages * _PAGE, len(list((place / "fd").iterdir())), threads))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


#: What a process may have more of in the end than after warming up. On SQLite each connection keeps pages of the file,
#: which grows, up to 64 MB; on PostgreSQL the server does that.
MOST_GROWTH: Final = {
    "sqlite": Size(memory=64 << 20, files=12, threads=6),
    "postgresql": Size(memory=16 << 20, files=12, threads=6),
}


def growth(sizes: Sequence[Size]) -> Size:
    """By how much the last quarter is above the second one; the first is for warming up. Medians."""
    quarter = len(sizes) // 4
    early, late = sizes[quarter : 2 * quarter], sizes[-quarter:]
    return Size(*(_median(late, name) - _median(early, name) for name in ("memory", "files", "threads")))


def _median(sizes: Sequence[Size], name: str) -> int:
    values = sorted(getattr(size, name) for size in sizes)
    return int(values[len(values) // 2])
