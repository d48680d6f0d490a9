"""Whether the service lives, whether it is ready, and how it is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth
from app.api.document import refusals
from app.api.schemas import Health, ReportOut
from app.figures import as_document
from app.serving import product
from triage.errors import TriageError
from triage.measures.report import report

#: The one failure that is no problem document: it says of each part how it is, like its success.
_NOT_READY: Final = {
    "description": "Something is missing; `checks` says what.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}},
}


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("system", __name__, tag="system")

    @routes.get("/health")
    @routes.output(Health)
    @routes.doc(operation_id="get_health", summary="The process lives")
    def health() -> Health:
        return Health(status="ok")

    @routes.get("/ready")
    @routes.output(Health)
    @routes.doc(
        operation_id="get_readiness",
        summary="Database, model and knowledge base are in place",
        responses=refusals(500) | {503: _NOT_READY},
    )
    def ready() -> tuple[Health, int]:
        checks = {
            "database": _check(product().check_schema),
            "model": _check(lambda: product().scorer),
            "knowledge_base": _check(lambda: product().answers),
        }
        fine = all(state == "ok" for state in checks.values())
        return Health(status="ok" if fine else "not ready", checks=checks), 200 if fine else 503

    @routes.get("/report")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(ReportOut)
    @routes.doc(operation_id="get_report", summary="Counts, automation, waits and times to first reply")
    def get_report() -> ReportOut:
        with product().store.read() as transaction:
            figures = report(transaction.events.stream())
        return ReportOut(report=as_document(figures))

    return routes


def _check(probe: Callable[[], object]) -> str:
    try:
        probe()
    except TriageError as error:
        return str(error)
    return "ok"
