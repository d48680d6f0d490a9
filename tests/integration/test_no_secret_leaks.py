"""500 seeded secrets through the whole product: none comes out, but where somebody asks to see it.

Real processes, real files, HTTP, logs at their most talkative. What comes out anywhere is kept and
searched for every secret: as it is, in small letters, escaped, and by its digits alone.
"""

from __future__ import annotations

import html
import json
import re
import socket
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from app.accounts import add_user
from app.compose import DEMO_BRAND, compose
from tests import cli
from tests.command import Command, start
from tests.seeded_secrets import FRAME, Leaks, Secret, Seeded, in_files, make
from triage.clock import SystemClock
from triage.domain.event import Event, EventKind
from triage.domain.user import Role
from triage.privacy.findings import TYPES
from triage.settings import Settings
from triage.store import Store

COUNT: Final = 500
SEED: Final = 20261126
ROOT: Final = Path(__file__).parents[2]
#: So many of the secrets come over the API, so many by standard input; the others come in a file.
BY_API, BY_INPUT = 50, 50
THREAD: Final = 5  # messages in a case
BROKEN: Final = "broken on purpose"
REVEALED: Final = 2 * len(TYPES)
PASSWORD: Final = "long enough to be one"
_TEXTS: Final = frozenset({".py", ".html", ".js", ".css", ".md", ".toml"})
LISTS: Final = ("all", "mine", "waiting", "answered", "closed")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(r'name="key" value="([^"]+)"')
_NEXT = re.compile(r'href="([^"]+)" rel="next"')
_BOX = re.compile(r"<textarea.*?</textarea>", re.DOTALL)


@dataclass(frozen=True)
class Look:
    """A secret, and the answer that somebody got who asked to see its message."""

    secret: Secret
    said: str
    cache: str | None


@dataclass
class Run:
    """One run of the product in a folder of its own, and what came out of it."""

    folder: Path
    seeded: Seeded
    out: Leaks
    revealed: list[Look] = field(default_factory=list)
    refused: list[requests.Response] = field(default_factory=list)
    boxes: list[tuple[Secret, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    started: int = 0
    log: str = ""

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'triage.db'}"

    def store(self) -> Store:
        return compose(Settings(database_url=self.url)).store

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TRIAGE_LOG_LEVEL": "DEBUG",
            "TRIAGE_BRAND": str(self.folder / "brand"),
            "TRIAGE_DATABASE_URL": self.url,
            "TRIAGE_SECRET_KEY": "not secret",
        }

    def _start(self, *arguments: str | Path, text: str = "", **more: str) -> Command:
        self.started += 1
        printed = self.folder / f"printed {self.started}"
        return start(*arguments, printed=printed, text=text, folder=self.folder, **self.environment, **more)

    def process(self, *arguments: str | Path, text: str = "") -> None:
        """One command, in a process of its own, to its end."""
        command = self._start(*arguments, text=text)
        assert command.ended() in (0, 1), command.said
        self.out.add(f"{arguments[0]}, standard output", command.printed)
        self.out.add(f"{arguments[0]}, standard error", command.said)

    def command(self, *arguments: str | Path, text: str | None = None) -> str:
        """One command in this process."""
        result = cli.run(*arguments, text=text, **self.environment)
        assert result.exit_code in (0, 1), result.output
        self.out.add(f"{arguments[0]}, output", result.output)
        return result.stdout

    @contextmanager
    def served(self) -> Iterator[str]:
        """API, desk and worker in one process; the address. Its log is kept."""
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = self._start("serve", "--worker", TRIAGE_PORT=str(port))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            command.process.terminate()
            assert command.ended(20) == 0  # it ends what it has begun
        self.log = command.printed + command.said
        self.out.add("serve, log", self.log)


def _message(number: int, secret: Secret, prefix: str) -> dict[str, Any]:
    parent = f"{prefix}{number - 1}" if number % THREAD else None
    return {"id": f"{prefix}{number}", "text": secret.text, "author_id": f"{9000 + number}", "in_reply_to": parent}


