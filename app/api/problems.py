"""Errors as the API's callers see them: problem details (RFC 9457), one table from error to status."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from triage import errors
from triage.privacy.detect import detect
from triage.privacy.redact import mask

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"

#: The first class that an error belongs to decides.
STATUS: tuple[tuple[type[errors.TriageError], int], ...] = (
    (errors.InvalidInput, 422),
    (errors.GuardBlocked, 422),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Forbidden, 403),
    (errors.RetryLater, 503),
    (errors.TriageError, 500),
)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; ``field`` is a dotted path, such as ``messages.3.text``."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused. ``errors`` is there where fields of the request are to blame."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: Sequence[FieldProblem] = ()

    @classmethod
    def of(cls, status: int, detail: str, instance: str, fields: Sequence[FieldProblem] = ()) -> Problem:
        """What to send; personal data in what the request is quoted with is masked."""
        title = HTTP_STATUS_CODES.get(status, "Error")
        errors = [FieldProblem(_masked(one.field), _masked(one.reason)) for one in fields]
        return cls("about:blank", title, status, _masked(detail), _masked(instance), errors)

    def encode(self) -> bytes:
        """As it is sent; what no encoding can hold, half of a surrogate pair, is escaped."""
        document = asdict(self)
        if not self.errors:
            del document["errors"]
        return json.dumps(document).encode()


def register(app: APIFlask) -> None:
    """Make every error below the API's prefix a problem document."""

    @app.error_processor
    def from_reading(error: HTTPError) -> Response:
        return problem(error.status_code, error.message or "", error.detail or ())

    @app.errorhandler(HTTPException)
    def from_framework(error: HTTPException) -> Response:
        headers = Headers(error.get_headers())
        headers.remove("Content-Type")
        return problem(error.code or 500, _in_our_words(error), headers=dict(headers))

    @app.errorhandler(errors.TriageError)
    def from_product(error: errors.TriageError) -> Response:
        status = next(code for kind, code in STATUS if isinstance(error, kind))
        if status >= 500:
            log.error("%s: %s", type(error).__name__, error)
        return problem(status, str(error), _fields(error))

    @app.errorhandler(Exception)
    def unforeseen(_: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.path)
        return problem(500, "Something went wrong on our side; it has been logged.")


def problem(
    status: int, detail: str, fields: Sequence[FieldProblem] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The response that refuses the request at hand."""
    body = Problem.of(status, detail, request.path, fields).encode()
    return Response(body, status, headers, mimetype=MEDIA_TYPE)


def too_large(most: int) -> str:
    """What is said of a body of more than ``most`` bytes."""
    return f"The body is too large; at most {most:,} bytes are read."


def _masked(text: str) -> str:
    return mask(text, detect(text))


def _fields(error: errors.TriageError) -> list[FieldProblem]:
    if isinstance(error, errors.InvalidInput) and error.field:
        return [FieldProblem(error.field, error.reason)]
    if isinstance(error, errors.GuardBlocked):
        return [FieldProblem("text", finding) for finding in error.findings]
    return []


def _in_our_words(error: HTTPException) -> str:
    if isinstance(error, RequestEntityTooLarge):
        return too_large(request.max_content_length or 0)
    if isinstance(error, NotFound):
        return "There is nothing at this address."
    if isinstance(error, MethodNotAllowed):
        return f"{request.method} is not possible at this address; {' or '.join(error.valid_methods or ())} is."
    return error.description or ""
