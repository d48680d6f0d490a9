"""Seeing a message without its masks, and who has seen one."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify

from app.api import render
from app.api.auth import AT_THE_DESK, auth, caller
from app.api.document import refusals
from app.api.paths import register_converter
from app.api.schemas import RevealedOut, RevealIn, RevealPage, RevealQuery
from app.serving import product
from triage.domain.user import Role


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("reveals", __name__, tag="personal data")
    register_converter(routes)

    @routes.post("/cases/<int:case_id>/messages/<anything:message_id>/reveal")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(RevealIn)
    @routes.output(RevealedOut)
    @routes.doc(
        operation_id="reveal_message",
        summary="One message of a case as received, for the agent who has the case, and for supervisors",
        description="Every look is remembered in the case: who, when, which types of items, never what they say. "
        "The answer is not to be stored, and is not given again for an Idempotency-Key.",
        responses=refusals(404),
    )
    def reveal(case_id: int, message_id: str, json_data: RevealIn) -> Response:
        found = product().reveals.reveal(caller(), case_id, message_id, json_data.reason)
        response = jsonify(render.revealed(found).model_dump(mode="json"))
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/reveals")
    @routes.auth_required(auth, roles=[Role.SUPERVISOR.value])
    @routes.input(RevealQuery, location="query")
    @routes.output(RevealPage)
    @routes.doc(
        operation_id="list_reveals",
        summary="Who saw which message without its masks, the newest first; for supervisors",
        responses=refusals(422),
    )
    def list_reveals(query_data: RevealQuery) -> RevealPage:
        found = product().reveals.page(caller(), before=query_data.before, limit=query_data.limit + 1)
        shown = found[: query_data.limit]
        return RevealPage(
            reveals=[render.reveal(one) for one in shown],
            next=shown[-1].number if len(found) > len(shown) else None,
        )

    return routes
