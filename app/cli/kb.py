"""``triage kb``: what is in a brand's knowledge base, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from app.cli.database import database_option, settings_on
from app.compose import API_CHANNEL, DEMO_BRAND, compose, load_vectors
from triage import settings
from triage.answers.certificate import read as read_certificate
from triage.answers.choices import write as write_learnt
from triage.answers.findings import Finding, Terms, kinds, look_through
from triage.answers.knowledge_base import load, read_folder
from triage.answers.snippet import Snippet
from triage.brand import Brand, load_brand
from triage.channels import traffic_file
from triage.errors import InvalidInput
from triage.privacy.guard import Guard
from triage.service.learning import learnt
from triage.service.training_export import chosen_channels, known_channels

#: The channels that a snippet may have texts of its own for.
_CHANNELS = frozenset({"x", API_CHANNEL, traffic_file.CHANNEL})

_brand_option = click.option(
    "--brand",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the brand: brand.toml and kb/; by default the one that TRIAGE_BRAND names, or the demo brand.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_day_option = click.option("--on", "day", metavar="DATE", help="As of this day, such as 2026-12-31; by default today.")


@click.group()
def kb() -> None:
    """The knowledge base: snippets that answer questions."""


@kb.command("check")
@_brand_option
@_day_option
@click.option("--soon", type=click.IntRange(min=0), default=30, show_default=True, help="Days that count as soon.")
@_json_option
def check(folder: Path | None, day: str | None, soon: int, as_json: bool) -> None:
    """Find what is broken, too long, outdated, blocked, competing or contradictory.

    Exit code 1 if anything was found, 2 if there is nothing to look through.
    """
    brand = _brand(folder)
    reading = read_folder(brand.knowledge_base, brand.variables)
    terms = Terms(
        today=_day(day),
        soon=timedelta(days=soon),
        signature=brand.signature,
        channels=_CHANNELS,
        accounts=brand.folded_handles,
        guard=Guard(brand.published).check,
        vectors=load_vectors(settings.read()),
    )
    found = look_through(reading, terms)
    count = len(reading.files) + len(reading.problems)
    click.echo(_as_json(count, found) if as_json else _as_text(count, found))
    sys.exit(int(bool(found)))


@kb.command("list")
@_brand_option
@_day_option
@_json_option
def list_snippets(folder: Path | None, day: str | None, as_json: bool) -> None:
    """List the snippets with version, mode, days and what they have; broken files are named on standard error."""
    brand = _brand(folder)
    today = _day(day)
    reading = read_folder(brand.knowledge_base, brand.variables)
    for problem in reading.problems:
        click.echo(f"triage: {problem}", err=True)
    known = reading.knowledge_base(today)
    rows = [_row(snippet, brand, today) for snippet in known.snippets]
    if as_json:
        click.echo(_json({"digest": known.digest, "snippets": rows}))
    else:
        click.echo(_table(rows))
    sys.exit(int(bool(reading.problems)))


@kb.command("learn")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be learnt.")
@database_option
def learn(database: str | None, dry_run: bool) -> None:
    """Learn from agents' choices: a message that was answered from a suggestion becomes a question of that snippet.

    Writes learnt.jsonl, whole and anew, into the knowledge base of TRIAGE_BRAND. Only messages of channels that
    brand.toml names under [training] count, and none in which something is masked. A knowledge base that has learnt
    is another one: its certificate no longer holds, and nothing is answered alone until it is certified again.
    """
    product = compose(settings_on(database))
    product.check_schema()
    brand = product.brand
    reading = read_folder(brand.knowledge_base, brand.variables)
    channels, _ = chosen_channels(brand.training_channels, None, known_channels(product.store))
    ids = {file.snippet.id for file in reading.files}
    found = learnt(product.store, product.showing, channels, brand.folded_handles, ids)
    click.echo(
        f"{found.made:,} choices, {found.gone:,} of them of snippets that are gone; learnt: {len(found.choices):,} "
        f"questions for {found.snippets:,} snippets"
    )
    if not dry_run:
        click.echo(f"{write_learnt(brand.knowledge_base, found.choices)} is written")
        _say_if_withdrawn(brand)


def _say_if_withdrawn(brand: Brand) -> None:
    given = read_certificate(brand.knowledge_base)
    known = load(brand.knowledge_base, datetime.now(UTC).date(), brand.variables)
    if given is not None and given.grounds.knowledge_base != known.digest:
        click.echo(
            "the certificate is for the knowledge base as it was: from the next start on nothing is answered alone, "
            "until `python -m training certify` has made a new one"
        )


def _brand(folder: Path | None) -> Brand:
    return load_brand(folder or settings.read().brand or DEMO_BRAND)


def _day(given: str | None) -> date:
    if given is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"{given!r} is not a date such as 2026-12-31", field="--on") from None


def _as_text(count: int, found: Sequence[Finding]) -> str:
    told = ", ".join(f"{kind} {number}" for kind, number in kinds(found).items())
    return "\n".join([*map(str, found), f"{count} snippets: {told or 'nothing to mend'}"])


def _as_json(count: int, found: Iterable[Finding]) -> str:
    rows = [
        {
            "kind": finding.kind.value,
            "file": str(finding.path) if finding.path else None,
            "line": finding.line,
            "snippets": list(finding.snippets),
            "text": finding.text,
        }
        for finding in found
    ]
    return _json({"snippets": count, "findings": rows})


def _row(snippet: Snippet, brand: Brand, today: date) -> dict[str, Any]:
    return {
        "id": snippet.id,
        "version": snippet.version,
        "mode": snippet.mode.within(brand.mode).value,
        "accounts": list(snippet.accounts),
        "valid_from": snippet.valid_from and snippet.valid_from.isoformat(),
        "valid_until": snippet.valid_until and snippet.valid_until.isoformat(),
        "offered": snippet.offered(today),
        "questions": len(snippet.questions),
        "wordings": len(snippet.all_wordings),
        "title": snippet.title,
    }


def _table(rows: Sequence[dict[str, Any]]) -> str:
    cells = [list(rows[0])] if rows else []
    cells += [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value is None else str(value)


def _json(document: object) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