def _line(number: int, secret: Secret, prefix: str) -> dict[str, Any]:
    one = _message(number, secret, prefix)
    return {
        "tweet_id": one["id"],
        "author_id": one["author_id"],
        "inbound": True,
        "created_at": f"2026-10-20T{number // 60 % 24:02d}:{number % 60:02d}:00Z",
        "text": one["text"],
        "in_response_to_tweet_id": one["in_reply_to"],
    }


def _bad_lines(secrets: tuple[Secret, ...]) -> list[str]:
    """Lines that are no messages, each with a secret where something else should be."""
    good = _line(0, secrets[0], "bad")
    bad: list[str] = []
    for secret in secrets:
        bad += [
            json.dumps(good | {"created_at": secret.value}),
            json.dumps(good | {"created_at": secret.text}),
            json.dumps(good | {secret.value: 1}),
            json.dumps(good | {"inbound": secret.text}),
            json.dumps(good | {"tweet_id": secret.text * 9}),
            json.dumps(good | {"lang": secret.text}),
            json.dumps(good | {"text": [secret.text]}),
            json.dumps(good)[:-1] + f' "{secret.text}"',
            secret.text,
            json.dumps(good | {"text": secret.text})[:-9],
        ]
    return bad


def _bad_table(secrets: tuple[Secret, ...]) -> str:
    head = "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id\n"
    return head + "".join(
        f'{n},1,"{one.value}",2026-10-20T12:00:00Z,hi,\n{n},1,true,"{one.value}",hi,\n{n},1,true,"{one.text}"\n'
        for n, one in enumerate(secrets)
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole run, once."""
    folder = tmp_path_factory.mktemp("leaks")
    brand = folder / "brand"
    brand.mkdir()
    (brand / "kb").symlink_to(DEMO_BRAND / "kb")
    settings = (DEMO_BRAND / "brand.toml").read_text()
    (brand / "brand.toml").write_text(settings + '\n[training]\nchannels = ["file", "api"]\n')
    known = _own_words()
    made = Run(folder, make(COUNT, SEED, unlike=known), Leaks(common=known))
    _take_in(made)
    with made.served() as base:
        _use(made, base)
    _look_back(made)
    return made


def _own_words() -> str:
    """What the product says by itself: a secret that it says too would be found everywhere."""
    files = [path for folder in ("app", "triage") for path in (ROOT / folder).rglob("*") if path.suffix in _TEXTS]
    return "\n".join([*(path.read_text() for path in files), FRAME])


def _take_in(run: Run) -> None:
    """By file, good lines and bad; by standard input; and files that are bad as a whole."""
    secrets = tuple(run.seeded.secrets)
    by_file = secrets[: COUNT - BY_API - BY_INPUT]
    by_input = secrets[len(by_file) : len(by_file) + BY_INPUT]
    one_of_each = secrets[: len(TYPES)]
    lines = [json.dumps(_line(n, one, "f")) for n, one in enumerate(by_file)] + _bad_lines(one_of_each)
    (run.folder / "day.jsonl").write_text(cli.lines(*lines))
    run.process("replay", "day.jsonl", "--once", "--json", "--rejects", "rejects.jsonl")
    run.process("replay", "-", "--once", text=cli.lines(*(_line(n, one, "i") for n, one in enumerate(by_input))))
    (run.folder / "bad.csv").write_text(_bad_table(one_of_each))
    run.process("replay", "bad.csv", "--once", "--rejects", "rejects.csv.jsonl")
    for number, secret in enumerate(one_of_each):
        headless = run.folder / f"headless{number}.csv"
        headless.write_text(f'1,2,true,"{secret.text}",{secret.value},\n')
        result = cli.run("replay", headless, "--once", **run.environment)
        run.out.add("replay, a file without a header", result.output)
    run.command("score", text=cli.lines(*_bad_lines(one_of_each)))
    run.command("training-export", "-o", run.folder / "rows.jsonl")


def _use(run: Run, base: str) -> None:
    """Everything that is asked of the running service."""
    api, desk = _Api(run, base), _People(run, base)
    secrets = run.seeded.secrets
    by_api = secrets[COUNT - BY_API :]
    api.until_ready()
    api.post("/messages/batch", {"messages": [_message(n, one, "a") for n, one in enumerate(by_api)]}, keep=True)
    api.until_decided([f"a{number}" for number in range(len(by_api))])
    desk.sign_in()
    api.read_everything()
    desk.look_at_everything(api.cases)
    api.ask_wrongly(secrets[: len(TYPES)])
    _reveal(run, api, desk, secrets[:REVEALED])
    _break(run, api, secrets[: len(TYPES)])
    api.read_everything()
    desk.look_at_everything(api.cases[::4])


def _break(run: Run, api: _Api, secrets: Sequence[Secret]) -> None:
    """Errors that nobody foresaw, while a message is at hand: the database refuses it, with all that it was given."""
    with closing(run.store()) as store:
        _run_sql(store, f"CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, '{BROKEN}'); END")
        for number, secret in enumerate(secrets):
            assert api.post("/messages", _message(number, secret, "x"), keep=True).status_code == 500
        _run_sql(store, "DROP TRIGGER broken")


def _run_sql(store: Store, statement: str) -> None:
    with store.write() as transaction:
        transaction.connection.exec_driver_sql(statement)


def _reveal(run: Run, api: _Api, desk: _People, secrets: Sequence[Secret]) -> None:
    """For some secrets: claim the case, see the message, try to reply with what it says; half of it at the desk."""
    for number, secret in enumerate(secrets):
        external_id = f"f{number}"
        case = api.case_of[external_id]
        api.post(f"/cases/{case}/claim", None, keep=True, key=f"claim-{number}")
        reply = f"We have this of you: {secret.text.split(' ', 1)[1]}"
        if number % 2:
            shown = desk.reveal(case, external_id)
            run.revealed.append(Look(secret, html.unescape(shown.text), shown.headers.get("Cache-Control")))
            page = desk.reply(case, reply)
            run.boxes.append((secret, "".join(_BOX.findall(page.text))))
            run.out.add("desk, a refused reply", _BOX.sub("", page.text))
        else:
            shown = api.post(f"/cases/{case}/messages/{external_id}/reveal", {"reason": "to_answer"}, keep=False)
            run.revealed.append(Look(secret, shown.json()["text"], shown.headers.get("Cache-Control")))
            page = api.post(f"/cases/{case}/reply", {"text": reply}, keep=True)
        run.refused.append(page)


def _look_back(run: Run) -> None:
    """Reports, exports, and what lies in the database beside the messages themselves."""
    run.command("report", "--json")
    run.command("report")
    run.command("settings")
    run.command("training-export", "-o", run.folder / "rows.jsonl")
    rows = (run.folder / "rows.jsonl").read_text()
    run.out.add("training export", rows)
    run.rows = [json.loads(line) for line in rows.splitlines()]
    for journal in run.folder.rglob("*.outbox/*"):
        run.out.add("journal of replies", journal.read_text())
    with closing(run.store()) as store, store.read() as transaction:
        for event in transaction.events.stream():
            run.out.add("event log", repr(event))
            run.events.append(event)
        for table in ("idempotency", "users", "cases"):
            for row in transaction.connection.exec_driver_sql(f"SELECT * FROM {table}"):
                run.out.add(f"table {table}", repr(row))


class _Api:
    """The API, as an agent calls it; a supervisor where one is needed."""

    def __init__(self, run: Run, base: str) -> None:
        self._run, self._base = run, f"{base}/api/v1"
        self._session = requests.Session()
        with closing(run.store()) as store:
            tokens = {
                name: add_user(store, SystemClock(), name, role, PASSWORD)[1]
                for name, role in (("alex", Role.AGENT), ("sam", Role.SUPERVISOR))
            }
        self._tokens = tokens
        self.cases: list[int] = []
        self.case_of: dict[str, int] = {}

    def get(self, path: str, user: str = "alex", **query: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._tokens[user]}"}
        response = self._session.get(f"{self._base}{path}", headers=headers, params=query, timeout=30)
        self._run.out.add(f"GET {path.rstrip('0123456789')}", f"{response.headers}\n{response.text}")
        return response

    def post(self, path: str, body: Any, *, keep: bool, key: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._tokens['alex']}"} | ({"Idempotency-Key": key} if key else {})
        response = self._session.post(f"{self._base}{path}", headers=headers, json=body, timeout=30)
        if keep:
            self._run.out.add(f"POST {path}", f"{response.headers}\n{response.text}")
        return response

    def until_ready(self) -> None:
        for _ in range(300):
            try:
                self._session.get(f"{self._base}/health", timeout=5)
            except (requests.ConnectionError, requests.Timeout):  # not there yet, or still loading its models
                time.sleep(0.1)
            else:
                return
        pytest.fail("the service does not answer")

    def until_decided(self, ids: list[str]) -> None:
        for external_id in ids:
            for _ in range(300):
                if self.get(f"/messages/{external_id}").json()["state"] != "received":
                    break
                time.sleep(0.1)

    def read_everything(self) -> None:
        for path in ("/health", "/ready", "/report", "/queues", "/openapi.json"):
            assert self.get(path).status_code == 200
        assert self.get("/reveals", user="sam").status_code == 200
        self.cases = list(self._every_case())
        for case in self.cases:
            for message in self.get(f"/cases/{case}").json()["messages"]:
                self.case_of[message["id"]] = case

    def _every_case(self) -> Iterator[int]:
        cursor: str | None = ""
        while cursor is not None:
            page = self.get("/cases", limit="200", **({"cursor": cursor} if cursor else {})).json()
            yield from (case["id"] for case in page["cases"])
            cursor = page["next"]

    def ask_wrongly(self, secrets: Sequence[Secret]) -> None:
        """Requests that are refused, each with a secret where something else should be."""
        case, good = self.cases[0], {"id": "w", "text": "hi", "author_id": "1"}
        for secret in secrets:
            for said in (secret.value, secret.text):
                for path, body in (
                    ("/messages", good | {"created_at": said}),
                    ("/messages", good | {said: 1}),
                    ("/messages", good | {"id": said * 99}),
                    ("/messages", good | {"lang": said * 9}),
                    ("/messages", good | {"inbound": said}),
                    ("/messages", {"text": said}),
                    ("/messages", said),
                    (f"/cases/{case}/transfer", {"queue": said}),
                    (f"/cases/{case}/close", {"reason": said}),
                    (f"/cases/{case}/reply", {"text": "We look. ^AX", "snippet": said}),
                    (f"/cases/{case}/messages/f0/reveal", {"reason": said}),
                    (f"/queues/{secret.text}/claim", {"count": 1}),
                ):
                    response = self.post(path, body, keep=True)
                    assert response.status_code >= 400, (path, body)
                for query in ({"queue": said}, {"cursor": said}, {"state": said}, {"limit": said}, {said: "1"}):
                    assert self.get("/cases", **query).status_code == 422


class _People:
    """The desk, as an agent's browser asks for it."""

    def __init__(self, run: Run, base: str) -> None:
        self._run, self._base = run, f"{base}/desk"
        self._session = requests.Session()

    def sign_in(self) -> None:
        token = _TOKEN.search(self._get("/sign-in").text)
        assert token
        fields = {"name": "alex", "password": PASSWORD, "csrf_token": token[1]}
        assert self._session.post(f"{self._base}/sign-in", fields, timeout=30).status_code == 200

    def look_at_everything(self, cases: list[int]) -> None:
        page = self._get("/")
        queues = re.findall(r'href="/desk/\?(queue=\w+)"', page.text)
        for chosen in (*(f"list={name}" for name in LISTS), *queues):
            page = self._get(f"/?{chosen}")
            while found := _NEXT.search(page.text):
                page = self._get(found[1].removeprefix("/desk").replace("&amp;", "&"))
        for case in cases:
            self._get(f"/cases/{case}")
        self._get(f"/cases/{cases[0]}?show=personal&use=food-on-board")

    def reveal(self, case: int, message: str) -> requests.Response:
        """The answer, which alone is not searched."""
        page = self._get(f"/cases/{case}")
        return self._post(f"/cases/{case}/reveal", page, message=message, reason="")

    def reply(self, case: int, text: str) -> requests.Response:
        page = self._get(f"/cases/{case}")
        key = _KEY.search(page.text)
        assert key
        return self._post(f"/cases/{case}/reply", page, text=text, key=key[1])

    def _post(self, path: str, page: requests.Response, **fields: str) -> requests.Response:
        token = _TOKEN.search(page.text)
        assert token
        return self._session.post(f"{self._base}{path}", fields | {"csrf_token": token[1]}, timeout=30)

    def _get(self, path: str) -> requests.Response:
        response = self._session.get(f"{self._base}{path}", timeout=30)
        assert response.status_code == 200
        self._run.out.add(f"desk {path.rstrip('0123456789')}", f"{response.headers}\n{response.text}")
        return response


def test_no_secret_comes_out_anywhere(run: Run) -> None:
    leaks = run.out.of(run.seeded.secrets)
    print(f"{len(leaks)} of {COUNT} secrets leaked into {run.out.characters:,} characters of output")
    print(run.seeded.said())
    assert leaks == []


def test_there_are_secrets_of_every_type_and_the_search_finds_them(run: Run) -> None:
    assert set(run.seeded.counts()) == set(TYPES)
    assert len(run.seeded.secrets) == COUNT
    everything = Leaks()
    everything.add("the messages themselves", "\n".join(secret.text for secret in run.seeded.secrets))
    assert len(everything.of(run.seeded.secrets)) == COUNT


def test_what_came_out_shows_masks_of_every_type(run: Run) -> None:
    """The run looked where the messages are: it is not that there was nothing to see."""
    masked = {kind for row in run.rows for *_, kind in row["spans"]}
    assert masked == set(TYPES)
    assert len(run.rows) == COUNT
    shown = run.out.of([Secret(kind, f"[{kind}]", "") for kind in TYPES])
    assert len(shown) == len(TYPES)


def test_who_asks_to_see_a_message_sees_its_secret_and_that_is_on_record(run: Run) -> None:
    assert len(run.revealed) == REVEALED
    for look in run.revealed:
        assert look.secret.value in look.said
        assert look.cache == "no-store"
    looks = [event for event in run.events if event.kind is EventKind.DATA_REVEALED]
    assert len(looks) == REVEALED
    for look, event in zip(run.revealed, looks, strict=True):
        assert (event.actor, event.message_id is not None) == ("alex", True)
        assert look.secret.type in event.data["types"]


def test_a_reply_that_says_a_secret_is_refused_and_given_back_to_its_writer_alone(run: Run) -> None:
    assert [response.status_code for response in run.refused] == [422] * REVEALED
    assert len(run.boxes) == REVEALED // 2
    for secret, box in run.boxes:
        assert secret.value in html.unescape(box)


def test_errors_that_nobody_foresaw_are_in_the_log(run: Run) -> None:
    assert run.log.count("POST /api/v1/messages failed") == len(TYPES)
    assert "Traceback" in run.log
    assert BROKEN in run.log


def test_rejected_lines_are_kept_for_their_owner_alone(run: Run) -> None:
    for name in ("rejects.jsonl", "rejects.csv.jsonl"):
        assert stat.S_IMODE((run.folder / name).stat().st_mode) == 0o600


def test_the_files_of_the_database_hold_no_secret_once_they_are_encrypted(run: Run) -> None:
    found = in_files(run.folder.glob("triage.db*"), run.seeded.secrets)
    encrypted = "encryption_keys" in Settings.model_fields
    assert bool(found) != encrypted
