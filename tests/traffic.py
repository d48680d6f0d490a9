"""Traffic for tests: the bundled day, as often as is needed, and what a database made of it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.doubles import DEMO_BRAND
from tests.keys import VAULT
from triage.domain.case import rebuild
from triage.store import open_store

DAY = DEMO_BRAND / "day.jsonl"


def days(path: Path, count: int) -> Path:
    """The bundled day ``count`` times over, as so many different days' messages."""
    rows = [json.loads(line) for line in DAY.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for day in range(count):
            for row in rows:
                again = dict(row)
                for field in ("tweet_id", "in_response_to_tweet_id"):
                    if again[field]:
                        again[field] = f"{again[field][:-3]}{day:03}{again[field][-3:]}"
                file.write(json.dumps(again) + "\n")
    return path


def picture(url: str) -> dict[str, Any]:
    """All that a database says, without its own numbering: equal pictures are equal states."""
    with closing(open_store(url, VAULT)) as store, store.read() as transaction:
        cases = transaction.cases.all()
        assert rebuild(transaction.events.stream()) == cases, "the log does not give the cases"
        messages = {
            m.external_id: (m.text, m.state.value, cases[m.case_id].root)
            for case_id in cases
            for m in transaction.messages.in_case(case_id)
        }
        root = {case_id: case.root for case_id, case in cases.items()}
        return {
            "messages": messages,
            "cases": {
                case.root: (case.state.value, case.queue, case.priority, case.intent, case.automatic_replies)
                for case in cases.values()
                if case.merged_into is None
            },
            "events": Counter(
                (root[e.case_id], e.kind.value, e.at.isoformat(), e.actor) for e in transaction.events.stream()
            ),
            "replies": Counter(
                (row.key, row.text, row.state) for case_id in cases for row in transaction.replies.of_case(case_id)
            ),
        }
