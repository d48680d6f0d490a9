"""The OpenAPI document against what the API does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from app.api.idempotency import KEY, REPLAYED
from tests.doubles import product_on
from tests.web import MESSAGE, Caller
from triage.channels.memory import MemoryChannel
from triage.domain.audit import Verdict
from triage.domain.reply import ReplyState
from triage.service.cases import CLOSING_REASONS
from triage.service.outbox import Outbox
from triage.service.revealing import REVEAL_REASONS
from triage.store.idempotency import IdempotencyKeys
from triage.store.tables import replies

Document = dict[str, Any]

#: A body with which each operation that takes one succeeds.
BODIES: dict[str, Any] = {
    "hand_in_message": MESSAGE,
    "hand_in_messages": {"messages": [MESSAGE]},
    "edit_message": {"text": "@MarramAir my bag is found"},
    "transfer_case": {"queue": "safety"},
    "reply_to_case": {"text": "We are on it. ^AX"},
    "close_case": {"reason": "resolved"},
    "claim_next_cases": {"count": 1},
    "reveal_message": {"reason": "to_answer"},
    "release_reply": {"reason": "Our own depot, printed on every label."},
    "move_case_to_private": {"seen": "1"},
    "judge_answer": {"verdict": "right"},
    "reply_found": {"post": "https://x.com/MarramAir/status/1849000000000000001"},
}
#: Who calls; an agent where nothing else is said.
CALLERS = {"release_reply": "sam", "reply_again": "sam"}


@pytest.fixture
def api(sqlite_store_url) -> Caller:
    return Caller(product_on(sqlite_store_url))


@pytest.fixture
def document(api) -> Document:
    return dict(api.client.get("/api/v1/openapi.json").json)


def operations(document: Document) -> dict[str, tuple[str, str, Document]]:
    """``operation id -> method, path, operation``."""
    return {
        operation["operationId"]: (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_the_openapi_document_is_valid_and_describes_every_route(api, document) -> None:
    validate(document)
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)))
        for rule in api.client.application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/api/v1") and not str(rule).endswith("openapi.json")
    }
    assert described == served


def test_every_operation_has_a_name_of_its_own(document) -> None:
    count = sum(len(item) for item in document["paths"].values())
    assert len(operations(document)) == count
    assert set(BODIES) == {name for name, (_, _, found) in operations(document).items() if "requestBody" in found}


def test_bodies_are_required_and_the_reasons_for_closing_are_listed(document) -> None:
    for _, _, operation in operations(document).values():
        assert operation.get("requestBody", {"required": True})["required"] is True
    schemas = document["components"]["schemas"]
    assert schemas["Closing"]["properties"]["reason"]["enum"] == list(CLOSING_REASONS)
    assert schemas["VerdictIn"]["properties"]["verdict"]["enum"] == list(Verdict)
    assert schemas["RevealIn"]["properties"]["reason"]["enum"] == [*REVEAL_REASONS, None]


def test_no_error_of_the_framework_is_described(document) -> None:
    assert not {"HTTPError", "ValidationError"} & set(document["components"]["schemas"])


@dataclass(frozen=True)
class Operation:
    """One operation of the document, to be called as it should be or with one thing wrong."""

    api: Caller
    method: str
    path: str
    name: str
    described: Document

    @property
    def for_channels(self) -> bool:
        """Whether it is for programs and not for agents."""
        return self.name in ("edit_message", "delete_message")

    def call(
        self, user: str | None = None, case: int = 1, message: str = "1", reply: int = 1, number: int = 1, **more: Any
    ) -> TestResponse:
        """What is answered; ``more`` is for Flask's client, in place of the body that would do."""
        path = self.path.format(case_id=case, queue="baggage", message_id=message, reply_id=reply, number=number)
        usual = "sam" if self.name in FOR_SUPERVISORS else "feeder" if self.for_channels else "alex"
        headers = self.api.headers(user or CALLERS.get(self.name, usual)) | more.pop("headers", {})
        body = more or ({"json": BODIES[self.name]} if self.name in BODIES else {})
        return self.api.client.open(path, method=self.method, headers=headers, **body)

    def schema(self, document: Document, response: TestResponse) -> Document:
        """What the document says of a body with this response's status and type."""
        content = self.described["responses"][str(response.status_code)]["content"]
        return {"components": document["components"], **content[response.mimetype]["schema"]}


