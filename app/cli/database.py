"""The option ``--database``, which every command that uses one has."""

from __future__ import annotations

import click

from triage import settings

database_option = click.option("--database", metavar="URL", help="Database to use instead of TRIAGE_DATABASE_URL.")


def settings_on(database: str | None) -> settings.Settings:
    """The settings, on the database that was named, if one was; an empty name is a name, and a wrong one."""
    read = settings.read()
    return read if database is None else read.model_copy(update={"database_url": database})
