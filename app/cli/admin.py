"""``triage db``, ``triage user`` and ``triage settings``."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning

import click

from app import accounts
from app.cli.database import database_option, settings_on
from app.compose import compose
from triage import settings
from triage.domain.user import Role
from triage.errors import InvalidInput
from triage.store import keys, schema
from triage.store.keys import encode_key
from triage.store.rotation import rotate_keys


@click.group()
def db() -> None:
    """The database."""


@db.command()
@database_option
def upgrade(database: str | None) -> None:
    """Bring the database to this version's schema; doing it twice changes nothing."""
    product = compose(settings_on(database))
    schema.upgrade(product.store)
    click.echo(f"{settings.mask_password(product.settings.database_url)} is up to date")


@db.command("new-key")
def new_key() -> None:
    """Print a new encryption key, for TRIAGE_ENCRYPTION_KEYS."""
    click.echo(encode_key(keys.new_key()))


@db.command("rotate-keys")
@database_option
def rotate(database: str | None) -> None:
    """Encrypt everything anew with the first of the keys; may be interrupted, and run while others work.

    Put the new key first in TRIAGE_ENCRYPTION_KEYS of every process and start them again; rotate; then the
    old key can go. Exit 1 if something is still under another key.
    """
    product = compose(settings_on(database))
    product.check_schema()
    left = 0
    for table in rotate_keys(product.store):
        click.echo(f"{table.table}: {table.rows:,} {'row' if table.rows == 1 else 'rows'} encrypted anew")
        left += table.left
    product.store.forget_leftovers()
    if left:
        what = "1 row is" if left == 1 else f"{left:,} rows are"
        click.echo(f"triage: {what} under another key: a process still writes with it", err=True)
        sys.exit(1)


@click.group()
def user() -> None:
    """People and programs that may use the service."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@click.option("--password", help="For the desk; asked for if left out. Programs (role service) need none.")
@database_option
def add(name: str, role: str, password: str | None, database: str | None) -> None:
    """Create a user and print their API token, once."""
    product = compose(settings_on(database))
    product.check_schema()
    if password is None and role != Role.SERVICE.value:
        password = _ask_for_password()
    created, token = accounts.add_user(product.store, product.clock, name, Role(role), password)
    click.echo(f"{created.name} ({created.role.value}) can use the API with this token, shown only now:\n{token}")


def _ask_for_password() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would be shown while it is typed
        try:
            return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
        except GetPassWarning:
            raise InvalidInput("there is no terminal to ask for it; give it as --password", field="password") from None


@click.command("settings")
def settings_command() -> None:
    """Every setting, its value and its meaning; secrets are masked."""
    for name, value, description in settings.describe(settings.read()):
        click.echo(f"{name}={value}\n    {description}")
