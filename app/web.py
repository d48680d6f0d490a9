"""The web application: API and desk over one product."""

from __future__ import annotations

import secrets

from apiflask import APIFlask
from flask import redirect, url_for
from werkzeug.wrappers import Response

from app import api, desk
from app.api import document, problems, x_webhook
from app.compose import Product
from app.serving import serve

API_PREFIX = "/api/v1"


def create_app(product: Product) -> APIFlask:
    """The WSGI application. Nothing is read from the environment and nothing is global."""
    app = APIFlask(__name__, title="tweet-triage", version="1", spec_path=f"{API_PREFIX}/openapi.json", docs_path=None)
    secret = product.settings.secret_key
    app.config.update(
        SECRET_KEY=secret.get_secret_value() if secret else secrets.token_hex(32),
        MAX_CONTENT_LENGTH=product.settings.max_body_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=product.settings.cookie_secure,
        SYNC_LOCAL_SPEC=False,
        VALIDATION_ERROR_STATUS_CODE=422,
        DESCRIPTION="Takes in customer-care messages, decides them, and lets people work on the rest. "
        "Errors are problem details (RFC 9457).",
    )
    serve(app, product)
    problems.register(app)
    document.register(app)
    app.register_blueprint(api.blueprint(), url_prefix=API_PREFIX)
    desk.register(app)
    if (x := product.x) is not None and (signing := x.credentials.signing) is not None:
        take = x.taking_delivered.take
        x_webhook.register(app, signing, x.activity, take, x.notebook_of_deliveries, product.clock)

    @app.get("/")
    @app.doc(hide=True)
    def home() -> Response:
        return redirect(url_for("desk.worklist"))

    return app
