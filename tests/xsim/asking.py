"""Calls of the stand-in's API as an app makes them, for tests: signed for a user, or with the app's token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from requests_oauthlib import OAuth1

from tests.xsim.client import SimUser, XSim


@dataclass(frozen=True)
class Asking:
    """An app that a user let in; every call gives the response, whatever its status."""

    sim: XSim
    user: SimUser
    timeout_s: float = 10.0

    def get(self, path: str, **query: Any) -> requests.Response:
        return self._call("GET", path, params=_dotted(query), auth=self.signature())

    def post(self, path: str, **body: Any) -> requests.Response:
        return self._call("POST", path, json=body, auth=self.signature())

    def delete(self, path: str) -> requests.Response:
        return self._call("DELETE", path, auth=self.signature())

    def as_app(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self._call(method, path, params=_dotted(query), json=body, headers=self.bearer())

    def mentions(self, **query: Any) -> requests.Response:
        return self.get(f"users/{self.user.id}/mentions", **query)

    def reply(self, to: str, text: str) -> requests.Response:
        return self.post("tweets", text=text, reply={"in_reply_to_tweet_id": to})

    def stream(self, path: str = "tweets/search/stream", **query: Any) -> requests.Response:
        """An open stream; read it with ``lines``."""
        return self._call("GET", path, params=_dotted(query), headers=self.bearer(), stream=True)

    def signature(self) -> OAuth1:
        app, user = self.sim.app, self.user
        secrets = (app["consumer_secret"], user.access_token, user.access_token_secret)
        return OAuth1(app["consumer_key"], *secrets)

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.sim.app['bearer_token']}"}

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        # without a session: a connection of its own, so that one that is closed by a fault is not tried again
        return requests.request(method, f"{self.sim.address}/2/{path}", timeout=self.timeout_s, **arguments)


def lines(response: requests.Response) -> Iterator[bytes]:
    """The lines of a stream, heartbeats as empty ones, each as soon as it is there."""
    line = b""
    for byte in response.iter_content(chunk_size=1):
        line += byte
        if byte == b"\n":
            yield line.rstrip(b"\r\n")
            line = b""
    if line:
        yield line


def posts_on(stream: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """What a stream tells, heartbeats left out."""
    return (json.loads(line) for line in stream if line)


def _dotted(query: dict[str, Any]) -> dict[str, Any]:
    """``tweet__fields`` is how Python writes ``tweet.fields``."""
    return {name.replace("__", "."): value for name, value in query.items()}
