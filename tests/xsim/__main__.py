"""``python -m tests.xsim --port 0 --clock real|FACTOR``: serves until killed, and says where as one line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
from datetime import datetime

from aiohttp import web

from tests.xsim.control import Control
from tests.xsim.server import Site, application


async def serve(port: int, factor: float, began: datetime | None) -> None:
    """Runs until it is cancelled."""
    site = Site(factor, began.timestamp() if began else None)
    app = application(site)
    Control(site).add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    line = {"address": address, "pid": os.getpid(), "app": site.platform.credentials.app.body()}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.xsim", description="A stand-in for X.")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--clock", default="real", help="real, or how many times as fast as real time")
    parser.add_argument("--began", type=datetime.fromisoformat, help="the moment at which its clock starts: now")
    parser.add_argument("--attached", action="store_true", help="end with whoever holds the other end of its input")
    options = parser.parse_args()
    if options.attached:
        threading.Thread(target=_end_with_input, daemon=True).start()
    factor = 1.0 if options.clock == "real" else float(options.clock)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, factor, options.began))


if __name__ == "__main__":
    main()
