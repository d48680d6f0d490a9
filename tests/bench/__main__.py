"""Run the benchmarks, print the tables, write ``bench.json`` and the README's tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench.beside import measure_beside
from tests.bench.detection import measure_detection
from tests.bench.pipeline import measure_pipeline
from tests.bench.scoring import measure_scoring
from tests.bench.table import as_markdown, beside_as_markdown, write_into
from tests.bench.x import measure_x
from tests.traffic import days

ROOT = Path(__file__).parents[2]
CORPUS = "twcs/tweets.jsonl.gz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement; the median is shown")
    parser.add_argument("--no-readme", action="store_true", help="leave the README as it is")
    parser.add_argument("--peers-only", action="store_true", help="print the table of peers, and write nothing")
    parser.add_argument("--detection-only", action="store_true", help="print the table of detection, and write nothing")
    parser.add_argument(
        "--x-only", action="store_true", help="print the rows of the connection to X, and write nothing"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        Path(folder).chmod(0o755)  # the server of PostgreSQL runs as another user
        file, described = _traffic(Path(folder))
        if options.peers_only:
            print(beside_as_markdown(measure_beside(file, _corpora(), options.runs)))
            return
        if options.x_only:
            print(as_markdown(measure_x(Path(folder), options.runs), "the stand-in for X"))
            return
        if options.detection_only:
            print(beside_as_markdown(measure_detection(file, options.runs)))
            return
        rows = measure_scoring(file, options.runs)
        rows += measure_pipeline(file, Path(folder), options.runs)
        rows += measure_x(Path(folder), options.runs)
        comparison = measure_beside(file, _corpora(), options.runs)
        detection = measure_detection(file, options.runs)
    note = f"{described}; median of {options.runs} runs; {_machine()}, Python {platform.python_version()}"
    table = as_markdown(rows, note) + "\n" + beside_as_markdown(comparison)
    table += "\n" + beside_as_markdown(detection)
    print(table)
    found = {"note": note, "rows": [row.as_dict() for row in rows], "beside": comparison.as_dict()}
    found |= {"detection": detection.as_dict()}
    (ROOT / "bench.json").write_text(json.dumps(found, indent=2) + "\n")
    if not options.no_readme:
        write_into(ROOT / "README.md", "bench", table)


def _machine() -> str:
    """How many cores, of what kind, and with which instructions for products of 8 bits: those decide much."""
    file = Path("/proc/cpuinfo")
    pairs = [line.partition(":") for line in file.read_text().splitlines()] if file.exists() else []
    told = {name.strip(): value.strip() for name, _, value in pairs}
    flags = [flag for flag in ("amx_int8", "avx512_vnni", "avx_vnni") if flag in told.get("flags", "").split()]
    return f"{os.cpu_count()} cores ({', '.join([told.get('model name', platform.machine()), *flags])})"


def _corpora() -> Path:
    return Path(os.environ.get("TRIAGE_CORPORA", ROOT.parent / "shared" / "corpora"))


def _traffic(folder: Path) -> tuple[Path, str]:
    """Real traffic where the public corpora are, else the bundled day many times over."""
    if (_corpora() / CORPUS).exists():
        return _corpora() / CORPUS, "real traffic (Customer Support on Twitter, 53,223 posts, 17,882 of them inbound)"
    return days(folder / "days.jsonl", 50), "the bundled day, 50 times over (the public corpora are not here)"


if __name__ == "__main__":
    sys.exit(main())
