"""``python -m tests.soak.x``: soaks of different seeds, and a table of what became of them.

Ends with status 1 if anything was lost, doubled, put in the wrong place, asked too often, or grew.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.soak.x.databases import Databases, postgresql
from tests.soak.x.plans import kind_of
from tests.soak.x.soaking import Soak
from tests.soak.x.table import head, page, row

_SHOWN: Final = 20
_PAGE: Final = Path(__file__).parents[3] / "docs" / "soak.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.x", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--messages", type=int, default=20_000, help="written to the brand in each")
    parser.add_argument("--jobs", type=int, default=1, help="soaks at a time")
    parser.add_argument("--write", action="store_true", help=f"write the table to {_PAGE.name}")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    began = time.monotonic()
    print(head(), flush=True)
    with ExitStack() as ended:
        server = ended.enter_context(postgresql()) if any(seed % 2 for seed in seeds) else None
        with ThreadPoolExecutor(options.jobs) as pool:
            soaks = list(pool.map(lambda seed: _soaked(seed, options.messages, folder, server), seeds))
    _summary(soaks, time.monotonic() - began, folder)
    if options.write:
        _PAGE.write_text(page(soaks), encoding="utf-8")
    sys.exit(any(soak.findings.faults for soak in soaks))


def _soaked(seed: int, messages: int, folder: Path, server: str | None) -> Soak:
    kind, place = kind_of(seed, messages), folder / f"seed-{seed}"
    place.mkdir()
    url = Databases(place, server if kind.engine == "postgresql" else None).make(f"soak_{seed}")
    soak = Soak(kind, url, place)
    try:
        soak.run()
    except Exception as error:  # the others go on
        soak.findings.find(f"the soak itself ended: {type(error).__name__}: {error}")
    (place / "figures.json").write_text(json.dumps(soak.findings.figures | {"struck": soak.struck}, indent=1))
    print(row(soak), flush=True)
    for fault in soak.findings.faults[:_SHOWN]:
        print(f"    seed {seed}: {fault}", flush=True)
    return soak


def _summary(soaks: Sequence[Soak], seconds: float, folder: Path) -> None:
    struck: Counter[str] = Counter()
    for soak in soaks:
        struck.update(soak.struck)
    never = sorted(name for name, times in struck.items() if not times)
    print(f"{len(soaks)} soaks in {seconds:.0f} s; logs in {folder}")
    print(
        f"faults struck {struck.total()} times, {len(struck) - len(never)} kinds; never: {', '.join(never) or 'none'}"
    )


if __name__ == "__main__":
    main()
