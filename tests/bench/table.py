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


@dataclass(frozen=True)
class Beside:
    """The product or one peer: ``speeds`` in messages per second, by run; ``multiples``: the product's over them.

    ``macro_f1`` is of sentiment; a peer that says none has none.
    """

    name: str
    judges: str
    threads: int
    speeds: tuple[float, ...]
    multiples: tuple[float, ...]
    macro_f1: float | None

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"median": median(self.speeds)}


@dataclass(frozen=True)
class Comparison:
    """The product, first, and its peers; ``left_out``: who could not be measured, and why."""

    rows: tuple[Beside, ...]
    left_out: tuple[tuple[str, str], ...]
    note: str

    def as_dict(self) -> dict[str, object]:
        return {"rows": [row.as_dict() for row in self.rows], "left_out": dict(self.left_out), "note": self.note}


def as_markdown(rows: list[Row], note: str) -> str:
    lines = ["| what | median | lowest – highest | against a peer in the same run |", "|---|---|---|---|"]
    for row in rows:
        peer = f"{median(row.ratios):.0%} of {row.peer}" if row.ratios else ""
        lines.append(
            f"| {row.name} | {_number(median(row.values))} {row.unit} "
            f"| {_number(min(row.values))} – {_number(max(row.values))} | {peer} |"
        )
    return "\n".join([*lines, "", f"Measured on {note}.", ""])


def beside_as_markdown(comparison: Comparison) -> str:
    product, *_ = comparison.rows
    lines = [
        f"| beside others | judges | threads | messages per second | speed of {product.name} as a multiple "
        "| sentiment macro-F1 |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for one in comparison.rows:
        multiple = "1" if one is product else _multiple(one.multiples)
        macro_f1 = "–" if one.macro_f1 is None else f"{one.macro_f1:.2f}"
        cells = (one.name, one.judges, str(one.threads), _number(median(one.speeds)), multiple, macro_f1)
        lines.append(f"| {' | '.join(cells)} |")
    left_out = [f"Left out: {name} ({reason})." for name, reason in comparison.left_out]
    return "\n".join([*lines, "", " ".join([comparison.note, *left_out]), ""])


def _multiple(ratios: tuple[float, ...]) -> str:
    """Median, lowest and highest."""
    return f"{_short(median(ratios))} ({_short(min(ratios))} – {_short(max(ratios))})"


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


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
