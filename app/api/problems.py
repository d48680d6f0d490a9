"""Errors as the API's callers see them: problem details (RFC 9457), one table from error to status."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from triage import errors

log = logging.getLogger(__name__)

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


class BoundedJson(DefaultJSONProvider):
    """JSON whose nesting has an end: what is nested deeper than Python reads is no JSON to us."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def register(app: APIFlask) -> None:
    """Make every error below the API's prefix a problem document."""
    app.json = BoundedJson(app)

    @app.error_processor
    def from_framework(error: HTTPError) -> Response:
        fields = [{"field": field, "reason": reason} for field, reason in _fields(error.detail)]
        return problem(error.status_code, error.message or "", fields, headers=dict(Headers(error.headers)))

    @app.errorhandler(errors.TriageError)
    def from_product(error: errors.TriageError) -> Response:
        status = next(code for kind, code in STATUS if isinstance(error, kind))
        if status >= 500:
            log.error("%s: %s", type(error).__name__, error)
        fields = []
        if isinstance(error, errors.InvalidInput) and error.field:
            fields = [{"field": error.field, "reason": error.reason}]
        if isinstance(error, errors.GuardBlocked):
            fields = [{"field": "text", "reason": finding} for finding in error.findings]
        return problem(status, str(error), fields)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return problem(error.code or 500, error.description or "", [])
        log.exception("%s %s failed", request.method, request.path)
        return problem(500, "Something went wrong on our side; it has been logged.", [])


def problem(
    status: int, detail: str, fields: list[dict[str, str]], headers: Mapping[str, str] | None = None
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    if fields:
        body["errors"] = fields
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    response.mimetype = "application/problem+json"
    return response


def _fields(detail: Any) -> Iterator[tuple[str, str]]:
    """``field, reason`` of what the framework's validation found; it groups them by location."""
    if not isinstance(detail, Mapping):
        return
    for by_field in detail.values():
        if isinstance(by_field, Mapping):
            for field, reasons in by_field.items():
                yield str(field), "; ".join(map(str, reasons)) if isinstance(reasons, list) else str(reasons)
