"""Tests that measure seconds have the machine to themselves: the other processes of the run wait until they are done.

Locks of files that are there anyway (``flock``), so that nothing is left behind by a run that is killed. Who wants to
come in holds the door, so that one who waits for an empty room is not overtaken for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

_DOOR: Final = Path(__file__)
_ROOM: Final = Path(__file__).parent


@contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Together with others, or ``alone``: once the others are done, and before any of them goes on."""
    with ExitStack() as inside:
        with _locked(_DOOR, fcntl.LOCK_EX):
            inside.enter_context(_locked(_ROOM, fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone leaves it to a child that was forked meanwhile
        os.close(descriptor)
