"""``python -m tests.xsim.speed``: requests that the stand-in answers in a second of its own processor's time."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import requests
from requests_oauthlib import OAuth1

from tests.xsim.client import XSim, running

#: Method, path, body and headers of the n-th request.
Made = Callable[[int], tuple[str, str, str | None, dict[str, str]]]
FIELDS = "author_id,conversation_id,created_at,referenced_tweets,entities,in_reply_to_user_id,lang"


def measure(sim: XSim, count: int, made: Made) -> float:
    """Requests a second of processor time, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(sim.address).netloc)
    before = sim.control("GET", "clock")["processor_s"]
    for number in range(count):
        connection.request(*made(number))
        response = connection.getresponse()
        response.read()
        assert response.status in (200, 201), response.status
    used_s: float = sim.control("GET", "clock")["processor_s"] - before
    return count / used_s


def main() -> None:
    with running() as sim:
        brand = sim.user("MarramAir", credentials=True)
        for endpoint in ("mentions", "users.me", "create"):
            sim.limit(endpoint, user=10**9, app=10**9, app_day=10**9)
        start = time.perf_counter()
        ids = sim.bulk([{"author": f"person{n % 500}", "text": f"@MarramAir {n}: lost"} for n in range(20_000)])
        say(f"20,000 posts at once: {time.perf_counter() - start:.1f} s")
        bearer = {"Authorization": f"Bearer {brand.oauth2_access_token}", "Content-Type": "application/json"}
        app = sim.app["consumer_key"], sim.app["consumer_secret"]
        signature = OAuth1(*app, brand.access_token, brand.access_token_secret)
        me = requests.Request("GET", f"{sim.address}/2/users/me", auth=signature)
        signed = [_text(me.prepare().headers["authorization"]) for _ in range(2000)]
        mentions = f"/2/users/{brand.id}/mentions?max_results=100"

        def reply(number: int) -> tuple[str, str, str | None, dict[str, str]]:
            body = {"text": f"We look into {number}", "reply": {"in_reply_to_tweet_id": ids[number]}}
            return "POST", "/2/tweets", json.dumps(body), bearer

        cases: dict[str, tuple[int, Made]] = {
            "oneself": (4000, lambda _: ("GET", "/2/users/me", None, bearer)),
            "oneself, OAuth 1.0a": (2000, lambda n: ("GET", "/2/users/me", None, {"Authorization": signed[n]})),
            "empty page": (4000, lambda _: ("GET", f"{mentions}&since_id={ids[-1]}", None, bearer)),
            "page of 100": (300, lambda _: ("GET", f"{mentions}&tweet.fields={FIELDS}", None, bearer)),
            "reply": (3000, reply),
        }
        for name, (count, made) in cases.items():
            say(f"{name}: {measure(sim, count, made):,.0f} a second")


def _text(header: str | bytes) -> str:
    return header if isinstance(header, str) else header.decode()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
