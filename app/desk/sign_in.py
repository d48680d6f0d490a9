"""Signing in and out of the desk."""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from typing import cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app import accounts
from app.desk.attempts import Attempts
from app.serving import product
from triage.domain.user import User

log = logging.getLogger(__name__)

#: Where the application keeps who has failed to sign in.
ATTEMPTS = "sign_in_attempts"
_OPEN = frozenset({"desk.sign_in", "desk.static"})


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A user, as the session keeps them: by id alone."""

    def __init__(self, user: User) -> None:
        self.id = str(user.id)
        self.user = user


def agent() -> User:
    """The user of this request; only inside routes that need a sign-in."""
    return cast(User, current_user.user)


def signed_in_agent() -> User | None:
    """The user of this request, or ``None``; for pages that show either way."""
    return cast(User, current_user.user) if current_user.is_authenticated else None


def register(app: APIFlask, routes: APIBlueprint) -> None:
    app.extensions[ATTEMPTS] = Attempts()
    login = LoginManager(app)
    login.user_loader(_load)
    routes.before_request(_require_sign_in)
    routes.get("/sign-in", endpoint="sign_in")(_form)
    routes.post("/sign-in", endpoint="sign_in_post")(_sign_in)
    routes.post("/sign-out", endpoint="sign_out")(_sign_out)


def _load(user_id: str) -> SignedIn | None:
    user = accounts.by_id(product().store, int(user_id)) if user_id.isascii() and user_id.isdigit() else None
    return SignedIn(user) if user is not None and user.may_work_cases else None


def _require_sign_in() -> Response | None:
    if current_user.is_authenticated or request.endpoint in _OPEN or request.endpoint == "desk.sign_in_post":
        return None
    if request.method != "GET":
        flash("Your session has ended, so nothing was done. Please sign in and try again.", "error")
    target = request.full_path.rstrip("?") if request.method == "GET" else request.path
    home = url_for("desk.worklist")
    return redirect(url_for("desk.sign_in", next=None if target == home else target), 303)


def _form() -> str | Response:
    if current_user.is_authenticated:
        return redirect(_safe(request.args.get("next")), 303)
    return _render_form()


def _sign_in() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    attempts, address = cast(Attempts, current_app.extensions[ATTEMPTS]), request.remote_addr or ""
    if wait := attempts.begin(name, address, product().clock.now()):
        return _too_early(name, address, wait)
    user = accounts.by_password(product().store, name, password)
    if user is None:
        return _render_form(name, "Name or password is not right."), 401
    attempts.succeed(name, address)
    if not user.may_work_cases:
        return _render_form(name, "This account is for programs; it cannot sign in at the desk."), 403
    session.clear()
    session.permanent = True
    login_user(SignedIn(user))
    return redirect(_safe(request.form.get("next")), 303)


def _too_early(name: str, address: str, wait: timedelta) -> tuple[str, int, dict[str, str]]:
    """Even the right password has to wait, or else waiting would tell it from a wrong one."""
    log.warning("too many failed sign-ins with one name from %s", address)
    seconds = math.ceil(wait.total_seconds())
    refusal = f"Too many attempts have failed. Try again in {seconds} second{'s' * (seconds > 1)}."
    return _render_form(name, refusal), 429, {"Retry-After": str(seconds)}


def _sign_out() -> Response:
    logout_user()
    session.clear()
    flash("You have signed out.", "done")
    return redirect(url_for("desk.sign_in"), 303)


def _render_form(name: str = "", refusal: str | None = None) -> str:
    return render_template("desk/sign_in.html", name=name, refusal=refusal, next=request.values.get("next", ""))


def _safe(target: str | None) -> str:
    """``target`` if it is a page of this desk, else the worklist: a link cannot send people elsewhere."""
    home = url_for("desk.worklist")
    if target and target.startswith(home) and target.isprintable() and "\\" not in target:
        return target
    return home
