"""What the contract tests share: a brand on the stand-in for X."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from tests.xsim.asking import Asking
from tests.xsim.client import XSim


@pytest.fixture
def brand(xsim: XSim) -> Asking:
    """The account of a brand that has let the app in."""
    return Asking(xsim, xsim.user("MarramAir", credentials=True))


@dataclass
class Taking:
    """An address that webhooks deliver to, with ``taken`` as what came; ``statuses`` are answered in turn, then 200."""

    url: str
    secret: str
    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait(self, count: int, seconds: float = 10.0) -> list[tuple[dict[str, str], bytes]]:
        """The deliveries, once there are as many."""
        until = time.monotonic() + seconds
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.taken) == count
        return self.taken


@pytest.fixture
def taking(xsim: XSim) -> Iterator[Callable[[], Taking]]:
    """Opens an address on this machine that answers challenges as X wants them."""
    servers: list[BaseWSGIServer] = []

    def make() -> Taking:
        def answer(request: Request) -> Response:
            if token := request.args.get("crc_token"):
                digest = hmac.new(found.secret.encode(), token.encode(), hashlib.sha256).digest()
                body = {"response_token": "sha256=" + base64.b64encode(digest).decode()}
                return Response(json.dumps(body), content_type="application/json")
            found.taken.append(({name.lower(): value for name, value in request.headers}, request.get_data()))
            return Response(status=found.statuses.pop(0) if found.statuses else 200)

        server = make_server("127.0.0.1", 0, Request.application(answer), threaded=True)
        found = Taking(f"http://127.0.0.1:{server.port}/x", xsim.app["consumer_secret"])
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return found

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()
