"""``triage training-export``: decided messages as rows to train on."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from app.cli.database import database_option, settings_on
from app.cli.output import output_option, written
from app.compose import compose
from triage.service.training_export import chosen_channels, known_channels, rows


@click.command("training-export")
@output_option
@click.option("--channel", help="Only messages of this channel.")
@database_option
def training_export(output: Path, channel: str | None, database: str | None) -> None:
    """Decided messages as JSON Lines to train on: masked, without anybody's name or id.

    Only channels that brand.toml names under [training] are exported. Beside the text a row has the
    model's verdicts and what people did with the case; neither is a label yet.
    """
    product = compose(settings_on(database))
    product.check_schema()
    known = known_channels(product.store)
    channels, left_out = chosen_channels(product.brand.training_channels, channel, known)
    with written(output) as stream:
        count = 0
        for row in rows(product.store, product.showing, channels, product.brand.folded_handles):
            stream.write(msgspec.json.encode(row) + b"\n")
            count += 1
    click.echo(f"triage: rows written: {count:,}; channels: {', '.join(channels)}", err=True)
    if left_out:
        counted = ", ".join(f"{name} ({known[name]:,})" for name in left_out)
        click.echo(f"triage: channels left out, not asked for or not opened in brand.toml: {counted}", err=True)
