"""Commands in processes of their own, which can be killed, without the seconds that each takes to start.

All are forked from one process that has loaded the shipped parts (:mod:`tests.warm`). Databases, connections, threads,
logs and all else are made anew by each.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from app.cli import main

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.warm"])
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Command:
    """A command that runs or has run; what it printed is in files."""

    process: ForkServerProcess
    folder: Path

    def ended(self, seconds: float = 300) -> int:
        """Its exit code, once it has ended."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, f"still running: {self.said[-2000:]}"
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    @property
    def printed(self) -> str:
        return (self.folder / "1").read_text(encoding="utf-8")

    @property
    def said(self) -> str:
        """On standard error."""
        return (self.folder / "2").read_text(encoding="utf-8")


def start(
    *arguments: str | Path, printed: Path, text: str = "", folder: Path | None = None, **environment: str
) -> Command:
    """``triage`` with arguments, as a shell starts it in ``folder``; ``printed`` is a new folder for what it prints."""
    printed.mkdir()
    (printed / "0").write_text(text, encoding="utf-8")
    told = [str(argument) for argument in arguments]
    process = _FORKED.Process(target=_be, args=(told, printed, folder or Path.cwd(), dict(os.environ | environment)))
    process.start()
    return Command(process, printed)


def _be(arguments: list[str], printed: Path, folder: Path, environment: Mapping[str, str]) -> None:
    for number, (name, flags) in enumerate((("stdin", os.O_RDONLY), ("stdout", _NEW), ("stderr", _NEW))):
        os.dup2(os.open(printed / str(number), flags, 0o600), number)
        setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    main(arguments, prog_name="triage")
