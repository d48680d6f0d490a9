"""Replies on their way out: why they are where they are, and what people decide about those that are stuck."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.api.auth import AT_THE_DESK, auth, caller
from app.api.document import refusals
from app.api.idempotency import idempotent
from app.api.reply_schemas import FoundIn, ReplyQuery, ResolvedOut, StuckOut, StuckPage
from app.serving import product
from triage.domain.reply import ReplyState
from triage.service.stuck import StuckReply


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("replies", __name__, tag="replies")
    _reading(routes)
    _deciding(routes)
    return routes


def _reading(routes: APIBlueprint) -> None:
    @routes.get("/replies")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(ReplyQuery, location="query")
    @routes.output(StuckPage)
    @routes.doc(
        operation_id="list_replies",
        summary="Replies in a state, or those that are stuck: why, and until when",
        responses=refusals(422),
    )
    def list_replies(query_data: ReplyQuery) -> StuckPage:
        limit = query_data.limit
        found = product().stuck.page(caller(), state=query_data.state, before=query_data.before, limit=limit + 1)
        shown = found[:limit]
        return StuckPage(replies=[_out(one) for one in shown], next=shown[-1].id if len(found) > limit else None)


def _deciding(routes: APIBlueprint) -> None:
    @routes.post("/replies/<int:reply_id>/found")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.input(FoundIn)
    @routes.output(ResolvedOut)
    @routes.doc(
        operation_id="reply_found",
        summary="Say that a reply is on its channel",
        description="For one whose fate is unknown, or that a person posted by hand. From then on it counts as sent.",
        responses=refusals(404),
    )
    @idempotent
    def found(reply_id: int, json_data: FoundIn) -> tuple[ResolvedOut, int]:
        product().stuck.found(caller(), reply_id, json_data.post)
        return ResolvedOut(id=reply_id, state=ReplyState.SENT.value), 200

    @routes.post("/replies/<int:reply_id>/again")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(ResolvedOut)
    @routes.doc(
        operation_id="reply_again",
        summary="Say that a reply is not on its channel, and have it sent again",
        description="For supervisors, and for whoever has claimed the case.",
        responses=refusals(404),
    )
    @idempotent
    def again(reply_id: int) -> tuple[ResolvedOut, int]:
        product().stuck.again(caller(), reply_id)
        return ResolvedOut(id=reply_id, state=ReplyState.PENDING.value), 200

    @routes.post("/replies/<int:reply_id>/drop")
    @routes.auth_required(auth, roles=AT_THE_DESK)
    @routes.output(ResolvedOut)
    @routes.doc(
        operation_id="reply_drop",
        summary="Send a reply no more",
        description="A customer who has no answer then waits for a person again.",
        responses=refusals(404),
    )
    @idempotent
    def drop(reply_id: int) -> tuple[ResolvedOut, int]:
        product().stuck.drop(caller(), reply_id)
        return ResolvedOut(id=reply_id, state=ReplyState.CANCELLED.value), 200


def _out(one: StuckReply) -> StuckOut:
    return StuckOut(
        id=one.id,
        case=one.case_id,
        channel=one.channel,
        kind=one.kind.value,
        author=one.author,
        text=one.text,
        state=one.state.value,
        created_at=one.created_at,
        in_reply_to=one.in_reply_to,
        attempts=one.attempts,
        why=one.why,
        until=one.until,
        by_hand=one.by_hand,
        moves=sorted(one.may),
    )