def bad_json(operation: Operation) -> TestResponse:
    return operation.call(data=b"{", content_type="application/json")


def no_token(operation: Operation) -> TestResponse:
    return operation.call(headers={"Authorization": ""})


def wrong_role(operation: Operation) -> TestResponse:
    return operation.call(user="alex" if operation.for_channels else "feeder")


def nothing_there(operation: Operation) -> TestResponse:
    return operation.call(case=999, message="none", reply=999)


def being_worked_on(operation: Operation) -> TestResponse:
    """Under a key whose first request was never answered: its process died a moment ago."""
    with pytest.MonkeyPatch.context() as patch:
        for last_step in ("remember", "forget"):
            patch.setattr(IdempotencyKeys, last_step, lambda *_: None)
        operation.call(headers={KEY: operation.name})
    return operation.call(headers={KEY: operation.name})


def too_large(operation: Operation) -> TestResponse:
    size = operation.api.product.settings.max_body_bytes + 1
    return operation.call(data=b" " * size, content_type="application/json", headers={KEY: "large"})


def not_json(operation: Operation) -> TestResponse:
    return operation.call(data=b"{}", content_type="text/plain")


def bad_value(operation: Operation) -> TestResponse:
    if operation.method == "post":
        return operation.call(message="%00", headers={KEY: ""})
    if operation.method == "put":
        return operation.call(message="%00", json=BODIES[operation.name])
    return operation.call(message="%00", query_string={"limit": "x"})


def unforeseen(operation: Operation) -> TestResponse:
    application = operation.api.client.application
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(application.extensions, "product", None)  # as broken as can be
        return operation.call()


def without_its_schema(operation: Operation) -> TestResponse:
    with operation.api.product.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    return operation.call()


FOR_SUPERVISORS = {"list_reveals", "resume_answering"}
#: Changes something, and its answer is kept nowhere: asked again it is another look, and says so again.
NOT_KEPT = "reveal_message"

PROVOKED: dict[int, Callable[[Operation], TestResponse]] = {
    400: bad_json,
    401: no_token,
    403: wrong_role,
    404: nothing_there,
    409: being_worked_on,
    413: too_large,
    415: not_json,
    422: bad_value,
    500: unforeseen,
    503: without_its_schema,
}


def every_operation(api: Caller, document: Document) -> Iterator[Operation]:
    for name, (method, path, described) in operations(document).items():
        yield Operation(api, method, path, name, described)


def test_every_error_that_is_described_is_sent_as_described(api, document) -> None:
    api.post("/messages", MESSAGE)
    api.work()
    for operation in every_operation(api, document):
        for status in sorted(map(int, operation.described["responses"])):
            if status >= 400:
                response = PROVOKED[status](operation)
                assert response.status_code == status, (operation.name, response.data)
                schema = operation.schema(document, response)
                Draft202012Validator(schema).validate(json.loads(response.data))


@pytest.mark.parametrize("status", sorted(set(PROVOKED) - {503}))
def test_every_error_that_is_sent_is_described(api, document, status) -> None:
    api.post("/messages", MESSAGE)
    api.work()
    for operation in every_operation(api, document):
        response = PROVOKED[status](operation)
        if response.status_code >= 400:
            assert str(response.status_code) in operation.described["responses"], operation.name


