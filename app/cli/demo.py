"""``triage demo``: the main job on the bundled day of traffic, with API and desk."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import click
from tqdm import tqdm

from app import accounts
from app.cli import demo_on_x, stand_in
from app.cli.memory import settle
from app.cli.replay import counted, print_figures, print_report, replay_file
from app.cli.serve import listen, run_server, working
from app.cli.stand_in import without_x
from app.compose import DEMO_BRAND, Product, compose, outbox_folder
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.clock import SystemClock, TrafficClock
from triage.domain.message import IncomingMessage
from triage.domain.user import Role
from triage.errors import ConfigurationError
from triage.store import schema

_DAY = DEMO_BRAND / "day.jsonl"
_DATABASE = Path("var/demo.db")
_PEOPLE = (("alex", Role.AGENT), ("robin", Role.AGENT), ("sam", Role.SUPERVISOR))


@click.command()
@click.option("--once", is_flag=True, help="Process the day, print the report and exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print the report as JSON.")
@click.option("--x", "on_x", is_flag=True, help="On a stand-in for X, as it would be on X, instead of from a file.")
def demo(once: bool, as_json: bool, on_x: bool) -> None:
    """Run the demo brand's day: an invented airline, with fog in the morning."""
    read = without_x(settings.read()).model_copy(
        update={
            "database_url": f"sqlite:///{_DATABASE}",
            "brand": DEMO_BRAND,
            "outbox": None,
        }  # only the demo's own is emptied
    )
    run = _on_x if on_x else _from_file
    with _alone(read):
        run(read, once, as_json)


def _from_file(read: settings.Settings, once: bool, as_json: bool) -> None:
    if once:
        _run_day(read, timedelta(), as_json)
        return
    live = compose(read)
    with closing(listen(live)) as server:
        _run_day(read, SystemClock().now() - _end_of_day(), as_json)
        _welcome(live)
        run_server(live, server, with_worker=True)


def _on_x(read: settings.Settings, once: bool, as_json: bool) -> None:
    shift = timedelta() if once else SystemClock().now() - _end_of_day()
    began = min(message.created_at for message in _day()) + shift - demo_on_x.EARLY
    with stand_in.running(began, demo_on_x.FACTOR) as x:
        connected = x.settings(read, demo_on_x.join(x))
        if once:
            _live_day(connected, x, shift, as_json)
            return
        live = compose(connected)
        with closing(listen(live)) as server:
            _live_day(connected, x, shift, as_json)
            x.join_the_present()
            _welcome(live)
            _invite(x)
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


def _live_day(connected: settings.Settings, x: stand_in.StandIn, shift: timedelta, as_json: bool) -> None:
    _start_afresh(connected)
    clock = x.clock()
    # Skipped time is no silence of X's, however busy the machine is.
    product = compose(connected.model_copy(update={"x_silence_minutes": demo_on_x.SILENCE_MINUTES}), clock)
    schema.upgrade(product.store)
    settle(product)
    with working(product), tqdm(total=len(_day()), unit=" posts", desc="the day on X", delay=1, disable=None) as bar:
        posted = demo_on_x.live_through(_day(), product, x, clock, shift, bar.update)
    product.worker.close()
    heading = (
        f"{counted(posted.posts, 'post')} on the stand-in for X, {posted.unseen:,} of them without the brand's name, "
        f"which X tells it nothing of; {counted(x.replies(), 'post')} by the product"
    )
    print_figures(product, {"x": asdict(posted) | {"replies": x.replies()}}, heading, as_json)


def _start_afresh(read: settings.Settings) -> None:
    """The demo's own database begins empty each time; nothing else is touched."""
    for suffix in ("", "-wal", "-shm"):
        _DATABASE.with_name(_DATABASE.name + suffix).unlink(missing_ok=True)
    shutil.rmtree(outbox_folder(read), ignore_errors=True)


def _day() -> list[IncomingMessage]:
    return [row for row in read_traffic(_DAY) if not isinstance(row, Rejected)]


def _end_of_day() -> datetime:
    return max(message.created_at for message in _day())


def _welcome(product: Product) -> None:
    where = f"http://{product.settings.host}:{product.settings.port}"
    lines = [f"Desk      {where}/desk", f"API       {where}/api/v1 (described by {where}/api/v1/openapi.json)", ""]
    for name, role in _PEOPLE:
        password = secrets.token_urlsafe(9)
        _, token = accounts.add_user(product.store, product.clock, name, role, password)
        lines.append(f"Sign in   {name} ({role.value}), password {password}, API token {token}")
    click.echo("\n".join(lines) + "\n")


def _invite(x: stand_in.StandIn) -> None:
    """How to be a customer: what is posted on the stand-in is a case, or is answered there, at once."""
    example = '{"author": "newcomer", "text": "@MarramAir can my cat fly in the cabin?"}'
    click.echo(f"Post      curl -s {x.address}/_control/posts -H 'Content-Type: application/json' -d '{example}'")
    click.echo(f"Read      curl -s {x.address}/_control/world?author=MarramAir\n")
