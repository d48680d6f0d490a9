"""What came out of one soak, as it is kept in a file, so that pages can tell of several sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.soak.x.plans import Kind
from tests.soak.x.processes import Size

_NAME: Final = "record.json"


class Record(msgspec.Struct, frozen=True):
    """``amiss`` should be empty; ``happened`` counts faults and all else by name. Seconds of processors are by who used
    them; ``sizes`` are those of each process that was not killed any more, with how many messages were written by then.
    """

    kind: Kind
    amiss: list[str] = []
    happened: dict[str, int] = {}
    written: int = 0
    kills: int = 0
    faults: int = 0
    seconds: float = 0.0
    processor_s: dict[str, float] = {}
    sizes: list[list[tuple[int, Size]]] = []
    growth: list[Size] = []
    more: dict[str, Any] = {}

    def keep(self, folder: Path) -> None:
        (folder / _NAME).write_bytes(msgspec.json.encode(self))


def records(folders: Iterable[Path]) -> list[Record]:
    """Those of all soaks whose folders lie in these, by size and seed."""
    places = (place for folder in folders for place in sorted(folder.glob(f"*/{_NAME}")))
    found = [msgspec.json.decode(place.read_bytes(), type=Record) for place in places]
    return sorted(found, key=lambda one: (one.kind.messages, one.kind.seed))


def together(soaks: Iterable[Record]) -> Counter[str]:
    """What happened in all of them."""
    counted: Counter[str] = Counter()
    for soak in soaks:
        counted.update(soak.happened)
    return +counted
