"""A webhook from its registration by command to the cases that it brings, with the stand-in for X on the other side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from click.testing import Result
from pydantic import SecretStr
from werkzeug.serving import make_server

from app.cli import serve
from app.web import create_app
from tests.cli import run
from tests.integration.x.test_connected import eventually, product
from tests.keys import KEYS, VAULT
from tests.xsim.asking import Asking
from tests.xsim.client import SimUser, XSim
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS
from triage.channels.x.watch import Source
from triage.channels.x.webhook import PATH
from triage.store import open_store
from triage.store.keys import VARIABLE

HANDLE = "MarramAir"


@dataclass(frozen=True)
class Operator:
    """Somebody at the command line, whose environment names the brand's account and a database."""

    x: XSim
    brand: SimUser
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            VARIABLE: KEYS,
            "TRIAGE_DATABASE_URL": self.url,
            "TRIAGE_X_API": self.x.address,
            "TRIAGE_X_CONSUMER_KEY": self.x.app["consumer_key"],
            "TRIAGE_X_CONSUMER_SECRET": self.x.app["consumer_secret"],
            "TRIAGE_X_ACCESS_TOKEN": self.brand.access_token,
            "TRIAGE_X_ACCESS_TOKEN_SECRET": self.brand.access_token_secret,
            "TRIAGE_X_BEARER_TOKEN": self.x.app["bearer_token"],
        }

    @property
    def bearer(self) -> SecretStr:
        return SecretStr(self.x.app["bearer_token"])

    @property
    def asking(self) -> Asking:
        """Another program of the same app."""
        return Asking(self.x, self.brand)

    def tries(self, *command: str, **more: str) -> Result:
        return run("x", *command, **self.environment | more)

    def says(self, *command: str, **more: str) -> str:
        result = self.tries(*command, **more)
        assert result.exit_code == 0, result.output
        return result.stdout

    def registers(self, url: str) -> str:
        """The id of the webhook."""
        number, shown, validity = self.says("webhook", "register", url).splitlines()[0].split()
        assert (shown, validity) == (url, "valid")
        return number

    def subscribed(self) -> dict[str, tuple[str | None, str | None]]:
        """Tag and webhook of each subscription, by event."""
        found = self.asking.as_app("GET", "activity/subscriptions").json()["data"]
        return {one["event_type"]: (one.get("tag"), one.get("webhook_id")) for one in found}

    def stored(self) -> list[str]:
        """X's ids of what is in cases."""
        with closing(open_store(self.url, VAULT)) as store, store.read() as transaction:
            cases = transaction.cases.all()
            return sorted(one.external_id for case in cases for one in transaction.messages.in_case(case))

    def webhook_was_heard(self) -> bool:
        with closing(open_store(self.url, VAULT)) as store, store.read() as transaction:
            heard = transaction.x_notes.heard().get(Source.WEBHOOK.value)
            return heard is not None and heard.alive_at is not None


@pytest.fixture
def operator(xsim: XSim, sqlite_store_url: str) -> Operator:
    xsim.user("ann")
    return Operator(xsim, xsim.user(HANDLE, credentials=True), sqlite_store_url)


@contextmanager
def triage_serve(operator: Operator) -> Iterator[str]:
    """The server of ``triage serve`` in this process, where nothing is loaded that scores; its address."""
    one = product(operator.url, operator.x, operator.brand, port=0)
    with closing(one.store), closing(serve.make_server(one)) as server:
        threading.Thread(target=server.run, daemon=True).start()
        yield f"http://127.0.0.1:{server.effective_port}"


