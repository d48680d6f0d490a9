"""The list of automatic answers that wait for a verdict, and the switch where they have stopped by themselves."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.desk.sign_in import agent
from app.serving import product
from triage.domain.audit import Answering, Verdict
from triage.errors import Conflict, Forbidden, InvalidInput, NotFound
from triage.measures.wrong_answers import interval


def register(routes: APIBlueprint) -> None:
    routes.get("/audit", endpoint="audit")(_audit)
    routes.post("/audit/<int:number>", endpoint="judge_answer")(_judge)
    routes.post("/answering/resume", endpoint="resume_answering")(_resume)


def _audit() -> str:
    audit = product().audit
    standing = audit.standing()
    tally = standing.tally
    return render_template(
        "desk/audit.html",
        waiting=audit.waiting(agent()),
        standing=standing,
        tally=tally,
        bounds=interval(tally.wrong, tally.audited),
        promised=audit.promised,
        verdicts=list(Verdict),
    )


def _judge(number: int) -> Response:
    return _done(lambda: product().audit.judge(agent(), number, request.form.get("verdict", "")), "Noted.")


def _resume() -> Response:
    return _done(lambda: product().audit.resume(agent()), "Automatic answers are on again.")


def _done(move: Callable[[], Answering], said: str) -> Response:
    try:
        move()
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        flash(f"{str(error)[:1].upper()}{str(error)[1:]}.", "error")
    else:
        flash(said, "done")
    return redirect(url_for("desk.audit"), 303)
