"""Reading requests: what is not the JSON asked for is refused with the place and the reason, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from apiflask.exceptions import HTTPError
from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.api.problems import FieldProblem
from triage.text.accept import excerpt

#: The validation's errors, by type, in our words; placeholders are what the validation knows of the limit.
_REASONS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field that is known here",
    "string_type": "must be a text",
    "string_unicode": "has half of a surrogate pair",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "has too many digits",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "too_short": "must have {min_length} or more items",
    "too_long": "must have at most {max_length} items",
    "model_type": "must be an object",
    "enum": "must be {expected}",
}
#: What JSON calls the values that Python's reader makes.
_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
}


class Reader(PydanticAdapter):
    """Reads bodies and queries into models for the framework, and refuses in this API's words.

    The framework's own reader ignores the content type, takes ``null`` for an empty object, and says of
    a body that is no JSON only that it was a bad request.
    """

    def validate_input(self, request: Request, location: str, **_: Any) -> BaseModel:
        """The model of ``location``, which is ``json`` or ``query``.

        Raises:
            HTTPError: 400, 415 or 422, with what is wrong.
        """
        said = _body(request) if location == "json" else request.args.to_dict()
        try:
            return self.model_class.model_validate(said)
        except ValidationError as error:
            fields = [_field(found) for found in error.errors(include_url=False, include_input=False)]
            raise HTTPError(422, _summary(fields), detail=[found for found in fields if found.field]) from None


def register() -> None:
    """Have the framework read every model through :class:`Reader`; before routes are made."""
    registry.register("pydantic", Reader)


def _body(request: Request) -> dict[str, Any]:
    _check_kind(request)
    body = _json(request.get_data())
    if not isinstance(body, dict):
        raise HTTPError(422, f"The body must be a JSON object, not {_KINDS[type(body)]}.")
    return body


def _check_kind(request: Request) -> None:
    """Raises 415 for anything but plain JSON; compressed bodies could be larger than any limit."""
    if request.content_encoding not in (None, "", "identity"):
        raise HTTPError(415, f"Send the body as it is: Content-Encoding {request.content_encoding} is not read here.")
    if not request.is_json:
        named = f"not {request.mimetype}" if request.mimetype else "and say so in Content-Type"
        raise HTTPError(415, f"Send the body as application/json, {named}.")


def _json(body: bytes) -> Any:
    if not body.strip():
        raise HTTPError(400, "The body is empty; a JSON object is expected.")
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 at byte {error.start + 1}"
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:]}, line {error.lineno}, column {error.colno}"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError:  # the only other one: Python reads no number of thousands of digits
        reason = "a number in it has too many digits"
    raise HTTPError(400, f"The body is not JSON that can be read: {reason}.")


def _field(found: ErrorDetails) -> FieldProblem:
    reason = _REASONS.get(found["type"], "{0}").format(found["msg"], **found.get("ctx", {}))
    *place, last = map(str, found["loc"] or [""])
    name = excerpt(last) if found["type"] == "extra_forbidden" else last  # only then it is not a name of ours
    return FieldProblem(".".join([*place, name]), reason)


def _summary(fields: list[FieldProblem]) -> str:
    first, more = fields[0], len(fields) - 1
    return f"{first.field or 'the body'}: {first.reason}" + (f" (and {more} more)" if more else "")
