"""Cases: the worklist, one case, and what a person may do with it."""

from __future__ import annotations

import secrets

from apiflask import APIBlueprint
from flask import request

from app.api import render
from app.api.auth import AT_THE_DESK, auth, caller
from app.api.document import refusals
from app.api.idempotency import KEY, idempotent
from app.api.paging import from_cursor, to_cursor
from app.api.schemas import CaseDetail, CaseOut, CasePage, CaseQuery, Closing, MoveIn, ReleaseIn, ReplyIn, Transfer
from app.serving import product
from triage.service import worklist


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("cases", __name__, tag="cases")
    _reading(routes)
    _moving(routes)
    _replying(routes)
    return routes


def _reading(routes: APIBlueprint) -> None:
    @routes.get("/cases")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(CaseQuery, location="query")
    @routes.output(CasePage)
    @routes.doc(
        operation_id="list_cases",
        summary="Cases in working order: most urgent first, then longest waiting",
        responses=refusals(422),
    )
    def list_cases(query_data: CaseQuery) -> CasePage:
        if query_data.queue is not None:
            worklist.check_queue(product().brand.routing, query_data.queue)
        found = worklist.page(
            product().store,
            state=query_data.state,
            queue=query_data.queue,
            owner=query_data.owner,
            after=from_cursor(query_data.cursor) if query_data.cursor is not None else None,
            limit=query_data.limit,
        )
        return CasePage(
            cases=[CaseOut.of(case) for case in found.cases],
            next=to_cursor(found.next) if found.next else None,
        )

    @routes.get("/cases/<int:case_id>")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(CaseDetail)
    @routes.doc(
        operation_id="get_case",
        summary="One case: conversation, scores with reasons, replies, suggestions",
        responses=refusals(404),
    )
    def get_case(case_id: int) -> CaseDetail:
        served = product()
        today, private = served.clock.now().date(), served.brand.private
        return render.detail(worklist.view(served.store, served.showing, served.answers, case_id, today, private))


def _moving(routes: APIBlueprint) -> None:
    @routes.post("/cases/<int:case_id>/claim")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(CaseOut)
    @routes.doc(
        operation_id="claim_case",
        summary="Take a case; of two that claim at once exactly one gets it",
        responses=refusals(404),
    )
    @idempotent
    def claim(case_id: int) -> tuple[CaseOut, int]:
        return CaseOut.of(product().desk.claim(caller(), case_id)), 200

    @routes.post("/cases/<int:case_id>/release")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(CaseOut)
    @routes.doc(operation_id="release_case", summary="Give a claimed case back to its queue", responses=refusals(404))
    @idempotent
    def release(case_id: int) -> tuple[CaseOut, int]:
        return CaseOut.of(product().desk.release(caller(), case_id)), 200

    @routes.post("/cases/<int:case_id>/transfer")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(Transfer)
    @routes.output(CaseOut)
    @routes.doc(operation_id="transfer_case", summary="Move a case to another queue", responses=refusals(404))
    @idempotent
    def transfer(case_id: int, json_data: Transfer) -> tuple[CaseOut, int]:
        return CaseOut.of(product().desk.transfer(caller(), case_id, json_data.queue)), 200

    @routes.post("/cases/<int:case_id>/close")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(Closing)
    @routes.output(CaseOut)
    @routes.doc(operation_id="close_case", summary="End a case, with a reason", responses=refusals(404))
    @idempotent
    def close(case_id: int, json_data: Closing) -> tuple[CaseOut, int]:
        return CaseOut.of(product().desk.close(caller(), case_id, json_data.reason)), 200


def _replying(routes: APIBlueprint) -> None:
    @routes.post("/cases/<int:case_id>/reply")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(ReplyIn)
    @routes.output(CaseOut, status_code=202)
    @routes.doc(
        operation_id="reply_to_case",
        summary="Reply to the customer's last message, in public or in private",
        description="Committed at once, sent by the outbox. With an Idempotency-Key it is sent once, however "
        "often it is asked for. What the guard stops is refused, unless a supervisor gives a reason to release it.",
        responses=refusals(404),
    )
    @idempotent
    def reply(case_id: int, json_data: ReplyIn) -> tuple[CaseOut, int]:
        key = request.headers.get(KEY) or secrets.token_urlsafe(16)
        case = product().desk.reply(
            caller(),
            case_id,
            json_data.text,
            key=key,
            seen=json_data.seen,
            snippet=json_data.snippet,
            release=json_data.release.reason if json_data.release else None,
            leg=json_data.leg,
        )
        return CaseOut.of(case), 202

    @routes.post("/cases/<int:case_id>/replies/<int:reply_id>/release")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(ReleaseIn)
    @routes.output(CaseOut, status_code=202)
    @routes.doc(
        operation_id="release_reply",
        summary="Let a reply go that the guard stopped on its way out",
        description="For supervisors. Only the text as it is now: with a word changed it is stopped again.",
        responses=refusals(404),
    )
    @idempotent
    def release_reply(case_id: int, reply_id: int, json_data: ReleaseIn) -> tuple[CaseOut, int]:
        return CaseOut.of(product().desk.release_reply(caller(), case_id, reply_id, json_data.reason)), 202

    @routes.post("/cases/<int:case_id>/move-to-private")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(MoveIn)
    @routes.output(CaseOut, status_code=202)
    @routes.doc(
        operation_id="move_case_to_private",
        summary="Ask the customer, in the brand's words, to go on in a private message",
        description="Sends the `private.text` of the case. The case keeps its id and says since when it is in private.",
        responses=refusals(404),
    )
    @idempotent
    def move_to_private(case_id: int, json_data: MoveIn) -> tuple[CaseOut, int]:
        key = request.headers.get(KEY) or secrets.token_urlsafe(16)
        return CaseOut.of(product().desk.move_to_private(caller(), case_id, key=key, seen=json_data.seen)), 202
