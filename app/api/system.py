"""Whether the service lives, whether it is ready, and how it is doing."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth
from app.api.schemas import Health, ReportOut
from app.figures import as_document
from app.serving import product
from triage.errors import TriageError
from triage.measures.report import report


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("system", __name__, tag="system")

    @routes.get("/health")
    @routes.output(Health)
    @routes.doc(summary="The process lives")
    def health() -> Health:
        return Health(status="ok")

    @routes.get("/ready")
    @routes.output(Health)
    @routes.doc(summary="Database, model and knowledge base are in place", responses=[503])
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
    @routes.doc(summary="Counts, automation, waits and times to first reply")
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
