"""How the connection to X is."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth
from app.serving import product
from app.x_status import XStatusOut, status


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("x", __name__, tag="X")

    @routes.get("/x/status")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(XStatusOut)
    @routes.doc(
        operation_id="get_x_status",
        summary="How the connection to X is: alarms, sources, calls left, replies on their way, problems, spend",
    )
    def get_x_status() -> XStatusOut:
        return status(product())

    return routes
