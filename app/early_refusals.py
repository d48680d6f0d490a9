"""What the web server refuses before the application is asked: in the words of the API all the same."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer, TcpWSGIServer
from waitress.task import ErrorTask

from app.api.problems import MEDIA_TYPE, Problem, too_large

#: Bytes over the limit that are still read, to be refused by the application, which knows whether a
#: program or a person is to be told.
ROOM_TO_EXPLAIN: Final = 64 * 1024


def explain_refusals(server: TcpWSGIServer | MultiSocketServer) -> None:
    """Have a server, which must not be serving yet, send problem documents where it would send plain text."""
    parts = server.map.values() if isinstance(server, MultiSocketServer) else [server]
    for part in parts:
        if isinstance(part, BaseWSGIServer):
            part.channel_class = _Channel


class _Refusal(ErrorTask):  # type: ignore[misc]
    """Answers a request that could not be read to its end; the connection ends with it."""

    def execute(self) -> None:
        refused = self.request.error
        detail = refused.body
        if refused.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            detail = too_large(self.channel.adj.max_request_body_size - ROOM_TO_EXPLAIN)
        problem = Problem.of(refused.code, detail, getattr(self.request, "path", "/"))
        body = problem.encode()
        self.status = f"{problem.status} {problem.title}"
        self.response_headers.append(("Content-Type", MEDIA_TYPE))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _Refusal