@contextmanager
def served(operator: Operator, *, private: bool = True, port: int = 0) -> Iterator[str]:
    """The application in this process, behind its web server; its address, where every path is its webhook."""
    one = product(operator.url, operator.x, operator.brand, x_private=private)
    app = create_app(one)

    def at_every_path(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return app(environ | {"PATH_INFO": PATH}, start)

    server = make_server("127.0.0.1", port, at_every_path, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        one.store.close()


def test_subscriptions_that_somebody_has_ended_are_made_anew_by_whoever_listens(operator: Operator) -> None:
    x = operator.x
    with triage_serve(operator) as address:
        number = operator.registers(address + PATH)
        operator.says("subscribe")
        first = x.post("ann", f"@{HANDLE} hello")
        eventually(lambda: operator.stored() == [first.id])
        for one in operator.asking.as_app("GET", "activity/subscriptions").json()["data"]:
            ended = operator.asking.as_app("DELETE", f"activity/subscriptions/{one['subscription_id']}")
            assert ended.status_code == 200
        listening = product(operator.url, x, operator.brand, x_bearer_token=operator.bearer)
        with closing(listening.store):
            assert listening.x is not None
            (chore,) = [one for one in listening.x.listener.chores if one.name == "looking after subscriptions"]
            chore.do()
        assert operator.subscribed() == dict.fromkeys((*PUBLIC_EVENTS, *PRIVATE_EVENTS), ("triage", number))
        second = x.post("ann", f"@{HANDLE} hello again")
        eventually(lambda: operator.stored() == [first.id, second.id])


def test_a_webhook_is_registered_and_what_x_delivers_comes_into_cases_once(operator: Operator) -> None:
    x = operator.x
    with triage_serve(operator) as address:
        url = address + PATH
        number = operator.registers(url)
        assert operator.says("webhook", "list") == f"{number}  {url}  valid\n"
        assert f"on the activity stream and to {url}: post.mention.create" in operator.says("subscribe")
        assert operator.subscribed() == dict.fromkeys((*PUBLIC_EVENTS, *PRIVATE_EVENTS), ("triage", number))
        assert not operator.webhook_was_heard(), "a challenge is no delivery"

        x.fault("webhook_repeats", "webhook", times=2)
        mention = x.post("ann", f"@{HANDLE} my bag is lost")
        written = x.message("ann", HANDLE, "it is the red one")
        eventually(lambda: operator.stored() == sorted([mention.id, written.id]))
        eventually(lambda: x.streams()["webhook"] == {"taken": 4})
        assert operator.stored() == sorted([mention.id, written.id])
        assert operator.webhook_was_heard()
        assert "the webhook" in operator.tries("status").stdout

        assert operator.says("webhook", "validate", number) == f"{number}  {url}  valid\n"
        operator.says("webhook", "delete", number)
        assert operator.says("webhook", "list") == ""
        x.post("ann", f"@{HANDLE} hello?")
        eventually(lambda: x.streams()["webhook"] == {"taken": 4, "dropped": 1})
    assert len(operator.stored()) == 2


def test_a_post_that_only_quotes_one_of_the_brands_comes_by_the_webhook(operator: Operator) -> None:
    own = operator.x.post(HANDLE, "two new routes from May")
    with triage_serve(operator) as address:
        operator.registers(address + PATH)
        operator.says("subscribe")
        quote = operator.x.post("ann", "and still no way to book them", quote=own.id)
        eventually(lambda: operator.stored() == [quote.id])
        with closing(open_store(operator.url, VAULT)) as store, store.read() as transaction:
            message = transaction.messages.by_external_id("x", quote.id)
    assert (message.inbound, message.summoned, message.in_reply_to) == (True, True, None)


def test_a_product_with_another_secret_is_not_registered(operator: Operator) -> None:
    stranger = replace(operator, x=replace(operator.x, app=operator.x.app | {"consumer_secret": "another"}))
    with served(stranger) as address:
        refused = operator.tries("webhook", "register", address + PATH)
    assert refused.exit_code == 2
    assert "CrcValidationFailed" in refused.stderr
    assert operator.says("webhook", "list") == ""


@pytest.mark.parametrize("behind", [f"#{PATH}", f"{PATH}#", f"{PATH}#care"])
def test_an_address_with_a_part_that_no_server_is_sent_is_not_registered(operator: Operator, behind: str) -> None:
    with served(operator) as address:
        refused = operator.tries("webhook", "register", address + behind)
    assert refused.exit_code == 2
    assert "url: no delivery gets behind the #" in refused.stderr
    assert operator.says("webhook", "list") == ""


def test_a_webhook_that_does_not_answer_any_more_is_found_by_asking_it_again(operator: Operator) -> None:
    with served(operator) as address:
        number = operator.registers(address + PATH)
    asked = operator.tries("webhook", "validate", number)
    assert (asked.exit_code, "not valid" in asked.stdout) == (1, True)
    refused = operator.tries("subscribe")
    assert refused.exit_code == 2
    assert f"`triage x webhook validate {number}`" in refused.stderr
    assert operator.tries("webhook", "validate", "12").exit_code == 2


def test_a_webhook_to_which_x_stopped_delivering_is_an_alarm_until_x_was_had_to_ask_it_again(
    operator: Operator,
) -> None:
    with served(operator) as address:
        number = operator.registers(address + PATH)
        operator.says("subscribe")
    assert operator.asking.as_app("PUT", f"webhooks/{number}").status_code == 200  # as X does by itself
    listening = product(operator.url, operator.x, operator.brand, x_bearer_token=operator.bearer)
    with closing(listening.store):
        assert listening.x is not None
        (chore,) = (one for one in listening.x.listener.chores if one.name == "looking after webhooks")
        chore.do()
        told = operator.tries("status")
        assert told.exit_code == 1
        assert f"ALARM  X delivers nothing to {address}{PATH}, which did not answer" in told.stdout
        assert f"{address}{PATH}  not valid, nothing is delivered; looked at" in told.stdout
        with served(operator, port=int(address.rpartition(":")[2])):
            chore.do()
    assert "X delivers nothing" not in operator.tries("status").stdout
    assert f"{address}{PATH}  valid; looked at" in operator.tries("status").stdout


def test_without_the_apps_token_nobody_asks_x_for_webhooks(operator: Operator) -> None:
    listening = product(operator.url, operator.x, operator.brand)
    with closing(listening.store):
        assert listening.x is not None
        assert Source.WEBHOOK not in {chore.source for chore in listening.x.listener.chores}


def test_a_webhook_of_another_program_is_left_alone_unless_it_is_named(operator: Operator) -> None:
    with served(operator) as address:
        theirs = operator.registers(f"{address}/crm")
        operator.says("subscribe")
        assert set(operator.subscribed().values()) == {("triage", None)}
        ours = operator.registers(address + PATH)
        operator.says("subscribe")
        assert set(operator.subscribed().values()) == {("triage", ours)}
        operator.says("subscribe", "--webhook", theirs)
        assert set(operator.subscribed().values()) == {("triage", theirs)}
        operator.registers(f"{address}/second{PATH}")
        refused = operator.tries("subscribe")
    assert refused.exit_code == 2
    assert "--webhook" in refused.stderr
    assert operator.tries("subscribe", "--webhook", "12").exit_code == 2


def test_a_subscription_of_another_program_is_left_alone_and_said(operator: Operator) -> None:
    theirs = {"event_type": "post.create", "filter": {"user_id": operator.brand.id}, "tag": "crm"}
    assert operator.asking.as_app("POST", "activity/subscriptions", theirs).status_code == 200
    with served(operator) as address:
        ours = operator.registers(address + PATH)
        told = operator.tries("subscribe")
    assert told.exit_code == 1
    assert "post.create: X tells it for another program of the app already (crm)" in told.stderr
    found = operator.subscribed()
    assert found.pop("post.create") == ("crm", None)
    assert set(found.values()) == {("triage", ours)}


# --- Private messages


def test_where_private_messages_are_not_wanted_those_that_are_delivered_are_left_alone(operator: Operator) -> None:
    x = operator.x
    with served(operator, private=False) as address:
        hook = operator.registers(address + PATH)
        operator.says("subscribe", TRIAGE_X_PRIVATE="false")
        assert operator.subscribed().keys() == set(PUBLIC_EVENTS)
        theirs = {"event_type": "dm.received", "filter": {"user_id": operator.brand.id}, "webhook_id": hook}
        assert operator.asking.post("activity/subscriptions", **theirs).status_code == 200
        x.message("ann", HANDLE, "for nobody else")
        eventually(lambda: x.streams()["webhook"] == {"taken": 1})
        mention = x.post("ann", f"@{HANDLE} my bag is lost")
        eventually(lambda: x.streams()["webhook"] == {"taken": 2})
    assert operator.stored() == [mention.id]


def test_who_wants_private_messages_no_more_has_x_tell_them_no_more(operator: Operator) -> None:
    operator.says("subscribe")
    assert operator.subscribed().keys() == {*PUBLIC_EVENTS, *PRIVATE_EVENTS}
    assert "TRIAGE_X_PRIVATE is off" in operator.says("subscribe", TRIAGE_X_PRIVATE="false")
    assert operator.subscribed().keys() == set(PUBLIC_EVENTS)


def test_an_app_that_may_not_read_private_messages_is_told_so_and_gets_the_rest(operator: Operator) -> None:
    operator.x.rule(private_permitted=False)
    told = operator.tries("subscribe")
    assert told.exit_code == 1
    assert told.stderr.startswith("triage: private messages: X: ")
    assert operator.subscribed().keys() == set(PUBLIC_EVENTS)
