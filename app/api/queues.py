"""Queues: how long they are, and taking the next cases from one."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth, caller
from app.api.idempotency import idempotent
from app.api.schemas import CaseOut, CasesOut, ClaimNext, QueueOut, QueuesOut
from app.serving import product
from triage.service import worklist


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("queues", __name__, tag="queues")

    @routes.get("/queues")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(QueuesOut)
    @routes.doc(operation_id="list_queues", summary="Every queue, with what waits in it")
    def list_queues() -> QueuesOut:
        lengths = worklist.queues(product().store, product().brand.routing)
        return QueuesOut(
            queues=[
                QueueOut(name=q.name, title=q.title, waiting=q.waiting, by_priority=dict(q.by_priority))
                for q in lengths
            ]
        )

    @routes.post("/queues/<queue>/claim")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(ClaimNext)
    @routes.output(CasesOut)
    @routes.doc(operation_id="claim_next_cases", summary="Take the next cases of a queue")
    @idempotent
    def claim_next(queue: str, json_data: ClaimNext) -> tuple[CasesOut, int]:
        taken = product().desk.claim_next(caller(), queue, json_data.count)
        return CasesOut(cases=[CaseOut.of(case) for case in taken]), 200

    return routes
