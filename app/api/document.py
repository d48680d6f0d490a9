"""The OpenAPI document: what the framework cannot know of the routes, and what is true of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from apiflask import APIFlask
from pydantic import TypeAdapter
from werkzeug.http import HTTP_STATUS_CODES

from app.api.idempotency import KEY, MOST_KEY_CHARACTERS, REPLAYED
from app.api.problems import MEDIA_TYPE, Problem

_SCHEMAS: Final = "#/components/schemas/"
_KEY_PARAMETER: Final = {
    "name": KEY,
    "in": "header",
    "required": False,
    "description": "Makes a repeat harmless: a request sent again with its key is answered as it was the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MOST_KEY_CHARACTERS},
}
#: Operations whose answers are kept nowhere, not even to give them again: they take no key.
_NOT_KEPT: Final = frozenset({"reveal_message"})
_REPLAYED_HEADER: Final = {
    "description": f"There if this is the answer that an earlier request with this {KEY} was given.",
    "schema": {"type": "string", "enum": ["true"]},
}


def refusals(*statuses: int) -> dict[int, Any]:
    """Responses of a route that are problem documents, for the framework's ``doc``."""
    return {status: _refusal(status) for status in statuses}


def register(app: APIFlask) -> None:
    """Complete the document that the framework makes; its own errors, which are never sent, stay out."""
    app.config.update(AUTO_VALIDATION_ERROR_RESPONSE=False, AUTO_AUTH_ERROR_RESPONSE=False, AUTO_404_RESPONSE=False)

    @app.spec_processor
    def complete(made: dict[str, Any] | str) -> dict[str, Any]:
        document = cast(dict[str, Any], made)  # a text only where YAML is asked for
        document["components"]["schemas"] |= _problem_schemas()
        for path in document["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    keyed = method == "post" and operation["operationId"] not in _NOT_KEPT
    if keyed:
        operation["parameters"].append(_KEY_PARAMETER)
        for status in [status for status in responses if status.startswith("2")]:
            responses[status]["headers"] = {REPLAYED: _REPLAYED_HEADER}
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    for status in _of_every_such(method, operation, keyed=keyed):
        responses.setdefault(str(status), _refusal(status))
    operation["responses"] = dict(sorted(responses.items()))


def _of_every_such(method: str, operation: dict[str, Any], *, keyed: bool) -> Iterator[int]:
    """With what an operation may be refused because of how it is reached, whatever it does."""
    security = operation.get("security", [])
    if security:
        yield from (401, 500)  # whoever needs a user needs the database
    if any(roles for scheme in security for roles in scheme.values()):
        yield 403
    if keyed:  # it may be at work already
        yield 409
    if method == "post":  # all of them read the body
        yield from (413, 422)
    if "requestBody" in operation:
        yield from (400, 413, 415, 422)


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": HTTP_STATUS_CODES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}{Problem.__name__}"}}},
    }


def _problem_schemas() -> dict[str, Any]:
    """The schema of a problem document and of what it refers to, by name."""
    _, definitions = TypeAdapter.json_schemas(
        [(Problem, "validation", TypeAdapter(Problem))], ref_template=f"{_SCHEMAS}{{model}}"
    )
    named: dict[str, Any] = definitions["$defs"]
    return named
