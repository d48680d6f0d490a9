"""Threads that read values of one type for the first time at the same moment, as a process that begins does."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

#: In processes that have imported a module and read nothing yet, six threads read at once. Switching between threads
#: all the time makes a race that is rare in life likely enough to see.
_RACE: Final = """
import os, sys, threading
import msgspec
from {module} import {shape} as shape
sys.setswitchinterval(1e-6)

def read(gate):
    gate.wait()
    try:
        msgspec.convert({{}}, shape)
    except msgspec.ValidationError:
        pass

for _ in range(40):
    process = os.fork()
    if process == 0:
        gate = threading.Barrier(6)
        threads = [threading.Thread(target=read, args=(gate,)) for _ in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        os._exit(0)
    _, status = os.waitpid(process, 0)
    if status:
        sys.exit(f"a process ended with status {{status}}")
"""


def test_threads_that_read_a_type_for_the_first_time_at_once_do_not_end_the_process() -> None:
    script = _RACE.format(module="triage.store.judgements", shape="Scores")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr[-500:]
