"""tweepy's own stream as it is, led to a stand-in: what the product does not rely on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
import tweepy
from requests.adapters import HTTPAdapter

from tests.xsim.client import XSim

#: Seconds that tweepy lets a socket say nothing.
PATIENCE: Final = 21


class _LedTo(HTTPAdapter):
    """Leads calls of a fixed host to another address, with less patience than they ask for."""

    def __init__(self, address: str, patience: float) -> None:
        self._address = address
        self._patience = patience
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert kwargs["timeout"] == PATIENCE
        request.url = self._address + (request.path_url or "")
        return super().send(request, *args, **kwargs | {"timeout": self._patience})


class PlainStream(tweepy.StreamingClient):
    """Notes what happens to it."""

    def __init__(self, x: XSim, patience: float) -> None:
        super().__init__(x.app["bearer_token"], daemon=True)
        self.session.mount("https://api.twitter.com", _LedTo(x.address, patience))
        self.connects = 0
        self.posts: list[str] = []
        self.errors: list[Exception] = []
        self.connection_errors = 0
        self.over = threading.Event()

    def on_connect(self) -> None:
        self.connects += 1

    def on_tweet(self, tweet: tweepy.Tweet) -> None:
        self.posts.append(str(tweet.id))

    def on_exception(self, exception: Exception) -> None:
        self.errors.append(exception)

    def on_connection_error(self) -> None:
        self.connection_errors += 1

    def on_disconnect(self) -> None:
        self.over.set()


@contextmanager
def plain_stream(x: XSim, *, rules: bool = True, patience: float = PATIENCE) -> Iterator[PlainStream]:
    """Connecting when the block begins; told to end after it. ``patience``: instead of tweepy's, to wait less."""
    stream = PlainStream(x, patience)
    if rules:
        stream_rules(x, "@MarramAir")
    stream.filter(threaded=True)
    try:
        yield stream
    finally:
        stream.disconnect()


def stream_rules(x: XSim, *values: str) -> None:
    """Adds rules, without tags."""
    body = {"add": [{"value": value} for value in values]}
    requests.post(_address(x), json=body, headers=_headers(x), timeout=5).raise_for_status()


def _address(x: XSim) -> str:
    return f"{x.address}/2/tweets/search/stream/rules"


def _headers(x: XSim) -> dict[str, str]:
    return {"Authorization": f"Bearer {x.app['bearer_token']}"}
