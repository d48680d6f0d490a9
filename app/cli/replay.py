"""``triage replay``: the main job over a file of traffic."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO

import click
import msgspec
from tqdm import tqdm

from app.cli.database import database_option, settings_on
from app.cli.memory import settle
from app.cli.report import as_text
from app.compose import Product, compose
from app.figures import as_document
from triage.channels.lines import STANDARD_INPUT
from triage.channels.traffic_file import Rejected, check_traffic
from triage.clock import TrafficClock
from triage.errors import InvalidInput
from triage.measures.report import Report
from triage.measures.report import report as make_report
from triage.replay import Tally
from triage.replay import replay as run_replay
from triage.store import schema


class _Speed(click.ParamType[float | None]):
    name = "N|max"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        if value is None or value == "max":
            return None
        try:
            speed = float(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither a number nor max", param, ctx)
        if not 0 < speed < float("inf"):
            self.fail("must be above 0", param, ctx)
        return speed


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--speed", type=_Speed(), default="max", help="Times faster than the traffic itself, or max.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many messages.")
@click.option("--once", is_flag=True, help="Exit when all is decided, and print the report.")
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where lines that are not messages are kept.")
def replay(
    file: Path,
    speed: float | None,
    limit: int | None,
    once: bool,
    database: str | None,
    as_json: bool,
    rejects: Path | None,
) -> None:
    """Run the main job over FILE, or - for standard input: take in, score, decide, answer or queue.

    Safe to interrupt and to run again: what is there already is not taken in twice. Lines that are
    not messages are reported with their number, kept in a file of their own, and make the exit code 1.
    """
    read = settings_on(database)
    product = compose(read, TrafficClock())
    kept = _kept_apart(file, rejects or _rejects_of(file))
    store = product.store  # a wrong URL is said before the file is looked at, which may be large
    check_traffic(file)
    schema.upgrade(store)
    tally = replay_file(product, file, kept, speed=speed, limit=limit)
    if not once:
        click.echo("the file is done; working on what else comes in (Ctrl-C ends)", err=True)
        product.worker.close()
        _work_on(compose(read))
    print_report(product, tally, as_json)
    sys.exit(1 if tally.rejected else 0)


def _rejects_of(file: Path) -> Path:
    """Where rejected lines of ``file`` are kept: a place of its own, also beside files of the same name."""
    if file == STANDARD_INPUT:
        return Path("var") / "rejected" / "standard-input.jsonl"
    place = hashlib.sha256(os.fsencode(file.resolve())).hexdigest()[:8]
    return Path("var") / "rejected" / f"{file.name}.{place}.jsonl"


def _kept_apart(file: Path, kept: Path) -> Path:
    """``kept``, unless writing it would destroy the traffic."""
    if file.exists() and kept.exists() and kept.samefile(file):
        raise InvalidInput("is the file of traffic itself; name another", field="--rejects")
    return kept


def replay_file(
    product: Product,
    file: Path,
    kept: Path,
    *,
    speed: float | None = None,
    limit: int | None = None,
    shift: timedelta = timedelta(),
) -> Tally:
    """Replay with progress on standard error; rejected lines are kept in ``kept``.

    ``shift`` moves the traffic in time, as if it had been written that much later.
    """
    settle(product)
    # disable=None: no bar where there is no terminal, between whose lines it would stand
    with (
        _Rejects(kept) as rejects,
        tqdm(unit=" messages", desc="replay", file=sys.stderr, delay=1, disable=None) as bar,
    ):
        tally = run_replay(
            file,
            product.store,
            product.worker,
            product.clock,
            batch=product.settings.batch,
            limit=limit,
            speed=speed,
            on_rejected=rejects.keep,
            on_progress=bar.update,
            shift=shift,
        )
    if tally.rejected:
        one = tally.rejected == 1
        what = "1 line was not a message; it is" if one else f"{tally.rejected:,} lines were not messages; they are"
        click.echo(f"triage: {what} kept in {kept}", err=True)
    return tally


def print_report(product: Product, tally: Tally, as_json: bool) -> None:
    heading = (
        f"read {counted(tally.read, 'message')}: {tally.accepted:,} new, {tally.duplicates:,} known already; "
        f"{counted(tally.rejected, 'line')} rejected"
    )
    print_figures(product, {"replay": msgspec.to_builtins(tally)}, heading, as_json)


def print_figures(product: Product, document: Mapping[str, object], heading: str, as_json: bool) -> None:
    """The report, below what it is of: a heading for eyes, or a document for programs."""
    with product.store.read() as transaction:
        figures: Report = make_report(transaction.events.stream())
    if as_json:
        whole = {**document, "report": as_document(figures)}
        click.echo(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
    else:
        click.echo(f"{heading}\n")
        click.echo(as_text(figures))


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


class _Rejects:
    """Reports rejected lines and keeps them; the file is made only if there is one, and an older one goes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> _Rejects:
        if self._path.is_file():
            self._path.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def keep(self, rejected: Rejected) -> None:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self._path, "wb", opener=_for_the_owner_alone)  # noqa: SIM115 - closed below
        line = {"line": rejected.line, "reason": str(rejected.error), "raw": rejected.raw}
        self._file.write(msgspec.json.encode(line) + b"\n")
        tqdm.write(f"triage: {rejected.error}", file=sys.stderr)


def _for_the_owner_alone(path: str, flags: int) -> int:
    """Rejected lines are kept as they were, with whatever they say."""
    return os.open(path, flags, 0o600)


def _work_on(product: Product) -> None:
    stop = threading.Event()
    try:
        product.worker.run(stop, product.settings.poll_seconds)
    except KeyboardInterrupt:
        stop.set()
