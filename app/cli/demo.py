"""``triage demo``: the main job on the bundled day of traffic, with API and desk."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click

from app import accounts
from app.cli.replay import print_report, replay_file
from app.cli.serve import listen, run_server
from app.compose import DEMO_BRAND, Product, compose, outbox_folder
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.clock import SystemClock, TrafficClock
from triage.domain.user import Role
from triage.errors import ConfigurationError
from triage.store import schema

_DAY = DEMO_BRAND / "day.jsonl"
_DATABASE = Path("var/demo.db")
_PEOPLE = (("alex", Role.AGENT), ("robin", Role.AGENT), ("sam", Role.SUPERVISOR))


@click.command()
@click.option("--once", is_flag=True, help="Process the day, print the report and exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print the report as JSON.")
def demo(once: bool, as_json: bool) -> None:
    """Run the demo brand's day: an invented airline, with fog in the morning."""
    read = settings.read().model_copy(
        update={
            "database_url": f"sqlite:///{_DATABASE}",
            "brand": DEMO_BRAND,
            "outbox": None,
        }  # only the demo's own is emptied
    )
    with _alone(read):
        if once:
            _run_day(read, timedelta(), as_json)
            return
        live = compose(read)
        with closing(listen(live)) as server:
            _run_day(read, SystemClock().now() - _end_of_day(), as_json)
            _welcome(live)
            run_server(live, server, with_worker=True)


@contextmanager
def _alone(read: settings.Settings) -> Iterator[None]:
    """Nobody else runs the demo here meanwhile: each begins by emptying the database of them all."""
    hold = compose(read).store.try_hold("demo")
    if hold is None:
        raise ConfigurationError(f"another demo is running on {_DATABASE}; stop it first")
    try:
        yield
    finally:
        hold.release()


def _run_day(read: settings.Settings, shift: timedelta, as_json: bool) -> None:
    _start_afresh(read)
    product = compose(read, TrafficClock())
    schema.upgrade(product.store)
    tally = replay_file(product, _DAY, Path("var/rejected/demo.jsonl"), shift=shift)
    print_report(product, tally, as_json)
    product.worker.close()


def _start_afresh(read: settings.Settings) -> None:
    """The demo's own database begins empty each time; nothing else is touched."""
    for suffix in ("", "-wal", "-shm"):
        _DATABASE.with_name(_DATABASE.name + suffix).unlink(missing_ok=True)
    shutil.rmtree(outbox_folder(read), ignore_errors=True)


def _end_of_day() -> datetime:
    return max(row.created_at for row in read_traffic(_DAY) if not isinstance(row, Rejected))


def _welcome(product: Product) -> None:
    where = f"http://{product.settings.host}:{product.settings.port}"
    lines = [f"Desk      {where}/desk", f"API       {where}/api/v1 (described by {where}/api/v1/openapi.json)", ""]
    for name, role in _PEOPLE:
        password = secrets.token_urlsafe(9)
        _, token = accounts.add_user(product.store, product.clock, name, role, password)
        lines.append(f"Sign in   {name} ({role.value}), password {password}, API token {token}")
    click.echo("\n".join(lines) + "\n")
