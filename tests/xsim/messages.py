"""Endpoints of private messages."""

from __future__ import annotations

from typing import Any, Final

from tests.xsim.calls import Asked
from tests.xsim.ids import as_token
from tests.xsim.problems import Answer, Refused, forbidden, not_permitted, plain
from tests.xsim.rendering import message_body, user_body
from tests.xsim.world import Message, User

MONTH_MS: Final = 30 * 86_400_000
LONGEST: Final = 10_000


def events(asked: Asked) -> Answer:
    """All messages of the calling user within 30 days, the newest first."""
    is_permitted(asked)
    return _page(asked, asked.user.messages)


def events_with(asked: Asked) -> Answer:
    is_permitted(asked)
    other = asked.id_in_path("participant_id")
    return _page(asked, [each for each in asked.user.messages if other in (each.sender.id, each.recipient.id)])


def send(asked: Asked) -> Answer:
    """Sends to one person; 403 where that person has blocked the sender or there is no such person."""
    is_permitted(asked)
    recipient = asked.world.users.get(asked.id_in_path("participant_id"))
    text = asked.text("text")
    if not text or len(text) > LONGEST:
        raise Refused(plain(400, "Invalid Request", f"A message needs a text of at most {LONGEST} characters."))
    if recipient is None or asked.user.id in recipient.blocked:
        raise Refused(forbidden("You do not have permission to DM one or more participants."))
    message = asked.world.send(asked.user, recipient, text, by_api=True)
    body = {"dm_conversation_id": message.conversation_id, "dm_event_id": str(message.id)}
    return Answer(201, {"data": body}, {"location": f"https://api.twitter.com/2/dm_events/{message.id}"})


def is_permitted(asked: Asked) -> None:
    """Whether the app has been let read and write private messages; raises Refused with 403 where it has not."""
    if not asked.world.rules.private_permitted:
        raise Refused(not_permitted())


def _page(asked: Asked, messages: list[Message]) -> Answer:
    size = asked.number("max_results", 100, 1, 100)
    page = asked.page()
    least = asked.world.clock.now_ms() - MONTH_MS
    seen = [each for each in reversed(messages) if each.created_ms >= least and not asked.world.is_hidden(each)]
    kept = [each for each in seen if not page or each.id < page[1]]
    shown = kept[:size]
    body: dict[str, Any] = {}
    meta: dict[str, Any] = {"result_count": len(shown)}
    if shown:
        body["data"] = [message_body(each, asked.view) for each in shown]
        meta["previous_token"] = as_token("p", shown[0].id)
        if len(kept) > size:
            meta["next_token"] = as_token("n", shown[-1].id)
    if brought := _people(asked, shown):
        body["includes"] = {"users": brought}
    return Answer(200, body | {"meta": meta})


def _people(asked: Asked, shown: list[Message]) -> list[dict[str, Any]]:
    people: dict[int, User] = {}
    if asked.view.expansions & {"sender_id", "participant_ids"}:
        people = {each.sender.id: each.sender for each in shown}
    return [user_body(user, asked.view) for user in people.values()]
