"""Responses: an answer as bytes with X's headers, and what a fault makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

import msgspec
from aiohttp import web

from tests.xsim.clock import Clock
from tests.xsim.faults import Fault
from tests.xsim.limits import WINDOW_S, Limits, limit_headers
from tests.xsim.problems import (
    NOT_POSTED,
    Answer,
    forbidden,
    not_found,
    too_many,
    unauthorized,
    unavailable,
    unavailable_item,
    unavailable_something,
)

_PAGE: Final = "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
_FOREVER_S: Final = 3600.0
_JSON: Final = "application/json; charset=utf-8"
#: Some post that is not there.
_ELSEWHERE: Final = "1346889436626259968"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to the endpoint ``name`` by the caller ``key``, and how it is answered."""

    request: web.Request
    name: str
    key: str
    clock: Clock
    limits: Limits

    def respond(self, answer: Answer) -> web.Response:
        self.limits.statuses[self.name, answer.status] += 1
        headers = answer.headers | self.date() | {"content-type": _JSON, "api-version": "2.166"}
        return web.Response(status=answer.status, body=msgspec.json.encode(answer.body), headers=headers)

    def date(self) -> dict[str, str]:
        return {"date": formatdate(self.clock.now(), usegmt=True)}

    async def instead(self, fault: Fault) -> web.StreamResponse | None:
        """What a fault answers in place of the call; None where the call goes on after all."""
        if fault.name == "lost_before":
            return self._hang_up()
        if fault.name == "slow_before":
            await self._wait(fault)
            return self._hang_up() if self.request.transport is None else None
        if fault.name == "unavailable_html":
            return self._page_of_503()
        return self.respond(_REFUSALS[fault.name](self, fault))

    async def afterwards(self, answer: Answer, fault: Fault | None) -> web.StreamResponse:
        """The response to a call that was applied, as a fault leaves it."""
        name = fault.name if fault else ""
        if fault and name == "slow_applied":
            await self._wait(fault)
        if name == "lost_applied":
            return self._hang_up()
        if name == "unavailable_html_applied":
            return self._page_of_503()
        if name == "unavailable_json_applied":
            return self.respond(unavailable())
        if name == "truncated":
            return await self._truncated(answer)
        if name in _CHANGES and isinstance(answer.body.get("data"), list | dict):
            answer = replace(answer, body=_CHANGES[name](answer.body))
        if fault and name == "left_out" and isinstance(answer.body.get("data"), list):
            answer = replace(answer, body=_without_last(answer.body, fault))
        return self.respond(answer)

    def told_to_wait(self, fault: Fault, until: float, headers: dict[str, str]) -> Answer:
        """429 with these headers, which the ledger keeps; from a ``lasting`` fault also to each call until then."""
        self.limits.told(self.name, self.key, until, headers if fault.params.get("lasting") else None)
        return replace(too_many(), headers=headers)

    def _hang_up(self) -> web.Response:
        """Closes the connection; what is returned reaches nobody."""
        if self.request.transport is not None:
            self.request.transport.close()
        return web.Response()

    def _page_of_503(self) -> web.Response:
        self.limits.statuses[self.name, 503] += 1
        return web.Response(status=503, text=_PAGE, content_type="text/html")

    async def _truncated(self, answer: Answer) -> web.StreamResponse:
        whole = msgspec.json.encode(answer.body)
        headers = answer.headers | self.date() | {"content-type": _JSON, "content-length": str(len(whole))}
        response = web.StreamResponse(status=answer.status, headers=headers)
        await response.prepare(self.request)
        await response.write(whole[: len(whole) // 2])
        self._hang_up()
        return response

    async def _wait(self, fault: Fault) -> None:
        """Real seconds, or until the client has gone."""
        loop = asyncio.get_running_loop()
        until = loop.time() + float(fault.params.get("seconds", _FOREVER_S))
        while self.request.transport is not None and (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, 0.05))


def _limited(exchange: Exchange, fault: Fault) -> Answer:
    ends = exchange.clock.now() + fault.params.get("seconds", WINDOW_S)
    return exchange.told_to_wait(fault, ends, limit_headers("x-rate-limit", 100, 0, ends))


def _limited_for_the_day(exchange: Exchange, fault: Fault) -> Answer:
    ends = exchange.clock.now() + fault.params.get("seconds", 3600)
    window = limit_headers("x-rate-limit", 100, 99, exchange.clock.now() + WINDOW_S)
    return exchange.told_to_wait(fault, ends, window | limit_headers("x-app-limit-24hour", 10_000, 0, ends))


def _not_posted(_: Exchange, fault: Fault) -> Answer:
    return forbidden(NOT_POSTED[fault.name])


_REFUSALS: Final[Mapping[str, Callable[[Exchange, Fault], Answer]]] = {
    "rate_limited": _limited,
    "rate_limited_day": _limited_for_the_day,
    "rate_limited_bare": lambda *_: too_many(),
    "unavailable_json": lambda *_: unavailable(),
    "revoked": lambda *_: unauthorized(),
    **dict.fromkeys(NOT_POSTED, _not_posted),
}


def _with_errors(body: dict[str, Any]) -> dict[str, Any]:
    """An error as for a post that was referred to and cannot be shown; the includes lack their last entries."""
    brought = {kind: entries[:-1] for kind, entries in body.get("includes", {}).items()}
    left = {kind: entries for kind, entries in brought.items() if entries}
    changed = {name: value for name, value in body.items() if name != "includes"}
    errors = [*body.get("errors", []), not_found("tweet", _ELSEWHERE, "referenced_tweets.id")]
    return changed | ({"includes": left} if left else {}) | {"errors": errors}


def _with_first_twice(body: dict[str, Any]) -> dict[str, Any]:
    data = body["data"]
    return body | {"data": [data[0], *data]} if isinstance(data, list) else body


def _without_last(body: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """The page lacks its last entry, and an error says so."""
    *data, last = body["data"]
    is_post = "text" in last and "event_type" not in last
    named = is_post and fault.dice.random() < fault.params.get("named", 1)
    error = unavailable_item(last["id"]) if named else unavailable_something()
    changed = {name: value for name, value in body.items() if name != "data"} | ({"data": data} if data else {})
    return changed | {"errors": [*body.get("errors", []), error]}


_CHANGES: Final = {"partial_errors": _with_errors, "repeated": _with_first_twice}
