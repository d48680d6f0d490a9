"""Where the product's processes come from: one process that has loaded what they all need, and forks.

``python -m tests.soak.x.nursery`` reads plans, one a line, and answers each with the id of the process that works by
it. A start takes a moment instead of seconds of both cores, so a soak can kill often. What is inherited is code and the
model of people, which nobody changes; database, connections, threads and all else are made anew by each. When its input
ends it ends, and so do all that came from it.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback

import msgspec

from tests.soak.x.process import Loaded, Plan, work


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the killed
    loaded = Loaded.load()
    for line in sys.stdin:
        plan = msgspec.json.decode(line, type=Plan)
        process = os.fork()
        if process == 0:
            _become(plan, loaded)
        print(process, flush=True)
    os.killpg(0, signal.SIGKILL)


def _become(plan: Plan, loaded: Loaded) -> None:
    """Never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(plan.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for number, place in enumerate((os.open(os.devnull, os.O_RDONLY), log, log)):
            os.dup2(place, number)
        work(plan, loaded)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
