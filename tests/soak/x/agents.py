"""Agents at the desk's API, who answer some of what waits; the processes behind it come and go."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import requests

_TIMEOUT: Final = 10.0
#: How often an agent looks for private messages first, of which there are few.
_PRIVATE: Final = 0.3


@dataclass
class Agents:
    """Claims, answers, releases and closes cases. A request that got no answer is made again under its key."""

    address: str
    token: str
    dice: random.Random
    #: The most answers that are given: X takes a hundred posts in 15 minutes.
    most: int
    done: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.wait(self.dice.uniform(0.05, 0.3)):
            try:
                self._serve_somebody()
            except requests.RequestException:
                self.done["no answer"] += 1
                self.stop.wait(0.3)

    def _serve_somebody(self) -> None:
        if self.done["202"] >= self.most:
            return
        waiting = self._get("cases?state=queued&limit=50")["cases"]
        if not waiting:
            return
        private = [one for one in waiting if one["channel"] == "x-private"]
        case = self.dice.choice(private if private and self.dice.random() < _PRIVATE else waiting)["id"]
        if self._post(f"cases/{case}/claim") != 200:
            return
        seen = [one for one in self._get(f"cases/{case}")["messages"] if one["inbound"]]
        body = {"text": f"Hello, we look into it and write again, {self._words()}."}
        if seen:
            body["seen"] = seen[-1]["id"]
        status = self._post(f"cases/{case}/reply", body)
        self.done[str(status)] += 1
        if status != 202 or self.dice.random() < 0.1:
            self._post(f"cases/{case}/{'release' if self.dice.random() < 0.5 else 'close'}", {"reason": "resolved"})

    def _words(self) -> str:
        """Something that no other answer has, and that no guard takes for a number of somebody's."""
        return " ".join("".join(self.dice.choices("aeioulmnrst", k=5)) for _ in range(3))

    def _key(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)

    def _get(self, path: str) -> Any:
        response = requests.get(f"{self.address}/api/v1/{path}", headers=self._who(), timeout=_TIMEOUT)
        response.raise_for_status()
        return response.json()

    def _post(self, path: str, body: dict[str, Any] | None = None) -> int:
        """The status, in the end: who gets no answer asks again, under the same key."""
        headers = self._who() | {"Idempotency-Key": str(self._key())}
        sent = None if path.endswith(("claim", "release")) else body
        while not self.stop.is_set():
            try:
                response = requests.post(f"{self.address}/api/v1/{path}", json=sent, headers=headers, timeout=_TIMEOUT)
            except requests.RequestException:
                self.done["asked again"] += 1
                self.stop.wait(0.5)
                continue
            if response.status_code < 500:
                return response.status_code
            self.done["asked again"] += 1
            self.stop.wait(0.5)
        return 0

    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
