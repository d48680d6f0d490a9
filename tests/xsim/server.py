"""The HTTP server: which endpoint answers what, who may call it, and where faults strike."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

import msgspec
from aiohttp import web

from tests.xsim import messages, posts, tokens
from tests.xsim.activity import Activity
from tests.xsim.calls import Asked, not_json, view_of
from tests.xsim.clock import Clock
from tests.xsim.faults import AFTER, BEFORE, Fault, Faults
from tests.xsim.limits import WINDOW_S, Limits, limit_headers
from tests.xsim.problems import (
    NOT_POSTED,
    Answer,
    Refused,
    forbidden,
    not_found,
    too_many,
    too_many_connections,
    unauthorized,
    unavailable,
    wrong_authentication,
)
from tests.xsim.signatures import Call, Caller, Credentials
from tests.xsim.streams import Filtered, Stream
from tests.xsim.webhooks import Webhooks
from tests.xsim.world import World

Handler = Callable[[Asked], Answer | Awaitable[Answer]]

USER: Final = frozenset({"oauth1", "oauth2"})
APP: Final = frozenset({"bearer"})
ANY: Final = USER | APP
NAMES_OF_MEANS: Final = {
    "bearer": "OAuth 2.0 Application-Only",
    "oauth1": "OAuth 1.0a User Context",
    "oauth2": "OAuth 2.0 User Context",
}
_PAGE: Final = "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
_FOREVER_S: Final = 3600.0
_JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: ``name`` is that of its limit and of its faults."""

    method: str
    path: str
    name: str
    means: frozenset[str]
    handler: Handler


