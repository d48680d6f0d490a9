"""Soaks as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.soak.x.soaking import Soak

_COLUMNS: Final = ("seed", "sources", "database", "messages", "kills", "faults", "replies", "amiss", "growth", "time")
_MB: Final = 1 << 20


def head() -> str:
    return f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"


def row(soak: Soak) -> str:
    figures, kind = soak.findings.figures, soak.kind
    growth = ", ".join(f"{size.memory / _MB:+.1f} MB" for size in soak.growth)
    cells = (
        kind.seed,
        kind.sources,
        kind.engine + (", shipped model" if kind.shipped else ""),
        figures.get("written", "?"),
        figures.get("kills", "?"),
        figures.get("faults", "?"),
        figures.get("posted", "?"),
        len(soak.findings.faults),
        growth or "?",
        f"{figures.get('seconds', '?')} s",
    )
    return f"| {' | '.join(map(str, cells))} |"


def page(soaks: Sequence[Soak]) -> str:
    """The table as a page of the documents."""
    rows = "\n".join(row(soak) for soak in soaks)
    return f"{_TEXT}\n{head()}\n{rows}\n"


_TEXT: Final = """# The connection to X, soaked

Written by `python -m tests.soak.x --write`; `make soak` runs the same. Each row is one run with the stand-in for X
([record 20](adr/0020-x-stand-in.md)) on a clock sixty times as fast: two processes of the product, killed at random
and started again, agents at the API, and all faults at random. *Replies* are those that are on X in the end; *amiss*
counts what was lost, doubled, put in the wrong place, or asked of X too often; *growth* is that of the two processes'
memory from the second to the last quarter of the time after the last kill.
"""
