"""The same traffic makes the same database in every process, whatever Python's hashes of texts are there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from tests.keys import VAULT
from tests.traffic import days
from triage.store import open_store, schema
from triage.store.tables import metadata


def everything(url: str) -> list[str]:
    """Every row of every table, decrypted, in the order in which they were made."""
    with closing(open_store(url, VAULT)) as store, store.read() as transaction:
        return [
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in transaction.connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        ]


def with_people_who_opt_out(path: Path) -> Path:
    """A day of traffic in which every tenth customer wants no more messages in the end."""
    rows = [json.loads(line) for line in days(path, 1).read_text(encoding="utf-8").splitlines()]
    for number, row in enumerate([row for row in rows if row["inbound"]][::10]):
        stop = {"tweet_id": str(9 * 10**17 + number), "text": "stop messaging me", "in_response_to_tweet_id": None}
        rows.append({**row, **stop})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_processes_with_other_hashes_make_the_same_of_the_same_traffic(tmp_path: Path) -> None:
    file = with_people_who_opt_out(tmp_path / "day.jsonl")
    begun = f"sqlite:///{tmp_path}/begun.db"
    with closing(open_store(begun, VAULT)) as store:
        schema.upgrade(store)
        with store.write() as transaction:
            transaction.secrets.author_hash("7")  # is random, and made once for each database
        store.forget_leftovers()
    made = []
    for seed in ("1", "2"):
        shutil.copy(tmp_path / "begun.db", tmp_path / f"{seed}.db")
        url = f"sqlite:///{tmp_path}/{seed}.db"
        environment = os.environ | {"PYTHONHASHSEED": seed, "TRIAGE_OUTBOX": str(tmp_path / seed), "TRIAGE_BATCH": "25"}
        command = [sys.executable, "-m", "app.cli", "replay", str(file), "--once", "--json", "--database", url]
        subprocess.run(command, env=environment, capture_output=True, check=True)
        made.append(everything(url))
    assert any(row.startswith("opt_outs:") for row in made[0])
    assert any(row.startswith("replies:") for row in made[0])
    assert made[0] == made[1]
