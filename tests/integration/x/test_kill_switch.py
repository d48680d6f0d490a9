"""The kill switch between two processes: one sends, another one switches it off."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.compose import DEMO_BRAND
from tests.cli import run
from tests.doubles import judge
from tests.keys import KEYS, VAULT
from tests.xsim.client import ROOT, SimUser, XSim
from triage.channels.x.names import PUBLIC
from triage.clock import SystemClock
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyState
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.store import Store, open_store
from triage.store.keys import VARIABLE

HANDLE = "MarramAir"
MENTIONS = 16
#: Seconds that X takes for each post, so that the switch is thrown during a call.
SLOW = 0.3
_SENDER = """
import threading
from app.compose import compose
from tests.doubles import KeywordScorer, OneSnippet
from triage import settings

product = compose(settings.read())
product.__dict__.update(scorer=KeywordScorer(), answers=OneSnippet())
product.worker.run(threading.Event(), 0.05)
"""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(open_store(database_url, VAULT)) as opened:
        yield opened


@contextmanager
def sending(database_url: str, x: XSim, brand: SimUser, folder: Path) -> Iterator[None]:
    """A process of its own that sends what waits, until the block ends."""
    given = {
        "TRIAGE_DATABASE_URL": database_url,
        VARIABLE: KEYS,
        "TRIAGE_BRAND": str(DEMO_BRAND),
        "TRIAGE_MODELS": str(ROOT / "models"),
        "TRIAGE_X_API": x.address,
        "TRIAGE_X_CONSUMER_KEY": x.app["consumer_key"],
        "TRIAGE_X_CONSUMER_SECRET": x.app["consumer_secret"],
        "TRIAGE_X_ACCESS_TOKEN": brand.access_token,
        "TRIAGE_X_ACCESS_TOKEN_SECRET": brand.access_token_secret,
    }
    environment = os.environ | given | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen([sys.executable, "-c", _SENDER], env=environment, cwd=folder) as process:
        try:
            yield
        finally:
            process.kill()


def decided(store: Store, x: XSim) -> None:
    """Mentions of many people, each with an answer that waits to be sent."""
    clock = SystemClock()
    x.user("ann")
    posts = [x.post("ann", f"@{HANDLE} can pets fly? {number}") for number in range(MENTIONS)]
    take_in(
        store,
        [
            IncomingMessage(PUBLIC, post.id, f"1{number}", True, clock.now(), post.raw, None, "en", True)
            for number, post in enumerate(posts)
        ],
        clock,
    )
    decide_pending(store, judge(clock), MENTIONS)
    assert states(store) == {"pending": MENTIONS}


def states(store: Store) -> dict[str, int]:
    with store.read() as transaction:
        return {state.value: count for state, count in transaction.replies.counts().items()}


def answered(x: XSim) -> list[str | None]:
    return [post.reply_to for post in x.world(author=HANDLE).posts]


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)


def test_once_pause_has_returned_nothing_leaves_but_what_was_being_sent(
    store: Store, database_url: str, xsim: XSim, here: Path
) -> None:
    brand = xsim.user(HANDLE, credentials=True)
    decided(store, xsim)
    xsim.fault("slow_before", "create", params={"seconds": SLOW})
    with sending(database_url, xsim, brand, here):
        eventually(lambda: len(answered(xsim)) >= 2 and "sending" in states(store))

        assert run("x", "pause", "--reason", "a wrong price", "--database", database_url).exit_code == 0
        with store.read() as transaction:
            taken = [one for state in ("sent", "sending") for one in transaction.replies.in_state(ReplyState(state))]
        may_be_there = {reply.in_reply_to for reply in taken}
        assert 2 <= len(may_be_there) < MENTIONS

        eventually(lambda: "sending" not in states(store))  # what was in flight ends as it may
        there = answered(xsim)
        assert set(there) <= may_be_there
        time.sleep(4 * SLOW)  # a sender that does not care would have sent some
        assert answered(xsim) == there
        assert states(store) == {"sent": len(there), "pending": MENTIONS - len(there)}

        assert run("x", "resume", "--database", database_url).exit_code == 0
        xsim.no_faults()
        eventually(lambda: states(store) == {"sent": MENTIONS})  # it was alive, and sends them all, each once
    assert len(answered(xsim)) == len(set(answered(xsim))) == MENTIONS
