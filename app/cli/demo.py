"""``triage demo``: the main job on the bundled day of traffic, with API and desk."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import click

from app import accounts
from app.cli.replay import print_report, replay_file
from app.cli.serve import run_server
from app.compose import DEMO_BRAND, Product, compose, outbox_folder
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.clock import SystemClock, TrafficClock
from triage.domain.user import Role
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
    _start_afresh(read)
    product = compose(read, TrafficClock())
    schema.upgrade(product.store)
    shift = timedelta() if once else SystemClock().now() - _end_of_day()
    tally = replay_file(product, _DAY, Path("var/rejected/demo.jsonl"), shift=shift)
    print_report(product, tally, as_json)
    product.worker.close()
    if not once:
        live = compose(read)
        _welcome(live)
        run_server(live, with_worker=True)


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
