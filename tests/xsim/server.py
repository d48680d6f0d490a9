"""The HTTP server: which endpoint answers what, who may call it, and where faults strike."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from aiohttp import web

from tests.xsim import messages, posts, tokens
from tests.xsim.activity import Activity
from tests.xsim.calls import Asked, not_json, view_of
from tests.xsim.clock import Clock
from tests.xsim.exchange import Exchange
from tests.xsim.faults import AFTER, BEFORE, Faults
from tests.xsim.limits import Limits
from tests.xsim.problems import Answer, Refused, too_many, too_many_connections, wrong_authentication
from tests.xsim.signatures import Call, Caller, Credentials
from tests.xsim.streams import Filtered, Stream
from tests.xsim.webhooks import Webhooks
from tests.xsim.world import World

Handler = Callable[[Asked], Answer | Awaitable[Answer]]

USER: Final = frozenset({"oauth1", "oauth2"})
APP: Final = frozenset({"bearer"})
ANY: Final = USER | APP
#: Bytes; a test hands over tens of thousands of posts in one call.
_LARGEST_BODY: Final = 1 << 28
NAMES_OF_MEANS: Final = {
    "bearer": "OAuth 2.0 Application-Only",
    "oauth1": "OAuth 1.0a User Context",
    "oauth2": "OAuth 2.0 User Context",
}


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
        self.activity = Activity(stream, self.webhooks, self.world.take_id, clock)
        self.world.listeners += [self.filtered.hear, self.activity.hear]
        self.world.lateness = self.faults.lateness
        self.streams = {each.name: each for each in (self.filtered.stream, self.activity.stream)}
        self.routes = {(route.method, route.path): route for route in self._routes()}

    async def close(self) -> None:
        for stream in self.streams.values():
            stream.close()
        await self.webhooks.close()

    def exchange(self, request: web.Request, name: str, key: str) -> Exchange:
        return Exchange(request, name, key, self.clock, self.limits)

    def _routes(self) -> list[Route]:
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


class Site:
    """The platform that is served now; ``renew`` puts an empty one with new credentials in its place."""

    def __init__(self, factor: float, began: float | None = None) -> None:
        self._factor = factor
        self.platform = Platform(Clock(factor, began))

    async def renew(self) -> None:
        await self.platform.close()
        self.platform = Platform(Clock(self._factor))


class Endpoint:
    """Answers one route: credentials, then faults, then limits, then the handler, then faults again."""

    def __init__(self, site: Site, route: tuple[str, str]) -> None:
        self._site, self._route = site, route

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform = self._site.platform
        route = platform.routes[self._route]
        name = route.name
        try:
            caller = _caller(platform, request, route.means)
        except Refused as refused:
            return platform.exchange(request, name, "").respond(refused.answer)
        exchange = platform.exchange(request, name, caller.key)
        if fault := platform.faults.strike(BEFORE, name):
            instead = await exchange.instead(fault)
            if instead is not None:
                return instead
        after = platform.faults.strike(AFTER, name)
        answer = await self._answer(platform, route, request, caller, after.name if after else None)
        return await exchange.afterwards(answer, after)

    @staticmethod
    async def _answer(
        platform: Platform, route: Route, request: web.Request, caller: Caller, forced: str | None
    ) -> Answer:
        verdict = platform.limits.spend(route.name, caller.key, as_user=caller.user_id is not None)
        if not verdict.allowed:
            return replace(too_many(), headers=verdict.headers)
        try:
            asked = Asked(
                world=platform.world,
                caller=caller,
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

    def __init__(self, site: Site, name: str) -> None:
        self._site, self._name = site, name

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform, name = self._site.platform, self._name
        stream = platform.streams[name]
        try:
            caller = _caller(platform, request, APP)
        except Refused as refused:
            return platform.exchange(request, name, "").respond(refused.answer)
        exchange = platform.exchange(request, name, caller.key)
        if fault := platform.faults.strike(BEFORE, name):
            instead = await exchange.instead(fault)
            if instead is not None:
                return instead
        verdict = platform.limits.spend(name, caller.key, as_user=False)
        if not verdict.allowed:
            return exchange.respond(replace(too_many(), headers=verdict.headers))
        if stream.busy or platform.faults.strike(("stream_refused",), name):
            return exchange.respond(replace(too_many_connections(), headers=verdict.headers))
        forced = platform.faults.strike(("plain_dates",), name)
        view = replace(view_of(request.query, forced.name if forced else None), new_spelling=False)
        platform.limits.statuses[name, 200] += 1
        return await stream.serve(request, verdict.headers | exchange.date(), view)


class Tokens:
    """Answers the route that renews tokens; it has no caller and no limit."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        platform = self._site.platform
        exchange = platform.exchange(request, "token", "app")
        if fault := platform.faults.strike(BEFORE, "token"):
            instead = await exchange.instead(fault)
            if instead is not None:
                return instead
        form = {name: str(value) for name, value in (await request.post()).items()}
        answer = tokens.renew(platform.credentials, request.headers.get("authorization", ""), form)
        return await exchange.afterwards(answer, platform.faults.strike(AFTER, "token"))


def application(site: Site) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.router.add_get("/2/tweets/search/stream", Streaming(site, "stream"))
    app.router.add_get("/2/activity/stream", Streaming(site, "activity"))
    for method, path in site.platform.routes:
        app.router.add_route(method, path, Endpoint(site, (method, path)))
    app.router.add_post("/2/oauth2/token", Tokens(site))

    async def close(_: web.Application) -> None:
        await site.platform.close()

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
