"""How figures are shown: a table for the terminal, a page, and a block for the README.

What was measured is kept beside the page as JSON, so that one measure can be taken anew and the page still has all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from training.figures.figure import Figure, Measured, Unit, from_json
from training.figures.measures import MEASURES
from triage.errors import InvalidInput

COMMAND: Final = "python -m training figures --write"
_BLOCK: Final = "figures"
_README: Final = "README.md"
_KEPT: Final = Path("docs", "figures.json")


def read_kept(path: Path) -> list[Measured]:
    """What :func:`keep` wrote; nothing where there is no such file.

    Raises:
        InvalidInput: the file is not what :func:`keep` writes.
    """
    if not path.exists():
        return []
    try:
        return [from_json(told) for told in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"is not what `{COMMAND}` wrote: {error}", field=path.name) from error


def keep(path: Path, new: Sequence[Measured]) -> list[Measured]:
    """Put ``new`` in the place of what ``path`` has of the same measures; returns all, in the order of the page."""
    known = {one.name: one for one in [*read_kept(path), *new]}
    ordered = [known[measure.name] for measure in MEASURES if measure.name in known]
    path.write_text(json.dumps([one.as_json() for one in ordered], indent=1, ensure_ascii=False) + "\n", "utf-8")
    return ordered


def table(measured: Sequence[Measured]) -> str:
    """Columns of text, one line a figure."""
    rows = [("measure", "figure", "", "at least", "aim", "reached")]
    rows += [
        (one.name, figure.name, _value(figure), *_goal(figure), str(figure.reached))
        for one in measured
        for figure in one.figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def page(measured: Sequence[Measured]) -> str:
    """``docs/figures.md``."""
    titles = {measure.name: measure.title for measure in MEASURES}
    lines = [
        "# Figures",
        "",
        f"Written by `{COMMAND}`, which runs every measure; with names it takes those anew and leaves the others as "
        "they were. Brackets hold a 95 % bootstrap interval over the messages. `at least` is a floor, or a ceiling (≤) "
        "where less is better. Public corpora are looked for in `TRIAGE_CORPORA`; a measure that lacks its corpus "
        "is left out.",
        "",
        *_models(measured),
        "",
    ]
    for one in measured:
        lines += [f"## {titles[one.name]}", "", f"`python -m training figures {one.name}`", ""]
        lines += ["| figure | | messages | at least | aim | reached |", "|---|--:|--:|--:|--:|---|"]
        lines += [
            f"| {figure.name} | {_value(figure)} | {'' if figure.messages is None else f'{figure.messages:,}'} "
            f"| {' | '.join(_goal(figure))} | {figure.reached} |"
            for figure in one.figures
        ]
        lines += ["", one.details, ""] if one.details else [""]
    return "\n".join(lines)


def block(measured: Sequence[Measured]) -> str:
    """The README's table: the figures that have a goal."""
    lines = ["| measure | figure | | at least | aim | reached |", "|---|---|--:|--:|--:|---|"]
    for one in measured:
        lines += [
            f"| {one.name} | {figure.name} | {_value(figure)} | {' | '.join(_goal(figure))} | {figure.reached} |"
            for figure in one.figures
            if figure.goal
        ]
    return "\n".join(
        [*lines, "", f"Written by `{COMMAND}`; [docs/figures.md](docs/figures.md) says what each one is.", ""]
    )


def with_block(text: str, new: str) -> str:
    """``text`` with ``new`` between the markers of the figures.

    Raises:
        InvalidInput: the markers are not there.
    """
    start, end = f"<!-- {_BLOCK}:start -->", f"<!-- {_BLOCK}:end -->"
    before, _, rest = text.partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise InvalidInput(f"there is no place marked {start} … {end}")
    return f"{before}{start}\n{new}{end}{after}"


def check(root: Path) -> None:
    """Make sure, before anything long begins, that :func:`write` has where to write.

    Raises:
        InvalidInput: the README has no place for the figures, or what was kept is broken.
    """
    with_block((root / _README).read_text(encoding="utf-8"), "")
    read_kept(root / _KEPT)


def write(root: Path, new: Sequence[Measured]) -> None:
    """Keep ``new`` and write page and README of the repository at ``root``.

    Raises:
        InvalidInput: as :func:`check`; nothing is written then.
    """
    check(root)
    measured = keep(root / _KEPT, new)
    (root / "docs" / "figures.md").write_text(page(measured), encoding="utf-8")
    readme = root / _README
    readme.write_text(with_block(readme.read_text(encoding="utf-8"), block(measured)), encoding="utf-8")


def _models(measured: Sequence[Measured]) -> list[str]:
    """Which model the figures are of: one line, or one each where they are not of the same."""
    versions = {one.model for one in measured if one.model}
    if len(versions) < 2:
        return [f"The model is `{version}`." for version in versions]
    lines = ["Not all figures are of the same model:", ""]
    return lines + [
        f"- `{version}`: {', '.join(one.name for one in measured if one.model == version)}"
        for version in sorted(versions)
    ]


def _value(figure: Figure) -> str:
    value = _number(figure.value, figure.unit)
    if figure.interval is None:
        return value
    low, high = (_number(limit, figure.unit) for limit in figure.interval)
    return f"{value} [{low}, {high}]"


def _goal(figure: Figure) -> tuple[str, str]:
    if not figure.goal:
        return "", ""
    sign = "≤ " if figure.goal.less_is_better else ""
    floor, aim = (
        "" if limit is None else sign + _number(limit, figure.unit) for limit in (figure.goal.floor, figure.goal.aim)
    )
    return floor, aim


def _number(value: float, unit: Unit) -> str:
    match unit:
        case Unit.PERCENT:
            return f"{value:.1%}"
        case Unit.COUNT:
            return f"{value:,.0f}"
        case Unit.MEGABYTES:
            return f"{value:,.0f} MB"
        case Unit.SECONDS:
            return f"{value:.2f} s"
        case Unit.MILLISECONDS:
            return f"{value:.1f} ms"
        case Unit.POINTS:
            return f"{value:.3f}"
