"""How the connection to X is, for those who work at the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from apiflask import APIBlueprint
from flask import render_template

from app.desk import words
from app.desk.sign_in import signed_in_agent
from app.serving import product
from app.x_status import CallsOut, status
from triage.service.x.alarms import Alarm, Code, alarms, minutes


def register(routes: APIBlueprint) -> None:
    routes.get("/x", endpoint="x")(_x)
    routes.context_processor(_on_every_page)


def _x() -> str:
    now = status(product())
    return render_template(
        "desk/x.html",
        x=now,
        x_alarms=[],  # they are all on this page
        used=[one for one in now.calls if _is_used(one)],
        left=_left,
        ago=lambda moment: words.ago(moment, now.at),
        lag=lambda seconds: words.span_of_time(timedelta(seconds=seconds)),
        later=lambda moment: words.span_of_time(max(moment - now.at, timedelta())),
    )


def _on_every_page() -> dict[str, object]:
    """Whether there is a connection is told by what the database knows: another process may keep it up."""
    user = signed_in_agent()
    if user is None:
        return {"on_x": False, "x_alarms": []}
    connected = product().x is not None or product().x_conditions.is_known()
    return {"on_x": connected, "x_alarms": _alarms() if connected and user.may_act_for_others else []}


def _alarms() -> list[Alarm]:
    """What supervisors read above every page. Of a connection that is none any more only a pause is worth telling."""
    conditions = product().x_conditions
    found = alarms(conditions.now())
    if product().x is not None or conditions.is_kept_up():
        return found
    return [one for one in found if one.code is Code.PAUSED]


def _left(one: CallsOut, now: datetime) -> str:
    """The scarcest allowance that is used, or that the next call has to wait."""
    if one.not_before is not None and one.not_before > now:
        return f"none before {one.not_before:%H:%M:%S} UTC"
    parts = (f"{part.left:,} of {part.of:,} in {minutes(timedelta(seconds=part.window_seconds))}" for part in one.left)
    return ", ".join(parts)


def _is_used(one: CallsOut) -> bool:
    return one.not_before is not None or any(part.left < part.of for part in one.left)
