"""What a test holds of a running stand-in: starts it, and tells the control endpoint what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class SimUser:
    """An account; the tokens are empty for one who has not let the app in."""

    id: str
    username: str
    name: str
    access_token: str = ""
    access_token_secret: str = ""
    oauth2_access_token: str = ""
    oauth2_refresh_token: str = ""


@dataclass(frozen=True)
class SimPost:
    """A post as the stand-in has it; ``raw`` is what was sent, ``text`` what answers show."""

    id: str
    author: str
    author_id: str
    raw: str
    text: str
    reply_to: str | None
    quote: str | None
    conversation_id: str
    created_ms: int
    versions: list[str]
    by_api: bool
    deleted: bool


@dataclass(frozen=True)
class SimMessage:
    """A private message."""

    id: str
    sender: str
    recipient: str
    text: str
    conversation_id: str
    created_ms: int


@dataclass(frozen=True)
class SimWorld:
    """All there is."""

    now_ms: int
    users: Sequence[SimUser]
    posts: Sequence[SimPost]
    messages: Sequence[SimMessage]


@dataclass(frozen=True)
class XSim:
    """A running stand-in; ``app`` has consumer_key, consumer_secret, bearer_token, client_id and client_secret."""

    address: str
    app: dict[str, str]
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def emptied(self) -> XSim:
        """The same process with an empty world, new credentials, no faults and the present time."""
        return XSim(self.address, self.control("POST", "reset"), self.session)

    def user(self, username: str, *, credentials: bool = False, **more: Any) -> SimUser:
        return SimUser(**self.control("POST", "users", username=username, credentials=credentials, **more))

    def post(self, author: str, text: str, **more: Any) -> SimPost:
        """Options: reply_to, quote, key, lang, who_may_reply, late_s."""
        return SimPost(**self.control("POST", "posts", author=author, text=text, **more))

    def bulk(self, posts: Iterable[dict[str, Any]], rate: float | None = None) -> list[str]:
        """Ids of the posts, all written at once; with a rate none yet: see ``bulk_ids``."""
        ids: list[str] = self.control("POST", "bulk", posts=list(posts), rate=rate)["ids"]
        return ids

    def bulk_ids(self) -> tuple[list[str], bool]:
        """What the last bulk has written so far, and whether it goes on."""
        state = self.control("GET", "bulk")
        return state["ids"], state["running"]

    def edit(self, post: str, text: str) -> SimPost:
        return SimPost(**self.control("POST", "edits", post=post, text=text))

    def delete(self, post: str) -> None:
        self.control("POST", "deletions", post=post)

    def message(self, sender: str, recipient: str, text: str) -> SimMessage:
        return SimMessage(**self.control("POST", "messages", sender=sender, recipient=recipient, text=text))

    def block(self, blocker: str, blocked: str) -> None:
        self.control("POST", "blocks", blocker=blocker, blocked=blocked)

    def revoke(self, user: str | None = None) -> None:
        self.control("POST", "revocations", user=user)

    def world(self, *, author: str | None = None, since: str = "0") -> SimWorld:
        query = {"since": since} | ({"author": author} if author else {})
        found = self._call("GET", "world", params=query)
        return SimWorld(
            found["now_ms"],
            [SimUser(**each) for each in found["users"]],
            [SimPost(**each) for each in found["posts"]],
            [SimMessage(**each) for each in found["messages"]],
        )

    def ledger(self) -> dict[str, Any]:
        """Calls, exceeded, too_early and statuses by endpoint; ``violations`` is the sum of the two in the middle, and
        ``early`` has an entry (limits.Early) for each call that was too early."""
        return self.control("GET", "limits")

    def limit(self, endpoint: str, **values: float | None) -> None:
        self.control("PUT", "limits", endpoint=endpoint, **values)

    def rule(self, **values: Any) -> None:
        self.control("PUT", "rules", **values)

    def fault(self, name: str, endpoint: str = "*", **more: Any) -> None:
        """Options: times, probability, seed, seconds, params."""
        self.control("POST", "faults", name=name, endpoint=endpoint, **more)

    def fired(self) -> dict[str, int]:
        """How often each fault that is switched on has struck."""
        fired: dict[str, int] = {}
        for each in self.control("GET", "faults")["faults"]:
            fired[each["name"]] = fired.get(each["name"], 0) + each["fired"]
        return fired

    def no_faults(self, name: str | None = None) -> None:
        self._call("DELETE", "faults", params={"name": name} if name else {})

    def advance(self, seconds: float) -> int:
        """Jumps ahead; milliseconds since 1970 after it."""
        now_ms: int = self.control("POST", "clock", advance=seconds)["now_ms"]
        return now_ms

    def streams(self) -> dict[str, Any]:
        """By ``stream`` and ``activity`` whether it is open, how often it was opened, and how many lines it has told;
        ``webhook``: deliveries; ``undelivered``: how many of them have not come to an end."""
        return self.control("GET", "streams")

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """One call of the control endpoint; raises ValueError with its words where it refuses."""
        return self._call(method, path, json=body or None)

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        response = self.session.request(method, f"{self.address}/_control/{path}", timeout=60, **arguments)
        found: dict[str, Any] = response.json()
        if response.status_code != 200:
            raise ValueError(found["error"])
        return found


@contextmanager
def running(clock: str = "real", port: int = 0) -> Iterator[XSim]:
    """Starts a stand-in in a process of its own and ends it afterwards."""
    command = [sys.executable, "-m", "tests.xsim", "--port", str(port), "--clock", clock]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = json.loads(process.stdout.readline())
            yield XSim(line["address"], line["app"])
        finally:
            process.kill()