class Platform:
    """The world and all that is around it, for one process."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.world = World(clock)
        self.faults = Faults(clock)
        self.limits = Limits(clock)
        self.credentials = Credentials(clock)
        self.webhooks = Webhooks(self.credentials, self.faults, self.world.take_id, clock)
        self.filtered = Filtered(Stream("stream", clock, self.faults), self.world.take_id, clock)
        stream = Stream("activity", clock, self.faults)
        self.activity = Activity(stream, self.webhooks.deliver, self.world.take_id, clock)
        self.world.listeners += [self.filtered.hear, self.activity.hear]
        self.world.lateness = self.faults.lateness

    def routes(self) -> list[Route]:
        rules, activity, hooks = self.filtered, self.activity, self.webhooks
        subscription = "/2/activity/subscriptions/{subscription_id}"
        return [
            Route("GET", "/2/users/me", "users.me", USER, posts.me),
            Route("GET", "/2/users/by/username/{username}", "users.lookup", ANY, posts.user_by_name),
            Route("GET", "/2/users/{id}", "users.lookup", ANY, posts.user_by_id),
            Route("GET", "/2/users/{id}/mentions", "mentions", ANY, posts.mentions),
            Route("GET", "/2/users/{id}/tweets", "timeline", ANY, posts.timeline),
            Route("GET", "/2/tweets/search/stream/rules", "rules.read", APP, rules.get_rules),
            Route("POST", "/2/tweets/search/stream/rules", "rules.write", APP, rules.change_rules),
            Route("GET", "/2/tweets", "lookup", ANY, posts.lookup),
            Route("GET", "/2/tweets/{id}", "lookup", ANY, posts.lookup_one),
            Route("POST", "/2/tweets", "create", USER, posts.create),
            Route("DELETE", "/2/tweets/{id}", "delete", USER, posts.delete),
            Route("GET", "/2/activity/subscriptions", "subscriptions", ANY, activity.listed),
            Route("POST", "/2/activity/subscriptions", "subscriptions", ANY, activity.subscribe),
            Route("DELETE", "/2/activity/subscriptions", "subscriptions", APP, activity.end_many),
            Route("PUT", subscription, "subscriptions", APP, activity.change),
            Route("DELETE", subscription, "subscriptions", APP, activity.end),
            Route("GET", "/2/webhooks", "webhooks", APP, hooks.listed),
            Route("POST", "/2/webhooks", "webhooks", ANY, hooks.register),
            Route("PUT", "/2/webhooks/{webhook_id}", "webhooks", ANY, hooks.validate),
            Route("DELETE", "/2/webhooks/{webhook_id}", "webhooks", ANY, hooks.remove),
            Route("GET", "/2/dm_events", "messages.read", USER, messages.events),
            Route(
                "GET",
                "/2/dm_conversations/with/{participant_id}/dm_events",
                "messages.read",
                USER,
                messages.events_with,
            ),
            Route(
                "POST",
                "/2/dm_conversations/with/{participant_id}/messages",
                "messages.send",
                USER,
                messages.send,
            ),
            Route("GET", "/2/usage/tweets", "usage", APP, posts.usage),
        ]


class Endpoint:
    """Answers one route: credentials, then faults, then limits, then the handler, then faults again."""

    def __init__(self, platform: Platform, route: Route) -> None:
        self._platform, self._route = platform, route

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform, name = self._platform, self._route.name
        try:
            caller = _caller(platform, request, self._route.means)
        except Refused as refused:
            return _respond(platform, name, refused.answer)
        if fault := platform.faults.strike(BEFORE, name):
            instead = await _instead(platform, name, caller, fault, request)
            if instead is not None:
                return instead
        after = platform.faults.strike(AFTER, name)
        answer = await self._answer(request, caller, after.name if after else None)
        return await _afterwards(platform, name, answer, after, request)

    async def _answer(self, request: web.Request, caller: Caller, forced: str | None) -> Answer:
        platform, route = self._platform, self._route
        verdict = platform.limits.spend(route.name, caller.key, as_user=caller.user_id is not None)
        if not verdict.allowed:
            return replace(too_many(), headers=verdict.headers)
        try:
            asked = Asked(
                world=platform.world,
                caller=caller,
                endpoint=route.name,
                path=request.match_info,
                query=request.query,
                body=await _json(request),
                view=view_of(request.query, forced),
            )
            answer = route.handler(asked)
            if inspect.isawaitable(answer):
                answer = await answer
        except Refused as refused:
            answer = refused.answer
        return replace(answer, headers=answer.headers | verdict.headers)


class Streaming:
    """Answers the routes that stay open."""

    def __init__(self, platform: Platform, stream: Stream) -> None:
        self._platform, self._stream = platform, stream

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform, name = self._platform, self._stream.name
        try:
            caller = _caller(platform, request, APP)
        except Refused as refused:
            return _respond(platform, name, refused.answer)
        if fault := platform.faults.strike(BEFORE, name):
            instead = await _instead(platform, name, caller, fault, request)
            if instead is not None:
                return instead
        verdict = platform.limits.spend(name, caller.key, as_user=False)
        if not verdict.allowed:
            return _respond(platform, name, replace(too_many(), headers=verdict.headers))
        if self._stream.busy or platform.faults.strike(("stream_refused",), name):
            return _respond(platform, name, replace(too_many_connections(), headers=verdict.headers))
        forced = platform.faults.strike(("plain_dates",), name)
        view = replace(view_of(request.query, forced.name if forced else None), new_spelling=False)
        platform.limits.statuses[name, 200] += 1
        return await self._stream.serve(request, verdict.headers | _date(platform), view)


class Tokens:
    """Answers the route that renews tokens; it has no caller and no limit."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform = self._platform
        if fault := platform.faults.strike(BEFORE, "token"):
            instead = await _instead(platform, "token", Caller("bearer", None), fault, request)
            if instead is not None:
                return instead
        form = {name: str(value) for name, value in (await request.post()).items()}
        answer = tokens.renew(platform.credentials, request.headers.get("authorization", ""), form)
        return await _afterwards(platform, "token", answer, platform.faults.strike(AFTER, "token"), request)


def application(platform: Platform) -> web.Application:
    app = web.Application()
    for name, stream in (("tweets/search", platform.filtered.stream), ("activity", platform.activity.stream)):
        app.router.add_get(f"/2/{name}/stream", Streaming(platform, stream))
    for route in platform.routes():
        app.router.add_route(route.method, route.path, Endpoint(platform, route))
    app.router.add_post("/2/oauth2/token", Tokens(platform))

    async def close(_: web.Application) -> None:
        await platform.webhooks.close()

    app.on_cleanup.append(close)
    return app


def _caller(platform: Platform, request: web.Request, means: frozenset[str]) -> Caller:
    call = Call(
        method=request.method,
        own_host=f"{request.scheme}://{request.host}",
        path=request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        form="",
        authorization=request.headers.get("authorization", ""),
    )
    caller = platform.credentials.caller(call)
    if caller.means not in means:
        raise Refused(wrong_authentication(*(NAMES_OF_MEANS[each] for each in sorted(means))))
    return caller


async def _json(request: web.Request) -> Any:
    if not request.can_read_body:
        return None
    try:
        return msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        raise not_json() from None


