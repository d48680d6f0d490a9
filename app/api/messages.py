"""Handing in messages, and asking what became of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from apiflask import APIBlueprint

from app.api import render
from app.api.auth import auth
from app.api.document import refusals
from app.api.idempotency import idempotent
from app.api.paths import register_converter
from app.api.schemas import MessageIn, MessageOut, MessagesIn, Receipt
from app.compose import API_CHANNEL
from app.serving import product
from triage.domain.message import IncomingMessage
from triage.errors import InvalidInput
from triage.service import worklist
from triage.service.intake import take_in
from triage.text.accept import check_moment, check_storable, check_text

#: How far ahead of ours another clock may be.
_MOST_AHEAD: Final = timedelta(minutes=10)


def blueprint() -> APIBlueprint:
    routes = APIBlueprint("messages", __name__, tag="messages")

    register_converter(routes)

    @routes.post("/messages")
    @routes.auth_required(auth)
    @routes.input(MessageIn)
    @routes.output(Receipt, status_code=201)
    @routes.doc(operation_id="hand_in_message", summary="Hand in one message")
    @idempotent
    def hand_in(json_data: MessageIn) -> tuple[Receipt, int]:
        return _take_in([json_data], "")

    @routes.post("/messages/batch")
    @routes.auth_required(auth)
    @routes.input(MessagesIn)
    @routes.output(Receipt, status_code=201)
    @routes.doc(operation_id="hand_in_messages", summary="Hand in up to 1,000 messages, all or none")
    @idempotent
    def hand_in_many(json_data: MessagesIn) -> tuple[Receipt, int]:
        return _take_in(json_data.messages, "messages.{}.")

    @routes.get("/messages/<anything:message_id>")
    @routes.auth_required(auth)
    @routes.output(MessageOut)
    @routes.doc(
        operation_id="get_message",
        summary="One message, masked, with its scores and what was decided",
        responses=refusals(404, 422),
    )
    def get(message_id: str) -> MessageOut:
        wanted = check_storable(message_id, field="message_id")
        return render.message(worklist.find(product().store, product().showing, API_CHANNEL, wanted))

    return routes


def _take_in(messages: list[MessageIn], place: str) -> tuple[Receipt, int]:
    incoming = [_incoming(message, place.format(index)) for index, message in enumerate(messages)]
    receipt = take_in(product().store, incoming, product().clock)
    return Receipt(accepted=list(receipt.accepted), duplicates=receipt.duplicates), 201


def _incoming(message: MessageIn, place: str) -> IncomingMessage:
    for field in ("id", "author_id", "in_reply_to"):
        if (value := getattr(message, field)) is not None:
            check_text(value, field=f"{place}{field}")
    return IncomingMessage(
        channel=API_CHANNEL,
        external_id=message.id,
        author_id=message.author_id,
        inbound=message.inbound,
        created_at=_created_at(message.created_at, f"{place}created_at"),
        text=check_text(message.text, field=f"{place}text"),
        in_reply_to=message.in_reply_to,
        lang=message.lang,
    )


def _created_at(said: datetime | None, field: str) -> datetime:
    """When a message was written; now, if nothing is said."""
    now = product().clock.now()
    if said is None:
        return now
    created_at = check_moment(said, field=field)
    if created_at > now + _MOST_AHEAD:
        raise InvalidInput("is in the future", field=field)
    return created_at
