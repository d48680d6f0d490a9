"""Looking after the connection: the command line against the stand-in, the page of the desk, the API."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli.serve import listening
from app.compose import DEMO_BRAND
from app.web import create_app
from tests.browser import marram_air
from tests.browser.marram_air import DeskProduct
from tests.cli import run
from tests.integration.test_desk import Agent
from tests.keys import VAULT
from tests.web import Caller
from tests.xsim.client import SimUser, XSim
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.watch import Source
from triage.channels.x.webhooks import Webhook
from triage.clock import SystemClock
from triage.domain.message import IncomingMessage
from triage.domain.user import Role
from triage.service.intake import take_in
from triage.service.x.notebook import Notebook
from triage.service.x.switches import switched_off
from triage.settings import Settings
from triage.store import open_store
from triage.store.x_notes import MENTION, Heard

WITHOUT = dict.fromkeys(("TRIAGE_X_CONSUMER_KEY", "TRIAGE_X_ACCESS_TOKEN", "TRIAGE_X_BEARER_TOKEN"), "")
POLLED = (Source.POLL, Source.OWN_POSTS, Source.PRIVATE)
COMMANDS = [
    ("status",),  # of a database in which there is nothing of X
    ("check",),
    ("webhook", "list"),
    ("webhook", "register", "https://care.example.org/x/webhook"),
    ("webhook", "validate", "1"),
    ("webhook", "delete", "1"),
    ("subscribe",),
]


@pytest.fixture
def brand(xsim: XSim) -> SimUser:
    return xsim.user("MarramAir", credentials=True)


@pytest.fixture
def given(xsim: XSim, brand: SimUser, here: Path) -> dict[str, str]:
    """The environment of an operator whose database is ready."""
    environment = {
        "TRIAGE_X_API": xsim.address,
        "TRIAGE_X_CONSUMER_KEY": xsim.app["consumer_key"],
        "TRIAGE_X_CONSUMER_SECRET": xsim.app["consumer_secret"],
        "TRIAGE_X_ACCESS_TOKEN": brand.access_token,
        "TRIAGE_X_ACCESS_TOKEN_SECRET": brand.access_token_secret,
        "TRIAGE_X_BEARER_TOKEN": xsim.app["bearer_token"],
    }
    assert run("db", "upgrade").exit_code == 0
    return environment


def status(given: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("x", "status", "--json", **given).stdout)
    return document


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_credentials_each_command_says_in_one_line_what_to_set(command: tuple[str, ...], here: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    result = run("x", *command, **WITHOUT)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "TRIAGE_X_ACCESS_TOKEN" in result.stderr


@pytest.mark.parametrize("here_is", ["nothing", "one half"])
def test_whoever_has_the_database_can_pull_the_kill_switch_and_see_how_it_is(here: Path, here_is: str) -> None:
    assert run("db", "upgrade").exit_code == 0
    environment = WITHOUT | ({"TRIAGE_X_CONSUMER_KEY": "k"} if here_is == "one half" else {})
    assert run("x", "pause", "--reason", "a storm", **environment).exit_code == 0
    with closing(open_store(Settings().database_url, VAULT)) as store, store.read() as transaction:
        off = switched_off(transaction, "x")
    assert off is not None
    assert off.reason == "a storm"
    result = run("x", "status", **environment)
    assert result.exit_code == 1
    assert "paused it: a storm" in result.stdout
    assert run("x", "resume", **environment).exit_code == 0


def test_how_a_connection_is_that_another_machine_keeps_up_is_seen_without_credentials(
    given: dict[str, str], here: Path
) -> None:
    with closing(open_store(Settings().database_url, VAULT)) as store:
        notebook = Notebook(store, SystemClock())
        for source in POLLED:
            notebook.alive(source)
    documents = [status(WITHOUT), status(given)]
    for document in documents:
        assert abs(datetime.fromisoformat(document.pop("at")) - SystemClock().now()) < timedelta(minutes=1)
    assert documents[0] == documents[1]
    assert documents[0]["alarms"] == []


@pytest.mark.parametrize("command", [("webhook", "list"), ("subscribe",)], ids=" ".join)
def test_what_needs_the_apps_token_says_so(command: tuple[str, ...], given: dict[str, str]) -> None:
    result = run("x", *command, **given | {"TRIAGE_X_BEARER_TOKEN": ""})
    assert result.exit_code == 2
    assert "TRIAGE_X_BEARER_TOKEN" in result.stderr


def test_a_connection_that_nobody_keeps_up_is_an_alarm_and_exit_1(given: dict[str, str]) -> None:
    result = run("x", "status", **given)
    assert result.exit_code == 1
    assert result.stdout.startswith("ALARM  Nothing has ever come by polling for mentions: is `triage work` running?")
    assert [alarm["about"] for alarm in status(given)["alarms"]] == ["poll", "own_posts", "private"]


def test_the_pause_is_seen_and_ends(given: dict[str, str]) -> None:
    assert run("x", "pause", "--reason", "a storm", **given).exit_code == 0
    paused = status(given)
    assert paused["paused"]["reason"] == "a storm"
    assert "paused" in [alarm["code"] for alarm in paused["alarms"]]
    assert run("x", "resume", **given).exit_code == 0
    assert status(given)["paused"] is None


def test_check_says_whose_account_it_is_what_each_variable_is_for_and_how_the_clocks_agree(
    given: dict[str, str], brand: SimUser
) -> None:
    result = run("x", "check", **given)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"@MarramAir ({brand.id}), by OAuth 1.0a")
    assert re.search(r"TRIAGE_X_REFRESH_TOKEN +not set +\S", result.stdout)
    assert re.search(r"The clock here is \d+ s (ahead of|behind) X's", result.stdout)
    assert not any(secret in result.stdout for secret in given.values() if secret != given["TRIAGE_X_API"])


def test_status_and_check_say_what_holding_posts_costs_and_what_makes_it_less(
    given: dict[str, str], here: Path
) -> None:
    hold_posts(Settings().database_url, 100)
    upkeep = status(given)["upkeep"]
    assert (upkeep["held"], upkeep["kept_for_days"]) == (100, None)
    assert (upkeep["usd_a_day"], upkeep["usd_a_month"]) == (0.6, 18)
    for command in ("status", "check"):
        said = run("x", command, **given).stdout
        assert "100 posts of X are held. Each is looked up again every 20 hours" in said
        assert "$0.60 a day, $18.00 a month" in said
        assert "kept for ever" in said
        assert "[retention]" in said


def hold_posts(url: str, count: int) -> None:
    """So many posts of X that came in a moment ago."""
    now = SystemClock().now()
    posts = [IncomingMessage("x", str(n), f"a{n}", True, now, "hello", None, "en", True) for n in range(count)]
    with closing(open_store(url, VAULT)) as store:
        take_in(store, posts, SystemClock())
        store.run(lambda transaction: transaction.held.seen("x", [post.external_id for post in posts], now))


def test_check_finds_clocks_that_do_not_agree(given: dict[str, str], xsim: XSim) -> None:
    xsim.advance(600)
    result = run("x", "check", **given)
    assert result.exit_code == 1
    assert "behind X's" in result.stdout
    assert "too much" in result.stderr


def test_check_says_in_plain_words_that_a_token_is_refused(given: dict[str, str], xsim: XSim) -> None:
    xsim.revoke("MarramAir")
    result = run("x", "check", **given)
    assert result.exit_code == 2
    assert "does not accept the access token" in result.stderr
    assert next(alarm["code"] for alarm in status(given)["alarms"]) == "token_refused"


@pytest.mark.parametrize(
    ("has", "more", "warned"),
    [
        ('signature = "(automated reply)"', "", False),
        ('signature = " "', "", True),
        ("", "", True),
        ("", "automatic_replies_per_day = 0", False),
    ],
)
def test_check_warns_if_automatic_replies_would_not_say_what_they_are(
    has: str, more: str, warned: bool, given: dict[str, str], tmp_path: Path
) -> None:
    told = (DEMO_BRAND / "brand.toml").read_text(encoding="utf-8")
    told = re.sub("^signature = .*$", has, told, flags=re.MULTILINE)
    if more:
        told = re.sub("^automatic_replies_per_day = .*$", more, told, flags=re.MULTILINE)
    (tmp_path / "brand.toml").write_text(told, encoding="utf-8")
    result = run("x", "check", **given, TRIAGE_BRAND=str(tmp_path))
    assert result.exit_code == 0
    assert ("do not say that they are automated" in result.stderr) is warned


@pytest.mark.parametrize("signature", ["", "(automated reply)"])
def test_the_start_warns_if_automatic_replies_would_not_say_what_they_are(
    signature: str, product: DeskProduct, caplog: pytest.LogCaptureFixture
) -> None:
    product.connect()
    product.__dict__["brand"] = replace(product.brand, signature=signature)
    stop = threading.Event()
    stop.set()
    with listening(product, stop):
        pass
    assert ("do not say that they are automated" in caplog.text) is (not signature)


def test_a_refusal_by_a_clock_that_is_wrong_is_not_put_down_to_the_credentials(
    given: dict[str, str], xsim: XSim
) -> None:
    xsim.advance(600)
    xsim.revoke("MarramAir")
    result = run("x", "check", **given)
    assert result.exit_code == 2
    assert re.search(r"this machine's clock, which is (9|10) min behind X's", result.stderr)
    assert "access token" not in result.stderr
    assert next(alarm["code"] for alarm in status(given)["alarms"]) == "clock_wrong"


def test_events_are_subscribed_to_and_what_x_refuses_is_said(given: dict[str, str], xsim: XSim) -> None:
    assert run("x", "webhook", "list", **given).stdout == ""
    result = run("x", "subscribe", **given)
    assert result.exit_code == 0, result.stderr
    assert "on the activity stream: post.mention.create" in result.stdout
    refused = run("x", "webhook", "register", "http://care.example.org/x/webhook", **given)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("triage: X: ")


# --- The desk and the API


@pytest.fixture
def product(new_database: Callable[[str], str]) -> Iterator[DeskProduct]:
    made = marram_air.product(new_database("sqlite"))
    with closing(made.store):
        yield made


def at_the_desk(product: DeskProduct, name: str) -> Agent:
    if name == "sam":
        product.add(name, Role.SUPERVISOR)
    agent = Agent(create_app(product).test_client())
    assert agent.sign_in(name).status_code == 303
    return agent


def heard(product: DeskProduct, *sources: Source, minutes_ago: int = 1) -> None:
    assert product.x is not None
    at = product.clock.now()
    product.clock.advance(-timedelta(minutes=minutes_ago))
    for source in sources:
        product.x.notebook.saw(source, "1849000000000000001", product.clock.now() - timedelta(seconds=4))
    product.clock.advance(at - product.clock.now())


def test_a_desk_without_x_says_nothing_of_it(product: DeskProduct) -> None:
    sam = at_the_desk(product, "sam")
    assert 'href="/desk/x"' not in sam.get("/desk/").text
    assert "X is not connected" in sam.get("/desk/x").text


@pytest.mark.parametrize("there_is", ["a source that was heard", "a problem", "a pause"])
def test_a_desk_without_credentials_shows_the_alarms_of_a_connection_that_another_process_keeps_up(
    product: DeskProduct, there_is: str
) -> None:
    notebook = Notebook(product.store, product.clock)
    if there_is == "a problem":
        notebook.failed(Endpoint.MENTIONS, "X did not answer in time")
    elif there_is == "a pause":
        product.x_sending.pause("sam", "a storm")
    else:
        notebook.alive(Source.POLL)
        product.clock.advance(timedelta(hours=1))
    assert product.x is None
    sam, anna = at_the_desk(product, "sam"), at_the_desk(product, "anna")
    for path in ("/desk/", "/desk/audit", "/desk/stuck"):
        assert "<strong>X:</strong> Nothing " in sam.get(path).text
        assert 'href="/desk/x"' in anna.get(path).text
        assert "<strong>X:</strong>" not in anna.get(path).text


def test_the_page_says_how_the_connection_is(product: DeskProduct) -> None:
    connection = product.connect()
    heard(product, *POLLED)
    for _ in range(3):
        connection.notebook.writing(Endpoint.POST)
    connection.notebook.failed(Endpoint.MENTIONS, "X did not answer in time")
    connection.budget.spend(Endpoint.MENTIONS)
    page = at_the_desk(product, "anna").get("/desk/x").text
    assert "No alarm." in page
    assert "$0.04" in page  # 3 posts at 0.015
    assert "X did not answer in time" in page
    assert "299 of 300 in 15 minutes" in page
    assert "polling for mentions" in page


def test_the_page_says_what_holding_posts_costs(product: DeskProduct) -> None:
    product.connect()
    at = product.clock.now()
    take_in(product.store, [IncomingMessage("x", "1", "a1", True, at, "hello", None, "en", True)], product.clock)
    product.store.run(lambda transaction: transaction.held.seen("x", ["1"], at))
    page = at_the_desk(product, "anna").get("/desk/x").text
    assert "1 post of X is held. It is looked up again every 20 hours" in page
    assert "kept for ever" in page


def test_the_page_says_to_which_webhooks_x_delivers(product: DeskProduct) -> None:
    connection = product.connect()
    heard(product, *POLLED)
    url = "https://care.example.org/x/webhook"
    connection.deliveries.follow(Webhook("7", url, False))
    page = at_the_desk(product, "sam").get("/desk/x").text
    assert re.search(rf"<td>{re.escape(url)}</td><td>no ", page)
    assert 'data-alarm="not_delivered"' in page
    connection.deliveries.saw([Webhook("7", url, True)])
    page = at_the_desk(product, "anna").get("/desk/x").text
    assert re.search(rf"<td>{re.escape(url)}</td><td>yes ", page)
    assert "No alarm." in page


def test_an_alarm_stands_above_every_page_of_a_supervisor_and_of_nobody_else(product: DeskProduct) -> None:
    product.connect()
    product.x_sending.pause("sam", "a storm")
    heard(product, *POLLED)
    sam, anna = at_the_desk(product, "sam"), at_the_desk(product, "anna")
    for path in ("/desk/", "/desk/audit", "/desk/stuck"):
        assert "<strong>X:</strong> Nothing is sent on X: sam paused it" in sam.get(path).text
        assert "<strong>X:</strong>" not in anna.get(path).text
    assert "sam paused it" in anna.get("/desk/x").text


def test_of_a_connection_that_is_none_any_more_a_supervisor_reads_for_a_week(product: DeskProduct) -> None:
    notebook, at = Notebook(product.store, product.clock), product.clock.now()
    sam = at_the_desk(product, "sam")
    product.x_sending.pause("sam", "a storm")
    assert "<strong>X:</strong> Nothing is sent on X: sam paused it" in sam.get("/desk/").text
    for days, above in ((8, "is sent on X: sam paused it"), (6, "has come by polling for mentions for 6 days")):
        product.clock.advance(-timedelta(days=days))
        notebook.alive(Source.POLL)
        product.clock.advance(at - product.clock.now())
        assert f"<strong>X:</strong> Nothing {above}" in sam.get("/desk/").text
        assert f"by polling for mentions for {days} days" in sam.get("/desk/x").text


def test_the_api_says_the_same(product: DeskProduct) -> None:
    caller = Caller(product)
    assert caller.get("/x/status").json["connected"] is False
    product.connect(x_accelerator="stream")
    product.x_sending.pause("sam", "")
    heard(product, *POLLED, Source.STREAM, minutes_ago=16)
    with product.store.write() as transaction:
        transaction.x_notes.hear(MENTION, Heard(saw_at=product.clock.now(), last_id="17", lag=4.0))
    answer = caller.get("/x/status").json
    assert [(alarm["code"], alarm["about"]) for alarm in answer["alarms"]] == [
        ("silent", "poll"),
        ("silent", "own_posts"),
        ("silent", "private"),
        ("silent", "stream"),
        ("paused", ""),
    ]
    assert answer["last_mention"]["lag_seconds"] == 4
    assert {call["endpoint"] for call in answer["calls"]} == {endpoint.value for endpoint in Endpoint}
    assert caller.get("/x/status", user="feeder").status_code == 403
