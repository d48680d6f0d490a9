"""The list of replies that are stuck, and what people decide about each."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.desk import words
from app.desk.earlier import before
from app.desk.sign_in import agent
from app.serving import product
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound

_PAGE = 50


def register(routes: APIBlueprint) -> None:
    routes.get("/stuck", endpoint="stuck")(_stuck)
    for name, move in (("found", _found), ("again", _again), ("drop", _drop)):
        routes.post(f"/stuck/<int:reply_id>/{name}", endpoint=f"stuck_{name}")(move)


def _stuck() -> str:
    found = product().stuck.page(agent(), before=before(), limit=_PAGE + 1)
    now = product().clock.now()
    return render_template(
        "desk/stuck.html",
        replies=found[:_PAGE],
        more=found[_PAGE - 1].id if len(found) > _PAGE else None,
        ago=lambda moment: words.ago(moment, now),
        until=lambda moment: words.span_of_time(moment - now),
    )


def _found(reply_id: int) -> Response:
    post = request.form.get("post", "")
    return _done(lambda: product().stuck.found(agent(), reply_id, post), "Noted: the reply is there.")


def _again(reply_id: int) -> Response:
    return _done(lambda: product().stuck.again(agent(), reply_id), "The reply is sent again.")


def _drop(reply_id: int) -> Response:
    return _done(lambda: product().stuck.drop(agent(), reply_id), "The reply is not sent any more.")


def _done(move: Callable[[], None], said: str) -> Response:
    try:
        move()
    except InvalidInput as error:
        flash(f"What you pasted {error.reason}.", "error")
    except (Conflict, Forbidden, NotFound) as error:
        flash(f"{str(error)[:1].upper()}{str(error)[1:]}.", "error")
    else:
        flash(said, "done")
    return redirect(url_for("desk.stuck"), 303)
