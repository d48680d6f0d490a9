"""What people do with cases: claim, reply, release, transfer, close; and seeing what is masked.

What was done ends in a redirect, so that reloading the page does not do it again. What was refused
is said beside the form; a refused reply is shown again in the answer itself, with its text, because
a redirect could not carry a text of any length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from apiflask import APIBlueprint
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.api.problems import STATUS
from app.desk import pages, possible, words
from app.desk.listing import Listing
from app.desk.made_from import made_from
from app.desk.pages import CASE, Draft, address
from app.desk.sign_in import agent
from app.serving import product
from triage.domain.case import Case
from triage.domain.legs import Leg
from triage.errors import Conflict, Forbidden, GuardBlocked, InvalidInput, NotFound, TriageError

_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
_REFUSALS = (Conflict, Forbidden, GuardBlocked, InvalidInput, NotFound)


def register(routes: APIBlueprint) -> None:
    routes.post("/queues/<queue>/next", endpoint="claim_next")(_claim_next)
    for name, move in (("claim", _claim), ("release", _release), ("transfer", _transfer), ("close", _close)):
        routes.post(f"{CASE}/{name}", endpoint=name)(move)
    routes.post(f"{CASE}/reply", endpoint="reply")(_reply)
    routes.post(f"{CASE}/reveal", endpoint="reveal")(_reveal)
    routes.post(f"{CASE}/private", endpoint="private")(_move_to_private)
    routes.post(f"{CASE}/replies/<int:reply_id>/release", endpoint="release_reply")(_release_reply)
    # Where a browser that asks again for the address of a form ends up.
    again = "claim, release, transfer, close, reply, reveal, private"
    routes.get(f"{CASE}/<any({again}):move>", endpoint="moved")(_moved)


def _claim(case_id: int) -> Response:
    return _done_or_refused(case_id, lambda: product().desk.claim(agent(), case_id), "It is yours now.", stay=True)


def _release(case_id: int) -> Response:
    done = f"Case {case_id} is back in its queue."
    return _done_or_refused(case_id, lambda: product().desk.release(agent(), case_id), done)


def _transfer(case_id: int) -> Response:
    queue = request.form.get("queue", "")
    title = product().brand.routing.queues.get(queue, queue)
    done = f"Case {case_id} went to “{title}”."
    return _done_or_refused(case_id, lambda: product().desk.transfer(agent(), case_id, queue), done)


def _close(case_id: int) -> Response:
    reason = request.form.get("reason", "")
    done = f"Case {case_id} is closed."
    return _done_or_refused(case_id, lambda: product().desk.close(agent(), case_id, reason), done)


def _claim_next(queue: str) -> Response:
    here = Listing.of({"queue": queue}, product().brand.routing)
    try:
        taken = product().desk.claim_next(agent(), queue, 1)
    except _REFUSALS as error:
        flash(_said(error), "error")
        return redirect(url_for("desk.worklist"), 303)
    if not taken:
        flash("Nothing waits in this queue any more.", "error")
        return redirect(url_for("desk.worklist", **here.arguments), 303)
    return redirect(url_for("desk.case", case_id=taken[0].id, **here.arguments), 303)


def _reply(case_id: int) -> Response | tuple[str, int]:
    text = request.form.get("text", "").replace("\r\n", "\n").strip()  # forms send line ends as CR LF
    snippet, key = request.form.get("snippet", ""), request.form.get("key", "")
    seen, reason = request.form.get("seen"), request.form.get("release", "").strip()
    leg = next((one for one in Leg if one.value == request.form.get("leg")), None)
    try:
        if not _KEY.fullmatch(key):
            raise InvalidInput("This form was not made by this page. Please send it again.")
        source = made_from(snippet, text, product().answers)
        product().desk.reply(
            agent(), case_id, text, key=key, seen=seen, snippet=source, release=reason or None, leg=leg
        )
    except _REFUSALS as error:
        view = pages.look(pages.survivor(case_id) or case_id)
        refusal = _unclaimed(error, view.case) or _said(error)
        blocked = isinstance(error, GuardBlocked) or bool(reason)
        draft = Draft(text, snippet, key if _KEY.fullmatch(key) else "", refusal, blocked, reason, leg)
        return pages.show(view, draft), _status(error)
    flash(f"Your {'private message' if leg is Leg.PRIVATE else 'reply'} is on its way.", "sent")
    return redirect(address(case_id), 303)


def _reveal(case_id: int) -> Response | str:
    """The page with one message unmasked, as the answer itself: no address leads there again."""
    message, reason = request.form.get("message", ""), request.form.get("reason") or None
    try:
        found = product().reveals.reveal(agent(), case_id, message, reason)
    except _REFUSALS as error:
        flash(_said(error), "error")
        return redirect(address(case_id), 303)
    return pages.show(pages.look(case_id), Draft(), found)


def _move_to_private(case_id: int) -> Response:
    key, seen = request.form.get("key", ""), request.form.get("seen")

    def move() -> Case:
        if not _KEY.fullmatch(key):
            raise InvalidInput("This form was not made by this page. Please send it again.")
        return product().desk.move_to_private(agent(), case_id, key=key, seen=seen)

    return _done_or_refused(case_id, move, "The customer is asked to go on in a private message.", stay=True)


def _release_reply(case_id: int, reply_id: int) -> Response:
    reason = request.form.get("reason", "")
    done = "The reply is on its way after all; your reason is kept with it."
    return _done_or_refused(
        case_id, lambda: product().desk.release_reply(agent(), case_id, reply_id, reason), done, stay=True
    )


def _moved(case_id: int, move: str) -> Response:  # noqa: ARG001 - the address names it
    return redirect(address(case_id), 303)


def _done_or_refused(case_id: int, move: Callable[[], Case], done: str, *, stay: bool = False) -> Response:
    """Make a move and say so; after the last move on a case the list is next."""
    try:
        move()
    except _REFUSALS as error:
        flash(_unclaimed(error, pages.current(case_id)) or _said(error), "error")
        return redirect(address(case_id), 303)
    flash(done, "done")
    return redirect(address(case_id) if stay else url_for("desk.worklist", **pages.listing().arguments), 303)


def _unclaimed(error: TriageError, case: Case | None) -> str | None:
    """How the case stands, where a move came too late because nobody has the case any more."""
    if not isinstance(error, Conflict) or case is None or case.state not in words.STANDING:
        return None
    first = "; claim it first" if possible.moves(case, agent()).claim else ""
    return f"Case {case.id} {words.STANDING[case.state]}{first}."


def _said(error: TriageError) -> str:
    """A refusal, as people at the desk read it."""
    match error:
        case GuardBlocked():
            return f"Not sent: {error}."
        case InvalidInput(field="text"):
            return f"Not sent: the reply {error.reason}."
        case InvalidInput(field="release.reason"):
            return f"Not released: the reason {error.reason}."
        case InvalidInput():
            return error.reason
        case _:
            return f"{str(error)[:1].upper()}{str(error)[1:]}."


def _status(error: TriageError) -> int:
    return next(code for kind, code in STATUS if isinstance(error, kind))
