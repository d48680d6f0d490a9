"""The agent desk: server-rendered pages on which people work on cases.

A route parses, calls one use case, renders. The desk works without scripts; ``static/desk.js`` adds
the keyboard, the live counter and the quiet refreshing of lists.
"""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIBlueprint, APIFlask

from app.desk import audit, failures, moves, pages, protection, sign_in, stuck, x

#: A sign-in lasts a working day after the last move; looking alone does not prolong it.
_SESSION_LIFETIME = timedelta(hours=12)
_REFRESH_SECONDS = 15


def register(app: APIFlask) -> None:
    """Mount the desk at ``/desk``. Its routes are for people and not part of the OpenAPI document."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=_SESSION_LIFETIME,
        # Lists refresh by themselves; that alone must not keep an abandoned desk signed in.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.config.setdefault("DESK_REFRESH_SECONDS", _REFRESH_SECONDS)
    # Not Flask's own Blueprint: APIFlask cannot make its document beside one with before_request.
    routes = APIBlueprint(
        "desk",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
        enable_openapi=False,
    )
    sign_in.register(app, routes)  # first: who it is decides before anything else is looked at
    protection.register(app, routes)
    failures.register(routes)
    pages.register(routes)
    moves.register(routes)
    audit.register(routes)
    stuck.register(routes)
    x.register(routes)
    app.register_blueprint(routes, url_prefix="/desk")
