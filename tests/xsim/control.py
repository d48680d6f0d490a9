"""What a test does to the stand-in, under ``/_control``: people, posts, faults, time, and a look at everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from tests.xsim.server import Platform, Site
from tests.xsim.world import Draft, Message, Post, User, World

Json = dict[str, Any]


class Control:
    """Handlers of the control endpoint; each takes the JSON body (or the query) and gives a JSON object."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._bulk: asyncio.Task[None] | None = None
        self._bulk_ids: list[str] = []
        self._keys: dict[str, Post] = {}

    def add_to(self, app: web.Application) -> None:
        """Adds the routes to the server."""
        for method, path, handler in (
            ("GET", "app", self.app),
            ("POST", "reset", self.reset),
            ("POST", "users", self.user),
            ("POST", "posts", self.post),
            ("POST", "bulk", self.bulk),
            ("GET", "bulk", self.bulk_state),
            ("POST", "edits", self.edit),
            ("POST", "deletions", self.delete),
            ("POST", "messages", self.message),
            ("POST", "blocks", self.block),
            ("GET", "world", self.everything),
            ("GET", "limits", self.ledger),
            ("PUT", "limits", self.limit),
            ("PUT", "rules", self.rule),
            ("POST", "faults", self.fault),
            ("GET", "faults", self.faults),
            ("DELETE", "faults", self.no_faults),
            ("POST", "clock", self.clock),
            ("GET", "clock", self.clock),
            ("POST", "revocations", self.revoke),
            ("GET", "streams", self.streams),
        ):
            app.router.add_route(method, f"/_control/{path}", _route(handler))

    @property
    def _platform(self) -> Platform:
        return self._site.platform

    @property
    def _world(self) -> World:
        return self._site.platform.world

    async def reset(self, _: Json) -> Json:
        """Puts an empty world with new credentials, no faults and the present time in place of all there was."""
        if self._bulk:
            self._bulk.cancel()
        self._keys.clear()
        await self._site.renew()
        return self.app({})

    # --- People

    def app(self, _: Json) -> Json:
        return self._platform.credentials.app.body()

    def user(self, wanted: Json) -> Json:
        """``username``, and ``name``, ``id``; with ``credentials`` the tokens of a user who let the app in."""
        user = self._world.join(wanted["username"], wanted.get("name", ""), _id(wanted.get("id")))
        body = _user(user)
        if wanted.get("credentials"):
            token, grant = self._platform.credentials.issue(user.id), self._platform.credentials.grant(user.id)
            body |= {
                "access_token": token.token,
                "access_token_secret": token.secret,
                "oauth2_access_token": grant.access_token,
                "oauth2_refresh_token": grant.refresh_token,
            }
        return body

    def block(self, wanted: Json) -> Json:
        """``blocker`` blocks ``blocked``."""
        self._person(wanted["blocker"]).blocked.add(self._person(wanted["blocked"]).id)
        return {}

    def revoke(self, wanted: Json) -> Json:
        """Takes back the tokens of ``user``, or the app's bearer token where there is none."""
        user = wanted.get("user")
        self._platform.credentials.revoke(self._person(user).id if user else None)
        return {}

    # --- Posts and messages

    def post(self, wanted: Json) -> Json:
        """``author`` (made where unknown) posts ``text``; also ``reply_to`` and ``quote`` (ids or keys), ``key``,
        ``lang``, ``who_may_reply`` and ``late_s``."""
        return self._shown(self._publish(wanted))

    async def bulk(self, wanted: Json) -> Json:
        """``posts`` as above, all now, or ``rate`` of them a second of real time in the background."""
        entries, rate = wanted["posts"], wanted.get("rate")
        self._bulk_ids = []
        if not rate:
            self._bulk_ids = [str(self._publish(each).id) for each in entries]
        else:
            self._bulk = asyncio.create_task(self._drip(entries, float(rate)))
        return self.bulk_state({})

    def bulk_state(self, _: Json) -> Json:
        return {"ids": self._bulk_ids, "running": self._bulk is not None and not self._bulk.done()}

    def edit(self, wanted: Json) -> Json:
        return self._shown(self._world.edit(self._post(wanted["post"]), wanted["text"]))

    def delete(self, wanted: Json) -> Json:
        self._world.delete(self._post(wanted["post"]))
        return {}

    def message(self, wanted: Json) -> Json:
        people = self._person(wanted["sender"]), self._person(wanted["recipient"])
        return _message(self._world.send(*people, wanted["text"]))

    # --- A look at everything

    def everything(self, wanted: Json) -> Json:
        """All there is; with ``author`` only that one's posts, with ``since`` only what came after an id."""
        since, author = int(wanted.get("since", 0)), wanted.get("author")
        posts = self._person(author).posts if author else list(self._world.posts.values())
        return {
            "now_ms": self._world.clock.now_ms(),
            "users": [_user(user) for user in self._world.users.values() if user.id > since],
            "posts": [self._shown(post) for post in posts if post.id > since],
            "messages": [_message(each) for each in self._world.messages if each.id > since],
        }

    def streams(self, _: Json) -> Json:
        webhooks = self._platform.webhooks
        streams = self._platform.streams.values()
        said = {each.name: {"open": each.busy, "connects": each.connects, "told": each.told} for each in streams}
        return said | {"webhook": dict(webhooks.deliveries), "undelivered": webhooks.waiting}

    def ledger(self, _: Json) -> Json:
        return self._platform.limits.ledger() | {
            "table": {name: asdict(limit) for name, limit in self._platform.limits.table.items()}
        }

    # --- Rules, faults, time

    def limit(self, wanted: Json) -> Json:
        """Changes the limit of ``endpoint``: ``user``, ``app``, ``user_day``, ``app_day``, ``window_s``."""
        self._platform.limits.set(wanted.pop("endpoint"), **wanted)
        return {}

    def rule(self, wanted: Json) -> Json:
        """Sets any of world.Rules."""
        for name, value in wanted.items():
            if not hasattr(self._world.rules, name):
                raise ValueError(f"there is no rule {name!r}")
            setattr(self._world.rules, name, value)
        return asdict(self._world.rules)

    def fault(self, wanted: Json) -> Json:
        return self._platform.faults.add(wanted).body()

    def faults(self, _: Json) -> Json:
        return {"faults": [fault.body() for fault in self._platform.faults.all]}

    def no_faults(self, wanted: Json) -> Json:
        self._platform.faults.clear(wanted.get("name"))
        return self.faults({})

    def clock(self, wanted: Json) -> Json:
        """Jumps ``advance`` seconds ahead, and goes on ``factor`` times as fast as real time.

        ``processor_s`` is what the process has used of the processor so far.
        """
        clock = self._world.clock
        clock.advance(float(wanted.get("advance", 0)))
        if factor := wanted.get("factor"):
            clock.run(float(factor))
        return {"now_ms": clock.now_ms(), "factor": clock.factor, "processor_s": time.process_time()}

    # --- Inside

    async def _drip(self, entries: list[Json], rate: float) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, entry in enumerate(entries):
            await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
            self._bulk_ids.append(str(self._publish(entry).id))

    def _publish(self, wanted: Json) -> Post:
        parent, quoted = wanted.get("reply_to"), wanted.get("quote")
        post = self._world.publish(
            Draft(
                author=self._world.join(wanted["author"]),
                text=wanted["text"],
                parent=self._post(parent) if parent else None,
                quoted=self._post(quoted) if quoted else None,
                lang=wanted.get("lang", "en"),
                who_may_reply=wanted.get("who_may_reply", "everyone"),
                late_s=wanted.get("late_s", 0.0),
            )
        )
        if key := wanted.get("key"):
            self._keys[key] = post
        return post

    def _post(self, named: str) -> Post:
        """By id or by the key that it was posted with."""
        if named in self._keys:
            return self._keys[named]
        if not named.isdigit() or int(named) not in self._world.posts:
            raise ValueError(f"there is no post {named!r}")
        return self._world.posts[int(named)]

    def _person(self, named: str) -> User:
        """By name or id."""
        user = self._world.named(named) or self._world.users.get(_id(named) or 0)
        if user is None:
            raise ValueError(f"there is nobody called {named!r}")
        return user

    def _shown(self, post: Post) -> Json:
        return {
            "id": str(post.id),
            "author": post.author.username,
            "author_id": str(post.author.id),
            "raw": post.raw,
            "text": post.wording.text,
            "reply_to": str(post.parent.id) if post.parent else None,
            "quote": str(post.quoted.id) if post.quoted else None,
            "conversation_id": str(post.conversation_id),
            "created_ms": post.created_ms,
            "versions": [str(version) for version in post.versions],
            "by_api": post.by_api,
            "deleted": post.deleted,
        }


def _route(handler: Callable[[Json], Any]) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read()) if request.can_read_body else dict(request.query)
            found = handler(body)
            if asyncio.iscoroutine(found):
                found = await found
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})
        return _json(200, found)

    return answer


def _json(status: int, body: Json) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


def _id(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isdigit() else None


def _user(user: User) -> Json:
    return {"id": str(user.id), "username": user.username, "name": user.name}


def _message(message: Message) -> Json:
    return {
        "id": str(message.id),
        "sender": message.sender.username,
        "recipient": message.recipient.username,
        "text": message.text,
        "conversation_id": message.conversation_id,
        "created_ms": message.created_ms,
    }
