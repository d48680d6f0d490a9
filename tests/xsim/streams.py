"""Streams that stay open: the filtered stream and the stream of activities, each with one connection at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from tests.xsim.calls import Asked
from tests.xsim.clock import Clock, written
from tests.xsim.faults import Fault, Faults
from tests.xsim.problems import Answer, Refused, invalid, operational_disconnect
from tests.xsim.rendering import View, one_post
from tests.xsim.rules import Rule, parse
from tests.xsim.world import Happening, Post

HEARTBEAT_S: Final = 20
HEARTBEAT: Final = b"\r\n"
#: What wakes a connection so that it looks at the faults.
_POKE: Final = b""
_ENDS: Final = ("stream_stalls", "stream_cut", "stream_closes", "stream_disconnects")
_SWAP_S: Final = 2.0


class Connection:
    """One reader; what it is sent waits in a queue."""

    def __init__(self, request: web.Request, view: View) -> None:
        self.view = view
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()
        self.silent_until = 0.0
        self.held: bytes | None = None
        self._request = request

    @property
    def gone(self) -> bool:
        transport = self._request.transport
        return transport is None or transport.is_closing()

    def hang_up(self) -> None:
        if self._request.transport:
            self._request.transport.abort()
        self.lines.put_nowait(_POKE)

    def put(self, line: bytes) -> None:
        self.lines.put_nowait(line)
        if self.held is not None:
            self.lines.put_nowait(self.held)
            self.held = None

    def let_go(self) -> None:
        """Sends a line that waited for a next one which did not come."""
        if self.held is not None:
            line, self.held = self.held, None
            self.lines.put_nowait(line)


class Stream:
    """The open connection of an endpoint, and what goes wrong with it. What is told while nobody reads is lost."""

    def __init__(self, name: str, clock: Clock, faults: Faults) -> None:
        self.name = name
        self.open: Connection | None = None
        self.connects = 0
        self.told = 0
        self._clock, self._faults = clock, faults
        faults.noticed.append(self._poke)

    @property
    def busy(self) -> bool:
        return self.open is not None and not self.open.gone

    def close(self) -> None:
        """Hangs up on whoever reads."""
        if self.open:
            self.open.hang_up()

    def tell(self, body: dict[str, Any]) -> None:
        """A line for whoever reads."""
        reader = self.open
        if reader is None or self._clock.now() < reader.silent_until:
            return
        if self._faults.strike(("stream_drops",), self.name):
            return
        if self._faults.strike(("stream_untagged",), self.name):
            body = body | {"matching_rules": [{"id": rule["id"]} for rule in body.get("matching_rules", [])]}
        line = msgspec.json.encode(body) + HEARTBEAT
        if self._faults.strike(("stream_repeats",), self.name):
            reader.put(line)
        if reader.held is None and self._faults.strike(("stream_swaps",), self.name):
            reader.held = line
            asyncio.get_running_loop().call_later(_SWAP_S / self._clock.factor, reader.let_go)
        else:
            reader.put(line)

    async def serve(self, request: web.Request, headers: dict[str, str], view: View) -> web.StreamResponse:
        """Sends lines and heartbeats until one side ends it."""
        response = web.StreamResponse(headers=headers | {"content-type": "application/json; charset=utf-8"})
        reader = self.open = Connection(request, view)
        reader.lines.put_nowait(_POKE)  # a fault that is switched on already strikes at once
        self.connects += 1
        beats = asyncio.create_task(self._beat(reader))
        try:
            await response.prepare(request)
            await response.write(HEARTBEAT)
            await self._send(reader, response)
        except ConnectionResetError:
            pass
        finally:
            beats.cancel()
            if self.open is reader:
                self.open = None
        return response

    async def _send(self, reader: Connection, response: web.StreamResponse) -> None:
        while not reader.gone:
            line = await reader.lines.get()
            if reader.gone:
                return
            fault = self._faults.strike(_ENDS, self.name)
            if fault and not await self._misbehave(fault, line, reader, response):
                if fault.params.get("abort"):
                    reader.hang_up()
                return
            if line != _POKE and self._clock.now() >= reader.silent_until:
                await response.write(line)
                self.told += line != HEARTBEAT

    async def _misbehave(self, fault: Fault, line: bytes, reader: Connection, response: web.StreamResponse) -> bool:
        """Whether the stream goes on."""
        if fault.name == "stream_stalls":
            reader.silent_until = self._clock.now() + fault.params.get("seconds", float("inf"))
            return True
        if fault.name == "stream_cut":
            whole = line if len(line) > len(HEARTBEAT) else b'{"data":{"id":"1","text":"cut"}}'
            await response.write(whole[: len(whole) // 2])
        if fault.name == "stream_disconnects":
            await response.write(msgspec.json.encode(operational_disconnect()) + HEARTBEAT)
        return False

    async def _beat(self, reader: Connection) -> None:
        while True:
            await self._clock.sleep(HEARTBEAT_S)
            if not self._faults.strike(("stream_no_heartbeat",), self.name):
                reader.lines.put_nowait(HEARTBEAT)

    def _poke(self) -> None:
        if self.open:
            self.open.lines.put_nowait(_POKE)


class Filtered:
    """The rules of the filtered stream and the posts that match them."""

    def __init__(self, stream: Stream, take_id: Callable[[], int], clock: Clock) -> None:
        self.stream = stream
        self.rules: dict[int, Rule] = {}
        self._take_id, self._clock = take_id, clock

    def hear(self, happening: Happening) -> None:
        if happening.kind == "post.create" and happening.post and self.stream.open:
            matching = [rule for rule in self.rules.values() if rule.matches(happening.post)]
            if matching:
                self.stream.tell(self._line(happening.post, matching, self.stream.open.view))

    def get_rules(self, asked: Asked) -> Answer:
        wanted = asked.query.get("ids")
        kept = [rule for rule in self.rules.values() if not wanted or str(rule.id) in wanted.split(",")]
        meta = {"sent": written(self._clock.now_ms()), "result_count": len(kept)}
        return Answer(200, ({"data": [rule.body() for rule in kept]} if kept else {}) | {"meta": meta})

    def change_rules(self, asked: Asked) -> Answer:
        body = asked.body if isinstance(asked.body, dict) else {}
        if asked.query.get("delete_all") == "true":
            return self._delete({"ids": [str(rule_id) for rule_id in self.rules]})
        if "add" in body:
            return self._add(body["add"], dry_run=asked.query.get("dry_run") == "true")
        if "delete" in body:
            return self._delete(body["delete"])
        raise Refused(invalid("`add` or `delete` is wanted"))

    def _add(self, wanted: list[dict[str, str]], *, dry_run: bool) -> Answer:
        made: list[Rule] = []
        errors: list[dict[str, Any]] = []
        known = {rule.value: rule for rule in self.rules.values()}
        for each in wanted:
            value = each["value"]
            if value in known:
                errors.append(_rule_error("duplicate-rules", "DuplicateRule", value, id=str(known[value].id)))
                continue
            try:
                made.append(Rule(self._take_id(), value, each.get("tag"), parse(value)))
            except ValueError as error:
                errors.append(_rule_error("invalid-rules", "UnprocessableEntity", value, details=[str(error)]))
        if not dry_run:
            self.rules |= {rule.id: rule for rule in made}
        summary = {"created": len(made), "not_created": len(errors), "valid": len(made), "invalid": len(errors)}
        answer: dict[str, Any] = {"meta": {"sent": written(self._clock.now_ms()), "summary": summary}}
        answer |= {
            name: value for name, value in (("data", [rule.body() for rule in made]), ("errors", errors)) if value
        }
        return Answer(200, answer)

    def _delete(self, wanted: dict[str, list[str]]) -> Answer:
        gone = [
            rule
            for rule in self.rules.values()
            if str(rule.id) in wanted.get("ids", []) or rule.value in wanted.get("values", [])
        ]
        for rule in gone:
            del self.rules[rule.id]
        asked_for = len(wanted.get("ids", [])) + len(wanted.get("values", []))
        summary = {"deleted": len(gone), "not_deleted": max(0, asked_for - len(gone))}
        return Answer(200, {"meta": {"sent": written(self._clock.now_ms()), "summary": summary}})

    @staticmethod
    def _line(post: Post, matching: list[Rule], view: View) -> dict[str, Any]:
        return one_post(post, view) | {"matching_rules": [rule.named() for rule in matching]}


def _rule_error(kind: str, title: str, value: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "title": title, "type": f"https://api.twitter.com/2/problems/{kind}", **more}
