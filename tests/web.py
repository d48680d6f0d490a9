"""Calling the web application in tests: users, tokens, and the worker's turn."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.accounts import add_user
from app.compose import Product
from app.web import create_app
from triage.channels.memory import MemoryChannel
from triage.domain.audit import is_sampled
from triage.domain.user import Role
from triage.service.outbox import Outbox
from triage.store import Store
from triage.store.tables import replies

PEOPLE = {"alex": Role.AGENT, "robin": Role.AGENT, "sam": Role.SUPERVISOR, "feeder": Role.SERVICE}

MESSAGE = {"id": "1", "author_id": "42", "text": "@MarramAir my bag is lost", "created_at": "2026-10-20T12:00:00Z"}


class Caller:
    """Speaks to the API as one of :data:`PEOPLE`; ``alex`` unless told otherwise."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.client = create_app(product).test_client()
        self._tokens = {
            name: add_user(product.store, product.clock, name, role, None)[1] for name, role in PEOPLE.items()
        }

    def get(self, path: str, *, user: str = "alex") -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers(user))

    def post(self, path: str, body: Any = None, *, user: str = "alex", key: str | None = None) -> TestResponse:
        extra = {"Idempotency-Key": key} if key is not None else {}
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers(user) | extra)

    def raw(
        self, path: str, body: bytes, *, content_type: str | None = "application/json", **headers: str
    ) -> TestResponse:
        return self.client.post(
            f"/api/v1{path}", data=body, content_type=content_type, headers=self.headers("alex") | headers
        )

    def work(self) -> None:
        """One turn of the worker, which has no channel: replies stay pending."""
        from triage.service.deciding import decide_pending

        while decide_pending(self.product.store, self.product.judge, 100):
            pass

    def answered(self, count: int) -> list[int]:
        """Numbers of so many messages whose automatic answers were sent and are to be looked at."""
        ids = [one for one in map(str, range(1_000, 9_000)) if is_sampled("api", one, 0.1)]
        with self.product.store.read() as transaction:
            fresh = [one for one in ids if transaction.messages.by_external_id("api", one) is None][:count]
        for one in fresh:
            self.post("/messages", MESSAGE | {"id": one, "author_id": one, "text": "@MarramAir can pets fly?"})
        self.work()
        outbox = Outbox(self.product.store, [MemoryChannel("api")], self.product.brand.routing, self.product.clock)
        outbox.drain(count)
        outbox.close()
        with self.product.store.read() as transaction:
            return [transaction.messages.by_external_id("api", one).id for one in fresh]

    def stop_answering(self) -> None:
        """Have enough automatic answers found wrong."""
        for number in self.answered(3):
            assert self.post(f"/audits/{number}", {"verdict": "wrong"}).status_code == 200

    def headers(self, user: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[user]}"}


def lost_replies(store: Store, like: int, count: int) -> list[int]:
    """So many more replies like one, of which nobody knows whether they went out; their ids, ascending."""
    with store.write() as transaction:
        row = transaction.connection.execute(sa.select(replies).where(replies.c.id == like)).one()._asdict()
        last = transaction.connection.execute(sa.select(sa.func.max(replies.c.id))).scalar_one()
        ids = list(range(last + 1, last + 1 + count))
        more = [row | {"id": number, "key": f"{row['key']}:{number}"} for number in ids]
        transaction.connection.execute(sa.insert(replies), more)
    return ids


def assert_problem(response: TestResponse, status: int, field: str | None = None) -> dict[str, Any]:
    """The problem document of a response, which must be one with this status, and with this field if any."""
    assert response.status_code == status, response.data
    assert response.mimetype == "application/problem+json"
    body = json.loads(response.data)
    assert body["status"] == status
    assert body["title"]
    if field is not None:
        assert field in [error["field"] for error in body["errors"]], body
    return dict(body)
