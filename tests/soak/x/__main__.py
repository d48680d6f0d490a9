"""``python -m tests.soak.x``: soaks of different seeds, and a table of what became of them.

Ends with status 1 if anything was lost, doubled, put in the wrong place, asked too often, or grew, and if something
that can go wrong never did.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.soak.x.coverage import missing
from tests.soak.x.pages import head, page, row
from tests.soak.x.plans import Kind, kind_of
from tests.soak.x.processes import Nursery, nursery
from tests.soak.x.record import Record, records, together
from tests.soak.x.soaking import Soak

_SHOWN: Final = 20
_PAGE: Final = Path(__file__).parents[3] / "docs" / "soak.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.x", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--messages", type=int, default=20_000, help="written to the brand in each")
    parser.add_argument("--jobs", type=int, default=1, help="soaks at a time")
    parser.add_argument("--write", action="store_true", help=f"write what came out to {_PAGE.name}")
    parser.add_argument(
        "--beside", type=Path, action="append", default=[], metavar="FOLDER", help="what was kept of an earlier set"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    began = time.monotonic()
    print(head(), flush=True)
    with nursery() as source, ThreadPoolExecutor(options.jobs) as pool:
        kinds = [kind_of(seed, options.messages) for seed in range(options.first, options.first + options.seeds)]
        soaks = list(pool.map(lambda kind: _soaked(kind, folder, source), kinds))
    print(f"{len(soaks)} soaks in {time.monotonic() - began:.0f} s; logs in {folder}")
    for name, times in sorted(together(soaks).items()):
        print(f"    {name}: {times:,}")
    never = missing(soaks)
    print(f"could have happened and did not: {', '.join(never) or 'nothing'}")
    if options.write:
        _PAGE.write_text(page(records([folder, *options.beside])), encoding="utf-8")
    sys.exit(bool(never) or any(soak.amiss for soak in soaks))


def _soaked(kind: Kind, folder: Path, source: Nursery) -> Record:
    place = folder / f"seed-{kind.seed}"
    place.mkdir()
    record = Soak(kind, place, source).run()
    record.keep(place)
    print(row(record), flush=True)
    for what in record.amiss[:_SHOWN]:
        print(f"    seed {kind.seed}: {what}", flush=True)
    return record


if __name__ == "__main__":
    main()
