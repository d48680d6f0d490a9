"""What protects the desk in a browser: tokens in forms, and headers that forbid what it does not need."""

from __future__ import annotations

from apiflask import APIBlueprint, APIFlask
from flask import Response, request
from flask_wtf.csrf import CSRFProtect

#: Everything comes from this server, nothing is inline, and nobody may frame the desk.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": over HTTPS the form tokens are checked together with the referrer.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def register(app: APIFlask, routes: APIBlueprint) -> None:
    """Check a token on every form of the desk. The API, which knows no cookies, is left alone."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a desk stays open for hours
    )
    csrf = CSRFProtect(app)
    routes.before_request(csrf.protect)

    @routes.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        if request.endpoint != "desk.static":
            response.headers["Cache-Control"] = "no-store"
        return response
