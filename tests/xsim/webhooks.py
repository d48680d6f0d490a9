"""Webhooks: the challenge that registers one, and deliveries with a signature over the raw body."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import msgspec

from tests.xsim.calls import Asked
from tests.xsim.clock import Clock, written
from tests.xsim.faults import Faults
from tests.xsim.problems import Answer, Refused, invalid, typed
from tests.xsim.signatures import Credentials, sign

PATIENCE_S: Final = 10
#: After how many seconds a delivery that was not taken comes again.
RETRIES_S: Final = (1, 5, 25)
SIGNATURE: Final = "x-twitter-webhooks-signature"
_AT_ONCE: Final = 8
_LONGEST_URL: Final = 200


@dataclass(slots=True)
class Webhook:
    """A registered address; an invalid one gets no deliveries."""

    id: int
    url: str
    created_ms: int
    valid: bool = True

    def body(self) -> dict[str, Any]:
        return {"id": str(self.id), "url": self.url, "valid": self.valid, "created_at": written(self.created_ms)}


class Webhooks:
    """Registered webhooks and what is on its way to them."""

    def __init__(self, credentials: Credentials, faults: Faults, take_id: Callable[[], int], clock: Clock) -> None:
        self.all: dict[int, Webhook] = {}
        self.deliveries: Counter[str] = Counter()
        self._credentials, self._faults, self._take_id, self._clock = credentials, faults, take_id, clock
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def register(self, asked: Asked) -> Answer:
        url = asked.text("url")
        if not url or not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Refused(invalid("The URL must be https (or this machine)."))
        if len(url) > _LONGEST_URL:
            raise Refused(invalid(f"The URL has more than {_LONGEST_URL} characters.", url=url))
        if any(each.url == url for each in self.all.values()):
            raise Refused(typed(409, "conflict", "Conflict", "DuplicateUrlFailed: the URL is registered already."))
        if not await self._answers_challenge(url):
            raise Refused(invalid("CrcValidationFailed: the URL did not answer the challenge.", url=url))
        made = Webhook(self._take_id(), url, self._clock.now_ms())
        self.all[made.id] = made
        return Answer(200, {"data": made.body()} if asked.view.new_spelling else made.body())

    async def listed(self, asked: Asked) -> Answer:
        found = [each.body() for each in self.all.values()]
        return Answer(200, ({"data": found} if found else {}) | {"meta": {"result_count": len(found)}})

    async def validate(self, asked: Asked) -> Answer:
        """Challenges it again."""
        known = self._known(asked)
        known.valid = await self._answers_challenge(known.url)
        return Answer(200, {"data": {"valid" if asked.view.new_spelling else "attempted": True}})

    async def remove(self, asked: Asked) -> Answer:
        del self.all[self._known(asked).id]
        return Answer(200, {"data": {"deleted": True}})

    @property
    def waiting(self) -> int:
        """Deliveries that have not come to an end: they wait for their turn, for their time, or for an answer."""
        return len(self._tasks)

    def deliver(self, webhook_id: int, body: dict[str, Any]) -> None:
        """Sends it without waiting."""
        webhook = self.all.get(webhook_id)
        if webhook is None or not webhook.valid or self._faults.strike(("webhook_drops",), "webhook"):
            self.deliveries["dropped"] += 1
            return
        forged = self._faults.strike(("webhook_forged",), "webhook") is not None
        late = self._faults.strike(("webhook_late",), "webhook")
        wait_s = late.params.get("seconds", 30) if late else 0
        times = 2 if self._faults.strike(("webhook_repeats",), "webhook") else 1
        for _ in range(times):
            self._start(self._send(webhook, msgspec.json.encode(body), forged=forged, wait_s=wait_s))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._session:
            await self._session.close()

    def _start(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, webhook: Webhook, body: bytes, *, forged: bool, wait_s: float) -> None:
        """Tries until it is taken, or the tries are used up."""
        secret = secrets.token_hex(16) if forged else self._credentials.app.consumer_secret
        headers = {SIGNATURE: sign(secret, body), "content-type": "application/json"}
        for wait in (wait_s, *RETRIES_S):
            await self._clock.sleep(wait)
            async with self._gate:
                taken = await self._post(webhook.url, body, headers)
            self.deliveries["taken" if taken else "refused"] += 1
            if taken or forged:
                return
        self.deliveries["given up"] += 1

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        try:
            async with self._client().post(url, data=body, headers=headers) as response:
                return 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _answers_challenge(self, url: str) -> bool:
        token = secrets.token_urlsafe(24)
        params = {"crc_token": token, "nonce": secrets.token_urlsafe(12)}
        try:
            async with self._client().get(url, params=params) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
        return isinstance(answer, dict) and answer.get("response_token") == self._credentials.challenge(token)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))
        return self._session

    def _known(self, asked: Asked) -> Webhook:
        known = self.all.get(asked.id_in_path("webhook_id"))
        if known is None:
            raise Refused(typed(404, "resource-not-found", "Not Found Error", "There is no such webhook."))
        return known
