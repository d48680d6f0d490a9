"""`make fresh`: do what a newcomer does, in an empty place, and time it.

Clones the last commit into an empty folder, with an empty HOME and no package cache, and runs the
README's two commands there. The times go into the README.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.table import write_into

ROOT = Path(__file__).parents[2]
#: What to run, and what to say that it closed with; its own last line where nothing is said.
COMMANDS = (
    ("make demo DEMO_ARGS=--once", ["demo", "DEMO_ARGS=--once"], "the report, exit 0"),
    ("make test", ["test"], None),
)


def main() -> int:
    rows = []
    for shown, arguments, told in COMMANDS:
        with tempfile.TemporaryDirectory(prefix="triage-fresh-") as folder:
            seconds, closing, code = _run(Path(folder), arguments)
        print(f"{shown}: exit {code} after {seconds:.0f} s; {closing}", flush=True)
        if code:
            return code
        rows.append(f"| `{shown}` | {_minutes(seconds)} | {told or closing} |")
    table = "\n".join(["| from an empty folder | time | it closes with |", "|---|---|---|", *rows, "", _note(), ""])
    write_into(ROOT / "README.md", "setup", table)
    return 0


def _run(folder: Path, arguments: list[str]) -> tuple[float, str, int]:
    """Seconds, the last line printed and the exit code of one command in a new clone."""
    clone, home = folder / "clone", folder / "home"
    home.mkdir()
    kept = {
        name: os.environ[name]
        for name in ("PATH", "TRIAGE_CORPORA", "TRIAGE_X_DOCUMENTS", "LANG")
        if name in os.environ
    }
    corpora = ROOT.parent / "shared" / "corpora"
    if corpora.is_dir():
        kept.setdefault("TRIAGE_CORPORA", str(corpora))
    environment = kept | {"HOME": str(home), "PIP_NO_CACHE_DIR": "1"}
    start = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], env=environment, check=True)
    command = ["make", *arguments]
    with (folder / "log").open("w+") as log:
        done = subprocess.run(command, cwd=clone, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        lines = [line.strip() for line in log if line.strip()]
    if done.returncode:
        print("\n".join(lines[-60:]), file=sys.stderr)
    return time.perf_counter() - start, lines[-1].strip("= ") if lines else "", done.returncode


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)} min {int(seconds % 60):02} s"


def _note() -> str:
    return f"Set-up included, nothing cached; {os.cpu_count()} cores. Written by `make fresh`."


if __name__ == "__main__":
    sys.exit(main())
