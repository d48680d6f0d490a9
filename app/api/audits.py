"""Looking at automatic answers afterwards, and switching them on again where they have stopped by themselves."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth, caller
from app.api.idempotency import idempotent
from app.api.schemas import AnsweringOut, AuditedOut, AuditsOut, VerdictIn
from app.serving import product
from triage.domain.audit import Answering
from triage.domain.user import Role
from triage.measures.wrong_answers import interval
from triage.service.auditing import Audited


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("audits", __name__, tag="automatic answers")

    @routes.get("/audits")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(AuditsOut)
    @routes.doc(operation_id="list_audits", summary="Automatic answers that wait for a verdict, the oldest first")
    def list_audits() -> AuditsOut:
        return AuditsOut(audits=[_audited(one) for one in product().audit.waiting(caller())])

    @routes.post("/audits/<int:number>")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(VerdictIn)
    @routes.output(AnsweringOut)
    @routes.doc(
        operation_id="judge_answer",
        summary="Give the verdict on one automatic answer",
        description="Each answer gets one. When the verdicts prove that more answers are wrong than the brand "
        "promises, the service stops answering by itself.",
    )
    @idempotent
    def judge_answer(number: int, json_data: VerdictIn) -> tuple[AnsweringOut, int]:
        return _answering(product().audit.judge(caller(), number, json_data.verdict)), 200

    @routes.get("/answering")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(AnsweringOut)
    @routes.doc(operation_id="get_answering", summary="Whether the service answers by itself, and the verdicts so far")
    def get_answering() -> AnsweringOut:
        return _answering(product().audit.standing())

    @routes.post("/answering/resume")
    @routes.auth_required(auth, roles=[Role.SUPERVISOR.value])
    @routes.output(AnsweringOut)
    @routes.doc(operation_id="resume_answering", summary="Switch automatic answers on again; for supervisors")
    @idempotent
    def resume_answering() -> tuple[AnsweringOut, int]:
        return _answering(product().audit.resume(caller())), 200

    return routes


def _audited(one: Audited) -> AuditedOut:
    return AuditedOut(
        number=one.message.id,
        message=one.message.external_id,
        case=one.message.case_id,
        text=one.message.text,
        reply=one.reply,
        snippet=one.snippet,
        version=one.version,
    )


def _answering(now: Answering) -> AnsweringOut:
    tally, stopped = now.tally, now.stopped
    bounds = interval(tally.wrong, tally.audited)
    return AnsweringOut(
        stopped=stopped.at if stopped else None,
        right=tally.right,
        wrong=tally.wrong,
        unsure=tally.unsure,
        low=bounds.low,
        high=bounds.high,
        promised=product().audit.promised,
    )