async def _instead(
    platform: Platform, name: str, caller: Caller, fault: Fault, request: web.Request
) -> web.StreamResponse | None:
    """What a fault answers in place of the call; None where the call goes on after all."""
    if fault.name == "lost_before":
        return _hang_up(request)
    if fault.name == "slow_before":
        await _wait(request, fault.params.get("seconds", _FOREVER_S))
        return _hang_up(request) if request.transport is None else None
    if fault.name == "unavailable_html":
        return _page_of_503(platform, name)
    return _respond(platform, name, _REFUSALS[fault.name](platform, name, caller, fault))


def _limited(platform: Platform, name: str, caller: Caller, fault: Fault) -> Answer:
    ends = platform.clock.now() + fault.params.get("seconds", WINDOW_S)
    platform.limits.told(name, caller.key, ends)
    return replace(too_many(), headers=limit_headers("x-rate-limit", 100, 0, ends))


def _limited_for_the_day(platform: Platform, name: str, caller: Caller, fault: Fault) -> Answer:
    now = platform.clock.now()
    ends = now + fault.params.get("seconds", 3600)
    platform.limits.told(name, caller.key, ends)
    window = limit_headers("x-rate-limit", 100, 99, now + WINDOW_S)
    return replace(too_many(), headers=window | limit_headers("x-app-limit-24hour", 10_000, 0, ends))


def _not_posted(platform: Platform, name: str, caller: Caller, fault: Fault) -> Answer:
    return forbidden(NOT_POSTED[fault.name])


_REFUSALS: Final[Mapping[str, Callable[[Platform, str, Caller, Fault], Answer]]] = {
    "rate_limited": _limited,
    "rate_limited_day": _limited_for_the_day,
    "rate_limited_bare": lambda *_: too_many(),
    "unavailable_json": lambda *_: unavailable(),
    "revoked": lambda *_: unauthorized(),
    **dict.fromkeys(NOT_POSTED, _not_posted),
}


async def _afterwards(
    platform: Platform, name: str, answer: Answer, fault: Fault | None, request: web.Request
) -> web.StreamResponse:
    """The response to a call that was applied, as a fault leaves it."""
    if fault is None:
        return _respond(platform, name, answer)
    if fault.name == "lost_applied":
        return _hang_up(request)
    if fault.name == "slow_applied":
        await _wait(request, fault.params.get("seconds", _FOREVER_S))
    if fault.name == "unavailable_html_applied":
        return _page_of_503(platform, name)
    if fault.name == "unavailable_json_applied":
        return _respond(platform, name, unavailable())
    if fault.name == "truncated":
        return await _truncated(platform, name, answer, request)
    if fault.name in _CHANGES and isinstance(answer.body.get("data"), list | dict):
        answer = replace(answer, body=_CHANGES[fault.name](answer.body))
    return _respond(platform, name, answer)


def _with_errors(body: dict[str, Any]) -> dict[str, Any]:
    """An error as for a post that was referred to and cannot be shown; it is missing from the includes."""
    brought = {kind: entries[:-1] for kind, entries in body.get("includes", {}).items()}
    left = {kind: entries for kind, entries in brought.items() if entries}
    changed = {name: value for name, value in body.items() if name != "includes"}
    error = not_found("tweet", "1346889436626259968", "referenced_tweets.id")
    return changed | ({"includes": left} if left else {}) | {"errors": [*body.get("errors", []), error]}


def _with_first_twice(body: dict[str, Any]) -> dict[str, Any]:
    data = body["data"]
    return body | {"data": [data[0], *data]} if isinstance(data, list) else body


_CHANGES: Final = {"partial_errors": _with_errors, "repeated": _with_first_twice}


def _respond(platform: Platform, name: str, answer: Answer) -> web.Response:
    platform.limits.statuses[name, answer.status] += 1
    headers = answer.headers | _date(platform) | {"content-type": _JSON, "api-version": "2.166"}
    return web.Response(status=answer.status, body=msgspec.json.encode(answer.body), headers=headers)


def _page_of_503(platform: Platform, name: str) -> web.Response:
    platform.limits.statuses[name, 503] += 1
    return web.Response(status=503, text=_PAGE, content_type="text/html")


def _date(platform: Platform) -> dict[str, str]:
    return {"date": formatdate(platform.clock.now(), usegmt=True)}


def _hang_up(request: web.Request) -> web.Response:
    """Closes the connection; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _truncated(platform: Platform, name: str, answer: Answer, request: web.Request) -> web.StreamResponse:
    whole = msgspec.json.encode(answer.body)
    headers = answer.headers | _date(platform) | {"content-type": _JSON, "content-length": str(len(whole))}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _wait(request: web.Request, seconds: float) -> None:
    """Real seconds, or until the client has gone."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while request.transport is not None and (left := until - loop.time()) > 0:
        await asyncio.sleep(min(left, 0.05))
