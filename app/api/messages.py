"""Handing in messages, and asking what became of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from apiflask import APIBlueprint

from app.api import render
from app.api.auth import FOR_CHANNELS, auth, caller
from app.api.document import refusals
from app.api.idempotency import idempotent
from app.api.paths import register_converter
from app.api.schemas import MessageEdit, MessageIn, MessageOut, MessagesIn, Receipt
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

    _of_one(routes)
    return routes


def _of_one(routes: APIBlueprint) -> None:
    """What may be done with one message by its id."""

    @routes.get("/messages/<anything:message_id>")
    @routes.auth_required(auth)
    @routes.output(MessageOut)
    @routes.doc(
        operation_id="get_message",
        summary="One message, masked, with its scores and what was decided",
        responses=refusals(404, 422),
    )
    def get(message_id: str) -> MessageOut:
        return _shown(message_id)

    @routes.put("/messages/<anything:message_id>")
    @routes.auth_required(auth, roles=FOR_CHANNELS)
    @routes.input(MessageEdit)
    @routes.output(MessageOut)
    @routes.doc(
        operation_id="edit_message",
        summary="The author changed a message",
        description="The old text is not kept. Where the case still waits, the message is decided again.",
        responses=refusals(404),
    )
    def edit(message_id: str, json_data: MessageEdit) -> MessageOut:
        text = check_text(json_data.text, field="text")
        product().stored_posts.honour_edit(API_CHANNEL, _checked(message_id), text, caller().name)
        return _shown(message_id)

    @routes.delete("/messages/<anything:message_id>")
    @routes.auth_required(auth, roles=FOR_CHANNELS)
    @routes.output({}, status_code=204)
    @routes.doc(
        operation_id="delete_message",
        summary="The author deleted a message",
        description="Its content goes for good, replies that did not leave yet are withdrawn, and a case in which "
        "nothing is left to be read is closed. That there was a message stays known. A repeat changes nothing.",
        responses=refusals(404, 422),
    )
    def delete(message_id: str) -> str:
        product().stored_posts.honour_deletion(API_CHANNEL, _checked(message_id), caller().name)
        return ""


def _shown(message_id: str) -> MessageOut:
    return render.message(worklist.find(product().store, product().showing, API_CHANNEL, _checked(message_id)))


def _checked(message_id: str) -> str:
    return check_storable(message_id, field="message_id")


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
