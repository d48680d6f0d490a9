"""Rows of results, and the table made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Row:
    """One measured thing: ``values`` are its runs, in ``unit``; ``ratio`` is to ``peer``, run by run."""

    name: str
    unit: str
    values: tuple[float, ...]
    peer: str = ""
    ratios: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"median": median(self.values)}


def as_markdown(rows: list[Row], note: str) -> str:
    lines = ["| what | median | lowest – highest | against a peer in the same run |", "|---|---|---|---|"]
    for row in rows:
        peer = f"{median(row.ratios):.0%} of {row.peer}" if row.ratios else ""
        lines.append(
            f"| {row.name} | {_number(median(row.values))} {row.unit} "
            f"| {_number(min(row.values))} – {_number(max(row.values))} | {peer} |"
        )
    return "\n".join([*lines, "", f"Measured on {note}.", ""])


def write_into(path: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name:start -->`` and ``<!-- name:end -->``."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{path} has no place marked {start} … {end}")
    path.write_text(f"{before}{start}\n{text}{end}{after}", encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
