"""``python -m tests.soak.x``: soaks of different seeds, one after another, and a table of what they found."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.keys import VAULT
from tests.soak.x.soaking import Soak
from triage.store import open_store, schema


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.x", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--messages", type=int, default=20_000)
    options = parser.parse_args()
    bad = False
    for seed in options.seeds:
        folder = Path(tempfile.mkdtemp(prefix=f"soak-{seed}-"))
        url = f"sqlite:///{folder}/soak.db"
        with closing(open_store(url, VAULT)) as store:
            schema.upgrade(store)
        soak = Soak(seed, options.messages, url, folder)
        found = soak.run()
        print(found.figures, getattr(soak, "sizes", None), folder)
        print(f"{len(found.faults)} findings")
        for fault in found.faults[:20]:
            print("  ", fault)
        bad |= bool(found.faults)
    sys.exit(bad)


if __name__ == "__main__":
    main()