def test_a_problem_that_lacks_its_status_or_has_a_nameless_field_is_not_as_described(document) -> None:
    """The schema says enough to be worth checking against."""
    schema = {"components": document["components"], "$ref": "#/components/schemas/Problem"}
    fine = {"type": "about:blank", "title": "x", "status": 422, "detail": "x", "instance": "/x"}
    validator = Draft202012Validator(schema)
    assert validator.is_valid(fine)
    assert not validator.is_valid({name: value for name, value in fine.items() if name != "status"})
    assert not validator.is_valid(fine | {"errors": [{"reason": "x"}]})


def test_every_operation_that_changes_something_takes_a_key_and_marks_a_repeat_as_described(api, document) -> None:
    for operation in every_operation(api, document):
        named = [parameter["name"] for parameter in operation.described["parameters"]]
        takes_a_key = operation.method == "post" and operation.name != NOT_KEPT
        assert (KEY in named) == takes_a_key, operation.name
        if takes_a_key:
            case = a_claimed_case(api, operation.name)
            reply = a_reply_for(api, case, operation.name)
            number = api.answered(1)[0] if operation.name == "judge_answer" else 1
            if operation.name == "resume_answering":
                api.stop_answering()
            body = {"json": {}} if operation.name == "move_case_to_private" else {}
            first, again = (
                operation.call(case=case, reply=reply, number=number, headers={KEY: operation.name}, **body)
                for _ in range(2)
            )
            assert first.json == again.json
            assert again.headers[REPLAYED] == "true"
            described = operation.described["responses"][str(again.status_code)]
            assert set(described["headers"]) == {REPLAYED}
            Draft202012Validator(operation.schema(document, again)).validate(again.json)


def test_what_was_revealed_is_not_kept_to_be_given_again(api, document) -> None:
    case = a_claimed_case(api, "1")
    (reveal,) = [one for one in every_operation(api, document) if one.name == NOT_KEPT]
    for _ in range(2):
        response = reveal.call(case=case, headers={KEY: "again"})
        assert response.json["text"] == MESSAGE["text"]
        assert REPLAYED not in response.headers
        Draft202012Validator(reveal.schema(document, response)).validate(response.json)
    assert [one["message"] for one in api.get("/reveals", user="sam").json["reveals"]] == ["1", "1"]


def a_claimed_case(api: Caller, message: str) -> int:
    api.post("/messages", MESSAGE | {"id": message})
    api.work()
    case = api.get(f"/messages/{message}").json["case"]
    assert api.post(f"/cases/{case}/claim").status_code == 200
    return int(case)


def a_reply_for(api: Caller, case: int, operation: str) -> int:
    match operation:
        case "release_reply":
            return a_blocked_reply(api, case)
        case "reply_found" | "reply_again" | "reply_drop":
            return a_lost_reply(api, case)
        case _:
            return 1


def a_lost_reply(api: Caller, case: int) -> int:
    """A reply of which nobody knows whether it went out."""
    api.post(f"/cases/{case}/reply", {"text": "We have found it. ^AX"})
    with api.product.store.write() as transaction:
        *_, reply = transaction.replies.in_state(ReplyState.PENDING)
        told = sa.update(replies).where(replies.c.id == reply.id).values(state=ReplyState.AMBIGUOUS.value)
        transaction.connection.execute(told)
    return reply.id


def a_blocked_reply(api: Caller, case: int) -> int:
    """A reply that the guard stopped on its way out, as it does what it had let pass before it knew better."""
    api.post(f"/cases/{case}/reply", {"text": "The depot is at the corner. ^AX"})
    store = api.product.store
    with store.write() as transaction:
        *_, reply = transaction.replies.in_state(ReplyState.PENDING)
        told = sa.update(replies).where(replies.c.id == reply.id).values(text="The depot is at 14 Tanyard Lane. ^AX")
        transaction.connection.execute(told)
    Outbox(store, [MemoryChannel(reply.channel)], api.product.brand.routing, api.product.clock).drain(9)
    return reply.id
