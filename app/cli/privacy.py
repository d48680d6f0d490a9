"""``triage erase``, ``triage retain`` and ``triage export``: what is held of people, and letting it go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from app.cli.database import database_option, settings_on
from app.cli.output import output_option, written
from app.compose import Product, compose
from app.dossier import as_json_document, as_markdown
from triage.domain.erasure import Certificate
from triage.errors import InvalidInput
from triage.service.subject_access import dossier
from triage.service.sweeping import sweep

#: Messages of a channel in one transaction.
_BATCH: Final = 200

author_option = click.option("--author", metavar="ID", help="Id of the person on the channel.")
channel_option = click.option("--channel", metavar="NAME", help="On this channel only; on all if left out.")
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command()
@author_option
@channel_option
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
@click.option("--certificates", is_flag=True, help="Erase nothing; show what was erased before.")
@json_option
@database_option
def erase(
    author: str | None, channel: str | None, yes: bool, certificates: bool, as_json: bool, database: str | None
) -> None:
    """Erase what a person wrote and what was said to them, and print a certificate.

    There is no way back. Doing it again changes nothing and prints the certificate again.
    """
    product = compose(settings_on(database))
    product.check_schema()
    if certificates:
        _show(product.erasure.certificates(), as_json)
        return
    author = _required(author)
    if not yes:
        _ask(product, author, channel)
    certificate = product.erasure.erase(author, channel)
    _show([certificate], as_json)
    if certificate.finished_at is None:
        click.echo("triage: a reply is being sent right now; run this again to take it out of the journal", err=True)
        sys.exit(1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many messages it would be.")
@database_option
def retain(dry_run: bool, database: str | None) -> None:
    """Let the content go that was kept for as long as the brand keeps it ([retention] in brand.toml).

    The worker does the same once an hour.
    """
    product = compose(settings_on(database))
    product.check_schema()
    if not product.retention.periods:
        click.echo("nothing: the brand keeps content on all channels for ever ([retention] in brand.toml)")
    for channel, count in product.retention.due().items():
        click.echo(f"{channel}: {count:,} {'messages' if count != 1 else 'message'} past their time")
    if dry_run:
        return
    went = sum(iter(lambda: product.retention.apply(_BATCH), 0))
    sweep(product.store, product.journals, product.clock)
    product.store.forget_leftovers()
    click.echo(f"{went:,} erased")


@click.command()
@author_option
@channel_option
@output_option
@json_option
@database_option
def export(author: str | None, channel: str | None, output: Path, as_json: bool, database: str | None) -> None:
    """Write all that is held about a person: messages, judgements, replies, cases, what happened, erasures.

    Markdown for people, or JSON. A file is written whole or not at all. It shows everything unmasked.
    """
    product = compose(settings_on(database))
    product.check_schema()
    found = dossier(product.store, product.clock, _required(author), channel)
    with written(output) as stream:
        stream.write(as_json_document(found) if as_json else as_markdown(found).encode())


def _required(author: str | None) -> str:
    if not author:
        raise InvalidInput("is missing", field="--author")
    return author


def _ask(product: Product, author: str, channel: str | None) -> None:
    held = product.erasure.held(author, channel)
    where = "all channels" if channel is None else channel
    click.confirm(f"Erase {held:,} messages of this author on {where}, for good?", abort=True, err=True)


def _show(certificates: list[Certificate], as_json: bool) -> None:
    if as_json:
        shown: Any = msgspec.to_builtins(certificates)
        click.echo(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
    else:
        click.echo("\n".join(map(_as_text, certificates)) or "nothing was erased yet")


def _as_text(certificate: Certificate) -> str:
    finished = certificate.finished_at
    lines = [
        f"Certificate of erasure {certificate.id}",
        f"  author    {certificate.author} (HMAC-SHA256 of the id under a secret of this database)",
        f"  channel   {certificate.channel or 'all'}",
        f"  erased    {certificate.erased_at.isoformat(timespec='seconds')} by {certificate.actor}",
        f"  finished  {finished.isoformat(timespec='seconds') if finished else 'not yet: a reply is being sent'}",
        *(f"  {kind.replace('_', ' '):<20}  {count:,}" for kind, count in certificate.counts.items()),
        "",
    ]
    return "\n".join(lines)
