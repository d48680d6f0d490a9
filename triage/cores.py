"""How many cores this process may use."""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """The cores that the operating system lets this process run on, where it says so; else all of the machine's."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
