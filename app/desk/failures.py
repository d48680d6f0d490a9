"""Pages for what cannot be shown or done; each says what to do next."""

from __future__ import annotations

import logging

from apiflask import APIBlueprint
from flask import render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from app.api.problems import STATUS
from triage.errors import InvalidInput, TriageError
from triage.privacy.detect import detect
from triage.privacy.redact import mask

log = logging.getLogger(__name__)

_TITLES = {
    400: "That did not work",
    403: "Not allowed",
    404: "There is no such page",
    405: "That did not work",
    409: "Somebody was faster",
    413: "Too much text",
    422: "That did not work",
    503: "Not just now",
}


def register(routes: APIBlueprint) -> None:
    routes.errorhandler(CSRFError)(_stale_form)
    routes.errorhandler(HTTPException)(_from_framework)
    routes.errorhandler(TriageError)(_from_product)
    routes.errorhandler(Exception)(_unforeseen)
    routes.get("/<path:unknown>", endpoint="unknown")(_unknown)


def _unknown(unknown: str) -> tuple[str, int]:  # noqa: ARG001 - the address names it
    raise NotFound("The address may be old, or was typed wrongly.")


def _stale_form(_: CSRFError) -> tuple[str, int]:
    detail = "The page was open for too long, or in two windows with different sign-ins. Go back, reload it, try again."
    return _page(400, "This form is out of date", detail)


def _from_framework(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    return _page(status, _TITLES.get(status, "Something went wrong"), error.description or "")


def _from_product(error: TriageError) -> tuple[str, int]:
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    if status >= 500:
        log.error("%s: %s", type(error).__name__, error)
    detail = error.reason if isinstance(error, InvalidInput) else str(error)
    return _page(status, _TITLES.get(status, "Something went wrong"), f"{detail[:1].upper()}{detail[1:]}.")


def _unforeseen(_: Exception) -> tuple[str, int]:
    log.exception("%s %s failed", request.method, request.path)
    return _page(500, "Something went wrong", "It is our fault, and it has been logged. Please try again.")


def _page(status: int, title: str, detail: str) -> tuple[str, int]:
    return render_template("desk/failure.html", title=title, detail=mask(detail, detect(detail))), status
