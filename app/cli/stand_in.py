"""The stand-in for X that the demo runs on: a process of its own, which the demo tells what people post."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import requests
from pydantic import SecretStr

from triage.clock import FastClock
from triage.errors import ConfigurationError
from triage.settings import Settings

_CHECKOUT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 30.0
#: What X says of a text whose language it cannot tell, as the stand-in cannot.
_NO_LANGUAGE: Final = "und"
#: Of the product's time: the stream tells it of each post, polling only has to make sure of it.
_POLL_SECONDS: Final = 300.0


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, and the brand's account on it. ``tests/xsim/README.md`` describes what it can be told."""

    address: str
    app: dict[str, str]
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def join(self, username: str, *, credentials: bool = False, user_id: str = "") -> dict[str, str]:
        """Make an account; with credentials it lets the product in."""
        wanted = {"username": username, "credentials": credentials} | ({"id": user_id} if user_id else {})
        joined: dict[str, str] = self._tell("POST", "users", wanted)
        return joined

    def post(self, author: str, text: str, *, key: str, reply_to: str | None) -> str:
        """Post as somebody; the text as X shows it. ``key`` names the post for those that answer it."""
        wanted = {"author": author, "text": text, "key": key, "lang": _NO_LANGUAGE}
        wanted |= {"reply_to": reply_to} if reply_to else {}
        return str(self._tell("POST", "posts", wanted)["text"])

    def streams(self) -> bool:
        """Whether somebody listens to its stream."""
        return bool(self._tell("GET", "streams")["stream"]["open"])

    def replies(self) -> int:
        """How many posts came from the product."""
        return sum(post["by_api"] for post in self._tell("GET", "world")["posts"])

    def skip(self, by: timedelta) -> None:
        """Let time pass at once."""
        self._tell("POST", "clock", {"advance": by.total_seconds()})

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._tell("GET", "clock")["now_ms"] / 1000, UTC)

    def join_the_present(self) -> None:
        """From now on its time is the real one."""
        self._tell("POST", "clock", {"advance": (datetime.now(UTC) - self.now()).total_seconds(), "factor": 1})

    def clock(self) -> FastClock:
        """A clock that agrees with its own."""
        told = self._tell("GET", "clock")
        return FastClock(told["factor"], datetime.fromtimestamp(told["now_ms"] / 1000, UTC), datetime.now(UTC))

    def settings(self, read: Settings, brand: dict[str, str]) -> Settings:
        """Settings with which the product works for the brand on the stand-in, and nowhere else."""
        return without_x(read).model_copy(
            update={
                "x_api": self.address,
                "x_accelerator": "stream",
                "x_poll_seconds": _POLL_SECONDS,
                "x_consumer_key": SecretStr(self.app["consumer_key"]),
                "x_consumer_secret": SecretStr(self.app["consumer_secret"]),
                "x_bearer_token": SecretStr(self.app["bearer_token"]),
                "x_access_token": SecretStr(brand["access_token"]),
                "x_access_token_secret": SecretStr(brand["access_token_secret"]),
            }
        )

    def _tell(self, method: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.session.request(method, f"{self.address}/_control/{what}", json=body, timeout=_PATIENCE)
        told: dict[str, Any] = answer.json()
        if answer.status_code != requests.codes.ok:
            raise ConfigurationError(f"the stand-in for X does not do that: {told['error']}")
        return told


@contextmanager
def running(began: datetime, factor: float) -> Iterator[StandIn]:
    """A stand-in whose time begins at a moment and runs ``factor`` times as fast; it ends with the block.

    Raises:
        ConfigurationError: it is not there, or does not start.
    """
    if not (_CHECKOUT / "tests" / "xsim").is_dir():
        raise ConfigurationError("the stand-in for X is part of the project's tests: --x needs a checkout of it")
    command = [sys.executable, "-m", "tests.xsim", "--clock", str(factor), "--began", began.isoformat()]
    command.append("--attached")  # it ends with this process, however that ends
    # A session of its own: Ctrl-C ends the product first, which would wonder where X has gone.
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_CHECKOUT, start_new_session=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise ConfigurationError(
                    "the stand-in for X did not start; `make demo DEMO_ARGS=--x` installs what it needs"
                )
            told = json.loads(line)
            yield StandIn(told["address"], told["app"])
        finally:
            process.kill()


def without_x(read: Settings) -> Settings:
    """The settings, with nothing of what the environment says of X: a demo posts nothing on the real one."""
    fields = type(read).model_fields.items()
    return read.model_copy(update={name: its.default for name, its in fields if name.startswith("x_")})
